"""The incident state machine. Pure: (incident, command or evidence, now) → outcome."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from daemon.command import (
    Acknowledge,
    AddFact,
    ApproveUpdate,
    Assign,
    Command,
    Escalate,
    FalseAlarm,
    KeepPromise,
    Note,
    PostUpdate,
    ProposeUpdate,
    Reopen,
    Resolve,
    Snooze,
)
from daemon.errors import Conflict, InputError
from daemon.model import (
    EventKind,
    Evidence,
    Fact,
    HoldingReply,
    Incident,
    IncidentKind,
    IncidentState,
    Reading,
    Severity,
)
from daemon.notice import Purpose
from daemon.oncall.silence import explained
from daemon.response import material
from daemon.response.approval import approve, propose
from daemon.response.facts import add_fact
from daemon.response.ladder import climb, climb_all_due, post_quietly, restart
from daemon.response.lasting import risen, waits_until
from daemon.response.policy import Outcome, Policy, edits, tell
from daemon.response.updates import break_promise, keep_promise, post_update
from daemon.timeline import Draft
from daemon.views import format_time

_MATERIAL = 2.0  # evidence that has grown by this factor is worth an event
_STALE = 0.25  # a message whose count is off by this share, and by _FEW mentions, is edited
_FEW = 5


def open_incident(
    *,
    incident_id: str,
    brand: str,
    title: str,
    reading: Reading,
    evidence: Evidence,
    replies: tuple[HoldingReply, ...],
    now: datetime,
    policy: Policy,
    drill: bool = False,
) -> Outcome:
    """Begin an incident: write it down, start the public clock, take the ladder's first step."""
    public = reading.kind is not IncidentKind.BLIND  # blindness is nothing to tell the public of
    incident = Incident(
        id=incident_id,
        brand=brand,
        kind=reading.kind,
        severity=reading.severity,
        state=IncidentState.OPEN,
        title=title,
        opened_at=now,
        onset_at=min(reading.onset or reading.at, now),
        evidence=evidence,
        drill=drill,
        holding_replies=replies if public else (),
        next_update_due=now + policy.first_reply if public else None,
        word_from=now if public else None,
        ladder_from=now,
        last_sustained_at=now,
        peak_observed=reading.observed,
        shown_observed=evidence.observed,
    )
    evidence = explained(policy.roster.silences, incident, now)
    incident = replace(incident, evidence=evidence, material=tuple(sorted(material.shape(incident, evidence))))
    until = waits_until(incident, policy)
    incident = replace(incident, ladder_from=until or now)
    opened = Draft(
        kind=EventKind.OPENED,
        data={
            "observed": evidence.observed,
            "deciding_mention": evidence.deciding_mention,
            "reason": evidence.reason or reading.reason,
            "severity": reading.severity.value,
            "kind": reading.kind.value,
            **({"waits_until": format_time(until)} if until else {}),
        },
    )
    ladder = climb_all_due(incident, policy, now, reason="unacknowledged")
    if until is not None:
        ladder = post_quietly(ladder.incident, policy, now)
    return Outcome(incident=ladder.incident, events=(opened, *ladder.events), orders=ladder.orders, reason="evidence")


def renew(
    incident: Incident, reading: Reading, evidence: Evidence, replies: tuple[HoldingReply, ...], policy: Policy
) -> Outcome:
    """Bring the evidence up to date; only what is material becomes an event. Severity only rises."""
    events: list[Draft] = []
    news = list(material.spread(incident, evidence))
    severity = max(incident.severity, reading.severity, key=lambda value: value.rank)
    peak = incident.peak_observed
    if severity is not incident.severity:
        events.append(_severity(incident, severity, reading.reason))
        news.insert(0, material.graver(incident, reading))
    if evidence.observed >= _MATERIAL * max(peak, 1):
        peak = evidence.observed
        events.append(
            Draft(
                kind=EventKind.EVIDENCE,
                data={"kind": reading.kind.value, "observed": evidence.observed, "reason": reading.reason},
            )
        )
    evidence = explained(policy.roster.silences, replace(incident, severity=severity, evidence=evidence), evidence.at)
    known, more, orders = material.told(incident, tuple(news), evidence)
    changed = replace(
        known,
        severity=severity,
        evidence=evidence,
        holding_replies=replies or incident.holding_replies,
        peak_observed=peak,
    )
    events += more
    stale = abs(evidence.observed - incident.shown_observed) >= max(_FEW, _STALE * incident.shown_observed)
    if events or stale:
        changed = replace(changed, shown_observed=evidence.observed)
        orders = (*orders, *edits(changed))
    return Outcome(incident=risen(changed, evidence.at), events=tuple(events), orders=orders, reason="renewed")


def reword(incident: Incident, replies: tuple[HoldingReply, ...], *, told: tuple[Fact, ...]) -> Outcome | None:
    """Offer ``replies``, which tell of the facts ``told``; nothing where others stand by now, or it has ended."""
    if incident.state.ended or incident.facts != told or not replies:
        return None
    changed = replace(incident, holding_replies=replies)
    return Outcome(incident=changed, orders=edits(changed) if changed != incident else (), reason="reworded")


def joined(incident: Incident, reading: Reading) -> Outcome:
    """Another detector sees the same wave: it joins the open incident, and may make it graver."""
    severity = max(incident.severity, reading.severity, key=lambda value: value.rank)
    events = [
        Draft(
            kind=EventKind.EVIDENCE,
            data={"kind": reading.kind.value, "observed": reading.observed, "reason": reading.reason},
        )
    ]
    found = [material.far(reading)]
    if severity is not incident.severity:
        events.append(_severity(incident, severity, reading.reason))
        found.insert(0, material.graver(incident, reading))
    news = tuple(one for one in found if one is not None)
    known, more, orders = material.told(incident, news, incident.evidence)
    changed = risen(replace(known, severity=severity), incident.evidence.at)
    return Outcome(incident=changed, events=(*events, *more), orders=(*orders, *edits(changed)), reason="joined")


def _severity(incident: Incident, severity: Severity, reason: str) -> Draft:
    data = {"from": incident.severity.value, "to": severity.value, "reason": reason}
    return Draft(kind=EventKind.SEVERITY, data=data)


def worsen(incident: Incident, reading: Reading) -> Outcome | None:
    """What has joined it is graver by now than the incident was said to be; None where it is not."""
    if reading.severity.rank <= incident.severity.rank:
        return None
    event = _severity(incident, reading.severity, reading.reason)
    known, _, orders = material.told(incident, (material.graver(incident, reading),), incident.evidence)
    changed = risen(replace(known, severity=reading.severity), incident.evidence.at)
    return Outcome(incident=changed, events=(event,), orders=(*orders, *edits(changed)), reason="graver")


def act(incident: Incident, command: Command, *, actor: str, now: datetime, policy: Policy) -> Outcome:
    """What follows from what a person did.

    Raises ``Conflict`` when the state does not allow it, ``InputError`` for an unusable value.
    """
    late = isinstance(command, KeepPromise) and bool(incident.promises)
    if incident.state.ended and not late and not isinstance(command, (Note, Reopen)):
        ended = format_time(incident.resolved_at or incident.opened_at)
        by = f" by {incident.ended_by}" if incident.ended_by is not None else ""
        raise Conflict(f"the incident has ended: {incident.state.value} at {ended}{by}; reopen it first")
    if isinstance(command, Reopen):
        return reopen(incident, actor=actor, reason="by_hand", now=now, policy=policy)
    outcome = _act(incident, command, actor=actor, now=now, policy=policy)
    return replace(outcome, incident=replace(outcome.incident, last_action_at=now))


def _act(  # noqa: C901, PLR0911, PLR0912 - one arm for each command
    incident: Incident, command: Command, *, actor: str, now: datetime, policy: Policy
) -> Outcome:
    match command:
        case Acknowledge():
            return _acknowledge(incident, actor, now, policy)
        case Assign(to=to):
            return _simple(
                replace(incident, assigned_to=_text("to", to, 200)), EventKind.ASSIGNED, actor, {"to": to}, policy
            )
        case Snooze(seconds=seconds):
            return _snooze(incident, actor, now, policy, seconds)
        case Escalate():
            outcome = climb(incident, policy, now, reason="requested", actor=actor)
            if not outcome.orders:
                raise Conflict("every step of the ladder has been called already")
            return replace(outcome, orders=(*outcome.orders, *edits(outcome.incident)))
        case PostUpdate():
            _text("text", command.text, 20_000)
            return post_update(incident, command, actor=actor, now=now, policy=policy)
        case Note(text=text):
            return _simple(incident, EventKind.NOTE, actor, {"text": _text("text", text, 5000)}, None)
        case AddFact():
            _text("fact", command.fact, 2000)
            return add_fact(incident, command, actor=actor, now=now)
        case ProposeUpdate():
            _text("text", command.update.text, 20_000)
            return propose(incident, command, actor=actor, now=now)
        case ApproveUpdate():
            return approve(incident, actor=actor, now=now, policy=policy)
        case KeepPromise():
            return keep_promise(incident, command, actor=actor, now=now, policy=policy)
        case Resolve(summary=summary):
            return end(incident, IncidentState.RESOLVED, actor, {"summary": _text("summary", summary, 5000)}, now)
        case FalseAlarm(reason=reason):
            return end(incident, IncidentState.FALSE_ALARM, actor, {"reason": _text("reason", reason, 5000)}, now)
        case Reopen():
            raise Conflict("the incident has not ended")


def _text(field: str, value: str, most: int) -> str:
    if not value.strip() or len(value) > most:
        raise InputError(f"{field}: expected 1 to {most} characters")
    return value


def _simple(incident: Incident, kind: EventKind, actor: str, data: dict[str, Any], policy: Policy | None) -> Outcome:
    return Outcome(
        incident=incident,
        events=(Draft(kind=kind, actor=actor, data=data),),
        orders=edits(incident) if policy else (),
        reason=kind.value,
    )


def _acknowledge(incident: Incident, actor: str, now: datetime, policy: Policy) -> Outcome:
    if incident.acknowledged_at is not None:
        raise Conflict(f"already acknowledged by {incident.acknowledged_by} at {format_time(incident.acknowledged_at)}")
    changed = replace(
        incident,
        state=IncidentState.ACKNOWLEDGED,
        acknowledged_at=now,
        acknowledged_by=actor,
        snoozed_until=None,
    )
    return _simple(changed, EventKind.ACKNOWLEDGED, actor, {}, policy)


def _snooze(incident: Incident, actor: str, now: datetime, policy: Policy, seconds: int) -> Outcome:
    if not 0 < seconds <= 7 * 86400:
        raise InputError("for: expected a duration of at most 7d")
    until = now + timedelta(seconds=seconds)
    before = incident.snoozed_until or now  # a longer snooze pauses the ladder for what it adds
    pause = max(until - max(before, now), timedelta(0))
    changed = replace(
        incident,
        state=IncidentState.SNOOZED,
        snoozed_until=until,
        ladder_from=incident.ladder_from + pause,
    )
    return _simple(changed, EventKind.SNOOZED, actor, {"until": format_time(until), "for_seconds": seconds}, policy)


def end(incident: Incident, state: IncidentState, actor: str, data: dict[str, Any], now: datetime) -> Outcome:
    """Close the incident: its clocks stop, those who were called are told.

    The end is no word to the public: a promise whose time has not come is neither kept nor broken, and stays.
    """
    lapsed = break_promise(incident, now - timedelta(milliseconds=1))
    changed = replace(
        lapsed.incident,
        state=state,
        resolved_at=now,
        ended_by=actor,
        snoozed_until=None,
        next_update_due=None,
        word_from=None,
        broken=(),
        proposal=None,
        reminded=(),
    )
    kind = EventKind.RESOLVED if state is IncidentState.RESOLVED else EventKind.FALSE_ALARM
    promised = {"promised": [format_time(promise.due) for promise in changed.promises]} if changed.promises else {}
    events = (*lapsed.events, Draft(kind=kind, actor=actor, data=data | promised))
    detail = {"note": str(data.get("summary") or data.get("reason") or ""), "note_by": actor}
    key = f"{incident.ladder_round}:ended:{incident.head_seq}"
    return Outcome(
        incident=changed,
        events=events,
        orders=(*tell(changed, Purpose.RESOLVED, key, detail), *edits(changed)),
        reason=kind.value,
    )


def end_drill(incident: Incident, *, now: datetime) -> Outcome:
    """A drill that nobody has ended is over at last."""
    return end(
        incident,
        IncidentState.RESOLVED,
        "tocsin",
        {"reason": "drill_over", "summary": "The drill is over: nobody has ended it."},
        now,
    )


def resolve_quiet(incident: Incident, *, now: datetime) -> Outcome:
    """The evidence has been gone for ``resolve_after``: it is over."""
    quiet = int((now - incident.last_sustained_at).total_seconds())
    summary = "No unusual negative mentions any more."
    if incident.kind is IncidentKind.BLIND:
        summary = "The source delivers again."
    data = {"reason": "quiet", "summary": summary, "quiet_seconds": quiet}
    return end(incident, IncidentState.RESOLVED, "tocsin", data, now)


def reopen(incident: Incident, *, actor: str, reason: str, now: datetime, policy: Policy) -> Outcome:
    """It is not over: the ladder and the public clock begin anew.

    Raises ``Conflict`` for an incident that has not ended.
    """
    if not incident.state.ended:
        raise Conflict("the incident has not ended")
    public = incident.kind is not IncidentKind.BLIND
    wait = policy.next_update[incident.severity] if incident.updates_posted else policy.first_reply
    lapsed = break_promise(incident, now - timedelta(milliseconds=1))
    changed = restart(
        replace(
            lapsed.incident,
            state=IncidentState.OPEN,
            resolved_at=None,
            ended_by=None,
            acknowledged_at=None,
            acknowledged_by=None,
            last_action_at=now,
            last_sustained_at=now,
            next_update_due=now + wait if public else None,
            word_from=now if public else None,
            broken=(),
            overdue_escalated=False,
        ),
        now,
    )
    ladder = climb_all_due(changed, policy, now, reason="unacknowledged")
    event = Draft(kind=EventKind.REOPENED, actor=actor, data={"reason": reason})
    return Outcome(
        incident=ladder.incident,
        events=(event, *lapsed.events, *ladder.events),
        orders=(*ladder.orders, *edits(ladder.incident)),
        reason=f"reopened_{reason}",
    )


def sight(incident: Incident, *, sighted: bool, source: str) -> Outcome:
    """Write into an open incident that a source went blind, or sees again."""
    kind = EventKind.SIGHTED if sighted else EventKind.BLIND
    return Outcome(incident=incident, events=(Draft(kind=kind, data={"source": source}),), reason=kind.value)
