"""Alerts out of signals, by the rules by which the daemon opens, joins, ends and reopens incidents."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from daemon.model import IncidentKind, Severity, Tick
from detectors.episode import REOPEN, Episode
from detectors.news import is_news
from detectors.severity import grade
from detectors.signal import BUDGET, Signal, bars_of, per_year

# One wave is one alert; risk stands for itself.
_GROUPS = ((IncidentKind.SURGE, IncidentKind.SHARE, IncidentKind.REACH), (IncidentKind.RISK,))
_LONGEST = 480  # minutes of the longest window: for so long what is over may still be seen


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


class Row(NamedTuple):
    """The newest step as it fills, and what can be asked of it."""

    step: int
    at: datetime  # the row's own time
    tick: Tick
    expected: Callable[[], float]  # negative authors usual in the step
    onset: Callable[[Signal], datetime]  # when what goes on began


class _Ended(NamedTuple):
    """An alert that is over, and the step of its end."""

    alert: Alert
    step: int


class Waves:
    """Alerts of one series at one setting.

    An alert is over after ``patience`` in which nothing negative was written that its detectors still found
    unusual. It comes back within two hours, and another one opens after that, only by what is news.
    """

    def __init__(self, false_alerts_per_year: float, patience: timedelta, step: int) -> None:
        self._bars = bars_of(false_alerts_per_year)
        self.bar = -math.log(false_alerts_per_year)  # of the loudest kind, under which nothing alerts
        self.awake = False  # something goes on, or has ended so lately that a window still holds it
        self._patience = patience
        self._step = step  # minutes
        self.alerts: list[Alert] = []
        self._episodes = {kind: Episode(patience.total_seconds() / 60, step) for kind in BUDGET}
        self._open: list[Alert | None] = [None for _ in _GROUPS]
        self._ended: list[_Ended | None] = [None for _ in _GROUPS]
        self._held: list[datetime] = [datetime.min.replace(tzinfo=UTC) for _ in _GROUPS]  # when evidence last held
        self._negative_at: datetime | None = None  # the newest row with anything negative
        self._newest: Tick | None = None
        self._recent: deque[tuple[int, Tick, float]] = deque()  # steps of the longest window, with what was usual

    def see(self, row: Row, signals: Sequence[Signal]) -> None:
        """The newest row, and what the detectors say of it."""
        tick, newest = row.tick, self._newest
        before = _negative(newest) if newest is not None and newest.at == tick.at else 0
        if tick.covered and _negative(tick) > before:
            self._negative_at = row.at
        self._newest = tick
        self.awake = True
        alerting = [signal.alerting(self._bars) for signal in signals]
        if any(ended and (row.step - ended.step) * self._step < _LONGEST for ended in self._ended):
            self._remember(row)
        else:
            self._recent.clear()
            self.awake = any(alerting) or any(self._open) or any(one.since for one in self._episodes.values())
        if not any(alerting) and not any(self._open) and all(one.since is None for one in self._episodes.values()):
            return
        for signal, loud in zip(signals, alerting, strict=True):
            severity = grade(per_year(signal.score), signal.excess, signal.top_reach)
            self._episodes[signal.kind].see(row.step, alerting=loud, sustained=signal.sustained, severity=severity)
        for place, kinds in enumerate(_GROUPS):
            ours = [(one, loud) for one, loud in zip(signals, alerting, strict=True) if one.kind in kinds]
            self._group(place, ours, row)

    def _remember(self, row: Row) -> None:
        """Keep what was written since the end, while a window may reach behind it."""
        recent = self._recent
        if recent and recent[-1][0] == row.step:
            recent[-1] = (row.step, row.tick, recent[-1][2])
        else:
            recent.append((row.step, row.tick, row.expected()))
        while recent and (row.step - recent[0][0]) * self._step >= _LONGEST:
            recent.popleft()

    def _group(self, place: int, ours: Sequence[tuple[Signal, bool]], row: Row) -> None:
        alert = self._open[place]
        if alert is None:
            alert = self._opened(place, ours, row)
            if alert is None:
                return
        for signal, loud in ours:
            episode = self._episodes[signal.kind]
            if episode.since is None or not (loud or signal.sustained):
                continue
            if self._negative_at is not None:
                self._held[place] = max(self._held[place], self._negative_at)
            if episode.severity.rank > alert.severity.rank:
                alert.severity = episode.severity
        if not row.tick.covered:
            self._held[place] = row.at  # no all-clear while blind
        if row.at - self._held[place] >= self._patience:
            alert.closed_at = row.at
            self._open[place], self._ended[place] = None, _Ended(alert, row.step)
            self._remember(row)

    def _opened(self, place: int, ours: Sequence[tuple[Signal, bool]], row: Row) -> Alert | None:
        """The alert that the first alerting signal opens or brings back, if it is news."""
        ended = self._ended[place]
        signal = next((one for one, loud in ours if loud and (ended is None or self._news(one, ended, row))), None)
        if signal is None:
            return None
        if ended is not None and (row.step - ended.step) * self._step <= REOPEN:
            alert = ended.alert
            alert.closed_at = None
        else:
            alert = _alert(signal, row)
            self.alerts.append(alert)
        self._open[place], self._ended[place] = alert, None
        self._held[place] = row.at
        return alert

    def _news(self, signal: Signal, ended: _Ended, row: Row) -> bool:
        begin = row.step - signal.minutes // self._step + 1
        if begin > ended.step:
            return True  # all of the window came after the end
        since = [(tick, due) for step, tick, due in self._recent if step >= ended.step and tick.covered]
        return is_news(
            signal.kind,
            observed=sum(tick.negative_authors for tick, _ in since),
            expected=sum(due for _, due in since),
            risk=sum(tick.risk for tick, _ in since),
            top_reach=max((tick.top_reach for tick, _ in since), default=0.0),
        )


def _negative(tick: Tick) -> int:
    return max(tick.negative, tick.negative_authors)


def _alert(signal: Signal, row: Row) -> Alert:
    rate = per_year(signal.score)
    return Alert(
        kind=signal.kind,
        opened_at=row.at,
        onset_at=min(row.onset(signal), row.at) if signal.kind is IncidentKind.SURGE else row.at,
        closed_at=None,
        severity=grade(rate, signal.excess, signal.top_reach),
        observed=signal.observed,
        expected=signal.expected,
        window_minutes=signal.minutes,
        evidence=signal.score,
        false_alerts_per_year=rate,
        reason=signal.sentence(),
    )
