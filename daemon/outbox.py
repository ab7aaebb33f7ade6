"""Sends what the transactions left in the outbox: leased, retried, reconciled, never doubled.

A row is leased, marked ``sending`` and only then handed to its notifier; so after a crash a row
found in ``sending`` may have been accepted, and goes out as *uncertain*: the notifier looks first.
Before each send the incident is read again, within the lease's transaction.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.clock import Clock
from daemon.errors import DeliveryError
from daemon.incidents import Incidents, load
from daemon.metrics import Metrics
from daemon.model import EventKind, Incident, Notice, Purpose, Receipt, Reminder
from daemon.response.delivery import GIVE_UP_AFTER, STALLED_AFTER, obsolete, retry_at, unreachable
from daemon.store.engine import Store, transient
from daemon.store.tables import deliveries
from daemon.views import parse_time
from notifiers.base import Finds, Notifier

log = structlog.get_logger()

LEASE = timedelta(seconds=90)  # longer than any notifier's own time limit
_AT_ONCE = 8  # deliveries of one notifier under way together
_ROOTS = (Purpose.ALERT.value, Purpose.ESCALATION.value)
_UNFINISHED = ("pending", "sending", "uncertain")
_root_of = deliveries.alias("root")
_their_root = sa.and_(
    _root_of.c.incident_id == deliveries.c.incident_id,
    _root_of.c.target == deliveries.c.target,
    _root_of.c.purpose.in_(_ROOTS),
)
_BEHIND_ROOT = sa.and_(  # the target's first message is still on its way
    deliveries.c.purpose.not_in(_ROOTS),
    sa.exists().where(_their_root, _root_of.c.state.in_(_UNFINISHED)),
    sa.not_(sa.exists().where(_their_root, _root_of.c.state == "sent")),
)
_IDLE = 5.0
_FAREWELL = 4.0

Compose = Callable[[Incident, str, str], Awaitable[dict[str, Any]]]  # (incident, target, delivery id) → notice fields


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


class Outbox:
    """One sender per notifier."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        incidents: Incidents,
        notifiers: Mapping[str, Notifier],
        compose: Compose,
        metrics: Metrics,
        node: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._incidents = incidents
        self.notifiers = notifiers
        self._compose = compose
        self._metrics = metrics
        self._node = node  # who leases: a fixed name, so that after a restart we know what was ours
        self._wake = {name: asyncio.Event() for name in notifiers}
        self._in_hand: set[str] = set()  # being sent here; however long it takes, nobody else here does
        incidents.on_change(self.wake)

    def wake(self) -> None:
        """There may be something to send."""
        for event in self._wake.values():
            event.set()

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for name in self.notifiers:
                group.create_task(self._run_one(name), name=f"outbox-{name}")

    async def _run_one(self, name: str) -> None:
        wake = self._wake[name]
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                wake.clear()
                try:
                    leases, wait = await self._lease(name, _AT_ONCE - len(under_way))
                except Exception as error:
                    if not transient(error):
                        raise
                    log.warning("outbox_store_failed", notifier=name, error=type(error).__name__)
                    leases, wait = [], 1.0
                for lease in leases:
                    self._in_hand.add(lease.id)
                    task = asyncio.create_task(self._send(name, lease))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
                    task.add_done_callback(lambda _task: wake.set())
                if not leases:
                    await self._pause(wake, wait)
        finally:
            if under_way:  # let what is on its way arrive, so that nobody has to look for it
                await asyncio.wait(under_way, timeout=_FAREWELL)
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _pause(self, wake: asyncio.Event, seconds: float) -> None:
        sleeper = asyncio.ensure_future(self._clock.sleep(seconds))
        waiter = asyncio.ensure_future(wake.wait())
        try:
            await asyncio.wait({sleeper, waiter}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeper.cancel()
            waiter.cancel()

    async def recover(self) -> int:
        """At start: what was being sent when we stopped may have arrived; look before sending again."""
        async with self._store.write() as connection:
            result = await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.state == "sending", deliveries.c.leased_by == self._node)
                .values(state="uncertain", lease_until=None, due_at=self._clock.now())
            )
        return int(result.rowcount)

    # ── leasing

    async def _lease(self, name: str, room: int) -> tuple[list[Lease], float]:
        """Take what is due; else tell for how long nothing will be."""
        if room <= 0:
            return [], _IDLE
        now = self._clock.now()
        ours = sa.and_(deliveries.c.notifier == name, deliveries.c.id.not_in(self._in_hand))
        waiting = sa.or_(
            sa.and_(deliveries.c.state.in_(("pending", "uncertain")), deliveries.c.due_at <= now),
            sa.and_(deliveries.c.state == "sending", deliveries.c.lease_until < now),
        )
        waiting = sa.and_(waiting, sa.not_(_BEHIND_ROOT))
        async with self._store.read() as connection:
            if not (await connection.execute(sa.select(deliveries.c.id).where(ours, waiting).limit(1))).first():
                soonest = (
                    await connection.execute(
                        sa.select(sa.func.min(deliveries.c.due_at)).where(
                            ours, deliveries.c.state.in_(("pending", "uncertain")), sa.not_(_BEHIND_ROOT)
                        )
                    )
                ).scalar_one_or_none()
                return [], _IDLE if soonest is None else min(_IDLE, max((soonest - now).total_seconds(), 0.01))
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
        incident = await load(connection, row["incident_id"])
        purpose = Purpose(row["purpose"])
        detail: dict[str, Any] = msgspec.json.decode(row["detail"])
        this = deliveries.c.id == row["id"]
        known = incident.brand in self._incidents.policies
        reason = obsolete(incident, purpose, detail) if known else "brand_not_configured"
        root, root_waiting = await _root(connection, incident.id, row["target"])
        if purpose.value not in _ROOTS and root is None:
            if root_waiting:
                return None  # its first message is still on its way
            reason = reason or "never_notified"
        # obsolete, but perhaps it arrived all the same: then its message must be known, to be renewed
        look = reason is not None and row["state"] != "pending" and purpose.value in _ROOTS
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
        return Lease(
            id=row["id"],
            purpose=purpose,
            step=row["step"],
            target=row["target"],
            created_at=row["created_at"],
            attempts=row["attempts"] + 1,
            until=until,
            uncertain=row["state"] in {"uncertain", "sending"},
            stalled=row["stalled"],
            detail=detail,
            root=root,
            incident=incident,
            look_for=reason if look else None,
        )

    # ── sending

    async def _send(self, name: str, lease: Lease) -> None:
        try:
            await self._send_and_record(name, lease)
        finally:
            self._in_hand.discard(lease.id)

    async def _send_and_record(self, name: str, lease: Lease) -> None:
        receipt: Receipt | None = None
        error: DeliveryError | None = None
        try:
            notice = await self._notice(lease)
            if lease.look_for is None:
                receipt = await self.notifiers[name].send(notice)
            else:
                receipt = await _found(self.notifiers[name], notice)
        except DeliveryError as failure:
            error = failure
        except Exception as failure:  # a fault of ours must not stop the others
            log.exception("notifier_failed", notifier=name, delivery=lease.id)
            error = DeliveryError(f"internal error: {type(failure).__name__}", ambiguous=True)
        while True:
            try:
                if receipt is not None:
                    await self._sent(name, lease, receipt)
                elif error is not None:
                    await self._failed(name, lease, error)
                else:
                    await self._finish_obsolete(lease)
            except Exception as failure:
                if not transient(failure):  # its lease runs out, and it is looked for then
                    log.exception("receipt_not_kept", notifier=name, delivery=lease.id)
                    return
                log.warning("outbox_store_failed", notifier=name, error=type(failure).__name__)
                await self._clock.sleep(1.0)
            else:
                return

    async def _notice(self, lease: Lease) -> Notice:
        reminder = lease.detail.get("reminder")
        fields = await self._compose(lease.incident, lease.target, lease.id)
        return Notice(
            delivery_id=lease.id,
            purpose=lease.purpose,
            target=lease.target.partition(":")[2],
            step=lease.step,
            at=lease.created_at,
            incident=lease.incident,
            root=lease.root,
            uncertain=lease.uncertain,
            reminder=None
            if reminder is None
            else Reminder(of=reminder["of"], when=reminder["when"], due=parse_time(reminder["due"]), n=reminder["n"]),
            note=lease.detail.get("note"),
            note_by=lease.detail.get("note_by"),
            **fields,
        )

    async def _sent(self, name: str, lease: Lease, receipt: Receipt) -> None:
        now = self._clock.now()
        async with self._incidents.transaction() as connection:
            done = await self._finish(
                connection, lease, state="sent", receipt=msgspec.json.encode(receipt), finished_at=now, error=None
            )
            if done and lease.purpose is not Purpose.EDIT:
                await self._incidents.record(connection, lease.incident.id, EventKind.NOTIFIED, _event_data(lease))
        self._metrics.delivery(name, "sent")
        if lease.purpose is Purpose.ALERT:
            self._metrics.alert_latency((now - lease.incident.opened_at).total_seconds())
        log.info("delivered", notifier=name, delivery=lease.id, incident=lease.incident.id, purpose=lease.purpose)

    async def _failed(self, name: str, lease: Lease, error: DeliveryError) -> None:
        now = self._clock.now()
        waited = now - lease.created_at
        hopeless = not error.retryable or (lease.incident.state.ended and waited > GIVE_UP_AFTER)
        stalled = waited >= STALLED_AFTER and not lease.stalled
        async with self._incidents.transaction() as connection:
            values: dict[str, Any] = {"error": str(error)[:500], "lease_until": None}
            if hopeless:
                values |= {"state": "failed", "finished_at": now}
            else:
                again = retry_at(now, lease.attempts, error.retry_after, random.random())  # noqa: S311 - jitter
                maybe = error.ambiguous or (lease.uncertain and error.retryable)
                values |= {"state": "uncertain" if maybe else "pending", "due_at": again}
            if stalled:
                values["stalled"] = True
            done = await self._finish(connection, lease, **values)
            if done and (hopeless or stalled) and lease.purpose is not Purpose.EDIT:
                data = _event_data(lease) | {"reason": str(error)[:300], "final": hopeless}
                await self._incidents.record(connection, lease.incident.id, EventKind.NOTIFY_FAILED, data)
                if lease.purpose.value in _ROOTS:
                    await self._fall_over(connection, lease)
        self._metrics.delivery(name, "failed" if hopeless else "retried")
        log.warning(
            "delivery_failed",
            notifier=name,
            delivery=lease.id,
            incident=lease.incident.id,
            purpose=lease.purpose,
            attempt=lease.attempts,
            final=hopeless,
            reason=str(error)[:300],
        )

    async def _finish_obsolete(self, lease: Lease) -> None:
        async with self._store.write() as connection:
            now = self._clock.now()
            await self._finish(connection, lease, state="cancelled", finished_at=now, error=lease.look_for)

    async def _finish(self, connection: AsyncConnection, lease: Lease, **values: Any) -> bool:
        """Whether the row was still leased by us; an edit ordered meanwhile goes out anew."""
        result = await connection.execute(
            sa.update(deliveries)
            .where(
                deliveries.c.id == lease.id, deliveries.c.state == "sending", deliveries.c.lease_until == lease.until
            )
            .values(**values)
        )
        return int(result.rowcount) == 1

    async def _fall_over(self, connection: AsyncConnection, lease: Lease) -> None:
        """Call the next step when nobody of this one was or will soon be reached."""
        incident = await load(connection, lease.incident.id, lock=True)
        others = await connection.execute(
            sa.select(deliveries.c.id).where(
                deliveries.c.incident_id == incident.id,
                deliveries.c.key.startswith(f"{incident.ladder_round}:"),
                deliveries.c.step == lease.step,
                deliveries.c.purpose.in_(_ROOTS),
                deliveries.c.id != lease.id,
                sa.or_(
                    deliveries.c.state == "sent",
                    sa.and_(deliveries.c.state.in_(_UNFINISHED), deliveries.c.stalled.is_(False)),
                ),
            )
        )
        if others.first() is None and incident.steps_done == lease.step:
            policy = self._incidents.policies.get(incident.brand)
            outcome = unreachable(incident, policy) if policy else None
            if outcome is not None:
                await self._incidents.apply(connection, outcome, was=incident)

    async def pending(self) -> dict[str, int]:
        """How many deliveries wait, by notifier."""
        query = (
            sa.select(deliveries.c.notifier, sa.func.count())
            .where(deliveries.c.state.in_(_UNFINISHED))
            .group_by(deliveries.c.notifier)
        )
        async with self._store.read() as connection:
            return {name: count for name, count in (await connection.execute(query)).all()}  # noqa: C416 - rows, not pairs

    async def stuck_since(self) -> datetime | None:
        """Since when the delivery that waits longest has waited."""
        query = sa.select(sa.func.min(deliveries.c.created_at)).where(deliveries.c.state.in_(_UNFINISHED))
        async with self._store.read() as connection:
            since: datetime | None = (await connection.execute(query)).scalar_one_or_none()
            return since


async def _found(notifier: Notifier, notice: Notice) -> Receipt | None:
    """Where an uncertain message arrived, if the other side can be asked and has it."""
    return await notifier.find(notice) if isinstance(notifier, Finds) else None


def _event_data(lease: Lease) -> dict[str, Any]:
    return {
        "step": max(lease.step, 1),
        "target": lease.target,
        "delivery_id": lease.id,
        "purpose": lease.purpose.value,
    }


async def _root(connection: AsyncConnection, incident_id: str, target: str) -> tuple[Receipt | None, bool]:
    """The first message that this target got, and whether one is still on its way."""
    query = (
        sa.select(deliveries.c.state, deliveries.c.receipt)
        .where(
            deliveries.c.incident_id == incident_id,
            deliveries.c.target == target,
            deliveries.c.purpose.in_(_ROOTS),
        )
        .order_by(deliveries.c.finished_at)
    )
    rows = (await connection.execute(query)).all()
    sent = next((receipt for state, receipt in rows if state == "sent" and receipt is not None), None)
    waiting = any(state in _UNFINISHED for state, _ in rows)
    return (None if sent is None else msgspec.json.decode(sent, type=Receipt)), waiting
