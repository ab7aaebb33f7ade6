"""A fast clock that waits until what is being started is ready."""

from __future__ import annotations

from datetime import UTC, datetime

from daemon.clock import FastClock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


async def test_a_waiting_clock_stands_still_and_lets_sleepers_wake() -> None:
    clock = FastClock(NOON, 10_000.0, waiting=True)
    await clock.sleep(100)
    assert clock.now() == NOON
    clock.go()
    await clock.sleep(100)
    assert clock.now() > NOON
    assert clock.wall(NOON) <= clock.wall(clock.now())
