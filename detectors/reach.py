"""Reach: one complaint that far more people see than this brand's complaints usually are seen by."""

from __future__ import annotations

import math

from daemon.model import Tick
from detectors.base import Detector, State, step_of

WINDOW = 60  # minutes
LEAST = 4.3  # decades: twenty thousand readers
BAR = 3.5  # decades; the excess over it is what is learned
PRIOR_PEAKS, PRIOR_DECADES = 4.0, 0.45
PRIOR_WEEKS, PRIOR_RATE = 4.0, 1.0
HALF_LIFE = 12.0  # weeks
WEEKS = 52.18


class Reach(Detector):
    """How rare a mention of such reach is: -ln of how many as far-reaching a year brings.

    Audiences follow a Pareto law (Clauset, Shalizi & Newman 2009), so the decades
    log10(1 + followers + engagement) beyond a bar are exponential; their mean and rate are learned,
    each in an hour counting once.

    >>> from datetime import UTC, datetime
    >>> reach = Reach()
    >>> at = datetime(2026, 1, 5, tzinfo=UTC)
    >>> [round(reach.score_one(Tick(at=at, negative=1, top_reach=decades)), 2) for decades in (3.0, 5.0, 6.7)]
    [-5.07, -0.62, 3.16]
    """

    def __init__(self, step: int = 1) -> None:
        self.step = step
        self.peaks = self.decades = self.weeks = 0.0
        self._recent: list[list[float]] = []  # step and decades of the far-reaching of the last hour

    def score_one(self, x: Tick) -> float:
        """-ln of the yearly number of mentions that reach as far as the farthest of the last hour."""
        over = self.farthest(x) - BAR
        mean = (self.decades + PRIOR_PEAKS * PRIOR_DECADES) / (self.peaks + PRIOR_PEAKS)
        rate = (self.peaks + PRIOR_WEEKS * PRIOR_RATE) / (self.weeks + PRIOR_WEEKS)
        return over / mean - math.log(WEEKS * rate)

    def farthest(self, x: Tick) -> float:
        """Decades of reach of the farthest-reaching negative mention of the last hour."""
        since = step_of(x.at, self.step) - WINDOW // self.step
        far = max((decades for step, decades in self._recent if step > since), default=0.0)
        return max(far, x.top_reach) if x.covered else far

    def learn_one(self, x: Tick) -> None:
        """Close the step of ``x``."""
        if not x.covered:
            return
        step = step_of(x.at, self.step)
        fade = 0.5 ** (self.step / (HALF_LIFE * 10080))
        self.weeks = self.weeks * fade + self.step / 10080
        if self._recent and self._recent[0][0] <= step - WINDOW // self.step:
            self._take(max(decades for _, decades in self._recent))
            self._recent = []
        if x.top_reach > BAR:
            self._recent.append([step, x.top_reach])

    def _take(self, decades: float) -> None:
        self.peaks += 1
        self.decades += min(decades - BAR, 3.0)

    def dump(self) -> State:
        """All that was learned."""
        return [self.step, self.peaks, self.decades, self.weeks, [list(one) for one in self._recent]]

    def restore(self, state: State) -> Reach:
        """Take over what `dump` gave."""
        self.step, self.peaks, self.decades, self.weeks = state[:4]
        self._recent = [list(one) for one in state[4]]
        return self
