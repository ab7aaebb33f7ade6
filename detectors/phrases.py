"""Phrases of a rule file, found in folded text quickly: what complaint, outage, topic and risk rules are made of.

A phrase is words with single spaces, written in its own language's letters:

- ``word*``: any word that begins so; ``a|b|c*``: any of these;
- ``~``: up to 25 characters between (about four words), within one sentence;

Every phrase is tried only where its first word begins with the same three letters as a
word of the text, so that hundreds of phrases cost little more than one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from detectors.features import fold

_KEY = 3
_GAP = "(?= )[^.!?]{0,25}"


class Found(NamedTuple):
    """A phrase in a text: ``start`` and ``end`` are places in the folded text with a space around it."""

    kind: str
    start: int
    end: int


def _word(alternative: str) -> str:
    """An alternative as a regular expression over folded text."""
    literal = fold(alternative.rstrip("*"))
    if not literal or " " in literal:
        raise ValueError(f"{alternative!r} is not one word")
    return re.escape(literal) + (r"\S*" if alternative.endswith("*") else "")


def _keys(element: str) -> set[str] | None:
    """The first letters of the words that an element may be; None where it may be any."""
    keys = set()
    for alternative in element.split("|"):
        literal = fold(alternative.rstrip("*"))
        if element == "~" or (alternative.endswith("*") and len(literal) < _KEY):
            return None
        keys.add(literal[:_KEY])
    return keys


def _pattern(phrase: str) -> re.Pattern[str]:
    parts = []
    for element in phrase.split(" "):
        if element == "~":
            parts.append(_GAP)
        else:
            parts.append(" (?:" + "|".join(map(_word, element.split("|"))) + ")")
    return re.compile("".join(parts) + "(?= )")


class Rule(NamedTuple):
    """A phrase to be tried: only where a word of the text begins like its last word."""

    kind: str
    pattern: re.Pattern[str]
    last: frozenset[str] | None


class Phrases:
    """All phrases of several kinds."""

    def __init__(self, phrases: Mapping[str, Sequence[str]]) -> None:
        self._begun: dict[str, tuple[list[Rule], dict[str, list[Rule]]]] = {}  # by first word: any second, by second
        for kind, written in phrases.items():
            for phrase in written:
                self._add(kind, phrase)

    def _add(self, kind: str, phrase: str) -> None:
        elements = phrase.split(" ")
        lasts = _keys(elements[-1])
        rule = Rule(kind, _pattern(phrase), frozenset(lasts) if lasts and len(elements) > 1 else None)
        firsts = _keys(elements[0])
        if firsts is None:
            raise ValueError(f"{phrase!r}: its first word may be too many words")
        seconds = _keys(elements[1]) if len(elements) > 1 else None
        for first in sorted(firsts):
            followed, by_second = self._begun.setdefault(first, ([], {}))
            if seconds is None:
                followed.append(rule)
            else:
                for second in sorted(seconds):
                    by_second.setdefault(second, []).append(rule)

    def find(self, folded: str) -> list[Found]:
        """Every phrase that a folded text holds, by its place."""
        found: list[Found] = []
        words = folded.split(" ")
        keys = [word[:_KEY] for word in words]
        met = set(keys)
        present = self._begun.keys() & met
        if not present:
            return found
        padded = f" {folded} "
        place = 0
        for number, key in enumerate(keys):
            if key in present:
                tried, by_second = self._begun[key]
                if by_second and number + 1 < len(keys) and keys[number + 1] in by_second:
                    tried = tried + by_second[keys[number + 1]]
                for rule in tried:
                    if rule.last is None or not rule.last.isdisjoint(met):
                        match = rule.pattern.match(padded, place)
                        if match:
                            found.append(Found(rule.kind, match.start(), match.end()))
            place += len(words[number]) + 1
        return found


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
