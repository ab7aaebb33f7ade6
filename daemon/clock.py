"""The one clock. Everything that needs the time or waits is given one.

``time.time``, ``datetime.now`` and ``asyncio.sleep`` are banned elsewhere by lint.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """The present, in UTC, in whole milliseconds."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this clock."""
        ...

    def wall(self, at: datetime) -> datetime:
        """The real time at which this clock will show ``at``."""
        ...


def whole_milliseconds(at: datetime) -> datetime:
    """``at`` cut to milliseconds, the precision that is stored and shown."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present, in UTC, in whole milliseconds."""
        return whole_milliseconds(datetime.now(UTC))

    def monotonic(self) -> float:
        """Seconds since some fixed point."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""
        await asyncio.sleep(max(seconds, 0.0))

    def wall(self, at: datetime) -> datetime:
        """The time itself."""
        return at


class FastClock:
    """Runs ``rate`` times as fast as the machine's clock, from ``start``.

    ``waiting``: it shows ``start`` until `go`, so that what is being started misses nothing, however slow the machine.
    Who sleeps meanwhile sleeps no longer for it.
    """

    def __init__(self, start: datetime, rate: float, *, waiting: bool = False) -> None:
        self._start = whole_milliseconds(start)
        self._rate = rate
        self.go()
        self._waiting = waiting

    def go(self) -> None:
        """Let time pass from ``start`` on."""
        self._began = time.monotonic()
        self._began_wall = datetime.now(UTC)
        self._waiting = False

    def now(self) -> datetime:
        """The simulated present."""
        elapsed = 0.0 if self._waiting else (time.monotonic() - self._began) * self._rate
        return whole_milliseconds(self._start + timedelta(seconds=elapsed))

    def monotonic(self) -> float:
        """Simulated seconds."""
        return time.monotonic() * self._rate

    async def sleep(self, seconds: float) -> None:
        """Wait for so many simulated seconds."""
        await asyncio.sleep(max(seconds, 0.0) / self._rate)

    def wall(self, at: datetime) -> datetime:
        """The real time at which the simulated one is reached."""
        return self._began_wall + (at - self._start) / self._rate


class ManualClock:
    """Stands still until told otherwise: for the core, in simulated time."""

    def __init__(self, start: datetime) -> None:
        self._now = whole_milliseconds(start)

    def now(self) -> datetime:
        """The time last set."""
        return self._now

    def monotonic(self) -> float:
        """Seconds of the time last set."""
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        """Move on by so many seconds, at once."""
        self.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    def wall(self, at: datetime) -> datetime:
        """The time itself."""
        return at

    def advance(self, by: timedelta) -> datetime:
        """Move on by ``by`` and tell the new time."""
        self._now = whole_milliseconds(self._now + by)
        return self._now

    def set(self, at: datetime) -> None:
        """Jump to ``at``."""
        self._now = whole_milliseconds(at)
