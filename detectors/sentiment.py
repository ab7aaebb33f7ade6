"""The text model: hashed features, a linear layer of several heads, calibrated by language.

Heads: ``polar`` against neutral, ``negative`` against positive among the polar, ``direct``
negative against all else, and ``complaint``. Corpora without neutral texts teach the second
alone: mixed into three classes they would ruin the neutral one (docs/explanation/text.md).

Weights are whole numbers and summed as such, so a text's score cannot depend on its batch.
"""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Sequence
from importlib import resources

import msgspec
import numpy as np
import numpy.typing as npt

from daemon.model import Label, Meaning
from detectors.complaint import outage
from detectors.features import family, fold, hashed
from detectors.language import Languages

WEIGHTS = "text.npz"
HEADS = ("polar", "negative", "direct", "complaint")
_BATCH = 256  # texts hashed at once: bounds memory
_DECIMALS = 4


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """How scores become chances in one language."""

    bias: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)  # added to each head's score
    polar: float = 0.5  # from this chance a text is not neutral
    negative: float = 0.5  # from this chance a polar text is negative


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All of the model but its weights."""

    bits: int
    scale: tuple[float, ...]  # of the whole-number weights, by head
    calibration: dict[str, Calibration]  # by language; "" for any other


def sigmoid(score: float) -> float:
    """The chance that a score in log-odds stands for."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))


class LinearModel:
    """A :class:`detectors.text.TextModel` of hashed features and linear heads."""

    def __init__(self, weights: npt.NDArray[np.int8], settings: Settings, *, version: str) -> None:
        self._weights = weights
        self._settings = settings
        self._version = version
        self._languages = Languages()

    @property
    def version(self) -> str:
        """Short hash of the weights and the rules."""
        return self._version

    def read(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Meaning]:
        """One meaning for each text, in order; never raises for any text."""
        found: list[Meaning] = []
        for begin in range(0, len(texts), _BATCH):
            chunk = texts[begin : begin + _BATCH]
            told = self._languages.all(chunk, langs[begin : begin + _BATCH])
            folded = [fold(text) for text in chunk]
            scores = self.scores(folded, told)
            found += [self._meaning(*each) for each in zip(folded, told, scores, strict=True)]
        return found

    def scores(self, folded: Sequence[str], langs: Sequence[str]) -> list[tuple[float, ...]]:
        """Log-odds of each head for each folded text, before calibration."""
        features = hashed(folded, [family(lang) for lang in langs], self._settings.bits)
        sums = np.zeros((len(features.index) + 1, len(HEADS)), dtype=np.int64)
        np.cumsum(self._weights[features.index], axis=0, out=sums[1:])
        total = sums[features.start[1:]] - sums[features.start[:-1]]
        counts = np.diff(features.start)
        return [
            tuple(value * scale / math.sqrt(count or 1) for value, scale in zip(row, self._settings.scale, strict=True))
            for row, count in zip(total.tolist(), counts.tolist(), strict=True)
        ]

    def _meaning(self, folded: str, lang: str, scores: tuple[float, ...]) -> Meaning:
        calibration = self._settings.calibration.get(lang) or self._settings.calibration[""]
        polar, negative, direct, complaint = (
            sigmoid(score + bias) for score, bias in zip(scores, calibration.bias, strict=True)
        )
        if polar < calibration.polar:
            label = Label.NEUTRAL
        else:
            label = Label.NEGATIVE if negative >= calibration.negative else Label.POSITIVE
        return Meaning(
            lang=lang,
            label=label,
            p_negative=round((polar * negative * direct) ** 0.5, _DECIMALS),
            complaint=round(complaint, _DECIMALS),
            outage=round(outage(folded), _DECIMALS),
        )


def load_model() -> LinearModel:
    """The model that is shipped."""
    packed = (resources.files("detectors") / "models" / WEIGHTS).read_bytes()
    rules = (resources.files("config") / "rules" / "outage.toml").read_bytes()
    version = hashlib.sha256(packed + rules).hexdigest()[:12]
    with np.load(io.BytesIO(packed)) as stored:
        settings = msgspec.json.decode(stored["settings"].tobytes(), type=Settings)
        return LinearModel(stored["weights"], settings, version=version)
