"""Whether every timeline still says what it said."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from daemon.model import Incident
from daemon.store.engine import Store
from daemon.store.events import events_of
from daemon.store.tables import incidents, timeline
from daemon.timeline import verify


async def verify_timelines(store: Store) -> tuple[int, list[str]]:
    """How many chains there are, and the faults of each: ``INCIDENT seq N: …``.

    Each chain is read together with its head in one view of the store, so that a running daemon
    cannot come between.
    """
    faults: list[str] = []
    async with store.read() as connection:
        ids = list((await connection.execute(sa.select(incidents.c.id).order_by(incidents.c.opened_at))).scalars())
        missing = timeline.c.incident_id.not_in(sa.select(incidents.c.id))
        orphans = sa.select(timeline.c.incident_id).where(missing).distinct()
        faults += [
            f"{incident_id} seq 1: its incident is missing"
            for incident_id in (await connection.execute(orphans)).scalars()
        ]
    for incident_id in ids:
        async with store.read() as connection:
            query = sa.select(incidents.c.body, incidents.c.head_seq).where(incidents.c.id == incident_id)
            body, head_seq = (await connection.execute(query)).one()
            try:
                incident = msgspec.json.decode(body, type=Incident)
                events = [event async for event in events_of(connection, incident_id)]
                faults += verify(incident_id, incident.head_seq, incident.head_hash, events)
            except (msgspec.DecodeError, ValueError, TypeError) as error:
                faults.append(f"{incident_id} seq {head_seq}: cannot be read: {error}")
                continue
            if incident.head_seq != head_seq or incident.id != incident_id:
                faults.append(f"{incident_id} seq {head_seq}: the incident's row and record disagree")
    return len(ids), faults
