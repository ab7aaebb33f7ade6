"""What hid an incident, or held up the answer to it, out of its timeline and of what the store knows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from daemon.model import EventKind, Incident, TimelineEvent
from daemon.notice import Purpose
from daemon.people import NOBODY, Names, reached, who
from daemon.reports.record import Delay
from daemon.response.ladder import CHANNEL
from daemon.views import parse_time
from daemon.web.words import count, span

_SOON: Final = timedelta(minutes=1)  # an alert that took longer was late
_CALLS: Final = (Purpose.ALERT.value, Purpose.ESCALATION.value)
_HELD: Final = {
    "quiet_hours": ": their quiet hours held it back",
    "night_budget": ": they had had their alerts of the night",
    "silence": ": a silence held it back",
}
_BACK: Final = {
    "no_action": "Nobody did anything with it any more, so it was open again.",
    "snooze_over": "The snooze was over, and nobody had it.",
}


class Blind(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch in which a source delivered nothing."""

    source: str
    since: datetime
    until: datetime | None
    reason: str


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What was meant to keep people from being called."""

    silences: dict[str, str] = {}  # id → reason, of those that hid it
    held: dict[str, str] = {}  # target → quiet_hours | night_budget


class Unseen(msgspec.Struct, frozen=True, kw_only=True):
    """Negative mentions written before the alert that were no evidence then."""

    late: int  # came more than detection.late_after behind
    unseen: int  # had not arrived yet


def delays(
    incident: Incident,
    events: Sequence[TimelineEvent],
    blind: Iterable[Blind],
    unseen: Unseen,
    kept: Kept,
    now: datetime,
    names: Names = NOBODY,
) -> tuple[Delay, ...]:
    """Everything that hid or delayed it, by when it began."""
    found = [
        *_blind(blind, now),
        *_unseen(incident, unseen),
        *_meant(incident, events, kept),
        *_calls(incident, events, kept, names),
        *_people(events, names),
    ]
    return tuple(sorted(found, key=lambda delay: delay.since))


def _blind(blind: Iterable[Blind], now: datetime) -> Iterable[Delay]:
    for gap in blind:
        length = span((gap.until or now) - gap.since)
        still = "" if gap.until else ", and still is"
        yield Delay(
            kind="blind",
            since=gap.since,
            until=gap.until,
            what=f"The source {gap.source} was blind for {length}{still}: {gap.reason}"
            if gap.reason
            else f"The source {gap.source} was blind for {length}{still}.",
        )


def _unseen(incident: Incident, unseen: Unseen) -> Iterable[Delay]:
    told = [
        (unseen.late, "arrived too late to be evidence"),
        (unseen.unseen, "had been written before the alert, but arrived after it"),
    ]
    for number, how in told:
        if number:
            yield Delay(
                kind="late_mentions",
                since=incident.onset_at,
                until=incident.opened_at,
                what=f"{count(number, 'negative mention')} {how}.",
            )


def _meant(incident: Incident, events: Sequence[TimelineEvent], kept: Kept) -> Iterable[Delay]:
    """Silences, and the time for which a minor incident had to last."""
    first = next((event for event in events if event.kind is EventKind.NOTIFIED), None)
    until = first.at if first else incident.resolved_at
    for name, reason in kept.silences.items():
        what = f"The silence {name} kept it from calling anyone: {reason}" if reason else f"The silence {name} hid it."
        yield Delay(kind="silenced", since=incident.opened_at, until=until, what=what)
    if _waited(events):
        what = "It was minor, and had to last before it called anyone."
        called = (event for event in events if event.kind is EventKind.NOTIFIED and not _shown_only(event))
        until = next((event.at for event in called), incident.resolved_at)
        yield Delay(kind="waited", since=incident.opened_at, until=until, what=what)


def _shown_only(event: TimelineEvent) -> bool:
    """Whether it reached a channel, which wakes nobody."""
    return str(event.data.get("target", "")).startswith(CHANNEL)


def _waited(events: Sequence[TimelineEvent]) -> bool:
    return any("waits_until" in event.data for event in events if event.kind is EventKind.OPENED)


def _calls(incident: Incident, events: Sequence[TimelineEvent], kept: Kept, names: Names) -> Iterable[Delay]:
    """Who could not be told, or was told late, counted from when the step was decided."""
    on_purpose = bool(kept.silences) or _waited(events)  # then the first step was not decided at the opening
    decided: dict[int, datetime] = {} if on_purpose else {1: incident.opened_at}
    failed: dict[tuple[str, str], TimelineEvent] = {}
    for event in events:
        step, target = event.data.get("step"), str(event.data.get("target", ""))
        match event.kind:
            case EventKind.REOPENED | EventKind.UNACKNOWLEDGED:
                decided = {1: event.at}
            case EventKind.ESCALATED if isinstance(step, int):
                decided[step] = event.at
                if event.data.get("reason") == "unreachable":
                    yield Delay(
                        kind="unreachable",
                        since=event.at,
                        until=None,
                        what=f"Nobody of step {step - 1} could be reached, so step {step} was called.",
                    )
            case EventKind.NOTIFY_FAILED:
                failed.setdefault((target, str(event.data.get("purpose"))), event)
            case EventKind.NOTIFIED if event.data.get("purpose") in _CALLS and isinstance(step, int):
                wait = event.at - decided.get(step, event.at)
                failed.pop((target, str(event.data.get("purpose"))), None)
                if wait > _SOON:
                    yield Delay(
                        kind="told_late",
                        since=decided[step],
                        until=event.at,
                        what=f"{reached(target, names)} was told only {span(wait)} after step {step} was called"
                        f"{_HELD.get(kept.held.get(target, ''), '')}.",
                    )
            case EventKind.NOTIFIED:
                failed.pop((target, str(event.data.get("purpose"))), None)
            case _:
                pass
    for (target, purpose), event in failed.items():
        reason = str(event.data.get("reason") or "no reason was given")
        told = reached(target, names)
        if event.data.get("uncertain"):
            what = f"Whether {told} got the {purpose} is not known: {reason}"
        else:
            what = f"{told} never got the {purpose}: {reason}"
        yield Delay(kind="not_told", since=event.at, until=None, what=what)


def _people(events: Sequence[TimelineEvent], names: Names) -> Iterable[Delay]:
    for place, event in enumerate(events):
        if event.kind is EventKind.SNOOZED:
            until = _until(event, events[place + 1 :])
            length = f" for {span(until - event.at)}" if until else ""
            yield Delay(
                kind="snoozed", since=event.at, until=until, what=f"{who(event.actor, names)} snoozed it{length}."
            )
        elif event.kind is EventKind.UNACKNOWLEDGED:
            reason = str(event.data.get("reason") or "")
            what = _BACK.get(reason, f"It was acknowledged no longer: {reason}")
            yield Delay(kind="unacknowledged", since=event.at, until=None, what=what)


def _until(snoozed: TimelineEvent, later: Sequence[TimelineEvent]) -> datetime | None:
    """When a snooze was over: at its time, or as soon as somebody did something."""
    done = (EventKind.ACKNOWLEDGED, EventKind.RESOLVED, EventKind.FALSE_ALARM, EventKind.SNOOZED)
    sooner = next((event.at for event in later if event.kind in done), None)
    try:
        until = parse_time(str(snoozed.data.get("until")))
    except ValueError:
        return sooner
    return min(until, sooner) if sooner else until
