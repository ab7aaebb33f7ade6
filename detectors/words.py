"""Words of a text as their writer wrote them, with what makes two of them the same word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from detectors.features import LIMIT, UNSEEN, fold
from detectors.phrases import rules

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MASKED = re.compile(r"(?:https?://|www\.)\S+|@[\w.]+|\bRT\b", re.IGNORECASE)
_STEM = 5
_LEAST = 2  # letters that stay
_VOWELS = "aeiouy"
_PREFIXES = ("prze", "przy", "pere", "pred")  # they would leave one letter of what tells words apart


class Word(NamedTuple):
    """One word: as written in lower case, and the beginning that its inflected forms share."""

    form: str
    stem: str


def stem(folded: str) -> str:
    """The beginning that a folded word's inflected forms share.

    Cutting beats a dictionary here: brands, slang, typos and missing diacritics are in none,
    and dictionaries of three languages take 360 MB. Words of other meanings that it would join are
    listed in ``config/rules/stems.toml``.

    >>> stem(fold("internetu")) == stem(fold("internecie"))
    True
    >>> stem(fold("reklama")) == stem(fold("reklamacja"))
    False
    """
    beginnings, longest = _apart()
    for size in range(min(len(folded), longest), _LEAST, -1):
        listed = beginnings.get(folded[:size])
        if listed:
            return listed
    cut = folded[: _STEM + 2 * folded.startswith(_PREFIXES)]
    return cut[:_LEAST] + cut[_LEAST:].rstrip(_VOWELS)


@cache
def _apart() -> tuple[Mapping[str, str], int]:
    """Stems by the beginnings that are listed, and the length of the longest."""
    listed = [entry.split("|") for lang in rules("stems")["apart"].values() for entry in lang]
    stems = {fold(begun): fold(entry[0]) for entry in listed for begun in entry}
    return stems, max(map(len, stems))


def words(text: str) -> list[Word]:
    """All words of a text, without links and names of people."""
    plain = unicodedata.normalize("NFC", _MASKED.sub(" ", text[:LIMIT]).translate(UNSEEN)).lower()
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
