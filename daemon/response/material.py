"""What a thread is told while an incident goes on: only what is material, each once, and not all the time. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from daemon.model import EventKind, Evidence, Incident, IncidentKind, Reading
from daemon.notice import Purpose
from daemon.response.policy import EDITABLE, Order, tell
from daemon.timeline import Draft
from daemon.topics import doubt, named

SETTLING: Final = timedelta(minutes=5)  # in which an incident only finds its shape
REST: Final = timedelta(minutes=10)  # between two posts of this sort; a rise in severity never waits
_SHARE: Final = 0.1  # of the mentions, for a channel to be worth a word
_LEAST: Final = 5  # mentions
_TOPICS: Final = 2  # new ones told of one incident at most


class News(msgspec.Struct, frozen=True, kw_only=True):
    """Something material."""

    mark: str  # told once: channel:x | topic:outage | severity:major | kind:reach
    reason: str  # a sentence
    urgent: bool = False


def shape(incident: Incident, evidence: Evidence) -> frozenset[str]:
    """What an incident is known to be: its noteworthy channels, and what it is about."""
    total = max(1, sum(evidence.channels.values()))
    wide = {f"channel:{name}" for name, count in evidence.channels.items() if count >= _SHARE * total}
    about = {f"topic:{evidence.topic}"} if named(evidence.topic) else set()
    return frozenset({*incident.material, *wide, *about})


def spread(incident: Incident, evidence: Evidence) -> tuple[News, ...]:
    """What is new in the evidence since the incident found its shape."""
    if evidence.at - incident.opened_at < SETTLING:
        return ()
    return (*_channels(incident, evidence), *_topic(incident, evidence))


def _channels(incident: Incident, evidence: Evidence) -> Iterator[News]:
    total = max(1, sum(evidence.channels.values()))
    for name, count in evidence.channels.items():
        mark = f"channel:{name}"
        if mark not in incident.material and count >= max(_LEAST, _SHARE * total):
            yield News(mark=mark, reason=f"It has spread to {name}: {count} of {total} mentions.")


def _topic(incident: Incident, evidence: Evidence) -> Iterator[News]:
    mark, told = f"topic:{evidence.topic}", [each for each in incident.material if each.startswith("topic:")]
    topic, doubtful = named(evidence.topic), doubt(evidence)
    if topic and mark not in told and len(told) <= _TOPICS and evidence.observed >= 2 * _LEAST:
        also = "also about" if told else "about"
        it_is = f"It is {doubtful}".strip()
        yield News(mark=mark, reason=f"{it_is} {also} {topic} now.")


def graver(incident: Incident, reading: Reading) -> News:
    """It is worse than it was said to be."""
    told = f"It is {reading.severity.value} now, it was {incident.severity.value}. {reading.reason}"
    return News(mark=f"severity:{reading.severity.value}", reason=told, urgent=True)


def far(reading: Reading) -> News | None:
    """Somebody whom many read has joined it."""
    if reading.kind is not IncidentKind.REACH:
        return None
    return News(mark="kind:reach", reason=f"Somebody whom many read has joined it. {reading.reason}")


def told(
    incident: Incident, news: tuple[News, ...], evidence: Evidence
) -> tuple[Incident, tuple[Draft, ...], tuple[Order, ...]]:
    """Remember what is new, write it down, and tell the threads of those who were called.

    Where the last post was less than ten minutes ago it is written down, and shown in the edited message, alone.
    """
    marks = tuple(dict.fromkeys([*incident.material, *sorted(shape(incident, evidence)), *(one.mark for one in news)]))
    changed = replace(incident, material=marks)
    if not news:
        return changed, (), ()
    events = tuple(
        Draft(
            kind=EventKind.EVIDENCE,
            data={"kind": one.mark.partition(":")[0], "observed": evidence.observed, "reason": one.reason},
        )
        for one in news
        if not one.mark.startswith(("severity:", "kind:"))  # these have an event of their own
    )
    quiet = incident.news_at is not None and evidence.at - incident.news_at < REST
    if quiet and not any(one.urgent for one in news):
        return changed, events, ()
    changed = replace(changed, news_at=evidence.at)
    detail = {"news": " ".join(one.reason for one in news)}
    orders = tell(changed, Purpose.UPDATE, f"news:{incident.head_seq}", detail)
    return changed, events, tuple(order for order in orders if order.target.startswith(EDITABLE))
