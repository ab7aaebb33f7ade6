"""Words of a text as their writer wrote them, with what makes two of them the same word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from detectors.features import LIMIT, fold
from detectors.phrases import rules

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MASKED = re.compile(r"(?:https?://|www\.)\S+|@[\w.]+|\bRT\b", re.IGNORECASE)
_STEM = 5
_VOWELS = "aeiouy"


class Word(NamedTuple):
    """One word: as written in lower case, and the beginning that its inflected forms share."""

    form: str
    stem: str


def stem(folded: str) -> str:
    """The beginning that a folded word's inflected forms share.

    Cutting beats a dictionary here: brands, slang, typos and missing diacritics are in none,
    and dictionaries of three languages take 360 MB.

    >>> stem(fold("internetu")) == stem(fold("internecie"))
    True
    """
    cut = folded[:_STEM]
    return cut.rstrip(_VOWELS) or cut


def words(text: str) -> list[Word]:
    """All words of a text, without links and names of people."""
    plain = _MASKED.sub(" ", text[:LIMIT]).lower()
    return [Word(form, _stem_of(form)) for form in _WORD.findall(plain)]


@cache
def _stop_words() -> Mapping[str, frozenset[str]]:
    return {lang: frozenset(map(fold, written)) for lang, written in rules("stopwords")["stop"].items()}


@cache
def _negations() -> frozenset[str]:
    return frozenset(fold(word) for written in rules("stopwords")["negation"].values() for word in written)


def is_stop(form: str, lang: str) -> bool:
    """Whether a word says nothing by itself in its language (or in English, which every language borrows)."""
    folded = fold(form)
    lists = _stop_words()
    return len(folded) < 2 or folded in lists.get(lang, frozenset()) or folded in lists["en"]  # noqa: PLR2004 - a letter


def is_negation(form: str) -> bool:
    """Whether a word turns the next one round: it stays in phrases ("nie działa")."""
    return fold(form) in _negations()


def _stem_of(form: str) -> str:
    return stem(fold(form).replace(" ", ""))
