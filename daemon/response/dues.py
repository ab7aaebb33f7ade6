"""Times owed by an incident, and what happens at each. Pure.

What is owed is a function of the incident alone, so the rows that wake us can always be
written again from it, and nothing can be owed twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from daemon.model import EventKind, Incident, IncidentState, Promise
from daemon.notice import Purpose
from daemon.oncall.silence import hushed_until
from daemon.response.approval import ask_again, waiting_mark
from daemon.response.incident import end_drill
from daemon.response.ladder import climb, climb_all_due, hush_over_at, next_step_at, restart, tell_hidden
from daemon.response.policy import Order, Outcome, Policy, edits, tell
from daemon.response.updates import break_promise
from daemon.timeline import Draft
from daemon.views import format_time

DRILL_LASTS = timedelta(hours=4)  # unless somebody ends it: no exercise goes on unnoticed


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Something owed at a time."""

    # step | hidden | drill_over | unsnooze | unacknowledge | word:before | word:due | word:overdue
    # | promise:TIME:STAGE | lapse:TIME | proposal
    name: str
    at: datetime


def owed(incident: Incident, policy: Policy) -> tuple[Due, ...]:
    """Everything that the incident owes, in the order of its time."""
    if incident.state.ended:
        return (Due(name="hidden", at=hush_over_at(incident, policy)),) if incident.hushed else ()
    dues = [*_public_clock(incident, policy)]
    if (waiting := incident.proposal) is not None and waiting_mark(waiting) not in incident.reminded:
        dues.append(Due(name="proposal", at=waiting.at + policy.remind_before))
    if incident.drill:
        dues.append(Due(name="drill_over", at=incident.last_sustained_at + DRILL_LASTS))
    match incident.state:
        case IncidentState.OPEN:
            if (at := next_step_at(incident, policy)) is not None:
                dues.append(Due(name="step", at=at))
        case IncidentState.SNOOZED if incident.snoozed_until is not None:
            dues.append(Due(name="unsnooze", at=incident.snoozed_until))
        case IncidentState.ACKNOWLEDGED:
            since = incident.last_action_at or incident.acknowledged_at or incident.opened_at
            dues.append(Due(name="unacknowledge", at=since + policy.unacknowledge_after))
        case _:
            pass
    return tuple(sorted(dues, key=lambda due: due.at))


def _public_clock(incident: Incident, policy: Policy) -> list[Due]:
    due, since = incident.next_update_due, incident.word_from
    if due is None or since is None:
        return []
    overdue = hushed_until(policy.roster.silences, incident, due + policy.overdue_after)  # for it calls somebody
    stages = {"word:due": due, "word:overdue": overdue}
    if due - since >= 2 * policy.remind_before:
        stages["word:before"] = due - policy.remind_before
    dues = [Due(name=name, at=at) for name, at in stages.items() if name.removeprefix("word:") not in incident.reminded]
    dues += [  # one millisecond later: a word given at the very time still keeps it
        Due(name=f"lapse:{format_time(promise.due)}", at=promise.due + timedelta(milliseconds=1))
        for promise in incident.promises
    ]
    for promise in (*incident.broken, *incident.promises):
        dues += _promise_reminders(incident, promise, policy)
    return dues


def _promise_reminders(incident: Incident, promise: Promise, policy: Policy) -> list[Due]:
    """Reminders of a promise of its own, the call at last; one at the time of the next word shares those of that."""
    if promise.due == incident.next_update_due:
        return []
    overdue = hushed_until(policy.roster.silences, incident, promise.due + policy.overdue_after)
    stages = {"due": promise.due, "overdue": overdue}
    if promise.due - promise.made_at >= 2 * policy.remind_before:
        stages["before"] = promise.due - policy.remind_before
    marks = {stage: f"promise:{format_time(promise.due)}:{stage}" for stage in stages}
    return [Due(name=marks[stage], at=at) for stage, at in stages.items() if marks[stage] not in incident.reminded]


def fire(incident: Incident, due: Due, *, now: datetime, policy: Policy) -> Outcome:  # noqa: PLR0911 - one arm for each
    """What happens when ``due`` has come."""
    match due.name:
        case "step":
            return climb_all_due(incident, policy, now, reason="unacknowledged")
        case "hidden":
            return tell_hidden(incident, policy, now)
        case "proposal":
            return ask_again(incident)
        case "drill_over":
            return end_drill(incident, now=now)
        case "unsnooze":
            return _back_to_open(incident, "snooze_over", now, policy)
        case "unacknowledge":
            return _back_to_open(incident, "no_action", now, policy)
        case name if name.startswith("lapse:"):
            return break_promise(incident, due.at)
        case name if name.startswith("promise:"):
            told, _, stage = name.removeprefix("promise:").rpartition(":")
            return _remind(incident, policy, now, mark=name, of="promise", stage=stage, due=told)
        case name:
            of = "next_update" if incident.updates_posted else "first_reply"
            told = format_time(incident.next_update_due) if incident.next_update_due else ""
            stage = name.removeprefix("word:")
            return _remind(incident, policy, now, mark=stage, of=of, stage=stage, due=told)


def _back_to_open(incident: Incident, reason: str, now: datetime, policy: Policy) -> Outcome:
    event = Draft(kind=EventKind.UNACKNOWLEDGED, data={"reason": reason})
    changed = replace(
        incident,
        state=IncidentState.OPEN,
        acknowledged_at=None,
        acknowledged_by=None,
        snoozed_until=None,
    )
    # a snooze only paused the ladder; once somebody had it, or nobody is left to call, it begins anew
    if incident.acknowledged_at is not None or changed.steps_done >= len(policy.ladder_for(changed.severity)):
        changed = restart(changed, now)
    ladder = climb_all_due(changed, policy, now, reason="unacknowledged")
    return Outcome(
        incident=ladder.incident,
        events=(event, *ladder.events),
        orders=(*ladder.orders, *edits(ladder.incident)),
        reason=reason,
    )


def _remind(incident: Incident, policy: Policy, now: datetime, *, mark: str, of: str, stage: str, due: str) -> Outcome:
    number = incident.reminders + 1
    data: dict[str, Any] = {"of": of, "when": stage, "due": due, "n": number}
    changed = replace(incident, reminded=(*incident.reminded, mark), reminders=number)
    events = [Draft(kind=EventKind.REMINDER, data=data)]
    orders: list[Order] = [*tell(changed, Purpose.REMINDER, f"reminder:{number}", {"reminder": data})]
    if stage == "overdue":
        outcome = climb(replace(changed, overdue_escalated=True), policy, now, reason="overdue")
        changed = outcome.incident
        events += outcome.events
        orders += outcome.orders
    return Outcome(incident=changed, events=tuple(events), orders=tuple(orders), reason=f"{of}_{stage}")
