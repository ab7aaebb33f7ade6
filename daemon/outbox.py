"""Sends what the transactions left in the outbox: leased, retried, reconciled, never doubled.

A row is leased, marked ``sending`` and only then handed to its notifier; so after a crash a row
found in ``sending`` may have been accepted, and goes out as *uncertain*: the notifier looks first.
Before each send the incident is read again, within the lease's transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.clock import Clock
from daemon.digests import finish_carried
from daemon.errors import DeliveryError
from daemon.incidents import Incidents, load
from daemon.leases import ROOTS, UNFINISHED, Lease, Leases
from daemon.metrics import Metrics
from daemon.model import EventKind, Incident
from daemon.notice import Digested, Notice, Purpose, Receipt, Reminder
from daemon.response.delivery import GIVE_UP_AFTER, STALLED_AFTER, retry_at, unreachable
from daemon.store.engine import transient
from daemon.store.tables import deliveries
from daemon.views import parse_time
from notifiers.base import Finds, Notifier

log = structlog.get_logger()

_AT_ONCE = 8  # deliveries of one notifier under way together
_FAREWELL = 4.0

Compose = Callable[[Incident, str, str], Awaitable[dict[str, Any]]]  # (incident, target, delivery id) → notice fields


class Outbox:
    """One sender per notifier."""

    def __init__(
        self,
        *,
        clock: Clock,
        incidents: Incidents,
        notifiers: Mapping[str, Notifier],
        compose: Compose,
        metrics: Metrics,
        leases: Leases,
    ) -> None:
        self._clock = clock
        self._incidents = incidents
        self.notifiers = notifiers
        self._compose = compose
        self._metrics = metrics
        self._leases = leases
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
                taking = asyncio.ensure_future(self._leases.take(name, _AT_ONCE - len(under_way), self._in_hand))
                try:
                    leases, wait = await asyncio.shield(taking)
                except asyncio.CancelledError:  # what is being leased is ours: it still goes out
                    with contextlib.suppress(Exception):
                        self._begin(name, (await taking)[0], under_way)
                    raise
                except Exception as error:
                    if not transient(error):
                        raise
                    log.warning("outbox_store_failed", notifier=name, error=type(error).__name__)
                    leases, wait = [], 1.0
                self._begin(name, leases, under_way)
                if not leases:
                    await self._pause(wake, wait)
        finally:
            if under_way:  # let what is on its way arrive, so that nobody has to look for it
                await asyncio.wait(under_way, timeout=_FAREWELL)
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    def _begin(self, name: str, leases: Sequence[Lease], under_way: set[asyncio.Task[None]]) -> None:
        for lease in leases:
            self._in_hand.add(lease.id)
            task = asyncio.create_task(self._send(name, lease))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            task.add_done_callback(lambda _task: self._wake[name].set())

    async def _pause(self, wake: asyncio.Event, seconds: float) -> None:
        sleeper = asyncio.ensure_future(self._clock.sleep(seconds))
        waiter = asyncio.ensure_future(wake.wait())
        try:
            await asyncio.wait({sleeper, waiter}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeper.cancel()
            waiter.cancel()

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
                    await self._finish_obsolete(name, lease)
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
            news=lease.detail.get("news"),
            digest=await self._digest(lease),
            **fields,
        )

    async def _digest(self, lease: Lease) -> tuple[Digested, ...]:
        """What a message tells of that carries others; each incident once."""
        found = {}
        for one in lease.carries:
            fields = await self._compose(one.incident, "", one.id)
            found[one.incident.id] = Digested(
                incident=one.incident, brand_name=fields["brand_name"], page=fields["page"]
            )
        return tuple(found.values())

    async def _sent(self, name: str, lease: Lease, receipt: Receipt) -> None:
        now = self._clock.now()
        async with self._incidents.transaction() as connection:
            done = await self._leases.finish(
                connection, lease, state="sent", receipt=msgspec.json.encode(receipt), finished_at=now, error=None
            )
            if done and lease.carries:
                await finish_carried(
                    connection, lease.id, state="sent", receipt=msgspec.json.encode(receipt), finished_at=now
                )
            if done and lease.purpose is not Purpose.EDIT:
                for each in each_of(lease):
                    await self._incidents.record(connection, each.incident.id, EventKind.NOTIFIED, _event_data(each))
        if not lease.incident.drill:
            self._metrics.delivery(name, "sent")
        if lease.purpose is Purpose.ALERT and not lease.incident.drill and not lease.carries:
            self._metrics.alert_latency((now - lease.created_at).total_seconds())
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
            done = await self._leases.finish(connection, lease, **values)
            if done and hopeless and lease.carries:
                await finish_carried(connection, lease.id, state="failed", finished_at=now, error=values["error"])
            if done and (hopeless or stalled) and lease.purpose is not Purpose.EDIT:
                for each in each_of(lease):
                    data = _event_data(each) | {"reason": str(error)[:300], "final": hopeless}
                    await self._incidents.record(connection, each.incident.id, EventKind.NOTIFY_FAILED, data)
                    if each.purpose.value in ROOTS:
                        await self._fall_over(connection, each)
        if not lease.incident.drill:
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

    async def _finish_obsolete(self, name: str, lease: Lease) -> None:
        """It is not there, or nobody can be asked: then the timeline says that it may have arrived."""
        now = self._clock.now()
        async with self._incidents.transaction() as connection:
            done = await self._leases.finish(
                connection, lease, state="cancelled", finished_at=now, error=lease.look_for
            )
            if done and lease.look_for is not None and not isinstance(self.notifiers[name], Finds):
                reason = f"cut off while it was being sent, and no longer needed: {lease.look_for.replace('_', ' ')}"
                data = _event_data(lease) | {"reason": reason, "final": True, "uncertain": True}
                await self._incidents.record(connection, lease.incident.id, EventKind.NOTIFY_FAILED, data)
        log.info(
            "delivery_cancelled",
            delivery=lease.id,
            incident=lease.incident.id,
            purpose=lease.purpose,
            reason=lease.look_for,
        )

    async def _fall_over(self, connection: AsyncConnection, lease: Lease) -> None:
        """Call the next step when nobody of this one was or will soon be reached."""
        incident = await load(connection, lease.incident.id, lock=True)
        others = await connection.execute(
            sa.select(deliveries.c.id).where(
                deliveries.c.incident_id == incident.id,
                deliveries.c.key.startswith(f"{incident.ladder_round}:"),
                deliveries.c.step == lease.step,
                deliveries.c.purpose.in_(ROOTS),
                deliveries.c.id != lease.id,
                sa.or_(
                    deliveries.c.state == "sent",
                    sa.and_(
                        deliveries.c.state.in_(UNFINISHED),
                        deliveries.c.stalled.is_(False),
                        deliveries.c.held.is_(None),  # who sleeps is not reached soon
                    ),
                ),
            )
        )
        if others.first() is None and incident.steps_done == lease.step:
            policy = self._incidents.policies.get(incident.brand)
            outcome = unreachable(incident, policy, self._clock.now()) if policy else None
            if outcome is not None:
                await self._incidents.apply(connection, outcome, was=incident)


async def _found(notifier: Notifier, notice: Notice) -> Receipt | None:
    """Where an uncertain message arrived, if the other side can be asked and has it."""
    return await notifier.find(notice) if isinstance(notifier, Finds) else None


def each_of(lease: Lease) -> tuple[Lease, ...]:
    """The deliveries that one message stands for."""
    if not lease.carries:
        return (lease,)
    return tuple(
        replace(lease, id=one.id, purpose=one.purpose, step=one.step, incident=one.incident, carries=())
        for one in lease.carries
    )


def _event_data(lease: Lease) -> dict[str, Any]:
    return {
        "step": max(lease.step, 1),
        "target": lease.target,
        "delivery_id": lease.id,
        "purpose": lease.purpose.value,
    }
