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
_LEAST = 3  # words of a sentence that is judged


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
        words = fold(sentence).split()
        if lang not in self._settings.limit or len(words) < _LEAST:
            return None
        total, counts = self._vocabulary.sums([words], [family(lang)])
        fault, *rules = total[0] * np.array(self._settings.scale) / np.sqrt(counts[0]) + self._settings.bias[lang]
        return RULES[int(np.argmax(rules))] if fault > self._settings.limit[lang] else None


@cache
def load_tone() -> Tone:
    """The model that is shipped."""
    return unpacked((resources.files("detectors") / "models" / WEIGHTS).read_bytes())


def unpacked(packed: bytes) -> Tone:
    """The model that `daemon.training.tone.train_tone` packed."""
    with np.load(io.BytesIO(packed)) as stored:
        return Tone(stored["weights"], msgspec.json.decode(stored["settings"].tobytes(), type=Settings))
