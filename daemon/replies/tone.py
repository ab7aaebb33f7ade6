"""Faults that phrase lists do not name, heard by a small linear model over a sentence's words and letters."""

from __future__ import annotations

import io
import re
from functools import cache
from importlib import resources

import msgspec
import numpy as np
import numpy.typing as npt

from daemon.replies.draft import Draft
from detectors.features import family, fold
from detectors.vocabulary import Vocabulary

WEIGHTS = "tone.npz"
RULES = (
    "blame",
    "belittling",
    "hostility",
    "levity",
    "disowning",
    "refile",
    "cold_redirect",
    "vague_link",
    "speculation",
    "fix_promise",
)
WARM, EMPTY = "warm", "empty"
COLUMNS = (*RULES, WARM, EMPTY)
BITS = 18
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_LEAST, _ENOUGH = 3, 10  # words of what is judged, and of what is judged fit or empty
_FIT = -3.0  # log-odds of every rule's being broken, below which a sentence is fit
_IDLE = 0.0  # log-odds of a reply's saying nothing, above which it is empty
_TOLD = -4.0  # the same of one sentence, below which it surely says something
_FELT = 0.5  # log-odds of a sentence's showing understanding, above which it does


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All of the model but its weights; of each of `COLUMNS`: that it is so, against that it is not."""

    scale: tuple[float, ...]
    bias: dict[str, tuple[float, ...]]  # by language, then column
    limit: dict[str, float]  # by language: from where on a sentence is at fault


def plain(draft: Draft, start: int, end: int) -> str:
    """Part of a reply as the model reads it: without what is quoted, links, and names behind a form of address."""
    return " ".join(draft.own[start:end].replace("\0", " ").split())


class Tone:
    """What is wrong with single sentences, whether they show understanding, and whether a whole reply says anything."""

    def __init__(self, weights: npt.NDArray[np.int8], settings: Settings) -> None:
        self._vocabulary = Vocabulary(weights, BITS)
        self._settings = settings

    def rule_of(self, sentence: str, lang: str) -> str | None:
        """The rule of `RULES` that a sentence, as :func:`plain` gives it, breaks; None: none, or too short to tell."""
        scores = self._scores(sentence, lang)
        if scores is None or scores[: len(RULES)].max() <= self._settings.limit[lang]:
            return None
        return RULES[int(np.argmax(scores[: len(RULES)]))]

    def is_fit(self, sentence: str, lang: str) -> bool:
        """Whether a sentence so clearly breaks none of `RULES` that what a list finds in it means nothing."""
        if len(_WORD.findall(sentence)) < _ENOUGH:
            return False
        scores = self._scores(sentence, lang)
        return scores is not None and bool(scores[: len(RULES)].max() < _FIT)

    def is_empty(self, reply: str, lang: str) -> bool:
        """Whether a whole reply, as :func:`plain` gives it, says nothing but courtesies."""
        if len(_WORD.findall(reply)) < _ENOUGH:
            return False
        scores = self._scores(reply, lang)
        return scores is not None and bool(scores[COLUMNS.index(EMPTY)] > _IDLE)

    def tells(self, sentence: str, lang: str) -> bool:
        """Whether a sentence, as :func:`plain` gives it, surely says something."""
        scores = self._scores(sentence, lang)
        return scores is not None and bool(scores[COLUMNS.index(EMPTY)] < _TOLD)

    def is_warm(self, sentence: str, lang: str) -> bool:
        """Whether a sentence, as :func:`plain` gives it, shows understanding, regrets, or owns a fault."""
        scores = self._scores(sentence, lang)
        return scores is not None and bool(scores[COLUMNS.index(WARM)] > _FELT)

    def _scores(self, text: str, lang: str) -> npt.NDArray[np.float64] | None:
        """Log-odds of each of `COLUMNS`; None: too short to tell anything, or in another language."""
        words = fold(text).split()
        if lang not in self._settings.limit or len(words) < _LEAST:
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
