"""The fact sheet: what is confirmed of an incident, since when, from where, by whom. Pure."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from daemon.command import AddFact
from daemon.errors import InputError
from daemon.model import EventKind, Fact, Incident
from daemon.response.policy import Outcome
from daemon.timeline import Draft
from daemon.views import format_time

_MOST = 100  # a sheet that nobody can read confirms nothing


def add_fact(incident: Incident, command: AddFact, *, actor: str, now: datetime) -> Outcome:
    """Write a fact down, in the place of one that it replaces.

    Raises ``InputError`` where there is none of that number, or no room.
    """
    kept = tuple(fact for fact in incident.facts if fact.n != command.replaces)
    if command.replaces is not None and len(kept) == len(incident.facts):
        raise InputError(f"replaces: no fact {command.replaces} stands on the sheet")
    if len(kept) >= _MOST:
        raise InputError(f"fact: the sheet is full with {_MOST}; replace one that is out of date")
    fact = Fact(
        n=max((fact.n for fact in incident.facts), default=0) + 1,
        fact=command.fact.strip(),
        at=command.at or now,
        source=command.source,
        confirmed_by=command.confirmed_by or actor,
        written_by=actor,
    )
    data = {
        "n": fact.n,
        "fact": fact.fact,
        "at": format_time(fact.at),
        "source": fact.source,
        "confirmed_by": fact.confirmed_by,
        "replaces": command.replaces,
    }
    return Outcome(
        incident=replace(incident, facts=(*kept, fact)),
        events=(Draft(kind=EventKind.NOTE, actor=actor, data=data),),
        reason="fact",
    )
