"""Which waiting deliveries are ours to send now: leased, so that nobody else sends them meanwhile.

A row is leased and marked ``sending`` in the transaction that reads its incident once more; so
nothing is sent that an acknowledgement before it has made obsolete.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.clock import Clock
from daemon.digests import Carried, carried, gather, overtaken
from daemon.incidents import Incidents, load
from daemon.model import Incident
from daemon.notice import Purpose, Receipt
from daemon.response.delivery import obsolete
from daemon.store.engine import Store
from daemon.store.tables import deliveries

log = structlog.get_logger()

LEASE = timedelta(seconds=90)  # longer than any notifier's own time limit
ROOTS = (
    Purpose.ALERT.value,
    Purpose.ESCALATION.value,
)  # first messages to a target: what follows goes into their thread
UNFINISHED = ("pending", "sending", "uncertain")
IDLE = 5.0  # seconds after which to look again in any case
_root_of = deliveries.alias("root")
_their_root = sa.and_(
    _root_of.c.incident_id == deliveries.c.incident_id,
    _root_of.c.target == deliveries.c.target,
    _root_of.c.purpose.in_(ROOTS),
)
_BEHIND_ROOT = sa.and_(  # the target's first message is still on its way
    deliveries.c.purpose.not_in(ROOTS),
    sa.exists().where(_their_root, _root_of.c.state.in_(UNFINISHED)),
    sa.not_(sa.exists().where(_their_root, _root_of.c.state == "sent")),
)
_NOT_CARRIED = sa.or_(deliveries.c.merged_into.is_(None), deliveries.c.merged_into == deliveries.c.id)


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery that is ours to send until ``until``."""

    id: str
    purpose: Purpose
    step: int
    target: str
    created_at: datetime
    attempts: int
    until: datetime
    uncertain: bool
    stalled: bool
    detail: dict[str, Any]
    root: Receipt | None
    incident: Incident
    look_for: str | None  # only see whether it arrived: it is obsolete, for this reason
    carries: tuple[Carried, ...] = ()  # a digest: these and itself in one message


class Leases:
    """The outbox's rows, as one node takes and finishes them."""

    def __init__(self, *, store: Store, clock: Clock, incidents: Incidents, node: str) -> None:
        self._store = store
        self._clock = clock
        self._incidents = incidents
        self._node = node  # who leases: a fixed name, so that after a restart we know what was ours

    async def recover(self) -> int:
        """At start: what was being sent when we stopped may have arrived; look before sending again."""
        async with self._store.write() as connection:
            result = await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.state == "sending", deliveries.c.leased_by == self._node)
                .values(state="uncertain", lease_until=None, due_at=self._clock.now())
            )
        return int(result.rowcount)

    async def take(self, name: str, room: int, in_hand: Collection[str]) -> tuple[list[Lease], float]:
        """Take what is due; else tell for how long nothing will be."""
        if room <= 0:
            return [], IDLE
        now = self._clock.now()
        ours = sa.and_(deliveries.c.notifier == name, deliveries.c.id.not_in(in_hand))
        waiting = sa.or_(
            sa.and_(deliveries.c.state.in_(("pending", "uncertain")), deliveries.c.due_at <= now),
            sa.and_(deliveries.c.state == "sending", deliveries.c.lease_until < now),
        )
        waiting = sa.and_(waiting, sa.not_(_BEHIND_ROOT), _NOT_CARRIED)
        async with self._store.read() as connection:
            if not (await connection.execute(sa.select(deliveries.c.id).where(ours, waiting).limit(1))).first():
                soonest = (
                    await connection.execute(
                        sa.select(sa.func.min(deliveries.c.due_at)).where(
                            ours,
                            deliveries.c.state.in_(("pending", "uncertain")),
                            sa.not_(_BEHIND_ROOT),
                            _NOT_CARRIED,
                        )
                    )
                ).scalar_one_or_none()
                return [], IDLE if soonest is None else min(IDLE, max((soonest - now).total_seconds(), 0.01))
        leases: list[Lease] = []
        async with self._store.write() as connection:
            query = (
                sa.select(deliveries)
                .where(ours, waiting)
                .order_by(deliveries.c.created_at, deliveries.c.due_at)
                .limit(4 * room)
                .with_for_update(skip_locked=True)
            )
            for row in (await connection.execute(query)).mappings().all():
                if len(leases) < room and (lease := await self._lease_row(connection, row, now)):
                    leases.append(lease)
        return leases, 0.2

    async def _lease_row(self, connection: AsyncConnection, row: sa.RowMapping, now: datetime) -> Lease | None:
        carrier = row["merged_into"]
        if row["held"] is not None and carrier is None:
            carrier = await gather(connection, row, now)
            if carrier not in {None, row["id"]}:
                return None  # it goes out with the one that carries it
        incident = await load(connection, row["incident_id"])
        purpose = Purpose(row["purpose"])
        detail: dict[str, Any] = msgspec.json.decode(row["detail"])
        this = deliveries.c.id == row["id"]
        known = incident.brand in self._incidents.policies
        reason = obsolete(incident, purpose, detail) if known else "brand_not_configured"
        root, root_waiting, in_digest = await _root(connection, incident.id, row["target"])
        if purpose is Purpose.EDIT and in_digest:
            reason = reason or "in_digest"
        if purpose is Purpose.REMINDER and row["held"] is not None and await overtaken(connection, row):
            reason = reason or "overtaken"
        if carrier is not None:  # what was held is told of, whatever has become of it, in a message of its own
            reason, root = None, None
        if purpose.value not in ROOTS and root is None:
            if root_waiting:
                return None  # its first message is still on its way
            reason = reason or "never_notified"
        # obsolete, but perhaps it arrived all the same: then the timeline must say so, and its message be renewed
        look = reason is not None and row["state"] != "pending" and purpose is not Purpose.EDIT
        if reason is not None and not look:
            await connection.execute(
                sa.update(deliveries).where(this).values(state="cancelled", finished_at=now, error=reason)
            )
            log.info("delivery_cancelled", delivery=row["id"], incident=incident.id, purpose=purpose, reason=reason)
            return None
        until = now + LEASE
        await connection.execute(
            sa.update(deliveries)
            .where(this)
            .values(state="sending", lease_until=until, leased_by=self._node, attempts=deliveries.c.attempts + 1)
        )
        since = row["created_at"]
        if row["held"] is not None and carrier is None:  # it has waited, and is an ordinary one from here on
            since = row["due_at"]
            await connection.execute(sa.update(deliveries).where(this).values(created_at=since, held=None))
        elif row["merged_into"] is None and carrier is not None:
            since = now
        return Lease(
            id=row["id"],
            purpose=purpose,
            step=row["step"],
            target=row["target"],
            created_at=since,
            attempts=row["attempts"] + 1,
            until=until,
            uncertain=row["state"] in {"uncertain", "sending"},
            stalled=row["stalled"],
            detail=detail,
            root=root,
            incident=incident,
            look_for=reason if look else None,
            carries=await carried(connection, row["id"]) if carrier is not None else (),
        )

    async def finish(self, connection: AsyncConnection, lease: Lease, **values: Any) -> bool:
        """Whether the row was still leased by us; an edit ordered meanwhile goes out anew."""
        result = await connection.execute(
            sa.update(deliveries)
            .where(
                deliveries.c.id == lease.id, deliveries.c.state == "sending", deliveries.c.lease_until == lease.until
            )
            .values(**values)
        )
        return int(result.rowcount) == 1

    @property
    def _on_its_way(self) -> sa.ColumnElement[bool]:
        """Not finished, and not held until later."""
        return sa.and_(
            deliveries.c.state.in_(UNFINISHED),
            sa.or_(deliveries.c.held.is_(None), deliveries.c.due_at <= self._clock.now()),
        )

    async def waiting(self) -> Waiting:
        """What waits to be sent."""
        began = sa.case((deliveries.c.held.is_(None), deliveries.c.created_at), else_=deliveries.c.due_at)
        return await waiting(self._store, deliveries.c.notifier, began, self._on_its_way)


class Waiting(msgspec.Struct, frozen=True):
    """How many wait, by notifier, and since when the one that waits longest."""

    pending: dict[str, int]
    since: datetime | None


async def waiting(
    store: Store,
    notifier: sa.ColumnElement[str],
    began: sa.ColumnElement[datetime],
    unfinished: sa.ColumnElement[bool],
) -> Waiting:
    """What is ``unfinished`` in the table of these columns."""
    query = sa.select(notifier, sa.func.count(), sa.func.min(began)).where(unfinished).group_by(notifier)
    async with store.read() as connection:
        rows = (await connection.execute(query)).all()
    return Waiting({name: count for name, count, _ in rows}, min((since for *_, since in rows), default=None))


async def _root(connection: AsyncConnection, incident_id: str, target: str) -> tuple[Receipt | None, bool, bool]:
    """The first message that this target got, whether one is still on its way, and whether it was a digest."""
    query = (
        sa.select(deliveries.c.state, deliveries.c.receipt, deliveries.c.merged_into)
        .where(
            deliveries.c.incident_id == incident_id,
            deliveries.c.target == target,
            deliveries.c.purpose.in_(ROOTS),
        )
        .order_by(deliveries.c.finished_at)
    )
    rows = (await connection.execute(query)).all()
    sent = next((row for row in rows if row.state == "sent" and row.receipt is not None), None)
    waiting = any(row.state in UNFINISHED for row in rows)
    if sent is None:
        return None, waiting, False
    return msgspec.json.decode(sent.receipt, type=Receipt), waiting, sent.merged_into is not None
