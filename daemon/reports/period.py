"""Figures over the incidents of a period: how fast, how punctual, who was called, and how often it was right. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from daemon.model import EventKind, Incident, IncidentKind, IncidentState, TimelineEvent
from daemon.notice import Purpose
from daemon.reports.figures import measures, promises, updates
from daemon.reports.record import Measure
from daemon.response.policy import Policy
from daemon.views import format_time

CALLS = (Purpose.ALERT.value, Purpose.ESCALATION.value)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One incident with its timeline."""

    incident: Incident
    events: tuple[TimelineEvent, ...]


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """How long one thing took."""

    median_seconds: float | None  # of those in which it happened
    happened: int
    of: int
    share_within: float | None  # of those that had a limit whose time is over; None: there was none


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """How people reacted to the incidents of a period; blindness has no public word."""

    detected: Speed
    alerted: Speed
    acknowledged: Speed
    first_word: Speed
    over: Speed
    updates: dict[str, int]  # public words owed: in_time, late, missed
    promises: dict[str, int]  # kept, broken, open
    called: dict[str, int]  # target → alerts and escalations that it got


class Precision(msgspec.Struct, frozen=True, kw_only=True):
    """How often one detector was right about one brand."""

    brand: str
    kind: IncidentKind
    confirmed: int  # a person ended it, or the public was told
    false_alarms: int
    unlabelled: int  # it ended by itself, and nobody said what it was
    precision: float | None  # confirmed of those labelled


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An incident in a line."""

    id: str
    brand: str
    kind: IncidentKind
    severity: str
    state: IncidentState
    title: str
    opened_at: str
    acknowledged_seconds: float | None
    first_word_seconds: float | None
    over_seconds: float | None


def reaction(cases: Sequence[Case], policies: Mapping[str, Policy], now: datetime) -> Reaction:
    """Over all incidents whose brand is configured, as of ``now``."""
    known = [(case, policies[case.incident.brand]) for case in cases if case.incident.brand in policies]
    taken = [{one.name: one for one in measures(case.incident, case.events, policy, now)} for case, policy in known]
    owed = Counter(one.verdict for case, policy in known for one in updates(case.incident, case.events, policy))
    given = Counter(one.verdict for case, _ in known for one in promises(case.events))
    called = Counter(
        str(event.data.get("target"))
        for case in cases
        for event in case.events
        if event.kind is EventKind.NOTIFIED and event.data.get("purpose") in CALLS
    )
    return Reaction(
        **{
            name: _speed([one[name] for one in taken if name in one])
            for name in ("detected", "alerted", "acknowledged", "first_word", "over")
        },
        updates={verdict: owed[verdict] for verdict in ("in_time", "late", "missed")},
        promises={verdict: given[verdict] for verdict in ("kept", "broken", "open")},
        called=dict(sorted(called.items(), key=lambda item: (-item[1], item[0]))),
    )


def _speed(found: Sequence[Measure]) -> Speed:
    lengths = [one.seconds for one in found if one.seconds is not None]
    decided = [one.within for one in found if one.within is not None]
    return Speed(
        median_seconds=statistics.median(lengths) if lengths else None,
        happened=len(lengths),
        of=len(found),
        share_within=round(sum(decided) / len(decided), 4) if decided else None,
    )


def confirmed(case: Case) -> bool:
    """Whether people treated it as real: one of them ended it, or the public was told."""
    incident = case.incident
    if incident.state is IncidentState.FALSE_ALARM:
        return False
    by_hand = incident.state is IncidentState.RESOLVED and incident.ended_by not in {None, "tocsin"}
    return by_hand or incident.updates_posted > 0


def precision(cases: Iterable[Case]) -> list[Precision]:
    """By brand and detector, from what people said of its incidents. Blindness is no detector of crises."""
    groups: dict[tuple[str, IncidentKind], list[Case]] = {}
    for case in cases:
        if case.incident.kind is not IncidentKind.BLIND:
            groups.setdefault((case.incident.brand, case.incident.kind), []).append(case)
    found = []
    for (brand, kind), group in sorted(groups.items()):
        right = sum(confirmed(case) for case in group)
        wrong = sum(case.incident.state is IncidentState.FALSE_ALARM for case in group)
        found.append(
            Precision(
                brand=brand,
                kind=kind,
                confirmed=right,
                false_alarms=wrong,
                unlabelled=len(group) - right - wrong,
                precision=round(right / (right + wrong), 4) if right + wrong else None,
            )
        )
    return found


def listed(cases: Sequence[Case], policies: Mapping[str, Policy], now: datetime) -> list[Listed]:
    """Each incident in a line, oldest first."""
    lines = []
    for case in cases:
        incident = case.incident
        policy = policies.get(incident.brand)
        took = {one.name: one.seconds for one in measures(incident, case.events, policy, now)} if policy else {}
        lines.append(
            Listed(
                id=incident.id,
                brand=incident.brand,
                kind=incident.kind,
                severity=incident.severity.value,
                state=incident.state,
                title=incident.title,
                opened_at=format_time(incident.opened_at),
                acknowledged_seconds=took.get("acknowledged"),
                first_word_seconds=took.get("first_word"),
                over_seconds=took.get("over"),
            )
        )
    return lines
