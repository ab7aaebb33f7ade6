"""What the configuration asks of the rules, and what the rules ask for in return."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from config.schema import Config
from daemon.model import Incident, Severity
from daemon.notice import Purpose
from daemon.timeline import Draft

EDITABLE = ("slack:",)  # targets whose first message is renewed as the incident changes


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One rung of the ladder."""

    after: timedelta
    targets: tuple[str, ...]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that rule one brand's incidents."""

    ladder: tuple[Step, ...] = ()
    timezone: str = "UTC"  # the brand's own: clock times in its updates are meant in it
    first_reply: timedelta
    next_update: dict[Severity, timedelta]
    remind_before: timedelta
    overdue_after: timedelta
    unacknowledge_after: timedelta
    resolve_after: timedelta
    reopen_within: timedelta

    @classmethod
    def of(cls, config: Config, brand: str) -> Policy:
        """The policy of ``brand``."""
        ladder = config.escalation.get(config.brands[brand].escalation)
        deadlines = config.deadlines
        return cls(
            ladder=tuple(Step(after=step.after, targets=step.notify) for step in (ladder.steps if ladder else ())),
            timezone=config.brands[brand].timezone,
            first_reply=deadlines.first_reply,
            next_update={severity: getattr(deadlines.next_update, severity.value) for severity in Severity},
            remind_before=deadlines.remind_before,
            overdue_after=deadlines.overdue_after,
            unacknowledge_after=deadlines.unacknowledge_after,
            resolve_after=config.incidents.resolve_after,
            reopen_within=config.incidents.reopen_within,
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


def called(incident: Incident, policy: Policy) -> tuple[str, ...]:
    """The targets that have been called in any round, each once, in order."""
    steps = policy.ladder[: incident.steps_reached]
    return tuple(dict.fromkeys(target for step in steps for target in step.targets))


def edits(incident: Incident, policy: Policy) -> tuple[Order, ...]:
    """Orders to renew the messages that can be renewed; one delivery per target, the latest wins."""
    return tuple(
        Order(purpose=Purpose.EDIT, step=0, target=target, key=f"edit:{target}")
        for target in called(incident, policy)
        if target.startswith(EDITABLE)
    )


def tell(incident: Incident, policy: Policy, purpose: Purpose, key: str, detail: dict[str, Any]) -> tuple[Order, ...]:
    """Orders to tell everybody who was already called, each as of the step that called them first."""
    steps = policy.ladder[: incident.steps_reached]
    first: dict[str, int] = {}
    for number, step in enumerate(steps, 1):
        for target in step.targets:
            first.setdefault(target, number)
    return tuple(
        Order(purpose=purpose, step=number, target=target, key=f"{key}:{target}", detail=detail)
        for target, number in first.items()
    )
