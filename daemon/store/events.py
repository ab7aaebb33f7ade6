"""Timeline events as rows, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.model import EventKind, TimelineEvent
from daemon.store.tables import timeline


def row_of(event: TimelineEvent) -> dict[str, Any]:
    """An event as its row holds it."""
    return {
        "incident_id": event.incident_id,
        "seq": event.seq,
        "at": event.at,
        "kind": event.kind.value,
        "actor": event.actor,
        "data": msgspec.json.encode(event.data),
        "hash": event.hash,
    }


async def events_of(connection: AsyncConnection, incident_id: str) -> AsyncIterator[TimelineEvent]:
    """The events of one incident in order."""
    rows = await connection.execute(
        sa.select(timeline).where(timeline.c.incident_id == incident_id).order_by(timeline.c.seq)
    )
    for row in rows.mappings():
        yield event_of(row)


def event_of(row: sa.RowMapping) -> TimelineEvent:
    """The event that a row holds."""
    return TimelineEvent(
        incident_id=row["incident_id"],
        seq=row["seq"],
        at=row["at"],
        kind=EventKind(row["kind"]),
        actor=row["actor"],
        data=msgspec.json.decode(row["data"]),
        hash=row["hash"],
    )
