"""All series detectors of one brand: counts in, readings out. Pure: no I/O, no clock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

import msgspec

from daemon.model import IncidentKind, Reading, Severity, Tick
from detectors.base import step_of
from detectors.baseline import AT_LARGE
from detectors.blind import blind_reading
from detectors.calibration import Judgement
from detectors.episode import Episode
from detectors.parts import Parts
from detectors.prior import Known, Rhythm
from detectors.reach import LEAST as LEAST_REACH
from detectors.reach import Reach
from detectors.risk_series import RiskSeries
from detectors.severity import grade
from detectors.share import Share
from detectors.signal import BUDGET, SHARED, Signal, bars_of, per_year
from detectors.signals import OF_A_PART, reach_signal, risk_signal, share_signal, surge_signal
from detectors.silence import NATS, Silence
from detectors.surge import Surge

VERSION = 6  # of the packed state
BLIND_AFTER = 5  # minutes unknown


class Monitor:
    """Watches one brand.

    ``false_alerts_per_year`` is a promise about ordinary life; surge, share and reach divide it
    among them. ``country`` (ISO 3166, "DE-BY" with its subdivision) tells the public holidays.
    ``resolve_after`` is how long an episode outlives the evidence that sustained it. ``prior`` is
    the rhythm that a brand is taken for until it is known.
    """

    def __init__(
        self,
        *,
        timezone: str = "UTC",
        country: str = "",
        false_alerts_per_year: float = 4.0,
        resolve_after: timedelta = timedelta(minutes=30),
        prior: Rhythm = AT_LARGE,
    ) -> None:
        self._timezone, self._country = timezone, country
        self._prior = prior
        self._bars = bars_of(false_alerts_per_year)
        self._bar = -math.log(false_alerts_per_year)
        self._patience = resolve_after.total_seconds() / 60
        self._step = 0  # minutes, of the first tick
        self._judgements: Sequence[Judgement] = ()  # said before there was anything to judge
        self._tick: Tick | None = None  # still filling
        self._number = 0  # of its step
        self.alerting = False  # some kind does
        self._readings: tuple[Reading, ...] | None = None  # of that; None: nobody has asked yet

    def _begin(self, minutes: int) -> None:
        self._step = minutes
        self.surge = Surge(self._timezone, minutes, self._country, self._prior)
        self.parts = Parts(minutes)
        self.share = Share(minutes)
        self.reach = Reach(minutes)
        self.risk = RiskSeries(minutes)
        self.silence = Silence(self._timezone, minutes)
        self._episodes = {kind: Episode(self._patience, minutes) for kind in BUDGET}
        # whether it goes on is judged by an hour, or by less where the setting has less patience
        self._lately = max(1, round(min(60.0, max(5.0, 2 * self._patience)) / minutes))
        self._going_on = False  # an episode of any kind
        self._blind_since: int | None = None
        self._unknown = 0  # minutes
        self.judge(self._judgements)

    @property
    def prior(self) -> Rhythm:
        """The rhythm that the brand was taken for before it was known."""
        return self._prior

    def learned(self) -> Known:
        """The brand's rhythm as far as it is known, for `detectors.prior.pooled`."""
        return self.surge.learned() if self._step else Known(self._prior, 0.0)

    # ── in ───────────────────────────────────────────────────────────────────

    def observe(self, tick: Tick) -> None:
        """See the counts of one step so far.

        A later observation with the same ``at`` replaces the earlier one; one with a later ``at``
        makes the earlier final, and steps left out between are unknown; one with an earlier ``at``
        amends that step while the windows still hold it. Raises ``ValueError`` if the length of the
        step changes.
        """
        if not self._take(tick):
            return
        seen, silence = self._see()
        self._blindness(seen, silence)
        self.alerting = self._blind_since is not None
        if self._going_on or self._loudest(seen) >= self._bar:
            for signal in self._signals(seen):
                self.alerting |= self._follow(signal)
            self._going_on = any(episode.since is not None for episode in self._episodes.values())

    @property
    def newest(self) -> Tick | None:
        """The newest step as it was last seen."""
        return self._tick

    def readings(self) -> tuple[Reading, ...]:
        """What every kind says of the newest step; none before anything was observed."""
        if self._tick is None:
            return ()
        if self._readings is None:
            seen, silence = self._see()
            told = [self._reading(signal, seen) for signal in self._signals(seen)]
            self._readings = (*told, self._blind(seen, silence))
        return self._readings

    def show(self, tick: Tick) -> float:
        """As `observe`, before any setting is applied: where this is under -ln(setting), `signals` alert at none."""
        self._take(tick)
        return self._loudest(self._see()[0])

    def signals(self) -> tuple[Signal, ...]:
        """What the detectors say of the newest step, before the setting is applied."""
        return self._signals(self._see()[0])

    def judge(self, judgements: Sequence[Judgement]) -> None:
        """All that people have said of the past: what they confirmed is no ordinary life, what they dismissed is."""
        self._judgements = judgements
        if self._step:
            for tail in (self.surge.tail, self.parts.tail, self.share.tail):
                tail.judge(judgements)
            self._readings = None

    def _take(self, tick: Tick) -> bool:
        """Make ``tick`` the newest step, or amend an older one; whether there is anything new."""
        if not self._step:
            self._begin(tick.minutes)
        elif tick.minutes != self._step:
            raise ValueError(f"expected steps of {self._step} minutes, got {tick.minutes}")
        now = self._tick
        if now is not None:
            if tick.at < now.at:
                self._amend(tick)
                self._readings = None
                return True
            if tick.at > now.at:
                self._learn(now)
            elif tick == now:
                return False
        self._tick, self._readings = tick, None
        self._number = step_of(tick.at, self._step)
        return True

    def _amend(self, tick: Tick) -> None:
        """Replace the counts of a past step: what was written then has only now arrived."""
        step = step_of(tick.at, self._step)
        before = self.surge.counted(step)
        self.surge.amend_one(tick)
        self.parts.amend_at(step, tick)
        if before is not None:
            self.share.amend_at(step, tick.negative_authors - before[0], tick.authors - before[1])
            self.reach.amend_at(step, tick)
            self.risk.amend_at(step, tick)

    def _learn(self, tick: Tick) -> None:
        step = self._number
        seen = msgspec.structs.replace(tick, covered=False) if self.silence.silent(tick) else tick
        self.silence.learn_at(step * self._step, tick)
        self._unknown = 0 if seen.covered else self._unknown + self._step
        if seen.parts or self.parts.parts:
            self.parts.learn_at(step, seen, self.surge.mean(step))
        self.surge.learn_at(step, seen)
        self.share.learn_at(step, seen)
        self.reach.learn_at(step, seen)
        self.risk.learn_at(step, seen)

    # ── out ──────────────────────────────────────────────────────────────────

    def _see(self) -> tuple[Tick, float]:
        """The newest tick, unknown where the silence is too improbable to be calm; and how improbable."""
        tick = self._tick
        if tick is None:
            raise RuntimeError("nothing was observed yet")
        silence = self.silence.score_one(tick)
        return (msgspec.structs.replace(tick, covered=False) if silence > NATS else tick), silence

    def _loudest(self, tick: Tick) -> float:
        """The highest score of any kind, each with its part of the promise. No more is asked of most minutes."""
        step, surge, share = self._number, self.surge, self.share
        best = surge.tail.score(surge.at(step, tick).nats) + SHARED[IncidentKind.SURGE]
        nats = self.parts.at(step, tick, surge.mean(step)).nats if self.parts.parts else 0.0
        if nats:
            best = max(best, self.parts.tail.score(nats) + OF_A_PART + SHARED[IncidentKind.SURGE])
        nats = share.at(step, tick).nats
        if nats:
            best = max(best, share.tail.score(nats) + SHARED[IncidentKind.SHARE])
        score, far = self.reach.at(step, tick)
        if far >= LEAST_REACH:
            best = max(best, score + SHARED[IncidentKind.REACH])
        score, people = self.risk.at(step, tick)
        return max(best, score + SHARED[IncidentKind.RISK]) if people else best

    def _signals(self, tick: Tick) -> tuple[Signal, ...]:
        step = self._number
        return (
            surge_signal(self.surge, self.parts, step, tick, self._lately),
            share_signal(self.share, step, tick),
            reach_signal(self.reach, step, tick),
            risk_signal(self.risk, step, tick),
        )

    def _follow(self, signal: Signal) -> bool:
        """Begin, go on with or end the episode of a kind; whether it alerts."""
        episode = self._episodes[signal.kind]
        alerting = signal.alerting(self._bars)
        if not alerting and episode.since is None:
            return False
        severity = grade(per_year(signal.score), signal.excess, signal.top_reach)
        episode.see(self._number, alerting=alerting, sustained=signal.sustained, severity=severity)
        if episode.since is not None and episode.onset is None:
            episode.onset = self._onset(signal)
        return alerting

    def onset_of(self, signal: Signal) -> datetime:
        """When what ``signal`` tells of most likely began."""
        return datetime.fromtimestamp(self._onset(signal) * self._step * 60, UTC)

    def _onset(self, signal: Signal) -> int:
        if signal.kind is not IncidentKind.SURGE:
            return self._number
        if signal.part:
            return self._number - signal.minutes // self._step + 1
        return self.surge.onset(self._number, self._see()[0])

    def _reading(self, signal: Signal, tick: Tick) -> Reading:
        episode = self._episodes[signal.kind]
        return Reading(
            kind=signal.kind,
            at=tick.at,
            alerting=signal.alerting(self._bars),
            sustained=signal.sustained and episode.since is not None,
            since=self._time(episode.since),
            onset=self._time(episode.onset),
            severity=episode.severity if episode.since is not None else Severity.MINOR,
            observed=signal.observed,
            expected=signal.expected,
            window_minutes=signal.minutes,
            false_alerts_per_year=per_year(signal.score),
            score=signal.score,
            reason=signal.sentence(),
        )

    def _blindness(self, tick: Tick, nats: float) -> None:
        """Remember since when nothing is known."""
        if tick.covered or (nats <= NATS and self._unknown + self._step <= BLIND_AFTER):
            self._blind_since = None
        elif self._blind_since is None:
            self._blind_since = self._number

    def _blind(self, tick: Tick, nats: float) -> Reading:
        unknown = 0 if tick.covered else self._unknown + self._step
        since = self._time(self._blind_since)
        return blind_reading(at=tick.at, since=since, nats=nats, unknown=unknown, step=self._step)

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
            return msgspec.msgpack.encode([VERSION, 0, self._prior.dump()])
        return msgspec.msgpack.encode(
            [
                VERSION,
                self._step,
                self._tick,
                self._unknown,
                self._blind_since,
                [episode.dump() for episode in self._episodes.values()],
                self.surge.dump(),
                self.parts.dump(),
                self.share.dump(),
                self.reach.dump(),
                self.risk.dump(),
                self.silence.dump(),
            ]
        )

    @classmethod
    def load(
        cls,
        state: bytes,
        *,
        timezone: str = "UTC",
        country: str = "",
        false_alerts_per_year: float = 4.0,
        resolve_after: timedelta = timedelta(minutes=30),
    ) -> Self:
        """Restore what `dump` gave, under settings that may have changed.

        Raises ``ValueError`` for a state of another version.
        """
        monitor = cls(
            timezone=timezone,
            country=country,
            false_alerts_per_year=false_alerts_per_year,
            resolve_after=resolve_after,
        )
        version, step, *rest = msgspec.msgpack.decode(state)
        if version != VERSION:
            raise ValueError(f"expected a detector state of version {VERSION}, got {version}")
        if not step:
            monitor._prior = Rhythm.restored(rest[0])
            return monitor
        tick, unknown, blind_since, episodes, surge, parts, share, reach, risk, silence = rest
        monitor._begin(step)
        monitor._tick = msgspec.convert(tick, Tick)
        monitor._number = step_of(monitor._tick.at, step)
        monitor._unknown = unknown
        monitor._blind_since = blind_since
        for episode, dumped in zip(monitor._episodes.values(), episodes, strict=True):
            episode.restore(dumped)
        monitor.surge.restore(surge, timezone, country)
        monitor._prior = monitor.surge.baseline.prior
        monitor.parts.restore(parts)
        monitor.share.restore(share)
        monitor.reach.restore(reach)
        monitor.risk.restore(risk)
        monitor.silence.restore(silence, timezone)
        monitor._going_on = any(episode.since is not None for episode in monitor._episodes.values())
        monitor.alerting = any(reading.alerting for reading in monitor.readings())
        return monitor
