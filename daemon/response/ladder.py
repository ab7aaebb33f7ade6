"""Escalation: who is called, and when. Pure."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from daemon.model import EventKind, Incident
from daemon.notice import Purpose
from daemon.response.policy import Order, Outcome, Policy
from daemon.timeline import Draft


def next_step_at(incident: Incident, policy: Policy) -> datetime | None:
    """When the ladder's next step is due, if there is one."""
    if incident.steps_done >= len(policy.ladder):
        return None
    return incident.ladder_from + policy.ladder[incident.steps_done].after


def climb(incident: Incident, policy: Policy, *, reason: str, actor: str = "tocsin") -> Outcome:
    """Take the next step: call its targets. Does nothing at the top of the ladder."""
    if incident.steps_done >= len(policy.ladder):
        return Outcome(incident=incident, reason="ladder_exhausted")
    number = incident.steps_done + 1
    first = number == 1
    purpose = Purpose.ALERT if first else Purpose.ESCALATION
    orders = tuple(
        Order(
            purpose=purpose,
            step=number,
            target=target,
            key=f"{incident.ladder_round}:{purpose}:{number}:{target}",
            detail={"reason": reason, "round": incident.ladder_round},
        )
        for target in dict.fromkeys(policy.ladder[number - 1].targets)
    )
    escalated = Draft(kind=EventKind.ESCALATED, actor=actor, data={"step": number, "reason": reason})
    return Outcome(
        incident=replace(incident, steps_done=number, steps_reached=max(incident.steps_reached, number)),
        events=() if first else (escalated,),
        orders=orders,
        reason=reason,
    )


def climb_all_due(incident: Incident, policy: Policy, now: datetime, *, reason: str) -> Outcome:
    """Take every step whose time has come."""
    events: list[Draft] = []
    orders: list[Order] = []
    while (due := next_step_at(incident, policy)) is not None and due <= now:
        outcome = climb(incident, policy, reason=reason)
        incident = outcome.incident
        events += outcome.events
        orders += outcome.orders
    return Outcome(incident=incident, events=tuple(events), orders=tuple(orders), reason=reason)


def restart(incident: Incident, now: datetime) -> Incident:
    """Put the incident at the foot of its ladder."""
    return replace(incident, ladder_round=incident.ladder_round + 1, ladder_from=now, steps_done=0)
