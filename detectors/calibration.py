"""From nats of evidence to a promise: how often as much would arise in a year of ordinary life.

The peaks of a brand's own evidence above a bar follow a generalised Pareto law (Pickands 1975;
peaks over threshold, Siffer et al. 2017), whose scale and rate are learned as they come. The
rate of peaks at least as high as the present one *is* the user's setting, so one setting serves
brands of every size and temper.
"""

from __future__ import annotations

import math

from detectors.base import State

BAR = 4.0  # nats; peaks below are everyday
QUIET = 60.0  # minutes under the bar that end a peak
SHAPE = 0.05  # of the Pareto law: hardly heavier than exponential
WEEKS = 52.18  # in a year
HALF_LIFE = 12.0  # weeks
PRIOR_PEAKS = 16.0
PRIOR_WEEKS, PRIOR_RATE = 2.0, 0.5  # peaks a week
CRISES, CRISIS_NATS = 0.7, 20.0  # true crises a week, and their mean height: they are no ordinary life
EXCUSED = 0.6  # peaks a week that may be taken for crises; more of them are how this brand lives
EXCUSED_AHEAD = 3.0  # peaks
MOST = 6.0  # an excess counts for at most so many scales: a crisis is no measure of ordinary life


_FLOOR = -0.9 / SHAPE  # scales under the bar, where the law is not meant for


class Tail:
    """Rate and scale of the everyday peaks of one brand's evidence.

    >>> tail = Tail()
    >>> [round(math.exp(-tail.score(nats)), 2) for nats in (4.0, 8.0, 12.0)]
    [26.09, 2.13, 0.23]
    """

    def __init__(self, excess: float = 1.5) -> None:
        self._prior = PRIOR_PEAKS * excess  # mean excess of the peaks of other brands, in nats
        self.peaks = 0.0
        self.excess = 0.0
        self.weeks = 0.0
        self.excused = 0.0  # peaks taken for crises
        self._law: tuple[float, float] | None = None
        self._calm = 0.0  # score of no evidence
        self._peak = 0.0  # of the present cluster
        self._quiet = 0.0  # minutes since it was last above the bar

    def scale(self) -> float:
        """Mean excess of a peak over the bar, in nats."""
        return (self.excess + self._prior) / (self.peaks + PRIOR_PEAKS)

    def rate(self) -> float:
        """Peaks a week."""
        return (self.peaks + PRIOR_WEEKS * PRIOR_RATE) / (self.weeks + PRIOR_WEEKS)

    def score(self, nats: float) -> float:
        """-ln of how many peaks at least as high a year of ordinary life brings."""
        if self._law is None:  # stays the same until something is learned
            self._law = (self.scale(), math.log(WEEKS * self.rate()))
            self._calm = self._score(0.0)
        return self._score(nats) if nats else self._calm

    def _score(self, nats: float) -> float:
        scale, yearly = self._law or (1.0, 0.0)
        over = (nats - BAR) / scale
        return math.log1p(SHAPE * over if over > _FLOOR else SHAPE * _FLOOR) / SHAPE - yearly

    def learn(self, nats: float, minutes: float) -> None:
        """So many known minutes have passed, in which the evidence rose to ``nats``."""
        self._law = None
        fade = 0.5 ** (minutes / (HALF_LIFE * 10080))
        self.weeks = self.weeks * fade + minutes / 10080
        self.peaks *= fade
        self.excess *= fade
        self.excused *= fade
        if nats > BAR:
            self._peak = max(self._peak, nats)
            self._quiet = 0.0
        elif self._peak:
            self._quiet += minutes
            if self._quiet >= QUIET:
                self._take(self._peak)
                self._peak = self._quiet = 0.0

    def _take(self, peak: float) -> None:
        scale = self.scale()
        over = min((peak - BAR) / scale, MOST)
        ordinary = self.rate() / scale * (1 + SHAPE * over) ** (-1 / SHAPE - 1)
        crisis = CRISES / CRISIS_NATS * math.exp((BAR - peak) / CRISIS_NATS)
        excused = crisis / (ordinary + crisis)
        excused = min(excused, max(0.0, EXCUSED_AHEAD + EXCUSED * self.weeks - self.excused))
        weight = 1 - excused
        self.excused += excused
        self.peaks += weight
        self.excess += weight * over * scale

    def dump(self) -> State:
        """All that was learned."""
        return [self.peaks, self.excess, self.weeks, self.excused, self._peak, self._quiet]

    def restore(self, state: State) -> Tail:
        """Take over what `dump` gave."""
        self._law = None
        self.peaks, self.excess, self.weeks, self.excused, self._peak, self._quiet = state
        return self
