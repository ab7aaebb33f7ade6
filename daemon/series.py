"""A brand's series over time: what was written beside what its own rhythm explains."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from daemon.charts import ChartPoint
from daemon.store.reads import Gap, Reads, StepCount
from detectors.prior import Rhythm

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING = StepCount()


class Forecast(Protocol):
    """What a brand's own rhythm explains."""

    def expected(self, brand: str, at: datetime, minutes: int = 1) -> tuple[float, float, float]:
        """Mean, low and high of what is negative in the ``minutes`` from ``at``."""
        ...

    def prior(self, brand: str) -> Rhythm:
        """The rhythm that a brand was taken for before it was known."""
        ...


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a series."""

    at: datetime  # start of the step, UTC
    mentions: int
    negative: int
    expected: float
    low: float
    high: float
    covered: bool  # False: a source was blind within the step, so its silence is unknown


def floor(at: datetime, step: timedelta) -> datetime:
    """The last whole ``step`` since 1970 that is not after ``at``.

    >>> floor(datetime(2026, 1, 5, 12, 7, 9, tzinfo=UTC), timedelta(minutes=5)).isoformat()
    '2026-01-05T12:05:00+00:00'
    """
    return _EPOCH + (at - _EPOCH) // step * step


async def read_series(
    reads: Reads, forecast: Forecast, brand: str, begin: datetime, end: datetime, step: timedelta
) -> list[Point]:
    """Every step from the one that holds ``begin`` to before ``end``. ``step`` is of whole minutes."""
    first = floor(begin, step)
    found = await reads.step_counts(brand, first, end, step)
    gaps = await reads.gaps(first, end)
    points = []
    at = first
    while at < end:
        mean, low, high = forecast.expected(brand, at, step // timedelta(minutes=1))
        count = found.get(at, _NOTHING)
        points.append(
            Point(
                at=at,
                mentions=count.mentions,
                negative=count.negative,
                expected=round(mean, 3),
                low=round(low, 3),
                high=round(high, 3),
                covered=not any(_touches(gap, at, at + step) for gap in gaps),
            )
        )
        at += step
    return points


def for_chart(points: list[Point]) -> list[ChartPoint]:
    """The points as a chart draws them."""
    return [
        ChartPoint(at=p.at, negative=p.negative, expected=p.expected, low=p.low, high=p.high, covered=p.covered)
        for p in points
    ]


def _touches(gap: Gap, begin: datetime, end: datetime) -> bool:
    return gap.since < end and (gap.until is None or gap.until > begin)
