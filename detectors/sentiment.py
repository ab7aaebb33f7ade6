"""The text model: hashed features, a linear layer of several heads, calibrated by language.

Heads: ``polar`` against neutral, ``negative`` against positive among the polar, ``direct``
negative against all else, ``complaint`` and ``outage``. Corpora without neutral texts teach the second
alone: mixed into three classes they would ruin the neutral one (docs/explanation/text.md).

Weights are whole numbers and summed as such, so a text's score cannot depend on its batch.
"""

from __future__ import annotations

import hashlib
import io
import math
import operator
from collections.abc import Sequence
from importlib import resources

import msgspec
import numpy as np
import numpy.typing as npt

from daemon.model import Label, Meaning
from detectors.complaint import evidence, reports
from detectors.features import family, fold, hashed
from detectors.language import Languages
from detectors.lexicon import NOTHING, Lexicon

WEIGHTS = "text.npz"
SENTIMENT = ("polar", "negative", "direct")
HEADS = (*SENTIMENT, "complaint", "outage")
_BATCH = 256  # texts hashed at once: bounds memory
_DECIMALS = 4
_SUREST = 5.0  # log-odds that no sentiment head goes beyond
_LABELS = tuple(Label)
_NEGATIVE = _LABELS.index(Label.NEGATIVE)
_UNSHIFTED = (0.0,) * len(Label)
_WRONGED = 0.8  # log-odds of a complaint that an outage report adds


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """How the sentiment heads make chances of the labels, in the order of `Label`."""

    softmax: tuple[tuple[float, ...], ...]  # for each label: a constant, then what each sentiment head counts
    shift: dict[str, tuple[float, ...]] = {}  # by language: added to each label


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All of the model but its weights."""

    bits: int
    scale: tuple[float, ...]  # of the whole-number weights, by head
    bias: dict[str, tuple[float, ...]]  # by language, then head; "" for any other
    mix: Mix


def softened(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Log-odds of the sentiment heads as they enter the mix: one that is sure of itself does not outvote the others."""
    return np.asarray(_SUREST * np.tanh(scores / _SUREST))


def sigmoid(score: float) -> float:
    """The chance that a score in log-odds stands for."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))


class LinearModel:
    """A :class:`detectors.text.TextModel` of hashed features and linear heads."""

    def __init__(
        self, weights: npt.NDArray[np.int8], settings: Settings, lexicon: Lexicon = NOTHING, *, version: str
    ) -> None:
        self._weights = weights
        self._settings = settings
        self._lexicon = lexicon
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
        families = [family(lang) for lang in langs]
        features = hashed(list(map(self._lexicon.marked, folded, families)), families, self._settings.bits)
        counts = np.diff(features.start)
        total = np.zeros((len(folded), len(HEADS)), dtype=np.int32)
        some = counts > 0
        if some.any():
            rows = np.take(self._weights, features.indices, axis=0)  # several times faster than an index
            total[some] = np.add.reduceat(rows, features.start[:-1][some], dtype=np.int32)
        found = total * np.array(self._settings.scale) / np.sqrt(np.maximum(counts, 1))[:, None]
        return [tuple(row) for row in found.tolist()]

    def _meaning(self, folded: str, lang: str, scores: tuple[float, ...]) -> Meaning:
        bias = self._settings.bias.get(lang) or self._settings.bias[""]
        polar, negative, direct, complaint, broken = map(operator.add, scores, bias)
        label, p_negative = self._told(lang, polar, negative, direct)
        said = evidence(folded)
        if reports(said):
            complaint += _WRONGED
        return Meaning(
            lang=lang,
            label=label,
            p_negative=round(p_negative, _DECIMALS),
            complaint=round(sigmoid(complaint), _DECIMALS),
            outage=round(sigmoid(broken + said), _DECIMALS),
        )

    def _told(self, lang: str, *scores: float) -> tuple[Label, float]:
        """The likeliest label, and the chance of negative."""
        mix = self._settings.mix
        polar, negative, direct = (_SUREST * math.tanh(score / _SUREST) for score in scores)
        raised = [
            math.exp(constant + added + p * polar + n * negative + d * direct)
            for (constant, p, n, d), added in zip(mix.softmax, mix.shift.get(lang) or _UNSHIFTED, strict=True)
        ]
        return _LABELS[raised.index(max(raised))], raised[_NEGATIVE] / sum(raised)


def load_model() -> LinearModel:
    """The model that is shipped."""
    packed = (resources.files("detectors") / "models" / WEIGHTS).read_bytes()
    rules = (resources.files("config") / "rules" / "outage.toml").read_bytes()
    return unpacked(packed, version=hashlib.sha256(packed + rules).hexdigest()[:12])


def unpacked(packed: bytes, *, version: str) -> LinearModel:
    """The model that `daemon.training.train.pack` packed."""
    with np.load(io.BytesIO(packed)) as stored:
        settings = msgspec.json.decode(stored["settings"].tobytes(), type=Settings)
        lexicon = Lexicon(stored["lexicon_keys"], stored["lexicon_values"])
        return LinearModel(stored["weights"], settings, lexicon, version=version)
