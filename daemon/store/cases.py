"""Incidents with their timelines, as those who look back read them. Nothing here writes."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from daemon.model import Incident, TimelineEvent
from daemon.reports.period import CALLS, Case
from daemon.store.engine import Store
from daemon.store.events import event_of
from daemon.store.tables import deliveries, incidents, timeline

_TOGETHER = 200  # incidents in one query
_LONGEST = timedelta(days=60)  # for so long something may still be written of an incident
_decode = msgspec.json.Decoder(Incident).decode


class _Drill(msgspec.Struct):
    """Of an incident's record, whether it is an exercise."""

    drill: bool = False


class Cases:
    """What happened, incident by incident. Drills are in none of it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def opened(self, begin: datetime, end: datetime, brand: str | None = None) -> list[Case]:
        """Those opened from ``begin`` to before ``end``, oldest first."""
        query = (
            sa.select(incidents.c.body)
            .where(incidents.c.opened_at >= begin, incidents.c.opened_at < end)
            .order_by(incidents.c.opened_at, incidents.c.id)
        )
        if brand is not None:
            query = query.where(incidents.c.brand == brand)
        async with self._store.read() as connection:
            found = [_decode(body) for body in (await connection.execute(query)).scalars()]
        real = [incident for incident in found if not incident.drill]
        events: dict[str, list[TimelineEvent]] = {incident.id: [] for incident in real}
        for place in range(0, len(real), _TOGETHER):
            await self._read(events, [incident.id for incident in real[place : place + _TOGETHER]])
        return [Case(incident=incident, events=tuple(events[incident.id])) for incident in real]

    async def _read(self, events: dict[str, list[TimelineEvent]], ids: list[str]) -> None:
        query = (
            sa.select(timeline).where(timeline.c.incident_id.in_(ids)).order_by(timeline.c.incident_id, timeline.c.seq)
        )
        async with self._store.read() as connection:
            for row in (await connection.execute(query)).mappings():
                events[row["incident_id"]].append(event_of(row))

    async def held(self, incident_id: str) -> dict[str, str]:
        """Why calls of an incident waited, by target: ``quiet_hours`` or ``night_budget``."""
        query = sa.select(deliveries.c.target, deliveries.c.detail).where(
            deliveries.c.incident_id == incident_id, deliveries.c.purpose.in_(CALLS)
        )
        async with self._store.read() as connection:
            rows = (await connection.execute(query)).all()
        read = {target: msgspec.json.decode(detail).get("held") for target, detail in rows}
        return {target: str(reason) for target, reason in read.items() if reason}

    async def drills(self, begin: datetime, end: datetime) -> list[str]:
        """Exercises of which something may have been written from ``begin`` to before ``end``."""
        query = sa.select(incidents.c.id, incidents.c.body).where(
            incidents.c.opened_at >= begin - _LONGEST, incidents.c.opened_at < end
        )
        async with self._store.read() as connection:
            return [
                name for name, body in await connection.execute(query) if msgspec.json.decode(body, type=_Drill).drill
            ]
