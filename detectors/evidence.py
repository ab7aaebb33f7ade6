"""Evidence for a surge in one window: what was counted against what was due, in nats. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple

SLACK = 0.7  # counts added to every expectation: three angry people are no crisis
RATIO = 1.8  # times the expectation
LEAST_SIZE = 2.0  # of a negative binomial where others are counted too


class Evidence(NamedTuple):
    """The strongest window."""

    nats: float
    window: int  # steps
    observed: int
    expected: float


NOTHING = Evidence(0.0, 1, 0, 0.0)


def weigh(count: int, usual: float, prior: float, others: int, odds: float, spread: float) -> tuple[float, float]:
    """Nats of evidence for a surge in one window, and how many were due."""
    if not prior:
        return 0.0, usual
    due, size = usual, prior
    if others >= 0:  # how many others write tells how much is going on
        busy, shape = activity(others, odds * usual, prior, spread)
        due *= busy
        size = max(1 / (1 / shape + spread), LEAST_SIZE)
    slack = due + SLACK
    if count < RATIO * slack:
        return 0.0, due
    return count * math.log(count / slack) - (count + size) * math.log((count + size) / (slack + size)), due


def shift(count: int, others: int, odds: float) -> float:
    """Nats by which the negative share has risen: a backlog that comes at once has the usual one.

    ``odds`` of not complaining, more than 0.
    """
    everyone = count + others
    if others >= odds * count:
        return 0.0
    nats = count * math.log(count / everyone * (1 + odds))
    return nats + others * math.log(others / everyone * (1 + odds) / odds) if others else nats


def activity(others: int, usual: float, prior: float, spread: float) -> tuple[float, float]:
    """How much more than usual goes on, told by those who do not complain; and how surely.

    The posterior mean of a Gamma factor of mean 1 and shape ``prior``, and its shape. ``usual``
    others were due, of a count that is itself overdispersed by ``spread``.
    """
    if usual <= 0:
        return 1.0, prior
    worth = 1 / (1 / usual + spread)
    seen = worth * others / usual
    return (seen + prior) / (worth + prior), seen + prior
