"""How much more than Poisson a brand's ordinary counts vary, window by window."""

from __future__ import annotations

from detectors.base import State

HALF_LIFE = 7.0 * 1440  # minutes
MOST, MEAN = 2.25, 0.7784  # squared residuals are cut at 1.5 deviations, and what then is their mean if normal
PRIOR_WEIGHT = 10.0  # independent windows
LEAST = 0.001
TOO_FEW = 2.0  # expected counts, below which a squared residual says nothing of φ


class Dispersion:
    """Robust moment estimate (Huber 1964) of φ in variance = M + φ M², for each window, shrunk to a prior.

    A window that overlaps the one it was learned with before teaches in proportion to what is new in it.

    >>> dispersion = Dispersion((1, 60), step=1, prior=0.08)
    >>> for count in (50, 150) * 200:
    ...     dispersion.learn(0, count, 100.0)
    >>> [round(phi, 2) for phi in dispersion.values()]
    [0.3, 0.08]
    """

    def __init__(self, windows: tuple[int, ...], step: int, prior: float) -> None:
        self.windows = windows
        self.step = step
        self.prior = prior
        self.sums = [prior * PRIOR_WEIGHT] * len(windows)
        self.weights = [PRIOR_WEIGHT] * len(windows)

    def values(self) -> list[float]:
        """φ of each window."""
        return [self.value(place) for place in range(len(self.sums))]

    def value(self, place: int) -> float:
        """φ of one window."""
        return max(self.sums[place] / self.weights[place], LEAST)

    def learn(self, place: int, count: float, expected: float, every: int = 1, known: float = 0.0) -> None:
        """A window has closed with ``count`` where ``expected`` were due; ``every`` so many blocks of ten minutes.

        ``known``: dispersion that is accounted for already.
        """
        if expected < TOO_FEW:
            return
        phi = self.value(place)
        square = expected * expected
        variance = expected + (phi + known) * square
        residual = min((count - expected) ** 2, MOST * variance) / MEAN
        worth = (phi * square / variance) ** 2  # Fisher information on ln φ, up to a factor
        worth *= min(1.0, 10 * every / (self.windows[place] * self.step))
        fade = 0.5 ** (10 * every / HALF_LIFE)
        rest = PRIOR_WEIGHT * (1 - fade)
        surplus = (residual - expected) / square - known
        self.sums[place] = self.sums[place] * fade + worth * surplus + rest * self.prior
        self.weights[place] = self.weights[place] * fade + worth + rest

    def dump(self) -> State:
        """All that was learned."""
        return [self.sums, self.weights]

    def restore(self, state: State) -> Dispersion:
        """Take over what `dump` gave."""
        self.sums, self.weights = list(state[0]), list(state[1])
        return self
