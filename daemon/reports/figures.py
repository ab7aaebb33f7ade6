"""How fast and how punctual people were, out of an incident's timeline. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from daemon.model import EventKind, Incident, IncidentKind, Severity, TimelineEvent
from daemon.notice import Purpose
from daemon.reports.record import Measure, Owed, Promised, Word
from daemon.response.policy import Policy
from daemon.views import parse_time

_ENDS = (EventKind.RESOLVED, EventKind.FALSE_ALARM)


def measures(incident: Incident, events: Sequence[TimelineEvent], policy: Policy, now: datetime) -> tuple[Measure, ...]:
    """From its beginning to its end; the limit of an acknowledgement is when the ladder's second step is due."""
    opened = incident.opened_at
    ended = _first(events, _ENDS)
    still = ended or now

    def measure(name: str, at: datetime | None, limit: timedelta | None) -> Measure:
        if limit is None:
            within = None
        elif at is not None:
            within = at - opened <= limit
        else:  # what never came was late, once its time was over
            within = False if still - opened > limit else None
        return Measure(
            name=name,
            seconds=None if at is None else (at - opened).total_seconds(),
            limit_seconds=None if limit is None else limit.total_seconds(),
            within=within,
        )

    told = next(
        (
            event.at
            for event in events
            if event.kind is EventKind.NOTIFIED and event.data.get("purpose") == Purpose.ALERT.value
        ),
        None,
    )
    found = [
        Measure(name="detected", seconds=(opened - incident.onset_at).total_seconds()),
        measure("alerted", told, None),
        measure(
            "acknowledged",
            _first(events, (EventKind.ACKNOWLEDGED,)),
            policy.ladder[1].after if len(policy.ladder) > 1 else None,
        ),
    ]
    if incident.kind is not IncidentKind.BLIND:
        found.append(measure("first_word", _first(events, (EventKind.UPDATE_POSTED,)), policy.first_reply))
    found.append(measure("over", incident.resolved_at, None))
    return tuple(found)


def updates(incident: Incident, events: Sequence[TimelineEvent], policy: Policy) -> tuple[Owed, ...]:
    """Every public word that was owed, against its time. What was not yet due at the end was owed no more."""
    if incident.kind is IncidentKind.BLIND:
        return ()
    found: list[Owed] = []
    due: datetime | None = incident.opened_at + policy.first_reply
    posted, severity = 0, incident.severity
    for event in events:
        match event.kind:
            case EventKind.OPENED | EventKind.SEVERITY:
                severity = _severity(event) or severity
            case EventKind.UPDATE_POSTED:
                if due is not None:
                    found.append(Owed(due=due, at=event.at, verdict="in_time" if event.at <= due else "late"))
                due = _time(event.data.get("next_update_due"))
                posted += 1
            case EventKind.RESOLVED | EventKind.FALSE_ALARM:
                if due is not None and due < event.at:
                    found.append(Owed(due=due, at=None, verdict="missed"))
                due = None
            case EventKind.REOPENED:
                due = event.at + (policy.next_update[severity] if posted else policy.first_reply)
            case _:
                pass
    if due is not None:
        found.append(Owed(due=due, at=None, verdict="open"))
    return tuple(found)


def promises(events: Iterable[TimelineEvent]) -> tuple[Promised, ...]:
    """Every time that was given to the public, and whether it was kept."""
    made: dict[datetime, Promised] = {}
    verdicts = {EventKind.PROMISE_KEPT: "kept", EventKind.PROMISE_BROKEN: "broken"}
    for event in events:
        due = _time(event.data.get("due"))
        if due is None:
            continue
        if event.kind is EventKind.PROMISE_MADE:
            made[due] = Promised(made_at=event.at, due=due, verdict="open")
        elif event.kind in verdicts:
            since = made[due].made_at if due in made else event.at
            made[due] = Promised(made_at=since, due=due, verdict=verdicts[event.kind])
    return tuple(made.values())


def said(events: Iterable[TimelineEvent]) -> tuple[Word, ...]:
    """What the public was told, in order."""
    return tuple(
        Word(
            at=event.at,
            channel=event.data.get("channel"),
            lang=str(event.data.get("lang") or "und"),
            by=event.actor,
            text=str(event.data.get("text") or ""),
        )
        for event in events
        if event.kind is EventKind.UPDATE_POSTED
    )


def _first(events: Iterable[TimelineEvent], kinds: tuple[EventKind, ...]) -> datetime | None:
    return next((event.at for event in events if event.kind in kinds), None)


def _severity(event: TimelineEvent) -> Severity | None:
    told = event.data.get("to") or event.data.get("severity")
    return Severity(told) if told in set(Severity) else None


def _time(told: object) -> datetime | None:
    try:
        return parse_time(str(told))
    except ValueError:
        return None
