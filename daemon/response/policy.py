"""What the configuration asks of the rules, and what the rules ask for in return."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from config.schema import Config, Ladder
from daemon.model import Incident, Severity
from daemon.notice import Purpose
from daemon.oncall.roster import Roster
from daemon.timeline import Draft

EDITABLE = ("slack:",)  # targets whose first message is renewed as the incident changes


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One rung of the ladder."""

    after: timedelta
    targets: tuple[str, ...]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that rule one brand's incidents."""

    ladder: tuple[Step, ...] = ()
    ladders: dict[Severity, tuple[Step, ...]] = {}  # of severities that have one of their own
    roster: Roster = Roster()
    timezone: str = "UTC"  # the brand's own: clock times in its updates are meant in it
    first_reply: timedelta
    next_update: dict[Severity, timedelta]
    remind_before: timedelta
    overdue_after: timedelta
    unacknowledge_after: timedelta
    resolve_after: timedelta
    reopen_within: timedelta
    minor_wait: timedelta = timedelta(0)  # that a minor incident must last before it calls anyone

    @classmethod
    def of(cls, config: Config, brand: str, roster: Roster | None = None) -> Policy:
        """The policy of ``brand``; ``roster``: who can be called, by default without what calendars say."""
        named = config.brands[brand].escalation_by_severity
        own = {severity: getattr(named, severity.value) for severity in Severity}
        deadlines = config.deadlines
        return cls(
            ladder=_rungs(config.escalation.get(config.brands[brand].escalation)),
            ladders={severity: _rungs(config.escalation.get(name)) for severity, name in own.items() if name},
            roster=roster or Roster.of(config),
            timezone=config.brands[brand].timezone,
            first_reply=deadlines.first_reply,
            next_update={severity: getattr(deadlines.next_update, severity.value) for severity in Severity},
            remind_before=deadlines.remind_before,
            overdue_after=deadlines.overdue_after,
            unacknowledge_after=deadlines.unacknowledge_after,
            resolve_after=config.incidents.resolve_after,
            reopen_within=config.incidents.reopen_within,
            minor_wait=config.incidents.minor_wait,
        )

    def ladder_for(self, severity: Severity) -> tuple[Step, ...]:
        """The ladder that an incident of this severity climbs."""
        return self.ladders.get(severity, self.ladder)


def _rungs(ladder: Ladder | None) -> tuple[Step, ...]:
    """Every step of a ladder, those of its repetitions too."""
    if ladder is None:
        return ()
    first, last = ladder.steps[0].after, ladder.steps[-1].after
    rounds = range(1 + (ladder.repeat.times if ladder.repeat else 0))
    again = last - first + (ladder.repeat.every if ladder.repeat else timedelta(0))
    return tuple(
        Step(after=number * again + step.after, targets=step.notify) for number in rounds for step in ladder.steps
    )


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be sent. ``key`` is natural: the same order twice is one delivery."""

    purpose: Purpose
    step: int
    target: str  # with the notifier's name: "slack:#pr-crisis"
    key: str
    detail: dict[str, Any] = {}  # reason, reminder or note


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from one event: the new incident, what to write down, what to send."""

    incident: Incident
    events: tuple[Draft, ...] = ()
    orders: tuple[Order, ...] = ()
    reason: str  # named: goes into the log


def edits(incident: Incident) -> tuple[Order, ...]:
    """Orders to renew the messages that can be renewed; one delivery per target, the latest wins."""
    return tuple(
        Order(purpose=Purpose.EDIT, step=0, target=target, key=f"edit:{target}")
        for target in incident.called
        if target.startswith(EDITABLE)
    )


def tell(incident: Incident, purpose: Purpose, key: str, detail: dict[str, Any]) -> tuple[Order, ...]:
    """Orders to tell everybody who was already called, each as of the step that called them first."""
    return tuple(
        Order(purpose=purpose, step=number, target=target, key=f"{key}:{target}", detail=detail)
        for target, number in incident.called.items()
    )
