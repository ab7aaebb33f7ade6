"""A word that may bind the brand, an apology or a compensation, waits for a second person. Pure."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from daemon.command import ProposeUpdate
from daemon.errors import Conflict
from daemon.model import EventKind, Incident, Proposal
from daemon.response.policy import Outcome, Policy, edits
from daemon.response.updates import post_update
from daemon.timeline import Draft


def propose(incident: Incident, command: ProposeUpdate, *, actor: str, now: datetime, policy: Policy) -> Outcome:
    """Lay an update before a second person; it takes the place of an earlier proposal."""
    update = command.update
    proposal = Proposal(update=update, parts=command.parts, by=actor, at=now)
    data = {"proposed": update.text, "lang": update.lang, "channel": update.channel, "parts": list(command.parts)}
    changed = replace(incident, proposal=proposal)
    return Outcome(
        incident=changed,
        events=(Draft(kind=EventKind.NOTE, actor=actor, data=data),),
        orders=edits(changed, policy),  # where the second person sees that it waits
        reason="proposed",
    )


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
