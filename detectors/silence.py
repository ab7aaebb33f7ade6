"""Silence: a source that should be delivering is not."""

from __future__ import annotations

import math
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.model import Tick
from detectors.base import Detector, State

LEAST = 5  # minutes
NATS = 14.0  # a silence of ordinary life this improbable comes once in a million
SPREAD = 0.1  # φ of the hourly rates
HALF_LIFE = 7.0 * 168  # hours
PRIOR_HOURS = 1.0
QUARTER = 900  # seconds that are learned together; no time zone cuts through one
_SILENT = math.expm1(NATS * SPREAD) / SPREAD  # people expected in a silence of so many nats


class Silence(Detector):
    """-ln of the probability that nobody writes for so long, under the brand's own hours.

    The rate of each hour of the day is a Gamma mean; hours vary like a negative binomial, so a
    silence with E expected mentions has probability (1 + φE)^(-1/φ); and no more than half of an
    hour's usual rate is counted on, for a holiday is no outage.

    >>> from datetime import UTC, timedelta
    >>> silence = Silence()
    >>> start = datetime(2026, 1, 5, tzinfo=UTC)
    >>> for minute in range(2 * 1440):
    ...     silence.learn_one(Tick(at=start + timedelta(minutes=minute), authors=50))
    >>> for minute in range(2 * 1440, 2 * 1440 + 7):
    ...     silence.learn_one(Tick(at=start + timedelta(minutes=minute)))
    >>> silence.score_one(Tick(at=start + timedelta(minutes=2 * 1440 + 7))) > NATS
    True
    """

    def __init__(self, timezone: str = "UTC", step: int = 1) -> None:
        self.timezone = timezone
        self.step = step
        self._zone = ZoneInfo(timezone)
        self.seen = [0.0] * 24
        self.minutes = [0.0] * 24
        self._quiet = 0.0  # minutes without anybody
        self._missed = 0.0  # people expected in them
        self._quarter = -1  # of an hour, counted from 1970: what is learned together
        self._hour = 0  # of the day that it lies in
        self._people = 0.0
        self._minutes = 0

    def _due(self, hour: int) -> float:
        known = self.minutes[hour]
        if known < 60 * PRIOR_HOURS:  # pooled with the rest of the day, at a tenth
            everything = sum(self.minutes)
            pooled = 0.1 * sum(self.seen) / everything if everything else 0.0
            share = known / (60 * PRIOR_HOURS)
            own = self.seen[hour] / known if known else 0.0
            return 0.5 * self.step * (share * own + (1 - share) * pooled)
        return 0.5 * self.step * self.seen[hour] / known

    def _hour_of(self, quarter: int) -> int:
        return self._hour if quarter == self._quarter else datetime.fromtimestamp(quarter * QUARTER, self._zone).hour

    def score_one(self, x: Tick) -> float:
        """Nats of surprise at the silence that lasts to the end of ``x``; 0 where people write."""
        if self._quiet + self.step <= LEAST:
            return 0.0
        if x.mentions or x.late_mentions or x.authors or x.negative_authors or not x.covered:
            return 0.0
        due = self._due(self._hour_of(int(x.at.timestamp()) // QUARTER))
        return math.log1p(SPREAD * (self._missed + due)) / SPREAD

    def silent(self, x: Tick) -> bool:
        """Whether the silence is too improbable to be calm."""
        return self.score_one(x) > NATS

    def learn_one(self, x: Tick) -> None:
        """Close the step of ``x``."""
        self.learn_at(int(x.at.timestamp()) // 60, x)

    def learn_at(self, minute: int, x: Tick) -> None:
        """Close ``x``, which begins at a minute counted from 1970."""
        if not x.covered:
            self._quiet = self._missed = 0.0
            return
        quarter = minute // (QUARTER // 60)
        if quarter != self._quarter:
            self._close(quarter)
        people = max(x.mentions, x.authors, x.negative_authors) + x.late_mentions
        if people:
            if self._quiet:
                self._quiet = self._missed = 0.0
        else:
            self._missed += self._due(self._hour)
            self._quiet += self.step
            if self._missed > _SILENT:
                return  # teaches nothing
        self._people += people
        self._minutes += self.step

    def _close(self, quarter: int) -> None:
        """Learn what the last quarter of an hour brought, and begin another."""
        if self._minutes:
            hour = self._hour
            fade = 0.5 ** (self._minutes / 60 / (HALF_LIFE / 24))
            self.seen[hour] = self.seen[hour] * fade + self._people
            self.minutes[hour] = self.minutes[hour] * fade + self._minutes
        self._hour, self._quarter = self._hour_of(quarter), quarter
        self._people, self._minutes = 0.0, 0

    def dump(self) -> State:
        """All that was learned."""
        filling = [self._quarter, self._hour, self._people, self._minutes]
        return [self.timezone, self.step, self.seen, self.minutes, self._quiet, self._missed, filling]

    def restore(self, state: State, timezone: str | None = None) -> Silence:
        """Take over what `dump` gave; ``timezone``: where the brand has moved to another."""
        self.timezone, self.step = timezone or state[0], state[1]
        self._zone = ZoneInfo(self.timezone)
        self.seen, self.minutes = list(state[2]), list(state[3])
        self._quiet, self._missed = state[4:6]
        self._quarter, self._hour, self._people, self._minutes = state[6]
        return self
