"""What a brand's rhythm is taken for before it is known: like that of the other brands. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from detectors.base import State

AT_LARGE = 3.0  # so many brands are the constants worth
WHOLE = 4.0  # weeks after which a brand counts as one
YOUNGEST = 1.0  # weeks, before which a brand has nothing to say of others


class Rhythm(NamedTuple):
    """Hours of the day and days of the week, each in times their mean, in a brand's own time."""

    hours: tuple[float, ...]
    days: tuple[float, ...]

    def dump(self) -> State:
        """Both, as lists."""
        return [list(self.hours), list(self.days)]

    @classmethod
    def restored(cls, state: State) -> Rhythm:
        """What `dump` gave."""
        return cls(tuple(state[0]), tuple(state[1]))


class Known(NamedTuple):
    """The rhythm of a brand, and for how many weeks it is known."""

    rhythm: Rhythm
    weeks: float


def pooled(others: Sequence[Known], otherwise: Rhythm) -> Rhythm:
    """The mean of other brands' rhythms, each by how long it is known, shrunk to ``otherwise``.

    An empirical Bayes estimate of a mean over brands (Morris 1983): ``otherwise`` counts as three of them.

    >>> plain = Rhythm(hours=(1.0,) * 24, days=(1.0,) * 7)
    >>> late = plain._replace(hours=tuple(2.0 if hour >= 12 else 0.0 for hour in range(24)))
    >>> [pooled([Known(late, weeks=9.0)] * brands, plain).hours[18] for brands in (0, 3, 27)]
    [1.0, 1.5, 1.9]
    >>> pooled([Known(late, weeks=0.5)], plain) == plain
    True
    """
    known = [(min(one.weeks / WHOLE, 1.0), one.rhythm) for one in others if one.weeks >= YOUNGEST]
    every = AT_LARGE + sum(weight for weight, _ in known)

    def mean(values: Sequence[float], given: float) -> float:
        return (AT_LARGE * given + sum(w * value for (w, _), value in zip(known, values, strict=True))) / every

    return Rhythm(
        hours=tuple(mean([one.hours[hour] for _, one in known], given) for hour, given in enumerate(otherwise.hours)),
        days=tuple(mean([one.days[day] for _, one in known], given) for day, given in enumerate(otherwise.days)),
    )
