"""Phrases of a rule file, found in folded text quickly: what complaint, outage, topic and risk rules are made of.

A phrase is words with single spaces, written in its own language's letters:

- ``word*``: any word that begins so; ``a|b|c*``: any of these;
- ``~``: up to 25 characters between (about four words), within one sentence, or within one clause of it;

A phrase is tried only on texts that hold a word for each of its elements. Words are looked up, and numbers with a bit
for each element tell, so that hundreds of phrases cost little more than one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, reduce
from importlib import resources
from operator import attrgetter, or_
from typing import NamedTuple

from detectors.features import fold
from detectors.kept import Kept

_LEAST = 3  # letters of what a first word may begin with
_GAP_SIGN = "~"
_GAP = "(?= )[^{}]{{0,25}}"
SENTENCE, CLAUSE = ".!?", ".!?,:;"  # what a gap does not reach across


class Found(NamedTuple):
    """A phrase in a text: ``start`` and ``end`` are places in the folded text with a space around it."""

    kind: str
    start: int
    end: int


_by_place = attrgetter("start", "end", "kind")


class _Alternative(NamedTuple):
    """One of the words that an element of a phrase may be."""

    literal: str
    begins: bool  # any word that begins so


@cache
def _alternatives(element: str) -> tuple[_Alternative, ...]:
    found = tuple(_Alternative(fold(each.rstrip("*")), each.endswith("*")) for each in element.split("|"))
    for each in found:
        if not each.literal or " " in each.literal:
            raise ValueError(f"{element!r}: an alternative is not one word")
    return found


def _word(alternative: _Alternative) -> str:
    """An alternative as a regular expression over folded text."""
    return re.escape(alternative.literal) + (r"\S*" if alternative.begins else "")


@cache  # compiled when it is first likely: most never are
def _pattern(phrase: str, within: str) -> re.Pattern[str]:
    parts = [
        _GAP.format(within) if element == _GAP_SIGN else " (?:" + "|".join(map(_word, _alternatives(element))) + ")"
        for element in phrase.split(" ")
    ]
    return re.compile("".join(parts) + "(?= )")


class _Elements:
    """Which elements of which phrases a word is, as bits of one number."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._begun: dict[str, int] = {}

    def add(self, alternative: _Alternative, place: int) -> None:
        """Set the bit at a place for all words that an alternative is met by."""
        known = self._begun if alternative.begins else self._words
        known[alternative.literal] = known.get(alternative.literal, 0) | 1 << place

    def mask(self, word: str) -> int:
        """All bits of a folded word."""
        mask = self._words.get(word, 0)
        for size in range(1, len(word) + 1):
            mask |= self._begun.get(word[:size], 0)
        return mask


class Phrases:
    """All phrases of several kinds; their gaps stay within a sentence, or whatever these signs end."""

    def __init__(self, phrases: Mapping[str, Sequence[str]], within: str = SENTENCE) -> None:
        self._within = within
        self._rules = [(kind, phrase) for kind, phrases_of_it in phrases.items() for phrase in phrases_of_it]
        written = [phrase.split(" ") for _, phrase in self._rules]
        words_of = [[each for each in elements if each != _GAP_SIGN] for elements in written]
        self._longest = max(map(len, words_of), default=0)
        self._any = 0  # bits of elements that are not there
        elements_of = _Elements()
        for number, (elements, words) in enumerate(zip(written, words_of, strict=True)):
            _check_first(elements)
            for part in range(self._longest):
                place = part * len(written) + number
                if part >= len(words):
                    self._any |= 1 << place
                else:
                    for each in _alternatives(words[part]):
                        elements_of.add(each, place)

        self._masks = Kept(elements_of.mask)

    def find(self, folded: str) -> list[Found]:
        """Every phrase that a folded text holds, by its place."""
        likely = (1 << len(self._rules)) - 1
        met = reduce(or_, filter(None, map(self._masks.__getitem__, folded.split(" "))), self._any)
        for part in range(self._longest):
            likely &= met >> part * len(self._rules)
        found: list[Found] = []
        padded = f" {folded} "
        while likely:
            kind, phrase = self._rules[likely.bit_length() - 1]
            likely ^= 1 << likely.bit_length() - 1
            pattern = _pattern(phrase, self._within)
            match = pattern.search(padded)
            while match:
                found.append(Found(kind, match.start(), match.end()))
                match = pattern.search(padded, match.start() + 1)
        return sorted(found, key=_by_place)


def _check_first(elements: Sequence[str]) -> None:
    if elements[0] == _GAP_SIGN or any(
        each.begins and len(each.literal) < _LEAST for each in _alternatives(elements[0])
    ):
        raise ValueError(f"{' '.join(elements)!r}: its first word may be too many words")


@cache
def rules(name: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The phrases of ``config/rules/NAME.toml``: kind → language → phrases."""
    table = tomllib.loads((resources.files("config") / "rules" / f"{name}.toml").read_text(encoding="utf-8"))
    return {kind: {lang: tuple(written) for lang, written in langs.items()} for kind, langs in table.items()}


def every_language(name: str) -> Phrases:
    """The phrases of a rule file in all its languages at once: posts mix them, and short ones hide theirs."""
    return Phrases(
        {kind: [phrase for written in langs.values() for phrase in written] for kind, langs in rules(name).items()}
    )
