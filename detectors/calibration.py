"""From nats of evidence to a promise: how often as much would arise in a year of ordinary life.

The peaks of a brand's own evidence above a bar follow a generalised Pareto law (Pickands 1975;
peaks over threshold, Siffer et al. 2017), whose shape, scale and rate are learned as they come. The
rate of peaks at least as high as the present one *is* the user's setting, so one setting serves
brands of every size and temper.

The mean excess over the bar is σ/(1 - ξ), that of the smaller of two σ/(2 - ξ): their ratio tells the shape ξ
(probability-weighted moments, Hosking & Wallis 1987). What n peaks leave open makes the law heavier: where the scale of
an exponential law is known from n peaks alone, what is to be expected is a Pareto law of shape 1/n.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from detectors.base import State

BAR = 4.0  # nats; peaks below are everyday
QUIET = 60.0  # minutes under the bar that end a peak
HEAVIEST = 0.5  # shape of the law
DOUBT_ALONE = 0.1  # how much heavier it may be where volume stands alone: moods of whole days look like waves
WEEKS = 52.18  # in a year
HALF_LIFE = 12.0  # weeks
PRIOR_PEAKS = 24.0
PRIOR_WEEKS, PRIOR_RATE = 2.0, 0.5  # peaks a week
CRISES, CRISIS_NATS = 0.7, 20.0  # true crises a week, and their mean height: they are no ordinary life
EXCUSED, AHEAD = 0.6, 3.0  # peaks a week, and at first, that may be taken for crises; more are how this brand lives
EXCUSED_ALONE, AHEAD_ALONE = 0.1, 1.0  # where volume stands alone, for nothing else speaks for a crisis
REMEMBERED = 24  # peaks that people may still judge
MOST = 40.0  # an excess counts for at most so many scales: a crisis is no measure of ordinary life


_FLOOR = -0.9  # of 1/ξ scales under the bar, where the law is not meant for
_LEAST_SHAPE = 1e-6


class Judgement(NamedTuple):
    """What people have said of a stretch of time, in minutes since 1970."""

    begin: int
    end: int
    crisis: bool  # else ordinary life


class Tail:
    """Rate and scale of the everyday peaks of one brand's evidence.

    >>> tail = Tail()
    >>> [round(math.exp(-tail.score(nats)), 2) for nats in (4.0, 8.0, 12.0)]
    [26.09, 2.08, 0.21]

    What people have confirmed to be a crisis is no ordinary life, what they have dismissed is all of it:

    >>> for minute in range(0, 200, 10):
    ...     tail.learn(14.0 if minute < 20 else 0.0, 10.0, at=minute)
    >>> before = tail.peaks
    >>> tail.judge([Judgement(0, 20, crisis=False)])
    >>> tail.peaks > before
    True
    >>> tail.judge([Judgement(0, 20, crisis=True)])
    >>> round(tail.peaks, 6)
    0.0
    """

    def __init__(self, excess: float = 1.5) -> None:
        self._prior = PRIOR_PEAKS * excess  # mean excess of the peaks of other brands, in nats
        self.peaks = 0.0
        self.excess = 0.0
        self.weeks = 0.0
        self.excused = 0.0  # peaks taken for crises
        self.alone = False  # nothing but the volume tells how much is going on
        self._pairs = 0.0  # of peaks that came one after the other
        self._smaller = 0.0  # the smaller excesses of them
        self._before = (0.0, 0.0)  # excess and weight of the newest peak
        self._law: tuple[float, float, float] | None = None  # shape, scale, -ln of the peaks a year
        self._calm = 0.0  # score of no evidence
        self._peak = 0.0  # of the present cluster
        self._quiet = 0.0  # minutes since it was last above the bar
        self._begin = self._end = 0  # of the cluster, in minutes since 1970
        self._lived = 0.0  # weeks, none of them forgotten
        self._taken: list[_Taken] = []
        self._judgements: list[Judgement] = []

    def mean(self) -> float:
        """Mean excess of a peak over the bar, in nats."""
        return (self.excess + self._prior) / (self.peaks + PRIOR_PEAKS)

    def shape(self) -> float:
        """ξ of the law: 0 is exponential. Less a standard error, unless volume stands alone: chance looks heavy too."""
        ratio = self.mean() * (self._pairs + PRIOR_PEAKS) / (self._smaller + self._prior / 2)
        if ratio <= 2:  # noqa: PLR2004 - of an exponential law
            return 0.0
        error = 0.0 if self.alone else 1 / math.sqrt(self.peaks + PRIOR_PEAKS)
        return min(max(1 - 1 / (ratio - 1) - error, 0.0), HEAVIEST)

    def scale(self) -> float:
        """σ of the law, in nats: the mean excess where the law is exponential."""
        return (1 - self.shape()) * self.mean()

    def rate(self) -> float:
        """Peaks a week."""
        return (self.peaks + PRIOR_WEEKS * PRIOR_RATE) / (self.weeks + PRIOR_WEEKS)

    def score(self, nats: float) -> float:
        """-ln of how many peaks at least as high a year of ordinary life brings."""
        if self._law is None:  # stays the same until something is learned
            unsure = (DOUBT_ALONE if self.alone else 0.0) + 1 / (self.peaks + PRIOR_PEAKS)
            shape = max(self.shape(), unsure)
            self._law = (shape, self.scale(), -math.log(WEEKS * self.rate()))
            self._calm = self._score(0.0, self._law)
        return self._score(nats, self._law) if nats else self._calm

    @staticmethod
    def _score(nats: float, law: tuple[float, float, float]) -> float:
        shape, scale, rarity = law
        return math.log1p(max(shape * (nats - BAR) / scale, _FLOOR)) / shape + rarity

    def learn(self, nats: float, minutes: float, at: int = 0) -> None:
        """So many known minutes have passed from ``at`` (since 1970), in which the evidence rose to ``nats``."""
        self._law = None
        self._lived += minutes / 10080
        fade = 0.5 ** (minutes / (HALF_LIFE * 10080))
        self.weeks = self.weeks * fade + minutes / 10080
        self.peaks *= fade
        self.excess *= fade
        self.excused *= fade
        self._pairs *= fade
        self._smaller *= fade
        if nats > BAR:
            if not self._peak:
                self._begin = at
            self._peak = max(self._peak, nats)
            self._quiet, self._end = 0.0, at + round(minutes)
        elif self._peak:
            self._quiet += minutes
            if self._quiet >= QUIET:
                self._take(self._peak)
                self._peak = self._quiet = 0.0

    def _take(self, peak: float) -> None:
        shape, scale = max(self.shape(), _LEAST_SHAPE), self.scale()
        over = min((peak - BAR) / scale, MOST)
        ordinary = self.rate() / scale * (1 + shape * over) ** (-1 / shape - 1)
        crisis = CRISES / CRISIS_NATS * math.exp((BAR - peak) / CRISIS_NATS)
        excused = crisis / (ordinary + crisis)
        weekly, ahead = (EXCUSED_ALONE, AHEAD_ALONE) if self.alone else (EXCUSED, AHEAD)
        excused = min(excused, max(0.0, ahead + weekly * self.weeks - self.excused))
        taken = _Taken(self._begin, self._end, self._lived, over * scale, 1 - excused)
        weight = self._weight(taken)
        self.excused += excused
        self.peaks += weight
        self.excess += weight * taken.excess
        both = min(weight, self._before[1])
        self._pairs += both
        self._smaller += both * min(taken.excess, self._before[0])
        self._before = (taken.excess, weight)
        self._taken = [*self._taken[1 - REMEMBERED :], taken]

    def _weight(self, taken: _Taken) -> float:
        """How much of a peak is ordinary life: as people have said, else as it looks."""
        for judgement in self._judgements:
            if taken.begin <= judgement.end and judgement.begin <= taken.end:
                return 0.0 if judgement.crisis else 1.0
        return taken.weight

    def judge(self, judgements: Sequence[Judgement]) -> None:
        """Take in all that people have said: it replaces what they had said before."""
        before = [self._weight(taken) for taken in self._taken]
        self._judgements = list(judgements)
        for taken, weight in zip(self._taken, before, strict=True):
            change = (self._weight(taken) - weight) * 0.5 ** ((self._lived - taken.lived) / HALF_LIFE)
            self.peaks = max(0.0, self.peaks + change)
            self.excess = max(0.0, self.excess + change * taken.excess)
        self._law = None

    def dump(self) -> State:
        """All that was learned."""
        return [self.peaks, self.excess, self.weeks, self.excused, self._peak, self._quiet,
                self._begin, self._end, self._lived, self._taken, self._judgements,
                self.alone, self._pairs, self._smaller, self._before]  # fmt: skip

    def restore(self, state: State) -> Tail:
        """Take over what `dump` gave."""
        self._law = None
        self.peaks, self.excess, self.weeks, self.excused, self._peak, self._quiet = state[:6]
        self._begin, self._end, self._lived = state[6:9]
        self._taken = [_Taken(*taken) for taken in state[9]]
        self._judgements = [Judgement(*judgement) for judgement in state[10]]
        self.alone, self._pairs, self._smaller = state[11:14]
        self._before = (state[14][0], state[14][1])
        return self


class _Taken(NamedTuple):
    """A peak that has been learned."""

    begin: int
    end: int
    lived: float  # weeks that the tail had lived then
    excess: float
    weight: float  # as it looked
