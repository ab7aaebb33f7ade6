"""How the daemon is: said to /readyz and /metrics, and, where a source was away, to the record of gaps."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Collection
from datetime import datetime, timedelta

import structlog

from daemon.clock import Clock
from daemon.errors import StoreError
from daemon.health import Health
from daemon.incidents import Incidents
from daemon.ingest import Ingest
from daemon.leases import Leases
from daemon.letters import Letters
from daemon.metrics import Metrics
from daemon.store.counts import Gaps
from daemon.store.engine import Store, transient

log = structlog.get_logger()

_STUCK = timedelta(minutes=15)


class Vitals:
    """What `report` finds out every few seconds, and what a source says of itself in between."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: Store,
        health: Health,
        metrics: Metrics,
        ingest: Ingest,
        incidents: Incidents,
        leases: Leases,
        letters: Letters,
        gaps: Gaps,
        notifiers: Collection[str],
    ) -> None:
        self._clock = clock
        self._store = store
        self._health = health
        self._metrics = metrics
        self._ingest = ingest
        self._incidents = incidents
        self._outgoing: tuple[Leases | Letters, ...] = (leases, letters)
        self._gaps = gaps
        self._notifiers = notifiers
        self._owed: deque[tuple[bool, datetime, str]] = deque()  # what the record of gaps has not been told yet
        self._in_order = asyncio.Lock()

    async def mqtt_state(self, up: bool, detail: str) -> None:  # noqa: FBT001 - the source's own callback
        """The broker is there, or is not; ``detail`` is one line for people."""
        self._health.set("mqtt", up, detail)
        self._metrics.set_source_up("mqtt", up=up)
        self._owed.append((up, self._clock.now(), detail))
        await self._write_gaps()

    async def _write_gaps(self) -> None:
        """Write down when a source went blind or saw again; where the store fails, the next report tries anew."""
        async with self._in_order:
            while self._owed:
                up, at, detail = self._owed[0]
                try:
                    if up:
                        await self._gaps.ended("mqtt", at)
                    else:
                        await self._gaps.began("mqtt", at, detail)
                except Exception as error:
                    if not transient(error):
                        raise
                    log.warning("gap_not_written", error=type(error).__name__)
                    return
                self._owed.popleft()

    async def report(self) -> None:
        """Say how we are, to /readyz and /metrics."""
        try:
            self._health.set("store", True, await self._store.check())
        except StoreError as error:
            self._health.set("store", False, str(error))
            return
        await self._write_gaps()
        if self._ingest.behind:
            self._health.set("store", False, "the store refuses to commit; mentions wait")
        outgoing = [await each.waiting() for each in self._outgoing]
        pending = sum((Counter(each.pending) for each in outgoing), Counter[str]())
        for name in self._notifiers:
            self._metrics.set_outbox_pending(name, pending[name])
        waiting = pending.total()
        fine = all(each.since is None or self._clock.now() - each.since < _STUCK for each in outgoing)
        self._health.set("outbox", fine, f"{waiting} waiting" if fine else f"{waiting} waiting for over 15 minutes")
        real = [incident for incident in await self._incidents.open_ones() if not incident.drill]
        self._metrics.set_incidents_open(Counter((incident.brand, incident.kind) for incident in real))
