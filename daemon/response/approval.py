"""A word that may bind the brand, an apology or a compensation, waits for a second person. Pure."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from daemon.command import ProposeUpdate
from daemon.errors import Conflict
from daemon.model import EventKind, Incident, Proposal
from daemon.notice import Purpose
from daemon.response.policy import Order, Outcome, Policy, edits, tell
from daemon.response.updates import post_update
from daemon.timeline import Draft
from daemon.views import format_time


def propose(incident: Incident, command: ProposeUpdate, *, actor: str, now: datetime) -> Outcome:
    """Lay an update before a second person, and ask all who were called; it replaces an earlier proposal."""
    update = command.update
    proposal = Proposal(update=update, parts=command.parts, by=actor, at=now)
    data = {"proposed": update.text, "lang": update.lang, "channel": update.channel, "parts": list(command.parts)}
    changed = replace(incident, proposal=proposal)
    return Outcome(
        incident=changed,
        events=(Draft(kind=EventKind.NOTE, actor=actor, data=data),),
        orders=(*_ask(changed, proposal, f"proposal:{format_time(now)}"), *edits(changed)),
        reason="proposed",
    )


def ask_again(incident: Incident) -> Outcome:
    """Nobody has agreed yet: those who were called hear of it once more."""
    proposal = incident.proposal
    if proposal is None:
        return Outcome(incident=incident, reason="proposal_settled")
    mark = waiting_mark(proposal)
    changed = replace(incident, reminded=(*incident.reminded, mark))
    return Outcome(incident=changed, orders=_ask(changed, proposal, mark), reason="proposal_waits")


def waiting_mark(proposal: Proposal) -> str:
    """What stands in ``Incident.reminded`` once all were asked again."""
    return f"proposal:{format_time(proposal.at)}:again"


def _ask(incident: Incident, proposal: Proposal, key: str) -> tuple[Order, ...]:
    why = " and ".join(proposal.parts)
    note = f"Waits for a second person to agree, as it holds {why}: “{proposal.update.text}”"
    return tell(incident, Purpose.UPDATE, key, {"note": note, "note_by": proposal.by})


def approve(incident: Incident, *, actor: str, now: datetime, policy: Policy) -> Outcome:
    """The second person agrees: the public is told, and both names are kept.

    Raises ``Conflict`` where nothing waits, or where it is the same person.
    """
    proposal = incident.proposal
    if proposal is None:
        raise Conflict("no update waits for approval")
    if proposal.by == actor:
        raise Conflict("you proposed it yourself: a second person must approve it")
    told = post_update(replace(incident, proposal=None), proposal.update, actor=proposal.by, now=now, policy=policy)
    approved = Draft(kind=EventKind.NOTE, actor=actor, data={"approved": proposal.update.text, "by": proposal.by})
    return replace(told, events=(approved, *told.events))
