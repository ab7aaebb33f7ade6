"""An outbox at work over a real store, with notifiers that do as they are told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import sqlalchemy as sa

from daemon.incidents import Incidents
from daemon.leases import Leases
from daemon.metrics import Metrics
from daemon.model import EventKind, Incident
from daemon.notice import Notice, Receipt
from daemon.outbox import Outbox
from daemon.store.engine import Store
from daemon.store.tables import deliveries
from tests.fakes.stepped import SteppedClock, eventually


class Carrier:
    """Accepts everything, unless told what to answer next."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.taken: list[Notice] = []  # every attempt
        self.answers: list[Exception] = []  # raised by the attempts to come, the first one first
        self.always: Exception | None = None
        self.road = asyncio.Event()  # while it is clear, nothing arrives
        self.road.set()
        self.under_way: list[str] = []

    async def send(self, notice: Notice) -> Receipt:
        """Take it, or fail as told."""
        assert notice.delivery_id not in self.under_way, "the same delivery is on its way already"
        self.taken.append(notice)
        self.under_way.append(notice.delivery_id)
        try:
            await self.road.wait()
        finally:
            self.under_way.remove(notice.delivery_id)
        if self.answers:
            raise self.answers.pop(0)
        if self.always is not None:
            raise self.always
        return Receipt(ref={"to": notice.target, "number": str(len(self.taken))})

    async def close(self) -> None:
        """Nothing to let go of."""


class Memory(Carrier):
    """A carrier that can be asked what has arrived."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.arrived: dict[str, Receipt] = {}

    async def find(self, notice: Notice) -> Receipt | None:
        """Where it is, if it arrived."""
        return self.arrived.get(notice.delivery_id)


async def compose(incident: Incident, target: str, delivery_id: str) -> dict[str, Any]:
    """Fields that are no business of the outbox."""
    del target, delivery_id
    return {"brand_name": incident.brand, "timezone": "UTC", "page": f"http://x/{incident.id}"}


class Post:
    """One node: its outbox and its carriers."""

    def __init__(self, store: Store, clock: SteppedClock, desk: Incidents, node: str = "tocsin-1") -> None:
        self.store = store
        self.clock = clock
        self.node = node
        self.slack, self.email = Memory("slack"), Carrier("email")
        self.carriers: Mapping[str, Carrier] = {"slack": self.slack, "email": self.email}
        self.metrics = Metrics(["acme"])
        self.leases = Leases(store=store, clock=clock, incidents=desk, node=node)
        self.outbox = Outbox(
            clock=clock,
            incidents=desk,
            notifiers=self.carriers,
            compose=compose,
            metrics=self.metrics,
            leases=self.leases,
        )

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Send in the background."""
        running = asyncio.create_task(self.outbox.run())
        try:
            yield
        finally:
            for carrier in self.carriers.values():
                carrier.road.set()
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    async def settle(self) -> None:
        """Wait until there is nothing left to do at this time."""
        self.outbox.wake()
        calm = 0

        async def quiet() -> bool:
            nonlocal calm
            ours = [row for row in await self.rows(state="sending") if row["leased_by"] == self.node]
            held = {delivery for carrier in self.carriers.values() for delivery in carrier.under_way}
            waiting = self.clock.sleepers >= len(self.carriers) and all(row["id"] in held for row in ours)
            calm = calm + 1 if waiting else 0
            return calm > 2

        await eventually(quiet)

    async def rows(self, **where: Any) -> list[dict[str, Any]]:
        """The deliveries that have these values, in the order of their key."""
        query = sa.select(deliveries).order_by(deliveries.c.key)
        for name, value in where.items():
            query = query.where(deliveries.c[name] == value)
        async with self.store.read() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings()]


async def told(desk: Incidents, kind: EventKind, incident_id: str = "acme-1") -> list[dict[str, Any]]:
    """The data of all events of a kind."""
    return [event.data for event in await desk.timeline(incident_id) if event.kind is kind]
