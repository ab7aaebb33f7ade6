"""A word that may bind the brand, an apology or a compensation, waits for a second person. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from daemon.command import ProposeUpdate
from daemon.errors import Conflict
from daemon.model import EventKind, Incident, Proposal
from daemon.notice import Purpose
from daemon.response.policy import Order, Outcome, Policy, edits, tell
from daemon.response.updates import named_by, post_update
from daemon.timeline import Draft
from daemon.views import format_time

_PASSED: Final = {
    "en": "nothing is posted: it names {time} for the next word, and that has passed; put the text forward anew",
    "pl": "nic nie zostało opublikowane: zapowiedziana godzina ({time}) już minęła; tekst trzeba zgłosić do akceptacji "
    "ponownie, z nową godziną",
    "ru": "ничего не опубликовано: названное в тексте время ({time}) уже прошло; отправьте текст на согласование "
    "заново, с новым временем",
}


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

    The text is read as of its proposal: "at 3 pm", approved at ten past, does not mean tomorrow.
    Raises ``Conflict`` where nothing waits, where it is the same person, or where a time that it names has passed.
    """
    proposal = incident.proposal
    if proposal is None:
        raise Conflict("no update waits for approval")
    if proposal.by == actor:
        raise Conflict("you proposed it yourself: a second person must approve it")
    named = named_by(proposal.update, at=proposal.at, policy=policy)
    passed = next((at for at in sorted(named.times) if at <= now), None)
    if passed is not None:
        raise _too_late(passed, proposal.update.lang, now, policy)
    told = post_update(
        replace(incident, proposal=None),
        proposal.update,
        actor=proposal.by,
        now=now,
        policy=policy,
        written_at=proposal.at,
    )
    approved = Draft(kind=EventKind.NOTE, actor=actor, data={"approved": proposal.update.text, "by": proposal.by})
    return replace(told, events=(approved, *told.events))


def _too_late(passed: datetime, lang: str, now: datetime, policy: Policy) -> Conflict:
    zone = ZoneInfo(policy.timezone)
    local = passed.astimezone(zone)
    time = f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local:%Y-%m-%d %H:%M}"
    wordings = {code: wording.format(time=time) for code, wording in _PASSED.items()}
    return Conflict(wordings["en"], others=wordings, lang=lang)
