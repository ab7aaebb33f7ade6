"""What every series detector is: two verbs on a tick, and a state that restores exactly."""

from __future__ import annotations

import abc
from datetime import datetime
from typing import Any, Self

from river import base

from daemon.model import Tick

State = list[Any]  # numbers, strings and lists of them only: packs as MessagePack


class Detector(base.Estimator, abc.ABC):
    """A detector on the interface of river's anomaly detectors.

    ``score_one`` is pure: it says how unusual the series looks with ``x`` as its newest step, so
    that a step still filling may be scored as often as it grows. ``learn_one`` closes the step.
    Ticks come in the order of time; `amend_one` is for what arrives late.
    """

    @property
    def _supervised(self) -> bool:
        return False

    @abc.abstractmethod
    def learn_one(self, x: Tick) -> None:
        """Take ``x`` as the final counts of its step."""

    @abc.abstractmethod
    def score_one(self, x: Tick) -> float:
        """How unusual, with ``x`` as the newest step: 0 is ordinary, more is rarer."""

    def amend_one(self, x: Tick) -> None:
        """Replace the counts of a past step, as far back as the detector still can."""

    @abc.abstractmethod
    def dump(self) -> State:
        """All that was learned; `restore` brings it back to the last bit."""

    @abc.abstractmethod
    def restore(self, state: State) -> Self:
        """Take over a state that `dump` gave."""


def step_of(at: datetime, minutes: int) -> int:
    """Running number of the step that holds ``at``, counted from 1970."""
    return int(at.timestamp()) // (60 * minutes)
