"""A brand's public, a store and a watch over it, in simulated time."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any

from config.schema import Config
from daemon.clock import ManualClock
from daemon.incidents import Incidents
from daemon.ingest import Batch, Ingest, Outcome
from daemon.learning import learn
from daemon.metrics import Metrics
from daemon.model import Incident, IncidentKind, Mention, Reading
from daemon.response.policy import Policy
from daemon.store.counts import Counts
from daemon.store.engine import Store
from daemon.watch import Watch
from tests.fakes.site import Words

MINUTE = timedelta(minutes=1)
HISTORY = timedelta(days=15)
_ANGRY, _CALM = "Internet nie działa, it is bad", "Dziękuję za pomoc"


def configuration(**changes: Any) -> Config:
    """One brand, called on the terminal."""
    return Config.model_validate(
        {
            "brands": {"acme": {"name": "Acme Mobile", "languages": ["pl", "en"], "timezone": "Europe/Warsaw"}},
            "sources": {"http": {}},
            "store": {"url": "sqlite:///tocsin.db"},
            "web": {"secret_key": "0123456789abcdef-of-the-tests"},
            "escalation": {"default": {"steps": [{"after": "0m", "notify": ["console:all"]}]}},
        }
        | changes
    )


def ordinary(begin: datetime, end: datetime, seed: int = 7, *, brand: str = "acme") -> Iterator[Mention]:
    """Ordinary life: some twenty mentions an hour by day, six by night, one in six of them negative."""
    chance = random.Random(seed)
    at = begin
    for number in itertools.count():
        at += timedelta(seconds=chance.expovariate((20 if 7 <= at.hour < 22 else 6) / 3600))
        if at >= end:
            return
        yield Mention(
            brand=brand,
            id=f"o{seed}-{number}",
            channel=chance.choice(["facebook", "x", "forum"]),
            text=_ANGRY if chance.random() < 1 / 6 else _CALM,
            published_at=at.replace(microsecond=0),
            received_at=at.replace(microsecond=0),
            author=f"o{chance.randrange(5000)}",
            lang="pl",
        )


class Town:
    """Everything between a mention and its incident. Time passes only by `live` and `look`."""

    def __init__(self, store: Store, clock: ManualClock, config: Config | None = None) -> None:
        self.store = store
        self.clock = clock
        self.config = config or configuration()
        self.ingest = Ingest(
            store=store,
            clock=clock,
            model=Words(),
            metrics=Metrics(self.config.brands),
            late_after=self.config.detection.late_after,
        )
        self.incidents = self._desk()
        self.watch = self._watch()
        self._numbers = itertools.count()
        self._life = ordinary(clock.now(), clock.now() + timedelta(days=9), seed=11)
        self._next = next(self._life)

    def _desk(self) -> Incidents:
        return Incidents(self.store, self.clock, {brand: Policy.of(self.config, brand) for brand in self.config.brands})

    def _watch(self) -> Watch:
        return Watch(config=self.config, store=self.store, clock=self.clock, incidents=self.incidents)

    @contextlib.asynccontextmanager
    async def awake(self, *, watching: bool = True) -> AsyncIterator[None]:
        """Take mentions in, and start the watch."""
        running = asyncio.create_task(self.ingest.run())
        try:
            if watching:
                await self.watch.start()
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    async def learn(self, end: datetime, length: timedelta = HISTORY, seed: int = 7) -> None:
        """Teach the ordinary life of before ``end``."""
        await learn(self.config, self.clock, self.store, Words(), ordinary(end - length, end, seed))

    async def restart(self, *, forgetting: bool = False) -> None:
        """A new watch from the same store; ``forgetting``: as after a crash of long ago, without a snapshot."""
        if forgetting:
            await Counts(self.store).forget_monitors(list(self.config.brands), self.clock.now())
        self.incidents = self._desk()
        self.watch = self._watch()
        await self.watch.start()

    async def write(self, count: int, *, over: timedelta = timedelta(0), **changes: Any) -> Outcome:
        """``count`` people write something angry, the last one now, evenly ``over`` the time before."""
        now = self.clock.now()
        items = []
        for n in range(count):
            number = next(self._numbers)
            at = now - over * (n / count)
            given: dict[str, Any] = {
                "brand": "acme",
                "id": f"w{number}",
                "channel": ("facebook", "x")[number % 3 == 0],
                "text": _ANGRY,
                "published_at": at.replace(microsecond=0),
                "received_at": now,
                "author": f"w{number}",
                "lang": ("pl", "pl", "uk")[number % 3],
            }
            items.append(Mention(**given | changes))
        return await self.ingest.submit(Batch(source="http", items=tuple(items)))

    async def look(self) -> list[Incident]:
        """One look of the watch; the incidents there are, oldest first."""
        await self.watch.look()
        return (await self.incidents.find())[::-1]

    async def live(self, length: timedelta, *, angry: int = 0, step: timedelta = MINUTE, quiet: bool = False) -> None:
        """Let time pass with ordinary life and ``angry`` people more in each step; ``quiet``: nobody writes at all."""
        end = self.clock.now() + length
        while self.clock.now() < end:
            now = self.clock.advance(step)
            if not quiet:
                due = []
                while self._next.published_at <= now:
                    if now - self._next.published_at <= step:  # nobody writes while nobody lives
                        due.append(self._next)
                    self._next = next(self._life)
                await self.ingest.submit(Batch(source="http", items=tuple(due)))
            if angry:
                await self.write(angry, over=min(step, timedelta(seconds=50)))
            await self.watch.look()

    def readings(self) -> dict[IncidentKind, Reading | None]:
        """What the detectors say now."""
        return {kind: self.watch.reading("acme", kind) for kind in IncidentKind}
