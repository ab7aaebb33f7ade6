"""The minutes of a brand as its monitor is shown them. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from daemon.model import Tick
from daemon.store.counts import Gaps
from detectors.monitor import Monitor

_MINUTE = timedelta(minutes=1)
_LONG_CALM = timedelta(days=14)  # without a single mention


def of_this_age(ticks: list[Tick]) -> list[Tick]:
    """What came after the last long calm: before it lie wrong dates, or another life of the brand."""
    for index in range(len(ticks) - 1, 0, -1):
        if ticks[index].at - ticks[index - 1].at > _LONG_CALM:
            return ticks[index:]
    return ticks


def seen(tick: Tick | None, minute: datetime, gaps: Gaps, now: datetime) -> Tick:
    """The tick of a minute. Where something was delivered although a source was blind, it counts as seen."""
    if tick is not None:
        return tick
    return Tick(at=minute, covered=gaps.covered(minute, now))


def teach(monitor: Monitor, ticks: list[Tick], gaps: Gaps, now: datetime) -> None:
    """Show every minute from the first to the last, calm ones included."""
    if not ticks:
        return
    by_minute = {tick.at: tick for tick in ticks}
    minute = ticks[0].at
    while minute <= ticks[-1].at:
        monitor.observe(seen(by_minute.get(minute), minute, gaps, now))
        minute += _MINUTE
