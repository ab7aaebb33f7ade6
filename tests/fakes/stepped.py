"""Time and trouble that a test hands out in portions."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.clock import ManualClock, SystemClock
from daemon.store.engine import Store

_REAL = SystemClock()


class SteppedClock(ManualClock):
    """Stands still; who sleeps is woken when the test has moved it on far enough."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._sleepers: dict[asyncio.Future[None], datetime] = {}

    @property
    def sleepers(self) -> int:
        """How many wait for this clock."""
        return len(self._sleepers)

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock shows that much more."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers[woken] = self.now() + timedelta(seconds=seconds)
        try:
            await woken
        finally:
            self._sleepers.pop(woken, None)

    def advance(self, by: timedelta) -> datetime:
        """Move on and wake whose time has come."""
        now = super().advance(by)
        for woken, until in self._sleepers.items():
            if until <= now and not woken.done():
                woken.set_result(None)
        return now


async def eventually(holds: Callable[[], Awaitable[bool]] | Callable[[], bool], within: float = 20.0) -> None:
    """Wait, in real time, until ``holds``; fails the test where it never does."""
    give_up = _REAL.monotonic() + within
    while True:
        verdict = holds()
        if verdict if isinstance(verdict, bool) else await verdict:
            return
        assert _REAL.monotonic() < give_up, f"still not so after {within} s"
        await _REAL.sleep(0.002)


class TroubledStore(Store):
    """A store whose next writes fail: before anything is written, or in the very last moment."""

    refusing = 0  # transactions to come that cannot begin
    dropping = 0  # transactions to come that are lost at their commit
    kept = 0  # transactions committed

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, or the trouble ordered."""
        if self.refusing:
            self.refusing -= 1
            raise OperationalError("BEGIN", {}, Exception("database is locked"))
        async with super().write() as connection:
            yield connection
            if self.dropping:
                self.dropping -= 1
                raise OperationalError("COMMIT", {}, Exception("disk is full"))
        self.kept += 1
