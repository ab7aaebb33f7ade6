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
        self._hour: tuple[int, int] = (-1, 0)

    def _hour_of(self, x: Tick) -> int:
        number = int(x.at.timestamp()) // 900
        if self._hour[0] != number:
            self._hour = (number, datetime.fromtimestamp(number * 900, self._zone).hour)
        return self._hour[1]

    def _due(self, x: Tick) -> float:
        hour = self._hour_of(x)
        known = self.minutes[hour]
        if known < 60 * PRIOR_HOURS:  # pooled with the rest of the day, at a tenth
            everything = sum(self.minutes)
            pooled = 0.1 * sum(self.seen) / everything if everything else 0.0
            share = known / (60 * PRIOR_HOURS)
            own = self.seen[hour] / known if known else 0.0
            return 0.5 * self.step * (share * own + (1 - share) * pooled)
        return 0.5 * self.step * self.seen[hour] / known

    def score_one(self, x: Tick) -> float:
        """Nats of surprise at the silence that lasts to the end of ``x``; 0 where people write."""
        if x.mentions or x.late_mentions or x.authors or x.negative_authors or not x.covered:
            return 0.0
        if self._quiet + self.step <= LEAST:
            return 0.0
        return math.log1p(SPREAD * (self._missed + self._due(x))) / SPREAD

    def silent(self, x: Tick) -> bool:
        """Whether the silence is too improbable to be calm."""
        return self.score_one(x) > NATS

    def learn_one(self, x: Tick) -> None:
        """Close the step of ``x``."""
        if not x.covered:
            self._quiet = self._missed = 0.0
            return
        people = max(x.authors, x.negative_authors, x.mentions) + x.late_mentions
        hour = self._hour_of(x)
        if people:
            self._quiet = self._missed = 0.0
        else:
            self._missed += self._due(x)
            self._quiet += self.step
            if math.log1p(SPREAD * self._missed) / SPREAD > NATS:
                return  # teaches nothing
        fade = 0.5 ** (self.step / 60 / (HALF_LIFE / 24))
        self.seen[hour] = self.seen[hour] * fade + people
        self.minutes[hour] = self.minutes[hour] * fade + self.step

    def dump(self) -> State:
        """All that was learned."""
        return [self.timezone, self.step, self.seen, self.minutes, self._quiet, self._missed]

    def restore(self, state: State, timezone: str | None = None) -> Silence:
        """Take over what `dump` gave; ``timezone``: where the brand has moved to another."""
        self.timezone, self.step = timezone or state[0], state[1]
        self._zone = ZoneInfo(self.timezone)
        self.seen, self.minutes = list(state[2]), list(state[3])
        self._quiet, self._missed = state[4:]
        return self
