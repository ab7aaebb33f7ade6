"""The text model: hashed features, a linear layer of several heads, calibrated by language.

Heads: ``polar`` against neutral, ``negative`` against positive among the polar, ``direct``
negative against all else, ``complaint`` and ``outage``. Corpora without neutral texts teach the second
alone: mixed into three classes they would ruin the neutral one (docs/explanation/text.md).

Weights are whole numbers and summed as such, so a text's score cannot depend on its batch.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from functools import cache
from importlib import resources

import msgspec
import numpy as np
import numpy.typing as npt

from daemon.model import Label, Meaning
from detectors.complaint import evidence, wronged
from detectors.features import family, fold
from detectors.language import load_languages
from detectors.lexicon import NOTHING, Lexicon
from detectors.vocabulary import Vocabulary

WEIGHTS = "text.npz"
SENTIMENT = ("polar", "negative", "direct")
_POST = 430  # features of a long post: 95 in 100 of those that complaint learned from have fewer
HEADS = (*SENTIMENT, "complaint", "outage")
_BATCH = 256  # texts hashed at once: bounds memory
_DECIMALS = 4
_SUREST = 5.0  # log-odds that no sentiment head goes beyond
_LABELS = tuple(Label)
_COMPLAINT, _OUTAGE = HEADS.index("complaint"), HEADS.index("outage")
_NEGATIVE = _LABELS.index(Label.NEGATIVE)
_UNSHIFTED = (0.0,) * len(Label)
_UNLIFTED = (0.0,) * len(SENTIMENT)


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
    lift: dict[str, tuple[float, ...]] = {}  # by language: what each sentiment head adds to a complaint


def softened(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Log-odds of the sentiment heads as they enter the mix: one that is sure of itself does not outvote the others."""
    return np.asarray(_SUREST * np.tanh(scores / _SUREST))


class LinearModel:
    """A :class:`detectors.text.TextModel` of hashed features and linear heads."""

    def __init__(
        self, weights: npt.NDArray[np.int8], settings: Settings, lexicon: Lexicon = NOTHING, *, version: str
    ) -> None:
        self._vocabulary = Vocabulary(weights, settings.bits)
        self._settings = settings
        self._scale = np.array(settings.scale)
        self._softmax = np.array(settings.mix.softmax)
        self._lexicon = lexicon
        self._version = version
        self._languages = load_languages()

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
            found += self._meanings([fold(text) for text in chunk], told)
        return found

    def scores(self, folded: Sequence[str], langs: Sequence[str]) -> npt.NDArray[np.float64]:
        """Log-odds of each head for each folded text in its language."""
        families = [family(lang) for lang in langs]
        plain = [text.split(" ") for text in folded]
        words = [each + self._lexicon.marks(each, known) for each, known in zip(plain, families, strict=True)]
        total, counts = self._vocabulary.sums(words, families)
        bias = np.array([self._settings.bias.get(lang) or self._settings.bias[""] for lang in langs])
        raised = total * self._scale / np.sqrt(np.maximum(counts, 1))[:, None]
        # Complaint and outage have learned from posts: a long text would be sure of anything by its length alone.
        raised[:, len(SENTIMENT) :] *= np.sqrt(np.minimum(1.0, _POST / np.maximum(counts, 1)))[:, None]
        return np.asarray(raised + bias)

    def _meanings(self, folded: Sequence[str], langs: Sequence[str]) -> list[Meaning]:
        scores = self.scores(folded, langs)
        said = [evidence(text) for text in folded]
        mood = softened(scores[:, : len(SENTIMENT)])
        lift = np.array([self._settings.lift.get(lang) or _UNLIFTED for lang in langs])
        for head in range(len(SENTIMENT)):
            scores[:, _COMPLAINT] += mood[:, head] * lift[:, head]
        scores[:, _COMPLAINT] += [wronged(each) for each in said]
        scores[:, _OUTAGE] += said
        labels, p_negative = self._told(langs, mood)
        chances = np.column_stack([p_negative, 1 / (1 + np.exp(-scores[:, [_COMPLAINT, _OUTAGE]]))])
        return [
            Meaning(lang=lang, label=_LABELS[label], p_negative=negative, complaint=complaint, outage=outage)
            for lang, label, (negative, complaint, outage) in zip(
                langs, labels.tolist(), np.round(chances, _DECIMALS).tolist(), strict=True
            )
        ]

    def _told(
        self, langs: Sequence[str], mood: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """The number of the likeliest label, and the chance of negative, for each text.

        Sums run over one head after another: a product of matrices could depend on how many rows there are.
        """
        mix = self._settings.mix
        raised = np.array([mix.shift.get(lang) or _UNSHIFTED for lang in langs])
        raised += self._softmax[:, 0]
        for head, score in enumerate(mood.T, 1):
            raised += score[:, None] * self._softmax[:, head]
        chances = np.exp(raised - raised.max(axis=1)[:, None])
        chances /= chances.sum(axis=1)[:, None]
        return chances.argmax(axis=1), chances[:, _NEGATIVE]


@cache
def load_model() -> LinearModel:
    """The model that is shipped; one for the whole process."""
    packed = (resources.files("detectors") / "models" / WEIGHTS).read_bytes()
    rules = (resources.files("config") / "rules" / "outage.toml").read_bytes()
    return unpacked(packed, version=hashlib.sha256(packed + rules).hexdigest()[:12])


def unpacked(packed: bytes, *, version: str) -> LinearModel:
    """The model that `daemon.training.train.pack` packed."""
    with np.load(io.BytesIO(packed)) as stored:
        settings = msgspec.json.decode(stored["settings"].tobytes(), type=Settings)
        lexicon = Lexicon(stored["lexicon_keys"], stored["lexicon_values"])
        return LinearModel(stored["weights"], settings, lexicon, version=version)
