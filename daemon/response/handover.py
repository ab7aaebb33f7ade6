"""The note for the next shift, written from the incident and its timeline. Pure.

Plain sentences in sections; whoever shows them escapes them for their own medium.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from daemon import people
from daemon.model import EventKind, Incident, IncidentState, TimelineEvent
from daemon.response.dues import Due
from daemon.views import parse_time

_DUES: Final = {
    "step": "the next step of the ladder is called, unless somebody acknowledges",
    "unsnooze": "the snooze ends",
    "unacknowledge": "without any action it is open again, and the ladder starts anew",
    "proposal": "a second person is asked again to agree to what waits",
    "word:before": "reminder of the next public word",
    "word:due": "the next public word is owed",
    "word:overdue": "if no word has come, one more step is called",
}
_BY_PEOPLE: Final = {
    EventKind.ACKNOWLEDGED: "acknowledged",
    EventKind.ASSIGNED: "assigned",
    EventKind.SNOOZED: "snoozed",
    EventKind.ESCALATED: "escalated",
    EventKind.UNACKNOWLEDGED: "no longer acknowledged",
    EventKind.SEVERITY: "severity changed",
    EventKind.NOTIFY_FAILED: "could not be told",
    EventKind.REOPENED: "reopened",
    EventKind.RESOLVED: "resolved",
    EventKind.FALSE_ALARM: "called a false alarm",
    EventKind.BLIND: "a source went silent",
    EventKind.SIGHTED: "a source is back",
    EventKind.NOTE: "note",
}

Who = Callable[[str], str]  # how an actor is named


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A heading with its lines, each a sentence."""

    title: str
    lines: tuple[str, ...]


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """What the next shift must know, the most pressing first."""

    title: str
    written_at: datetime
    timezone: str  # of all times in it
    sections: tuple[Section, ...]


def handover(
    incident: Incident,
    events: Sequence[TimelineEvent],
    dues: Sequence[Due],
    *,
    brand_name: str,
    timezone: str,
    now: datetime,
    who: Who = people.who,
) -> Handover:
    """The note as of ``now``; ``dues`` is what the incident owes, ``who`` names people.

    Sections that say nothing are left out.
    """
    told = _Clock(ZoneInfo(timezone), now)
    sections = (
        Section(title="Where it stands", lines=_standing(incident, brand_name, told, who)),
        Section(title="Due next", lines=_due(dues, told)),
        Section(title="Waits for a second person", lines=_proposed(incident, told, who)),
        Section(title="Promised to the public", lines=_promised(incident, events, told)),
        Section(title="Said in public", lines=_said(events, told, who)),
        Section(title="Confirmed", lines=_facts(incident, told, who)),
        Section(title="What was done", lines=_done(events, told, who)),
    )
    return Handover(
        title=incident.title,
        written_at=now,
        timezone=timezone,
        sections=tuple(section for section in sections if section.lines),
    )


class _Clock:
    """Times as the reader's day has them."""

    def __init__(self, zone: ZoneInfo, now: datetime) -> None:
        self._zone, self._today = zone, now.astimezone(zone).date()
        self.now = now

    def __call__(self, at: datetime | str | None) -> str:
        if at is None:
            return "an unknown time"
        local = (parse_time(at) if isinstance(at, str) else at).astimezone(self._zone)
        return f"{local:%H:%M}" if local.date() == self._today else f"{local.day} {local:%b %H:%M}"

    def late(self, at: datetime) -> str:
        return ", overdue" if at < self.now else ""


def _standing(incident: Incident, brand_name: str, told: _Clock, who: Who) -> tuple[str, ...]:
    evidence = incident.evidence
    what = f"{brand_name}: {incident.severity.value} {incident.kind.value}"
    lines = [
        f"{what}, since {told(incident.onset_at)}, noticed {told(incident.opened_at)}.",
        _holder(incident, told, who),
        f"Latest evidence ({told(evidence.at)}): {evidence.reason}" if evidence.reason else "",
        f"About {evidence.topic.replace('_', ' ')}; words: {', '.join(evidence.terms)}." if evidence.terms else "",
    ]
    if incident.assigned_to is not None:
        lines.insert(2, f"Assigned to {who(incident.assigned_to)}.")
    return tuple(line for line in lines if line)


def _holder(incident: Incident, told: _Clock, who: Who) -> str:
    match incident.state:
        case IncidentState.ACKNOWLEDGED:
            return f"{who(incident.acknowledged_by or '')} has it, since {told(incident.acknowledged_at)}."
        case IncidentState.SNOOZED:
            return f"Snoozed until {told(incident.snoozed_until)}."
        case IncidentState.OPEN:
            return "Nobody has it."
        case state:
            by, as_what = who(incident.ended_by or ""), state.value.replace("_", " ")
            return f"Ended as {as_what} by {by} at {told(incident.resolved_at)}."


def _due(dues: Sequence[Due], told: _Clock) -> tuple[str, ...]:
    """What happens next; promises have a section of their own."""
    return tuple(f"{told(due.at)}{told.late(due.at)}: {_DUES[due.name]}" for due in dues if due.name in _DUES)


def _proposed(incident: Incident, told: _Clock, who: Who) -> tuple[str, ...]:
    waiting = incident.proposal
    if waiting is None:
        return ()
    why = " and ".join(waiting.parts)
    return (f"{told(waiting.at)} {who(waiting.by)} proposes, for its {why}: “{waiting.update.text}”",)


def _promised(incident: Incident, events: Sequence[TimelineEvent], told: _Clock) -> tuple[str, ...]:
    standing = [
        f"By {told(promise.due)}{told.late(promise.due)}: the next word, promised at {told(promise.made_at)}"
        for promise in incident.promises
    ]
    broken = [
        f"Broken: the word promised by {told(str(event.data.get('due')))}"
        for event in events
        if event.kind is EventKind.PROMISE_BROKEN
    ]
    kept = sum(event.kind is EventKind.PROMISE_KEPT for event in events)
    return (*standing, *broken, *([f"Kept so far: {kept}"] if kept else ()))


def _said(events: Sequence[TimelineEvent], told: _Clock, who: Who) -> tuple[str, ...]:
    said = [event for event in events if event.kind is EventKind.UPDATE_POSTED]
    return tuple(
        f"{told(event.at)} on {event.data.get('channel') or 'every channel'} ({event.data.get('lang')}), "
        f"by {who(event.actor)}: “{event.data.get('text')}”"
        for event in said
    ) or ("Nothing yet.",)


def _facts(incident: Incident, told: _Clock, who: Who) -> tuple[str, ...]:
    return tuple(
        f"{fact.n}. {fact.fact} ({told(fact.at)}; confirmed by {who(fact.confirmed_by)}"
        + (f", source: {fact.source})" if fact.source else ")")
        for fact in incident.facts
    )


def _done(events: Sequence[TimelineEvent], told: _Clock, who: Who) -> tuple[str, ...]:
    return tuple(
        f"{told(event.at)} {who(event.actor)}: {_named(event)}{_detail(event.data, who)}"
        for event in events
        if event.kind in _BY_PEOPLE and "fact" not in event.data
    )


def _named(event: TimelineEvent) -> str:
    if "proposed" in event.data:
        return "asked a second person"
    return "agreed, as the second person" if "approved" in event.data else _BY_PEOPLE[event.kind]


def _detail(data: dict[str, Any], who: Who) -> str:
    """What an event says beyond its kind."""
    if "step" in data:
        return f" (step {data['step']}, {data.get('reason') or data.get('target') or ''})"
    for key in ("text", "approved", "proposed", "summary", "reason", "to", "source"):
        if data.get(key):
            return f": {who(str(data[key])) if key == 'to' else data[key]}"
    return ""
