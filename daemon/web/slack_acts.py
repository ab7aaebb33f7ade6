"""Acts asked for in Slack: each is done once, and whoever comes second is told who was first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from daemon.clock import Clock
from daemon.command import Acknowledge, Command, FalseAlarm, Resolve
from daemon.desk import Timelines
from daemon.errors import Conflict
from daemon.model import Incident

_JUST_NOW = timedelta(seconds=10)  # two who see the same message press within moments of each other
_GUARDED = (Acknowledge, Resolve, FalseAlarm)  # the incident's own state refuses a second one, and says who was first


class Acts(Timelines, Protocol):
    """What is needed of ``daemon.incidents.Incidents``."""

    async def get(self, incident_id: str) -> Incident:
        """One incident. Raises ``NotFound``."""
        ...

    async def open_ones(self) -> list[Incident]:
        """Every incident that has not ended."""
        ...

    async def act(self, incident_id: str, command: Command, *, actor: str) -> Incident:
        """Carry out a command. Raises ``NotFound``, ``Conflict`` or ``InputError``."""
        ...


class _Turn(NamedTuple):
    actor: str
    at: datetime


class Turns:
    """Carries out commands; the same one again within moments is not done twice."""

    def __init__(self, incidents: Acts, clock: Clock) -> None:
        self._incidents = incidents
        self._clock = clock
        self._taken: dict[tuple[str, Command], _Turn] = {}

    async def act(self, incident_id: str, command: Command, *, actor: str) -> Incident:
        """Do it, unless it was done just now.

        Raises ``Conflict`` that names who did, and what ``Incidents.act`` raises.
        """
        if isinstance(command, _GUARDED):
            return await self._incidents.act(incident_id, command, actor=actor)
        key, now = (incident_id, command), self._clock.now()
        self._taken = {key: turn for key, turn in self._taken.items() if now - turn.at < _JUST_NOW}
        if (turn := self._taken.get(key)) is not None:
            raise Conflict(f"{'you' if turn.actor == actor else turn.actor} did that just now")
        self._taken[key] = _Turn(actor, now)
        try:
            return await self._incidents.act(incident_id, command, actor=actor)
        except BaseException:
            del self._taken[key]  # it was not done: another may try
            raise
