"""A small learner on top of a frozen model: how far corrections move a text's log-odds of counting as negative.

Online logistic regression (river's loss and AdaGrad, Duchi, Hazan and Singer 2011) over hashed words and
character n-grams, with the frozen model's log-odds as offset. It is bounded thrice: buckets, norm of the weights, and
the shift itself, so that no stream of corrections, however wrong, can move a text by more than
``MOST`` nats. There is no intercept: those who correct only what was flagged would move the
threshold for every text.

Weights are rounded to whole numbers before they are summed, so a text's shift cannot depend on its batch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import msgspec
import numpy as np
import numpy.typing as npt
from river import optim

from detectors.features import hashed
from detectors.vocabulary import Vocabulary

MOST = 1.5  # nats that a text is moved by, at most
_BITS = 15
_RATE = 0.1
_DAMPING = 0.01  # of the first steps of each weight: one correction alone moves little
_NORM = 10.0  # of all weights
_BATCH = 256  # texts hashed at once: bounds memory
_UNIT = 1 << 24  # whole numbers in one nat


class ResidualState(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned, by the buckets that were ever met, in their order."""

    buckets: bytes
    weights: bytes
    squares: bytes  # of all gradients: they set the pace


class Residual:
    """Learns from labels one at a time, and tells shifts in log-odds."""

    def __init__(self) -> None:
        self._weights: npt.NDArray[np.float64] = np.zeros(1 << _BITS)
        self._vocabulary: Vocabulary | None = None  # of the weights as they are summed
        self._optimizer = optim.AdaGrad(_RATE, _DAMPING)
        self._loss = optim.losses.Log()

    @property
    def norm(self) -> float:
        """Length of the weights; at most 10."""
        return math.sqrt(float(np.sum(self._weights * self._weights)))

    def shifts(self, folded: Sequence[str], families: Sequence[int]) -> list[float]:
        """For each folded text, how far its log-odds move; between -``MOST`` and ``MOST``."""
        vocabulary = self._vocabulary
        if vocabulary is None:
            whole = np.rint(self._weights * _UNIT).astype(np.int64)
            vocabulary = self._vocabulary = Vocabulary(whole[:, None], _BITS)
        sums, counts = vocabulary.sums([text.split(" ") for text in folded], families)
        return [
            max(-MOST, min(MOST, value / _UNIT / math.sqrt(count or 1)))
            for value, count in zip(sums[:, 0].tolist(), counts.tolist(), strict=True)
        ]

    def learn_many(
        self, folded: Sequence[str], families: Sequence[int], offsets: Sequence[float], negative: Sequence[bool]
    ) -> None:
        """One step towards each label in turn; ``offsets``: what the frozen model says, in log-odds."""
        for begin in range(0, len(folded), _BATCH):
            chunk = slice(begin, begin + _BATCH)
            features = hashed(folded[chunk], families[chunk], _BITS)
            for place, (offset, label) in enumerate(zip(offsets[chunk], negative[chunk], strict=True)):
                self._learn(features.indices[features.start[place] : features.start[place + 1]], offset, label)
        self._vocabulary = None

    def _learn(self, indices: npt.NDArray[np.int32], offset: float, negative: bool) -> None:  # noqa: FBT001 - the label
        buckets, counts = np.unique(indices, return_counts=True)
        values = counts / math.sqrt(len(indices) or 1)
        said = offset + float(np.sum(self._weights[buckets] * values))
        slope = float(self._loss.gradient(int(negative), said))
        met = buckets.tolist()
        weights = dict(zip(met, self._weights[buckets].tolist(), strict=True))
        self._optimizer.step(weights, dict(zip(met, (slope * values).tolist(), strict=True)))
        self._weights[buckets] = list(weights.values())
        norm = self.norm
        if norm > _NORM:
            self._weights *= _NORM / norm

    def copy(self) -> Residual:
        """The same, free to go its own way."""
        other = Residual()
        other._weights = self._weights.copy()
        other._optimizer.g2.update(self._optimizer.g2)
        return other

    def dump(self) -> ResidualState:
        """All that was learned."""
        met = sorted(cast("dict[int, float]", self._optimizer.g2).items())
        buckets = np.array([bucket for bucket, _ in met], dtype=np.uint32)
        squares = np.array([square for _, square in met], dtype=np.float64)
        return ResidualState(
            buckets=buckets.astype("<u4").tobytes(),
            weights=self._weights[buckets].astype("<f8").tobytes(),
            squares=squares.astype("<f8").tobytes(),
        )

    @classmethod
    def load(cls, state: ResidualState) -> Residual:
        """Take over what `dump` gave."""
        residual = cls()
        buckets = np.frombuffer(state.buckets, dtype="<u4")
        residual._weights[buckets] = np.frombuffer(state.weights, dtype="<f8")
        squares = np.frombuffer(state.squares, dtype="<f8")
        residual._optimizer.g2.update(zip(buckets.tolist(), squares.tolist(), strict=True))
        return residual
