"""The reply desk: a reply checked against its incident, the fact sheet and what was said before, and handed over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from config.schema import Brand
from daemon import people
from daemon.command import PostUpdate
from daemon.model import EventKind, Incident, IncidentKind, IncidentState, Severity, TimelineEvent, Topic
from daemon.replies.cluster_rule import unsuited
from daemon.replies.clusters import Cluster, cluster_of
from daemon.replies.lint import Finding, check
from daemon.response.dues import owed
from daemon.response.handover import Handover, handover
from daemon.response.policy import Policy
from daemon.response.repeats import says_nothing_new

REPEAT = "repeat"
HISTORY = timedelta(days=365)  # how long a crisis is held against a brand
_LOOKED_AT = 200  # of its newest incidents
_MOST = 6001  # characters that are checked: with one more than any channel takes, it is too long anyway
_REPEAT = {
    "en": "This says nothing that was not said before; name what has changed, or what is being done now.",
    "pl": "Tu nie ma nic ponad to, co już powiedziano; proszę dodać, co się zmieniło albo co się teraz dzieje.",
    "ru": "Здесь нет ничего сверх уже сказанного; добавьте, что изменилось или что делается сейчас.",
}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An update that was posted."""

    text: str
    lang: str
    channel: str | None


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """The incident in which something is to be said: what is confirmed, and what was said before, and handed over."""

    facts: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
    timezone: str = "UTC"
    cluster: Cluster | None = None  # None: any strategy is as good

    @classmethod
    def of(
        cls, incident: Incident, events: Sequence[TimelineEvent], timezone: str, cluster: Cluster | None = None
    ) -> Occasion:
        """What ``incident`` and its timeline tell."""
        return cls(
            cluster=cluster,
            facts=tuple(fact.fact for fact in incident.facts),
            said=tuple(
                Said(text=event.data["text"], lang=event.data["lang"], channel=event.data["channel"])
                for event in events
                if event.kind is EventKind.UPDATE_POSTED
            ),
            timezone=timezone,
        )


def review(
    reply: str,
    *,
    lang: str,
    now: datetime,
    channel: str | None = None,
    customer: str | None = None,
    audience: str = "public",
    occasion: Occasion | None = None,
    incident: bool = False,
    interface_lang: str = "en",
) -> tuple[Finding, ...]:
    """What `daemon.replies.lint.check` finds, and whether it repeats what was said.

    What differs from the fact sheet is an error; what differs only from the last word on another
    channel or in another language is a warning, for the facts may have moved on.
    """
    about = occasion or Occasion()
    reply = reply[:_MOST]

    def findings(previous: tuple[str, ...]) -> tuple[Finding, ...]:
        return check(
            reply,
            lang=lang,
            customer=customer,
            audience=audience,
            channel=channel,
            incident=incident or occasion is not None,
            facts=about.facts,
            previous=previous,
            interface_lang=interface_lang,
            now=now,
            timezone=about.timezone,
        )

    found = findings(_elsewhere(about.said, lang, channel))
    if about.said and any(one.rule == "fact_conflict" for one in found):
        firm = {one.span for one in findings(()) if one.rule == "fact_conflict"}
        found = tuple(
            replace(one, severity="warning") if one.rule == "fact_conflict" and one.span not in firm else one
            for one in found
        )
    here = [one.text for one in about.said if one.lang == lang and (one.channel or channel) == (channel or one.channel)]
    if audience == "public" and says_nothing_new(reply, here):
        message = _REPEAT.get(interface_lang, _REPEAT["en"])
        repeat = Finding(rule=REPEAT, severity="warning", message=message, span=(0, len(reply)), suggestion=None)
        found = (*found, repeat)
    if about.cluster is None:
        return found
    return (*found, *unsuited(reply, lang, about.cluster, interface_lang))


async def cluster_in(incidents: Timelines, incident: Incident) -> Cluster:
    """How responsible the public holds the brand in ``incident``, its earlier crises counted."""
    before = await earlier_crises(incidents, incident.brand, incident.opened_at)
    return cluster_of(Topic(incident.evidence.topic), earlier_crises=before)


async def earlier_crises(incidents: Timelines, brand: str, at: datetime) -> int:
    """How many crises ``brand`` had in the year before ``at`` that are over; exercises and false alarms are none."""
    found = await incidents.find(brand=brand, state=IncidentState.RESOLVED, limit=_LOOKED_AT)
    return sum(
        at - HISTORY <= other.opened_at < at
        and not other.drill
        and other.kind is not IncidentKind.BLIND
        and other.severity is not Severity.MINOR
        for other in found
    )


class Timelines(Protocol):
    """What is needed of ``daemon.incidents.Incidents``."""

    @property
    def policies(self) -> Mapping[str, Policy]:
        """The rules of each brand."""
        ...

    async def timeline(self, incident_id: str) -> list[TimelineEvent]:
        """The events of one incident in order. Raises ``NotFound``."""
        ...

    async def find(self, *, brand: str | None = None, state: str | None = None, limit: int = 50) -> list[Incident]:
        """Incidents, newest first."""
        ...


async def review_in(
    incidents: Timelines, incident: Incident, reply: str, *, lang: str, timezone: str, now: datetime, **about: Any
) -> tuple[Finding, ...]:
    """`review` of what is to be said in ``incident``, beside the loop, for a long text takes a while."""
    cluster = await cluster_in(incidents, incident)
    occasion = Occasion.of(incident, await incidents.timeline(incident.id), timezone, cluster)
    return await asyncio.to_thread(review, reply, lang=lang, now=now, occasion=occasion, **about)


async def handover_of(
    incidents: Timelines,
    incident: Incident,
    brand: Brand | None,
    now: datetime,
    who: Callable[[str], str] | None = None,
    lang: str | None = None,
) -> Handover:
    """The note for the next shift; ``brand`` is None where it is no longer configured.

    In ``lang``, else in the first of the brand's languages. ``who``: how it names an actor; by
    default by the name that the configuration gives them.
    """
    policy = incidents.policies.get(incident.brand)
    return handover(
        incident,
        await incidents.timeline(incident.id),
        owed(incident, policy) if policy is not None else (),
        brand_name=brand.name if brand is not None else incident.brand,
        timezone=timezone_of(brand),
        now=now,
        who=who or partial(people.who, names=names_in(incidents)),
        lang=lang or (brand.languages[0] if brand is not None else "en"),
    )


def names_in(incidents: Timelines) -> people.Names:
    """The names of everybody in the roster, which is the same for each brand."""
    return next((policy.roster.names for policy in incidents.policies.values()), people.NOBODY)


def timezone_of(brand: Brand | None) -> str:
    """Its own time zone, or UTC where it is no longer configured."""
    return brand.timezone if brand is not None else "UTC"


def _elsewhere(said: Sequence[Said], lang: str, channel: str | None) -> tuple[str, ...]:
    """The last word on every other channel, and in every other language."""
    last = {(one.channel, one.lang): one.text for one in said}
    return tuple(text for key, text in last.items() if key != (channel, lang))


def no_next_word(update: PostUpdate, findings: Sequence[Finding]) -> str | None:
    """What to tell whoever names no time of the next word, neither in the text nor beside it; None where it closes.

    Nobody may record that anyway: there is no clock to keep it by.
    """
    if update.next_update_in is not None:
        return None
    return next((one.message for one in findings if one.rule == "no_next_update"), None)


def refused(findings: Sequence[Finding]) -> bool:
    """Whether an error is among them."""
    return any(one.severity == "error" for one in findings)
