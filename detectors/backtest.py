"""What would have alerted: readings of the past turned into alerts, at any number of settings at once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime, timedelta

from daemon.model import Tick
from detectors.base import step_of
from detectors.baseline import AT_LARGE
from detectors.monitor import Monitor
from detectors.prior import Rhythm
from detectors.signal import Signal
from detectors.waves import Alert, Row, Waves

__all__ = ["Alert", "Backtest"]


class Backtest:
    """Replays one series, row by row, at one setting and at any others beside it.

    >>> from datetime import UTC, datetime, timedelta
    >>> start = datetime(2026, 1, 5, tzinfo=UTC)
    >>> backtest = Backtest(rates=(4.0,))
    >>> for minute in range(3000):
    ...     angry = 30 if 2900 <= minute < 2960 else minute % 2
    ...     at = start + timedelta(minutes=minute)
    ...     _ = backtest.row(Tick(at=at, authors=angry + 3, negative_authors=angry), at)
    >>> [(alert.kind.value, alert.opened_at.isoformat(), alert.observed) for alert in backtest.alerts]
    [('surge', '2026-01-07T00:20:00+00:00', 30)]
    """

    def __init__(
        self,
        *,
        rates: Sequence[float],
        timezone: str = "UTC",
        country: str = "",
        resolve_after: timedelta = timedelta(minutes=30),
        offset: timedelta = timedelta(0),
        prior: Rhythm = AT_LARGE,
    ) -> None:
        self.monitor = Monitor(
            timezone=timezone,
            country=country,
            false_alerts_per_year=rates[0],
            resolve_after=resolve_after,
            prior=prior,
        )
        self._rates = rates
        self._patience = resolve_after
        self._offset = offset  # of the rows' times from whole steps
        self._waves: list[Waves] = []

    @property
    def alerts(self) -> list[Alert]:
        """Alerts at the first of the rates, in the order of time."""
        return self._waves[0].alerts if self._waves else []

    def alerts_of(self, place: int) -> list[Alert]:
        """Alerts at the rate in this place, in the order of time."""
        return self._waves[place].alerts if self._waves else []

    def every_alert(self) -> list[list[Alert]]:
        """Alerts at each of the rates."""
        return [waves.alerts for waves in self._waves] or [[] for _ in self._rates]

    def counts(self) -> list[int]:
        """How many alerts each rate gives."""
        return [len(waves.alerts) for waves in self._waves] or [0 for _ in self._rates]

    def row(self, tick: Tick, at: datetime) -> float:
        """Show the next row, whose time is ``at``; its score: at or above -ln(rate) it alerts."""
        score = self.monitor.show(tick)
        if not self._waves:
            self._waves = [Waves(rate, self._patience, tick.minutes) for rate in self._rates]
        awake = [waves for waves in self._waves if score >= waves.bar or waves.awake]
        if awake:
            signals = self.monitor.signals()
            step = step_of(tick.at, tick.minutes)
            usual = functools.partial(self.monitor.surge.mean, step)
            row = Row(step, at, tick, usual, self._onset)
            for waves in awake:
                waves.see(row, signals)
        return score

    def _onset(self, signal: Signal) -> datetime:
        return self.monitor.onset_of(signal) + self._offset
