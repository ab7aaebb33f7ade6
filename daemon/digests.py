"""Several alerts that waited for one target go out as one message.

The first of them carries the others: they name it in ``merged_into``, it names itself. What it
carries is fixed when it is first taken, so that an attempt after a crash says the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.incidents import load
from daemon.model import Incident
from daemon.notice import Purpose
from daemon.oncall.holding import CALLS
from daemon.response.delivery import obsolete
from daemon.response.ladder import SILENCE_OVER
from daemon.store.tables import deliveries

_MERGED = (*CALLS, Purpose.REMINDER, Purpose.UPDATE, Purpose.RESOLVED)


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery within a digest, its carrier included."""

    id: str
    purpose: Purpose
    step: int
    incident: Incident


async def gather(connection: AsyncConnection, row: sa.RowMapping, now: datetime) -> str | None:
    """Merge what waited together with ``row`` and is due by now; the id of its carrier, or None: it goes by itself.

    One alert alone that still calls for somebody goes out as the alert that it is.
    """
    if Purpose(row["purpose"]) not in _MERGED:
        return None
    this = sa.select(deliveries.c.merged_into).where(deliveries.c.id == row["id"])
    carrier: str | None = (await connection.execute(this)).scalar_one()
    if carrier is not None:  # merged since the row was read
        return carrier
    group = (
        (
            await connection.execute(
                sa.select(deliveries)
                .where(
                    deliveries.c.target == row["target"],
                    deliveries.c.held.is_not(None),
                    deliveries.c.merged_into.is_(None),
                    deliveries.c.state == "pending",
                    deliveries.c.due_at <= now,
                    deliveries.c.purpose.in_([purpose.value for purpose in _MERGED]),
                )
                .order_by(deliveries.c.created_at, deliveries.c.id)
                .with_for_update()
            )
        )
        .mappings()
        .all()
    )
    calls = [one for one in group if Purpose(one["purpose"]) in CALLS]
    about = {one["incident_id"] for one in calls}
    if not calls or (len(about) == 1 and await _still_calls(connection, calls[-1])):
        return None
    first: str = calls[0]["id"]
    members = [one["id"] for one in group if one["incident_id"] in about]
    await connection.execute(
        sa.update(deliveries).where(deliveries.c.id.in_(members)).values(merged_into=first, created_at=now)
    )
    return first


async def overtaken(connection: AsyncConnection, row: sa.RowMapping) -> bool:
    """Whether a reminder has waited so long that a later one stands beside it."""
    later = sa.select(deliveries.c.id).where(
        deliveries.c.incident_id == row["incident_id"],
        deliveries.c.target == row["target"],
        deliveries.c.purpose == Purpose.REMINDER.value,
        deliveries.c.created_at > row["created_at"],
        deliveries.c.held.is_not(None),
        deliveries.c.state == "pending",
    )
    return (await connection.execute(later.limit(1))).first() is not None


async def carried(connection: AsyncConnection, carrier: str) -> tuple[Carried, ...]:
    """Everything that a delivery carries."""
    query = sa.select(deliveries).where(deliveries.c.merged_into == carrier).order_by(deliveries.c.incident_id)
    return tuple(
        [
            Carried(
                id=row["id"],
                purpose=Purpose(row["purpose"]),
                step=row["step"],
                incident=await load(connection, row["incident_id"]),
            )
            for row in (await connection.execute(query)).mappings().all()
        ]
    )


async def finish_carried(connection: AsyncConnection, carrier: str, **values: Any) -> None:
    """What becomes of the carrier becomes of all that it carries."""
    others = sa.and_(deliveries.c.merged_into == carrier, deliveries.c.id != carrier)
    await connection.execute(sa.update(deliveries).where(others).values(**values))


async def _still_calls(connection: AsyncConnection, row: sa.RowMapping) -> bool:
    detail: dict[str, Any] = msgspec.json.decode(row["detail"])
    incident = await load(connection, row["incident_id"])
    hidden = detail.get("reason") == SILENCE_OVER
    return not hidden and obsolete(incident, Purpose(row["purpose"]), detail) is None
