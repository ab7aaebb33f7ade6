"""Reach: one complaint that far more people see than this brand's complaints usually are seen by."""

from __future__ import annotations

import math

from daemon.model import Tick
from detectors.base import Detector, State, step_of
from detectors.calibration import WEEKS

WINDOW = 60  # minutes
LEAST = 4.3  # decades: twenty thousand readers
BAR = 3.5  # decades; the excess over it is what is learned
MOST = 3.0  # an excess counts for no more
PRIOR_PEAKS, PRIOR_DECADES = 4.0, 0.45
PRIOR_WEEKS, PRIOR_RATE = 4.0, 1.0
HALF_LIFE = 12.0  # weeks
NOBODY = -math.log(WEEKS * 168)  # an hour like any other


class Reach(Detector):
    """How rare a mention of such reach is: -ln of how many as far-reaching a year brings.

    Audiences follow a Pareto law (Clauset, Shalizi & Newman 2009), so the decades
    log10(1 + followers + engagement) beyond a bar are exponential; their mean and rate are learned,
    each hour counting once.

    >>> from datetime import UTC, datetime
    >>> reach = Reach()
    >>> at = datetime(2026, 1, 5, tzinfo=UTC)
    >>> [round(reach.score_one(Tick(at=at, negative=1, top_reach=decades)), 2) for decades in (3.0, 5.0, 6.7)]
    [-9.08, -0.62, 3.16]
    """

    def __init__(self, step: int = 1) -> None:
        self.step = step
        self.peaks = self.decades = self.weeks = 0.0
        self._minutes = 0  # known, and not yet faded
        self._recent: list[tuple[int, float]] = []  # step and decades of the far-reaching of the last hour

    def score_one(self, x: Tick) -> float:
        """-ln of the yearly number of mentions that reach as far as the farthest of the last hour."""
        return self.at(step_of(x.at, self.step), x)[0]

    def at(self, step: int, x: Tick) -> tuple[float, float]:
        """The score, and the decades of the farthest-reaching negative mention of the last hour."""
        far = x.top_reach if x.covered else 0.0
        for past, decades in self._recent:
            if past > step - WINDOW // self.step:
                far = max(far, decades)
        if far <= BAR:
            return NOBODY, far
        mean = (self.decades + PRIOR_PEAKS * PRIOR_DECADES) / (self.peaks + PRIOR_PEAKS)
        rate = (self.peaks + PRIOR_WEEKS * PRIOR_RATE) / (self.weeks + PRIOR_WEEKS)
        return max((far - BAR) / mean - math.log(WEEKS * rate), NOBODY), far

    def learn_one(self, x: Tick) -> None:
        """Close the step of ``x``."""
        self.learn_at(step_of(x.at, self.step), x)

    def learn_at(self, step: int, x: Tick) -> None:
        """Close ``x``, whose step is known."""
        if not x.covered:
            return
        self._minutes += self.step
        if self._minutes >= WINDOW:
            fade = 0.5 ** (self._minutes / (HALF_LIFE * 10080))
            self.peaks *= fade
            self.decades *= fade
            self.weeks = self.weeks * fade + self._minutes / 10080
            self._minutes = 0
        if self._recent and self._recent[0][0] <= step - WINDOW // self.step:
            self.peaks += 1
            self.decades += min(max(far for _, far in self._recent) - BAR, MOST)
            self._recent = []
        if x.top_reach > BAR:
            self._recent.append((step, x.top_reach))

    def amend_at(self, step: int, x: Tick) -> None:
        """Replace the counts of a step of the last hour."""
        if x.top_reach > BAR:
            self._recent = sorted({**dict(self._recent), step: x.top_reach}.items())

    def dump(self) -> State:
        """All that was learned."""
        return [self.step, self.peaks, self.decades, self.weeks, self._minutes, [list(one) for one in self._recent]]

    def restore(self, state: State) -> Reach:
        """Take over what `dump` gave."""
        self.step, self.peaks, self.decades, self.weeks, self._minutes = state[:5]
        self._recent = [(step, far) for step, far in state[5]]
        return self
