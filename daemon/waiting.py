"""What a small bump still lacks before it wakes anyone: how many more people, or how much longer. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from msgspec.structs import replace

from daemon.model import IncidentKind, Tick
from daemon.views import format_time
from daemon.what_if import shortfalls
from detectors.base import step_of
from detectors.monitor import Monitor
from detectors.signal import Signal, bars_of

_AHEAD = 60  # minutes that are looked ahead


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """More than usual, but not enough to wake anyone yet."""

    since: str  # when what goes on most likely began
    observed: int  # people who wrote negatively …
    window_minutes: int  # … within so many minutes
    expected: float  # of them usual
    people: int | None  # so many more would wake somebody now; None: no number would
    wakes_at: str | None  # or if it goes on at this pace until then; None: not within an hour


def waiting(monitor: Monitor, tick: Tick, false_alerts_per_year: float) -> Waiting | None:
    """What ``tick``, the newest step of a copy of a brand's monitor, waits for; None where it waits for nothing.

    The monitor is led into the future by it.
    """
    bars = bars_of(false_alerts_per_year)
    monitor.show(tick)
    signal = _surge(monitor)
    if not tick.covered or signal.alerting(bars) or signal.observed <= signal.expected:
        return None
    began = monitor.surge.onset(step_of(tick.at, tick.minutes), tick)
    lacking = shortfalls(monitor, tick, false_alerts_per_year).get(IncidentKind.SURGE)
    return Waiting(
        since=format_time(datetime.fromtimestamp(began * tick.minutes * 60, UTC)),
        observed=signal.observed,
        window_minutes=signal.minutes,
        expected=round(signal.expected, 3),
        people=lacking.people if lacking else None,
        wakes_at=_wakes_at(monitor, tick, signal.observed / signal.minutes, bars),
    )


def _wakes_at(monitor: Monitor, tick: Tick, pace: float, bars: dict[IncidentKind, float]) -> str | None:
    """When it would alert if as many as now went on to write, each minute."""
    came = 0.0
    for minute in range(1, _AHEAD + 1):
        came += pace
        people = int(came)
        came -= people
        at = tick.at + timedelta(minutes=minute)
        monitor.show(replace(Tick(at=at), mentions=people, negative=people, authors=people, negative_authors=people))
        if _surge(monitor).alerting(bars):
            return format_time(at)
    return None


def _surge(monitor: Monitor) -> Signal:
    return next(signal for signal in monitor.signals() if signal.kind is IncidentKind.SURGE)
