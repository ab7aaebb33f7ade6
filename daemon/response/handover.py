"""The note for the next shift, written from the incident and its timeline. Pure.

Plain sentences in sections; whoever shows them escapes them for their own medium.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from daemon import people
from daemon.model import EventKind, Incident, IncidentState, TimelineEvent
from daemon.response.dues import Due
from daemon.response.handover_words import WORDS, HandoverWords
from daemon.topics import doubt
from daemon.views import parse_time

Who = Callable[[str], str]  # how an actor is named


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A heading with its lines, each a sentence."""

    title: str
    lines: tuple[str, ...]


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """What the next shift must know, the most pressing first."""

    lang: str
    heading: str  # what it is, in that language
    title: str
    written_at: datetime
    timezone: str  # of all times in it
    sections: tuple[Section, ...]

    def written(self, at: str) -> str:
        """When it was written, and whose times it tells; ``at`` is that time as its medium shows it."""
        return WORDS[self.lang].written.format(at=at, zone=self.timezone)


def handover(
    incident: Incident,
    events: Sequence[TimelineEvent],
    dues: Sequence[Due],
    *,
    brand_name: str,
    timezone: str,
    now: datetime,
    who: Who = people.who,
    lang: str = "en",
) -> Handover:
    """The note as of ``now``; ``dues`` is what the incident owes, ``who`` names people.

    In ``lang`` where it is Polish, Russian or English, else in English; facts, posted texts and
    reasons stand as they were written. Sections that say nothing are left out.
    """
    lang = lang if lang in WORDS else "en"
    words = WORDS[lang]
    told = _Clock(ZoneInfo(timezone), now, words)
    lines = (
        _standing(incident, brand_name, told, who),
        _due(dues, told),
        _proposed(incident, told, who),
        _promised(incident, events, told),
        _said(events, told, who),
        _facts(incident, told, who),
        _done(events, told, who),
    )
    return Handover(
        lang=lang,
        heading=words.heading,
        title=incident.title,
        written_at=now,
        timezone=timezone,
        sections=tuple(
            Section(title=title, lines=said) for title, said in zip(words.headings, lines, strict=True) if said
        ),
    )


class _Clock:
    """Times as the reader's day has them, in the reader's words."""

    def __init__(self, zone: ZoneInfo, now: datetime, words: HandoverWords) -> None:
        self._zone, self._today = zone, now.astimezone(zone).date()
        self.now = now
        self.words = words

    def __call__(self, at: datetime | str | None) -> str:
        if at is None:
            return self.words.no_time
        local = (parse_time(at) if isinstance(at, str) else at).astimezone(self._zone)
        if local.date() == self._today:
            return f"{local:%H:%M}"
        return f"{local.day} {self.words.months[local.month - 1]} {local:%H:%M}"

    def late(self, at: datetime) -> str:
        return self.words.late if at < self.now else ""


def _standing(incident: Incident, brand_name: str, told: _Clock, who: Who) -> tuple[str, ...]:
    evidence, words = incident.evidence, told.words
    kind, severity = incident.kind.value, incident.severity.value
    topic = words.topics.get(evidence.topic, evidence.topic.replace("_", " "))
    topic = words.doubts.get(doubt(evidence), "{topic}").format(topic=topic)
    lines = [
        words.onset.format(
            brand=brand_name,
            severity=words.severities.get(severity, severity),
            kind=words.kinds.get(kind, kind),
            onset=told(incident.onset_at),
            opened=told(incident.opened_at),
        ),
        _holder(incident, told, who),
        words.evidence.format(at=told(evidence.at), reason=evidence.reason) if evidence.reason else "",
        words.about.format(topic=topic, terms=", ".join(evidence.terms)) if evidence.terms else "",
    ]
    if incident.assigned_to is not None:
        lines.insert(2, words.assigned.format(who=who(incident.assigned_to)))
    return tuple(line for line in lines if line)


def _holder(incident: Incident, told: _Clock, who: Who) -> str:
    words = told.words
    match incident.state:
        case IncidentState.ACKNOWLEDGED:
            return words.held.format(who=who(incident.acknowledged_by or ""), at=told(incident.acknowledged_at))
        case IncidentState.SNOOZED:
            return words.snoozed.format(at=told(incident.snoozed_until))
        case IncidentState.OPEN:
            return words.free
        case state:
            as_what = words.ends.get(state.value, state.value)
            return words.ended.format(state=as_what, who=who(incident.ended_by or ""), at=told(incident.resolved_at))


def _due(dues: Sequence[Due], told: _Clock) -> tuple[str, ...]:
    """What happens next; promises have a section of their own, but for whom a broken one calls."""
    named = told.words.dues
    names = ((due, "word:overdue" if due.name.endswith(":overdue") else due.name) for due in dues)
    return tuple(f"{told(due.at)}{told.late(due.at)}: {named[name]}" for due, name in names if name in named)


def _proposed(incident: Incident, told: _Clock, who: Who) -> tuple[str, ...]:
    waiting, words = incident.proposal, told.words
    if waiting is None:
        return ()
    parts = words.joined.join(words.parts.get(part, part) for part in waiting.parts)
    return (words.proposed.format(at=told(waiting.at), who=who(waiting.by), parts=parts, text=waiting.update.text),)


def _promised(incident: Incident, events: Sequence[TimelineEvent], told: _Clock) -> tuple[str, ...]:
    words = told.words
    standing = [
        words.promised.format(due=told(promise.due), late=told.late(promise.due), at=told(promise.made_at))
        for promise in incident.promises
    ]
    broken = [
        words.broken.format(due=told(str(event.data.get("due"))))
        for event in events
        if event.kind is EventKind.PROMISE_BROKEN
    ]
    kept = sum(event.kind is EventKind.PROMISE_KEPT for event in events)
    return (*standing, *broken, *([words.kept.format(count=kept)] if kept else ()))


def _said(events: Sequence[TimelineEvent], told: _Clock, who: Who) -> tuple[str, ...]:
    words = told.words
    said = [event for event in events if event.kind is EventKind.UPDATE_POSTED]
    return tuple(
        words.said.format(
            at=told(event.at),
            channel=event.data.get("channel") or words.everywhere,
            lang=event.data.get("lang"),
            who=who(event.actor),
            text=event.data.get("text"),
        )
        for event in said
    ) or (words.unsaid,)


def _facts(incident: Incident, told: _Clock, who: Who) -> tuple[str, ...]:
    words = told.words
    return tuple(
        words.fact.format(
            n=fact.n,
            fact=fact.fact,
            at=told(fact.at),
            who=who(fact.confirmed_by),
            source=words.source.format(source=fact.source) if fact.source else "",
        )
        for fact in incident.facts
    )


def _done(events: Sequence[TimelineEvent], told: _Clock, who: Who) -> tuple[str, ...]:
    return tuple(
        f"{told(event.at)} {who(event.actor)}: {_named(event, told.words)}{_detail(event.data, told.words, who)}"
        for event in events
        if event.kind in told.words.done and "fact" not in event.data
    )


def _named(event: TimelineEvent, words: HandoverWords) -> str:
    if "proposed" in event.data:
        return words.asked
    return words.agreed if "approved" in event.data else words.done[event.kind]


def _detail(data: dict[str, Any], words: HandoverWords, who: Who) -> str:
    """What an event says beyond its kind."""
    if "step" in data:
        return words.step.format(step=data["step"], reason=data.get("reason") or data.get("target") or "")
    for key in ("text", "approved", "proposed", "summary", "reason", "to", "source"):
        if data.get(key):
            return f": {who(str(data[key])) if key == 'to' else data[key]}"
    return ""
