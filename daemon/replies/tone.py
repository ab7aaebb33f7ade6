"""Tone that phrase lists do not name, heard by a small linear model over a sentence's words and letters."""

from __future__ import annotations

import io
from functools import cache
from importlib import resources

import msgspec
import numpy as np
import numpy.typing as npt

from daemon.replies.draft import Draft
from detectors.features import family, fold
from detectors.vocabulary import Vocabulary

WEIGHTS = "tone.npz"
RULES = ("blame", "belittling", "hostility", "levity", "disowning")
BITS = 18
_LEAST, _ENOUGH = 3, 6  # words of a sentence that is judged, and of one that is judged fit
_FIT = -4.5  # log-odds of a fault, below which a sentence is fit


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All of the model but its weights; of each column: at fault or not, then each of `RULES` among those at fault."""

    scale: tuple[float, ...]
    bias: dict[str, tuple[float, ...]]  # by language, then column
    limit: dict[str, float]  # by language: from where on a sentence is at fault


def plain(draft: Draft, start: int, end: int) -> str:
    """Part of a reply as the model reads it: without what is quoted, links, and names behind a form of address."""
    return " ".join(draft.own[start:end].replace("\0", " ").split())


class Tone:
    """What is wrong with the tone of single sentences."""

    def __init__(self, weights: npt.NDArray[np.int8], settings: Settings) -> None:
        self._vocabulary = Vocabulary(weights, BITS)
        self._settings = settings

    def rule_of(self, sentence: str, lang: str) -> str | None:
        """The rule of `RULES` that a sentence, as :func:`plain` gives it, breaks; None: none, or too short to tell."""
        scores = self._scores(sentence, lang)
        if scores is None or scores[0] <= self._settings.limit[lang]:
            return None
        return RULES[int(np.argmax(scores[1:]))]

    def is_fit(self, sentence: str, lang: str) -> bool:
        """Whether a sentence is so clearly none of `RULES` that an expression of a list found in it means nothing."""
        scores = self._scores(sentence, lang, _ENOUGH)
        return scores is not None and bool(scores[0] < _FIT)

    def _scores(self, sentence: str, lang: str, least: int = _LEAST) -> npt.NDArray[np.float64] | None:
        """Log-odds of being at fault, then one score for each of `RULES`; None: too short to tell."""
        words = fold(sentence).split()
        if lang not in self._settings.limit or len(words) < least:
            return None
        total, counts = self._vocabulary.sums([words], [family(lang)])
        scores: npt.NDArray[np.float64] = total[0] * np.array(self._settings.scale) / np.sqrt(counts[0])
        scores += np.array(self._settings.bias[lang])
        return scores


@cache
def load_tone() -> Tone:
    """The model that is shipped."""
    return unpacked((resources.files("detectors") / "models" / WEIGHTS).read_bytes())


def unpacked(packed: bytes) -> Tone:
    """The model that `daemon.training.tone.train_tone` packed."""
    with np.load(io.BytesIO(packed)) as stored:
        return Tone(stored["weights"], msgspec.json.decode(stored["settings"].tobytes(), type=Settings))
