"""What would have alerted: readings of the past turned into alerts, at any number of settings at once."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from daemon.model import IncidentKind, Severity, Tick
from detectors.base import step_of
from detectors.episode import REOPEN, Episode
from detectors.monitor import Monitor
from detectors.severity import grade
from detectors.signal import BUDGET, Signal, bars_of, per_year

# One wave is one alert; risk stands for itself.
_GROUPS = ((IncidentKind.SURGE, IncidentKind.SHARE, IncidentKind.REACH), (IncidentKind.RISK,))


_PART = {kind: math.log(part) for kind, part in BUDGET.items()}


class Alert(msgspec.Struct, kw_only=True):
    """One alert as it would have been: the numbers are those that decided."""

    kind: IncidentKind
    opened_at: datetime  # time of the row that decided
    onset_at: datetime
    closed_at: datetime | None  # None: still going on at the end
    severity: Severity  # the worst it came to
    observed: int
    expected: float
    window_minutes: int
    evidence: float  # -ln of false_alerts_per_year
    false_alerts_per_year: float
    reason: str


class Waves:
    """Alerts of one series at one setting."""

    def __init__(self, false_alerts_per_year: float, patience: timedelta, step: int) -> None:
        self._bars = bars_of(false_alerts_per_year)
        self.step = step
        self.alerts: list[Alert] = []
        self._episodes = {kind: Episode(patience.total_seconds() / 60, step) for kind in BUDGET}
        self._open: list[Alert | None] = [None for _ in _GROUPS]
        self._last: list[tuple[Alert, int] | None] = [None for _ in _GROUPS]  # with the step of its end
        self._calm = True

    def see(self, step: int, at: datetime, signals: Sequence[Signal], onset: Callable[[], datetime]) -> None:
        """The newest row; ``onset`` tells when what goes on began, where that is asked."""
        alerting = [signal.alerting(self._bars) for signal in signals]
        if self._calm and not any(alerting):
            return
        for signal, loud in zip(signals, alerting, strict=True):
            severity = grade(per_year(signal.score), signal.excess, signal.top_reach)
            self._episodes[signal.kind].see(step, alerting=loud, sustained=signal.sustained, severity=severity)
        for place, kinds in enumerate(_GROUPS):
            self._group(place, kinds, step, at, signals, alerting, onset)
        self._calm = not any(self._open)

    def _group(
        self,
        place: int,
        kinds: Sequence[IncidentKind],
        step: int,
        at: datetime,
        signals: Sequence[Signal],
        alerting: Sequence[bool],
        onset: Callable[[], datetime],
    ) -> None:
        active = [kind for kind in kinds if self._episodes[kind].since is not None]
        alert = self._open[place]
        if alert is None and active:
            last = self._last[place]
            if last is not None and (step - last[1]) * self.step <= REOPEN:
                alert = last[0]
                alert.closed_at = None
            else:
                loud = [one for one, is_loud in zip(signals, alerting, strict=True) if is_loud and one.kind in active]
                alert = _alert(max(loud, key=lambda one: one.score), at, onset)
                self.alerts.append(alert)
            self._open[place] = alert
        if alert is None:
            return
        worst = max((self._episodes[kind].severity for kind in active), key=lambda one: one.rank, default=None)
        if worst is not None and worst.rank > alert.severity.rank:
            alert.severity = worst
        if not active:
            alert.closed_at = at
            self._open[place], self._last[place] = None, (alert, step)


def _alert(signal: Signal, at: datetime, onset: Callable[[], datetime]) -> Alert:
    rate = per_year(signal.score)
    return Alert(
        kind=signal.kind,
        opened_at=at,
        onset_at=min(onset(), at) if signal.kind is IncidentKind.SURGE else at,
        closed_at=None,
        severity=grade(rate, signal.excess, signal.top_reach),
        observed=signal.observed,
        expected=signal.expected,
        window_minutes=signal.minutes,
        evidence=signal.score,
        false_alerts_per_year=rate,
        reason=signal.sentence(),
    )


class Backtest:
    """Replays one series, row by row, at one setting and at any others beside it.

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
        resolve_after: timedelta = timedelta(minutes=30),
        offset: timedelta = timedelta(0),
    ) -> None:
        self.monitor = Monitor(timezone=timezone, false_alerts_per_year=rates[0], resolve_after=resolve_after)
        self._rates = rates
        self._patience = resolve_after
        self._offset = offset  # of the rows' times from whole steps
        self._waves: list[Waves] = []

    @property
    def alerts(self) -> list[Alert]:
        """Alerts at the first of the rates, in the order of time."""
        return self._waves[0].alerts if self._waves else []

    def counts(self) -> list[int]:
        """How many alerts each rate gives."""
        return [len(waves.alerts) for waves in self._waves] or [0 for _ in self._rates]

    def row(self, tick: Tick, at: datetime) -> float:
        """Show the next row, whose time is ``at``; its score: at or above -ln(rate) it alerts."""
        signals = self.monitor.look(tick)
        if not self._waves:
            self._waves = [Waves(rate, self._patience, tick.minutes) for rate in self._rates]
        step = step_of(tick.at, tick.minutes)
        for waves in self._waves:
            waves.see(step, at, signals, functools.partial(self._onset, step, tick))
        return max(signal.score + _PART[signal.kind] for signal in signals)

    def _onset(self, step: int, tick: Tick) -> datetime:
        began = self.monitor.surge.onset(step, tick)
        return datetime.fromtimestamp(began * tick.minutes * 60, UTC) + self._offset
