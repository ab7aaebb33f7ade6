"""Escalation: who is called, and when. Pure."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from daemon.model import EventKind, Incident, IncidentState
from daemon.notice import Purpose
from daemon.oncall.silence import heard_after, hiding, hushed_until
from daemon.response.lasting import lasts
from daemon.response.policy import Order, Outcome, Policy, edits
from daemon.timeline import Draft

SILENCE_OVER = "silence_over"
CHANNEL = "slack:#"  # targets that nobody is woken by


def next_step_at(incident: Incident, policy: Policy) -> datetime | None:
    """When the ladder's next step is due, if there is one; no time passes for it while a silence hides the incident."""
    silences = policy.roster.silences
    if _on_another_ladder(incident, policy):
        return hushed_until(silences, incident, incident.head_at or incident.ladder_from)
    steps = policy.ladder_for(incident.severity)
    if incident.steps_done >= len(steps) or not lasts(incident, policy):
        return None
    at = incident.ladder_from + steps[incident.steps_done].after
    if incident.steps_done == 0:
        return hushed_until(silences, incident, at)
    return heard_after(silences, incident, incident.ladder_from, at)


def climb(incident: Incident, policy: Policy, now: datetime, *, reason: str, actor: str = "tocsin") -> Outcome:
    """Take the next step: call its targets. Does nothing at the top of the ladder."""
    moved = _change_ladders(incident, policy, now)
    incident, steps = moved.incident, policy.ladder_for(incident.severity)
    if incident.steps_done >= len(steps):
        return replace(moved, reason=moved.reason if moved.orders else "ladder_exhausted")
    number = incident.steps_done + 1
    if incident.hushed:  # the ladder begins only now
        incident = replace(incident, hushed=False, ladder_from=now - steps[0].after)
    targets = policy.roster.resolve(steps[number - 1].targets, now)
    taken = _call(incident, number, targets, reason=reason, actor=actor)
    shown = edits(incident) if number == 1 and incident.ladder_round == 1 else ()  # it calls now, they say
    taken = replace(taken, orders=(*taken.orders, *shown))
    return _after(moved, replace(taken, incident=replace(taken.incident, climbing=incident.severity)))


def climb_all_due(incident: Incident, policy: Policy, now: datetime, *, reason: str) -> Outcome:
    """Take every step whose time has come; where a silence hides the incident, note by which."""
    outcome = _change_ladders(incident, policy, now)
    while (due := next_step_at(outcome.incident, policy)) is not None and due <= now:
        outcome = _after(outcome, climb(outcome.incident, policy, now, reason=reason))
    silent = hiding(policy.roster.silences, outcome.incident, now)
    if outcome.incident.steps_done == 0 and silent:
        known = outcome.incident.hidden_by
        by = (*known, *(silence.id for silence in silent if silence.id not in known))
        outcome = replace(outcome, incident=replace(outcome.incident, hushed=True, hidden_by=by))
    return replace(outcome, reason=reason)


def post_quietly(incident: Incident, policy: Policy, now: datetime) -> Outcome:
    """While it must last before it calls anyone: the channels of the first step show it, which wakes nobody.

    They count as called first, so their message is renewed, and the first step does not post it again.
    """
    steps = policy.ladder_for(incident.severity)
    if not steps or hiding(policy.roster.silences, incident, now):
        return Outcome(incident=incident, reason="waits")
    channels = tuple(target for target in policy.roster.resolve(steps[0].targets, now) if target.startswith(CHANNEL))
    shown = _call(incident, 1, channels, reason="unacknowledged")
    known = replace(incident, called=shown.incident.called)
    return Outcome(incident=known, orders=shown.orders, reason="waits")


def hush_over_at(incident: Incident, policy: Policy) -> datetime:
    """When those may be told whom a silence kept from hearing of an incident that has ended."""
    return hushed_until(policy.roster.silences, incident, incident.resolved_at or incident.opened_at)


def tell_hidden(incident: Incident, policy: Policy, now: datetime) -> Outcome:
    """The silence is over, and so is the incident: say what it has hidden to those of the first step."""
    steps = policy.ladder_for(incident.severity)
    targets = policy.roster.resolve(steps[0].targets, now) if steps else ()
    orders = tuple(
        Order(
            purpose=Purpose.ALERT,
            step=1,
            target=target,
            key=f"{incident.ladder_round}:hidden:{target}",
            detail={"reason": SILENCE_OVER, "round": incident.ladder_round},
        )
        for target in targets
    )
    return Outcome(incident=replace(incident, hushed=False), orders=orders, reason=SILENCE_OVER)


def restart(incident: Incident, now: datetime) -> Incident:
    """Put the incident at the foot of its ladder."""
    return replace(
        incident,
        ladder_round=incident.ladder_round + 1,
        ladder_from=now,
        steps_done=0,
        climbing=None,
        called_now=(),
        hushed=False,
    )


def _call(incident: Incident, number: int, targets: tuple[str, ...], *, reason: str, actor: str = "tocsin") -> Outcome:
    """Step ``number`` with these targets."""
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
        for target in targets
    )
    escalated = Draft(kind=EventKind.ESCALATED, actor=actor, data={"step": number, "reason": reason})
    return Outcome(
        incident=replace(
            incident,
            steps_done=number,
            called=incident.called | {target: number for target in targets if target not in incident.called},
            called_now=tuple(dict.fromkeys((*incident.called_now, *targets))),
        ),
        events=() if first else (escalated,),
        orders=orders,
        reason=reason,
    )


def _on_another_ladder(incident: Incident, policy: Policy) -> bool:
    """Whether the severity has another ladder by now than the one that was climbed so far."""
    old, new = incident.climbing, incident.severity
    return old is not None and policy.ladder_for(old) != policy.ladder_for(new)


def _change_ladders(incident: Incident, policy: Policy, now: datetime) -> Outcome:
    """Go over to the ladder of the present severity, at the height reached so far.

    That is as many steps as were taken, or as its own times ask for by now, whichever is more. Of
    these, those who were not called in this round are called at once: none is lost, none called twice.
    Once somebody has it the ladder is over, and only the height is taken over.
    """
    outcome = Outcome(incident=incident, reason="severity")
    if not _on_another_ladder(incident, policy):
        return outcome
    steps = policy.ladder_for(incident.severity)
    had = incident.state is IncidentState.ACKNOWLEDGED
    by_time = 0 if had else sum(incident.ladder_from + step.after <= now for step in steps)
    height = max(by_time, min(incident.steps_done, len(steps)))
    for number, step in enumerate(() if had else steps[:height], 1):
        here = outcome.incident
        fresh = tuple(target for target in policy.roster.resolve(step.targets, now) if target not in here.called_now)
        if fresh:
            outcome = _after(outcome, _call(here, number, fresh, reason="severity"))
    return replace(
        outcome, incident=replace(outcome.incident, steps_done=height, climbing=incident.severity), reason="severity"
    )


def _after(first: Outcome, then: Outcome) -> Outcome:
    """Both, one after the other."""
    return Outcome(
        incident=then.incident,
        events=(*first.events, *then.events),
        orders=(*first.orders, *then.orders),
        reason=then.reason,
    )
