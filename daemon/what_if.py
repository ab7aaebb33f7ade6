"""How much more would have alerted: the monitor is asked with growing counts. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from daemon.model import IncidentKind, Tick
from detectors.monitor import Monitor
from detectors.signal import BUDGET, Signal, bars_of, per_year

_MOST_PEOPLE = 1 << 14
_MOST_DECADES = 10.0  # more readers than there are people
_NEAR = 0.01  # decades


class Shortfall(msgspec.Struct, frozen=True, kw_only=True):
    """How far one kind of evidence was from alerting."""

    times_rarer: float | None  # evidence so many times rarer would have alerted; None: there was none at all
    people: int | None = None  # so many more who wrote negatively (of risk: of what is never normal) …
    minutes: int | None = None  # … within so many minutes would have
    readers: int | None = None  # one complaint that so many may see would have


def threshold(kind: IncidentKind, false_alerts_per_year: float) -> float:
    """How often a year what just alerts comes: the setting's part for this kind."""
    return false_alerts_per_year * BUDGET[kind]


def shortfalls(monitor: Monitor, tick: Tick, false_alerts_per_year: float) -> dict[IncidentKind, Shortfall]:
    """For each kind that does not alert with ``tick`` as the newest step: what would have.

    Leaves the monitor as it was.
    """
    bars = bars_of(false_alerts_per_year)
    monitor.show(tick)
    signals = {signal.kind: signal for signal in monitor.signals()}
    found = {
        kind: _shortfall(monitor, tick, signal, bars, false_alerts_per_year)
        for kind, signal in signals.items()
        if tick.covered and not signal.alerting(bars)
    }
    monitor.show(tick)
    return found


def _shortfall(
    monitor: Monitor, tick: Tick, signal: Signal, bars: Mapping[IncidentKind, float], rate: float
) -> Shortfall:
    kind = signal.kind
    rarer = per_year(signal.score) / threshold(kind, rate) if signal.eligible else None
    if rarer is not None and rarer <= 1:  # rare enough, but held back for want of people
        rarer = None

    def seen(grown: Tick) -> Signal:
        monitor.show(grown)
        return next(one for one in monitor.signals() if one.kind is kind)

    if kind is IncidentKind.REACH:
        decades = _least_decades(lambda far: seen(_farther(tick, far)).alerting(bars))
        readers = None if decades is None else _two_digits(10**decades)
        return Shortfall(times_rarer=rarer, readers=readers)
    people = _least(lambda more: seen(_grown(tick, kind, more)).alerting(bars))
    if people is None:
        return Shortfall(times_rarer=rarer)
    return Shortfall(times_rarer=rarer, people=people, minutes=seen(_grown(tick, kind, people)).minutes)


def _grown(tick: Tick, kind: IncidentKind, more: int) -> Tick:
    return replace(
        tick,
        mentions=tick.mentions + more,
        negative=tick.negative + more,
        authors=tick.authors + more,
        negative_authors=tick.negative_authors + more,
        risk=tick.risk + (more if kind is IncidentKind.RISK else 0),
    )


def _farther(tick: Tick, decades: float) -> Tick:
    return replace(_grown(tick, IncidentKind.REACH, 1), top_reach=max(tick.top_reach, decades))


def _least(enough: Callable[[int], bool]) -> int | None:
    """The least number from 1 that is enough; None where none is.

    >>> _least(lambda n: n >= 11), _least(lambda n: False)
    (11, None)
    """
    high = 1
    while not enough(high):
        high *= 2
        if high > _MOST_PEOPLE:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _least_decades(enough: Callable[[float], bool]) -> float | None:
    low, high = 0.0, _MOST_DECADES
    if not enough(high):
        return None
    while high - low > _NEAR:
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _two_digits(number: float) -> int:
    """Rounded up to two digits: no more is known of it.

    >>> _two_digits(231_700.0), _two_digits(7.0)
    (240000, 7)
    """
    scale: int = 10 ** max(0, math.floor(math.log10(max(number, 1))) - 1)
    return math.ceil(number / scale) * scale
