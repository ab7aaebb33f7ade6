"""Risk: people who write words that are never normal (poisoning, data leak, injury)."""

from __future__ import annotations

import math

from daemon.model import Tick
from detectors.base import Detector, State, step_of

HOUR = 60  # minutes learned together
WINDOW = 360  # minutes in which separate people make one story
PRIOR_COUNT, PRIOR_DAYS = 0.5, 60.0  # such a word is written of a brand three times a year
HALF_LIFE = 56.0  # days
YEAR = 365.25
NOBODY = -math.log(YEAR * 1440 / WINDOW)  # a window like any other


class RiskSeries(Detector):
    """How rare so many such authors are: -ln of how often a year brings as many in six hours.

    Their rate has a Gamma posterior, so the number in a window is negative binomial; a brand
    about which such words are commonplace (a hospital's "poisoning") soon needs many. The yearly
    number of windows that begin with a mention is the rate; the rest must follow within the window.

    >>> from datetime import UTC, datetime
    >>> risk = RiskSeries()
    >>> at = datetime(2026, 1, 5, tzinfo=UTC)
    >>> [round(math.exp(-risk.score_one(Tick(at=at, risk=count))), 4) for count in (1, 2, 3)]
    [3.0437, 0.0063, 0.0]
    """

    def __init__(self, step: int = 1) -> None:
        self.step = step
        self.count, self.days = PRIOR_COUNT, PRIOR_DAYS
        self._minutes = 0  # known, and not yet faded
        self._recent: list[tuple[int, int]] = []  # step and authors

    def expected(self) -> float:
        """Such authors in an ordinary window."""
        return self.count / self.days * WINDOW / 1440

    def score_one(self, x: Tick) -> float:
        """-ln of how often a year of ordinary life brings as many."""
        return self.at(step_of(x.at, self.step), x)[0]

    def at(self, step: int, x: Tick) -> tuple[float, int]:
        """The score, and such authors in the window."""
        seen = x.risk if x.covered else 0
        for past, count in self._recent:
            if past > step - WINDOW // self.step:
                seen += count
        if not seen:
            return NOBODY, 0
        # the first begins a window; the others must follow within it: NB(count, days)
        lasting = WINDOW / 1440
        more = seen - 1
        tail = math.lgamma(self.count + more) - math.lgamma(self.count) - math.lgamma(more + 1)
        tail += more * math.log(lasting / (self.days + lasting))
        return max(-math.log(self.count / self.days * YEAR) - min(tail, 0.0), NOBODY), seen

    def learn_one(self, x: Tick) -> None:
        """Close the step of ``x``."""
        self.learn_at(step_of(x.at, self.step), x)

    def learn_at(self, step: int, x: Tick) -> None:
        """Close ``x``, whose step is known."""
        if not x.covered:
            return
        self._minutes += self.step
        if self._minutes >= HOUR:
            fade = 0.5 ** (self._minutes / (HALF_LIFE * 1440))
            self.count = PRIOR_COUNT + (self.count - PRIOR_COUNT) * fade
            self.days = PRIOR_DAYS + (self.days - PRIOR_DAYS) * fade + self._minutes / 1440
            self._minutes = 0
        self.count += x.risk
        if self._recent and self._recent[0][0] <= step - WINDOW // self.step:
            self._recent.pop(0)
        if x.risk:
            self._recent.append((step, x.risk))

    def amend_at(self, step: int, x: Tick) -> None:
        """Replace the counts of a step of the window."""
        recent = dict(self._recent)
        more = x.risk - recent.get(step, 0)
        if more:
            self.count += more
            self._recent = sorted({**recent, step: x.risk}.items())

    def dump(self) -> State:
        """All that was learned."""
        return [self.step, self.count, self.days, self._minutes, [list(one) for one in self._recent]]

    def restore(self, state: State) -> RiskSeries:
        """Take over what `dump` gave."""
        self.step, self.count, self.days, self._minutes = state[:4]
        self._recent = [(step, count) for step, count in state[4]]
        return self
