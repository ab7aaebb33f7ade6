"""All series detectors of one brand: counts in, readings out. Pure: no I/O, no clock."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Self

import msgspec

from daemon.model import IncidentKind, Reading, Severity, Tick
from detectors.base import step_of
from detectors.episode import Episode
from detectors.reach import LEAST as LEAST_REACH
from detectors.reach import Reach
from detectors.risk_series import WINDOW as RISK_WINDOW
from detectors.risk_series import RiskSeries
from detectors.severity import grade
from detectors.share import Share
from detectors.silence import NATS, Silence
from detectors.surge import SLACK, Surge

VERSION = 1  # of the packed state
BUDGET = {IncidentKind.SURGE: 0.75, IncidentKind.SHARE: 0.15, IncidentKind.REACH: 0.1}  # of the promise
LOW_BAR = 2.0  # nats that keep an episode going
LOW_RATIO = 1.5  # times the expected in an hour that keep it going
BLIND_AFTER = 5  # minutes unknown


class Monitor:
    """Watches one brand.

    ``false_alerts_per_year`` is a promise about ordinary life; surge, share and reach divide it
    among them. ``resolve_after`` is how long an episode outlives the evidence that sustained it.
    """

    def __init__(
        self,
        *,
        timezone: str = "UTC",
        false_alerts_per_year: float = 4.0,
        resolve_after: timedelta = timedelta(minutes=30),
    ) -> None:
        self._timezone = timezone
        self._rate = false_alerts_per_year
        self._patience = resolve_after.total_seconds() / 60
        self._step = 0  # minutes, of the first tick
        self._tick: Tick | None = None  # still filling
        self._readings: tuple[Reading, ...] = ()

    def _begin(self, minutes: int) -> None:
        self._step = minutes
        self.surge = Surge(self._timezone, minutes)
        self.share = Share(minutes)
        self.reach = Reach(minutes)
        self.risk = RiskSeries(minutes)
        self.silence = Silence(self._timezone, minutes)
        self._episodes = {kind: Episode(self._patience, minutes) for kind in IncidentKind}
        self._unknown = 0  # minutes

    # ── in ───────────────────────────────────────────────────────────────────

    def observe(self, tick: Tick) -> tuple[Reading, ...]:
        """The reading of every kind, given the counts of one step so far.

        A later observation with the same ``at`` replaces the earlier one; one with a later ``at``
        makes the earlier final, and steps left out between are unknown; one with an earlier ``at``
        amends that step while the windows still hold it. Raises ``ValueError`` if the length of the
        step changes.
        """
        if not self._step:
            self._begin(tick.minutes)
        elif tick.minutes != self._step:
            raise ValueError(f"expected steps of {self._step} minutes, got {tick.minutes}")
        now = self._tick
        if now is None:
            self._tick = tick
        elif tick.at == now.at:
            if tick == now:
                return self._readings
            self._tick = tick
        elif tick.at < now.at:
            self.surge.amend_one(tick)
        else:
            self._learn(now)
            self._tick = tick
        self._readings = self._read(self._tick or tick)
        return self._readings

    def _learn(self, tick: Tick) -> None:
        silent = self.silence.silent(tick)
        self.silence.learn_one(tick)
        seen = msgspec.structs.replace(tick, covered=False) if silent else tick
        self._unknown = 0 if seen.covered else self._unknown + self._step
        self.surge.learn_one(seen)
        self.share.learn_one(seen)
        self.reach.learn_one(seen)
        self.risk.learn_one(seen)

    # ── out ──────────────────────────────────────────────────────────────────

    def _read(self, tick: Tick) -> tuple[Reading, ...]:
        step = step_of(tick.at, self._step)
        silent = self.silence.score_one(tick)
        if silent > NATS:
            tick = msgspec.structs.replace(tick, covered=False)
        return (
            self._surge(tick, step),
            self._share(tick, step),
            self._reach(tick, step),
            self._risk(tick, step),
            self._blind(tick, step, silent),
        )

    def _surge(self, tick: Tick, step: int) -> Reading:
        surge = self.surge
        found = surge.evidence(tick)
        score = surge.tail.score(found.nats)
        hour = max(1, 60 // self._step)
        count, due = surge.within(tick, hour)
        sustained = found.nats >= LOW_BAR or (count > 3 and count >= LOW_RATIO * (due + SLACK))
        if found.nats:
            observed, expected, window = found.observed, found.expected, found.window
        else:
            observed, expected, window = count, due, hour
        minutes = window * self._step
        excess = (count - due) * 60 / (hour * self._step)
        return self._reading(
            IncidentKind.SURGE,
            tick,
            step,
            score=score,
            alerting=found.nats > 0,
            sustained=sustained,
            observed=observed,
            expected=expected,
            minutes=minutes,
            excess=excess,
            what=f"{observed} people wrote negatively within {minutes} minutes where {expected:.1f} are usual",
        )

    def _share(self, tick: Tick, step: int) -> Reading:
        found = self.share.evidence(tick)
        usual = self.share.usual()
        of = found.expected / usual if usual else 0.0
        now = found.negative / of if of else usual
        return self._reading(
            IncidentKind.SHARE,
            tick,
            step,
            score=self.share.tail.score(found.nats),
            alerting=found.nats > 0,
            sustained=found.nats >= LOW_BAR,
            observed=found.negative,
            expected=found.expected,
            minutes=found.minutes,
            what=f"{now:.0%} of those who wrote within {found.minutes} minutes wrote negatively where {usual:.0%} do",
        )

    def _reach(self, tick: Tick, step: int) -> Reading:
        far = self.reach.farthest(tick)
        return self._reading(
            IncidentKind.REACH,
            tick,
            step,
            score=self.reach.score_one(tick),
            alerting=far >= LEAST_REACH,
            sustained=far >= LEAST_REACH,
            observed=int(far > 0),
            expected=0.0,
            minutes=60,
            top_reach=far,
            what=f"the farthest-reaching complaint of the last hour may be seen by {round(10**far - 1):,} people",
        )

    def _risk(self, tick: Tick, step: int) -> Reading:
        seen = self.risk.observed(tick)
        return self._reading(
            IncidentKind.RISK,
            tick,
            step,
            score=self.risk.score_one(tick),
            alerting=seen > 0,
            sustained=seen > 0,
            observed=seen,
            expected=self.risk.expected(),
            minutes=RISK_WINDOW,
            what=f"{seen} people wrote within {RISK_WINDOW // 60} hours of what should never happen",
        )

    def _blind(self, tick: Tick, step: int, nats: float) -> Reading:
        unknown = 0 if tick.covered else self._unknown + self._step
        blind = nats > NATS or unknown > BLIND_AFTER
        if nats > NATS:
            what = "Nobody at all has written, which is too improbable to be calm: the source may be silent."
        elif blind:
            what = f"The source has not been delivering for {unknown} minutes: its silence is unknown, not calm."
        else:
            what = "Mentions arrive as they should."
        episode = self._episodes[IncidentKind.BLIND]
        episode.see(step, alerting=blind, sustained=blind, severity=Severity.MAJOR)
        if not blind:  # the first mention ends it
            episode.since = None
        return Reading(
            kind=IncidentKind.BLIND,
            at=tick.at,
            alerting=blind,
            sustained=blind,
            since=self._time(episode.since),
            onset=self._time(episode.since),
            severity=Severity.MAJOR,
            observed=0,
            expected=0.0,
            window_minutes=max(unknown, self._step),
            false_alerts_per_year=_rate(nats),
            score=nats,
            reason=what,
        )

    def _reading(
        self,
        kind: IncidentKind,
        tick: Tick,
        step: int,
        *,
        score: float,
        alerting: bool,
        sustained: bool,
        observed: int,
        expected: float,
        minutes: int,
        what: str,
        excess: float = 0.0,
        top_reach: float = 0.0,
    ) -> Reading:
        per_year = _rate(score)
        alerting = alerting and per_year <= self._rate * BUDGET.get(kind, 1.0)
        episode = self._episodes[kind]
        severity = grade(per_year, excess, top_reach) if alerting or episode.since is not None else Severity.MINOR
        episode.see(step, alerting=alerting, sustained=sustained, severity=severity)
        if episode.since is not None and episode.onset is None:
            episode.onset = self.surge.onset(tick) if kind is IncidentKind.SURGE else step
        return Reading(
            kind=kind,
            at=tick.at,
            alerting=alerting,
            sustained=sustained and episode.since is not None,
            since=self._time(episode.since),
            onset=self._time(episode.onset),
            severity=severity if episode.since is None else episode.severity,
            observed=observed,
            expected=expected,
            window_minutes=minutes,
            false_alerts_per_year=per_year,
            score=score,
            reason=f"{what}; as much comes {_often(per_year)}.",
        )

    def _time(self, step: int | None) -> datetime | None:
        return None if step is None else datetime.fromtimestamp(step * self._step * 60, UTC)

    def expected(self, at: datetime, minutes: int = 1) -> tuple[float, float, float]:
        """Mean, low and high of the negative authors usual in ``minutes`` from ``at``: 95 in 100 lie between."""
        if not self._step:
            return (0.0, 0.0, 0.0)
        return self.surge.usual(step_of(at, self._step), max(1, minutes // self._step))

    # ── state ────────────────────────────────────────────────────────────────

    def dump(self) -> bytes:
        """All that was learned, packed; `load` restores it exactly."""
        if not self._step:
            return msgspec.msgpack.encode([VERSION, 0])
        return msgspec.msgpack.encode([
            VERSION,
            self._step,
            self._tick,
            self._unknown,
            [self._episodes[kind].dump() for kind in IncidentKind],
            self.surge.dump(),
            self.share.dump(),
            self.reach.dump(),
            self.risk.dump(),
            self.silence.dump(),
            self._readings,
        ])

    @classmethod
    def load(
        cls,
        state: bytes,
        *,
        timezone: str = "UTC",
        false_alerts_per_year: float = 4.0,
        resolve_after: timedelta = timedelta(minutes=30),
    ) -> Self:
        """Restore what `dump` gave, under settings that may have changed.

        Raises ``ValueError`` for a state of another version.
        """
        monitor = cls(timezone=timezone, false_alerts_per_year=false_alerts_per_year, resolve_after=resolve_after)
        version, step, *rest = msgspec.msgpack.decode(state)
        if version != VERSION:
            raise ValueError(f"expected a detector state of version {VERSION}, got {version}")
        if not step:
            return monitor
        tick, unknown, episodes, surge, share, reach, risk, silence, readings = rest
        monitor._begin(step)
        monitor._tick = msgspec.convert(tick, Tick | None)
        monitor._unknown = unknown
        for kind, episode in zip(IncidentKind, episodes, strict=True):
            monitor._episodes[kind].restore(episode)
        monitor.surge.restore(surge, timezone)
        monitor.share.restore(share)
        monitor.reach.restore(reach)
        monitor.risk.restore(risk)
        monitor.silence.restore(silence, timezone)
        monitor._readings = msgspec.convert(readings, tuple[Reading, ...])
        return monitor


def _rate(score: float) -> float:
    return math.exp(-max(-50.0, min(score, 50.0)))


def _often(per_year: float) -> str:
    """Words for a yearly rate.

    >>> _often(12.4), _often(0.5), _often(0.00001)
    ('about 12 times in an ordinary year', 'once in 2 ordinary years', 'less than once in 1,000 ordinary years')
    """
    if per_year >= 1000:
        return "all the time in an ordinary year"
    if per_year >= 1.5:
        return f"about {per_year:.0f} times in an ordinary year"
    if per_year > 0.001:
        return f"once in {max(1, round(1 / per_year)):,} ordinary year{'s' if per_year < 0.67 else ''}"
    return "less than once in 1,000 ordinary years"
