"""Expressions that are looked for, and compiled, only where letters stand without which they cannot match.

Of thousands of expressions a sentence holds the letters of a few dozen: to look for letters takes a tenth of
the time of a search, and what is never searched for need never be compiled.
"""

from __future__ import annotations

import re
from functools import cached_property

_TOKEN = re.compile(
    r"\\x[0-9a-f]{2}|\\.|\[(?:\\.|[^\]\\])+\]|\(\?<?[=!]|\(\?:|\(|\)|\||(?:[?*+]|\{\d*,?\d*\})[?+]?|.", re.DOTALL
)
_REPEAT = re.compile(r"[?*+]|\{\d*,?\d*\}")
_OPTIONAL = ("?", "*", "{0", "{,")
_LOOKS_AROUND = ("(?=", "(?!", "(?<")
_LONG = 4  # letters: more hardly tell more
_UNTOLD: frozenset[str] = frozenset()


class Expression:
    """A regular expression in small letters, for texts in small letters."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.needed = needed(source)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """It, compiled."""
        return re.compile(self.source)

    def may_match(self, text: str) -> bool:
        """False where nothing of what it needs stands in ``text``."""
        for letters in self.needed:  # noqa: SIM110 - a generator would take three times as long
            if letters in text:
                return True
        return False

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """As `re.Pattern.search`."""
        return self.pattern.search(text, start, len(text) if end is None else end) if self.may_match(text) else None


def needed(source: str) -> tuple[str, ...]:
    r"""Strings of which at least one stands in whatever ``source`` matches; an empty one where that cannot be told.

    >>> needed(r"(?<!\w)(?:za(?:raz|dzwonimy)?\s+(?:kurier|paczka)\w*)")
    ('kurier', 'paczka')
    """
    tokens = _TOKEN.findall(source)
    tokens.reverse()
    return tuple(sorted(_of_alternatives(tokens))) or ("",)


def _of_alternatives(tokens: list[str]) -> frozenset[str]:
    """What is needed up to the end of a group; takes its tokens off the end of the list."""
    options = []
    end = "|"
    while end == "|":
        option, end = _of_sequence(tokens)
        options.append(option)
    return frozenset().union(*options) if all(options) else _UNTOLD


def _of_sequence(tokens: list[str]) -> tuple[frozenset[str], str]:
    """What is needed up to the end of an alternative, and the token that ends it."""
    best, run = _UNTOLD, ""
    while tokens:
        part = tokens.pop()
        if part in {"|", ")"}:
            return _better(best, run), part
        group = _of_alternatives(tokens) if part[0] == "(" else _UNTOLD
        repeat = tokens.pop() if tokens and _REPEAT.match(tokens[-1]) else ""
        optional = repeat.startswith(_OPTIONAL)
        letter = len(part) == 1 and part not in ".^$("
        if letter and not optional:
            run += part
        if letter and not repeat:
            continue
        best, run = _better(best, run), ""
        if group and not optional and not part.startswith(_LOOKS_AROUND):
            best = max(best, group, key=_tells)
    return _better(best, run), ""


def _better(best: frozenset[str], run: str) -> frozenset[str]:
    return max(best, frozenset((run,)), key=_tells) if run else best


def _tells(strings: frozenset[str]) -> tuple[int, int]:
    """How much it tells that one of these stands in a text: the longer and the fewer the more."""
    return min((min(len(one), _LONG) for one in strings), default=0), -len(strings)
