"""What is ordinary for a brand: how many negative authors at this minute of its week, and their share.

Every factor is the mean of a Gamma posterior, (counts + k) / (expected + k), shrunk towards its
prior by k expected counts (Gamma-Poisson; Clayton & Kaldor 1987), so a brand with one negative
mention an hour and one with three hundred a minute are learned by the same rule.
"""

from __future__ import annotations

import math

from detectors.base import State
from detectors.prior import Rhythm

HOUR, DAY, WEEK = 60.0, 1440.0, 10080.0
SUNDAY, HOLIDAY = 6, 7  # days; a holiday is like a Sunday until it is known better
LEVEL_HALF_LIFE = 6 * DAY  # minutes of exposure
FACTOR_HALF_LIFE = 28 * DAY
HOLIDAY_HALF_LIFE = 365 * DAY
PRIOR_COUNT, PRIOR_EXPOSURE = 0.001, 0.25  # a brand not yet known may be of any size
PRIOR_NEGATIVE, PRIOR_ALL = 3.0, 10.0  # three negative mentions in ten

# Of brands at large: people write by day and evening. Mean 1.
AT_LARGE = Rhythm(tuple(1 + 0.6 * math.cos(2 * math.pi * (hour - 17) / 24) for hour in range(24)), (1.0,) * 7)


class Baseline:
    """Level x hour x weekday or holiday x hour of the week, and the negative share.

    Minutes are those of `detectors.calendar`: from 10,080 on they are of a public holiday.

    >>> baseline = Baseline()
    >>> for day in range(28):
    ...     for hour in range(24):
    ...         baseline.learn(day * 1440 % 10080 + hour * 60 + 30, 120 if 8 <= hour < 20 else 12, 400, 60.0, 1.0)
    >>> [round(baseline.mean(3 * 1440 + hour * 60 + 30) * 60) for hour in (3, 12)]
    [13, 117]
    >>> round(baseline.share(), 2)
    0.17
    """

    def __init__(self, prior: Rhythm = AT_LARGE) -> None:
        self.prior = prior
        self._hours, self._days = prior.hours, (*prior.days, 1.0)
        self.count = PRIOR_COUNT
        self.exposure = PRIOR_EXPOSURE
        self.negative = PRIOR_NEGATIVE
        self.all = PRIOR_ALL
        self.hours = [0.0] * 48  # counts, then what was expected
        self.days = [0.0] * 16
        self.cells = [0.0] * 336
        self._until_decay = DAY

    def rhythm(self) -> Rhythm:
        """Hours of the day and days of the week as they are known."""
        level = self.count / self.exposure
        hours = [self._hour(hour, level) for hour in range(24)]
        days = [self._of_day(day, level) for day in range(7)]
        return Rhythm(tuple(24 * hour / sum(hours) for hour in hours), tuple(7 * day / sum(days) for day in days))

    def level(self) -> float:
        """Negative authors a minute, averaged over the week."""
        return self.count / self.exposure

    def share(self) -> float:
        """Negative share of all authors."""
        return self.negative / self.all

    def season(self, minute: float) -> float:
        """Factor of a minute of the week, interpolated between the middles of hours."""
        place = minute / HOUR - 0.5
        cell = math.floor(place)
        part = place - cell
        level = self.count / self.exposure
        if minute >= WEEK:
            return (1 - part) * self._factor(max(cell, 168), level) + part * self._factor(min(cell + 1, 191), level)
        return (1 - part) * self._factor(cell % 168, level) + part * self._factor((cell + 1) % 168, level)

    def mean(self, minute: float) -> float:
        """Expected negative authors a minute at a minute of the week."""
        return self.count / self.exposure * self.season(minute)

    def _factor(self, cell: int, level: float) -> float:
        day = cell // 24
        factor = self._hour(cell % 24, level) * self._of_day(day, level)
        if day == HOLIDAY:
            return factor * self._of_day(SUNDAY, level)
        k = 3 + 240 * level * factor
        return factor * (self.cells[cell] + k) / (self.cells[168 + cell] + k)

    def _hour(self, hour: int, level: float) -> float:
        """What an hour of the day has of the mean."""
        k = 3 + 120 * level * self._hours[hour]
        return self._hours[hour] * (self.hours[hour] + k) / (self.hours[24 + hour] + k)

    def _of_day(self, day: int, level: float) -> float:
        """What a weekday has of the mean, or a holiday of a Sunday."""
        k = 3 + 2160 * level * self._days[day]
        return self._days[day] * (self.days[day] + k) / (self.days[8 + day] + k)

    def learn(self, minute: float, negative: float, total: float, minutes: float, weight: float) -> None:
        """Learn a block of ``minutes`` known minutes around a minute of the week.

        ``negative`` of ``total`` authors wrote in it (0: the share says nothing); ``weight`` is how
        ordinary it is, 0 to 1.
        """
        cell = min(int(minute // HOUR), 191)
        hour, day = cell % 24, cell // 24
        level = self.count / self.exposure
        # each factor is held against what all the others expect
        by_hour = self._hour(hour, level)
        by_day = self._of_day(day, level)
        season = by_hour * by_day
        by_cell = 1.0
        if day == HOLIDAY:
            season *= self._of_day(SUNDAY, level)
        else:
            k = 3 + 240 * level * season
            by_cell = (self.cells[cell] + k) / (self.cells[168 + cell] + k)
            season *= by_cell
        known = weight * minutes
        expected = level * season * known
        counted = weight * negative
        self.hours[hour] += counted
        self.hours[24 + hour] += expected / by_hour * self._hours[hour]
        self.days[day] += counted
        self.days[8 + day] += expected / by_day * self._days[day]
        if day != HOLIDAY:
            self.cells[cell] += counted
            self.cells[168 + cell] += expected / by_cell
        fade = 0.5 ** (known / LEVEL_HALF_LIFE)
        self.count = self.count * fade + counted
        self.exposure = self.exposure * fade + season * known
        if total:
            self.negative = self.negative * fade + counted
            self.all = self.all * fade + weight * total
        self._until_decay -= known
        if self._until_decay <= 0:
            self._until_decay += DAY
            fade = 0.5 ** (DAY / FACTOR_HALF_LIFE)
            self.hours = [value * fade for value in self.hours]
            slowly = 0.5 ** (DAY / HOLIDAY_HALF_LIFE)
            self.days = [v * (slowly if place % 8 == HOLIDAY else fade) for place, v in enumerate(self.days)]
            self.cells = [value * fade for value in self.cells]

    def dump(self) -> State:
        """All that was learned."""
        return [
            self.count,
            self.exposure,
            self.negative,
            self.all,
            self._until_decay,
            self.hours,
            self.days,
            self.cells,
            self.prior.dump(),
        ]

    def restore(self, state: State) -> Baseline:
        """Take over what `dump` gave."""
        self.__init__(Rhythm.restored(state[8]))  # type: ignore[misc]
        self.count, self.exposure, self.negative, self.all, self._until_decay = state[:5]
        self.hours, self.days, self.cells = (list(part) for part in state[5:8])
        return self
