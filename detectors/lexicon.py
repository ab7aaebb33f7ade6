"""Words known to be good or bad before any text was read, and what turns them round ("not good").

Corpora hold few of a language's words; a lexicon tells of the others. Its words become marks behind a folded text,
which are features like any other: how much they count is learned. Words are kept as hashes with the family of
languages they belong to; inflected forms are found by their beginnings.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.kept import Kept

TURN = 0  # the value of a word that turns round what follows
_REACH = 3  # words that it reaches
_STRONG = 2
_LEAST = 5  # letters of a word that is found by its beginning
_BEGINNINGS = (7, 6, 5, 4)  # letters
_REST = 4  # letters that may follow a beginning of less than seven
_EXACT_FAMILY = 1  # English inflects little: its forms are listed

_MARKS = {
    (value, turned): [f"¤{letter}"] + [f"¤{letter}{letter}"] * (abs(value) == _STRONG)
    for value, plain in ((1, "p"), (_STRONG, "p"), (-1, "m"), (-_STRONG, "m"))
    for turned in (False, True)
    for letter in ("n" + plain if turned else plain,)
}


class Polarity(NamedTuple):
    """A folded word of a family of languages: from -2 (very bad) to 2 (very good), 0 if it turns others round."""

    family: int
    word: str
    value: int


class Lexicon:
    """Marks words in folded texts."""

    def __init__(self, keys: npt.NDArray[np.uint32], values: npt.NDArray[np.int8]) -> None:
        self.keys = keys
        self.values = values
        self._known: dict[int, int] = dict(zip(keys.tolist(), values.tolist(), strict=True))
        self._seen: dict[int, Kept[int | None]] = {}

    def marked(self, folded: str, family: int) -> str:
        """The text with a mark for each good or bad word at its end."""
        return " ".join([folded, *self.marks(folded.split(" "), family)])

    def marks(self, words: Sequence[str], family: int) -> list[str]:
        """A mark or two for each good or bad word, in their order."""
        seen = self._seen.get(family)
        if seen is None:
            seen = self._seen[family] = Kept(partial(self.value, family))
        values = list(map(seen.__getitem__, words))
        found: list[str] = []
        if values.count(None) == len(values):
            return found
        turned_to = 0  # the place of the first word out of reach
        for place, value in enumerate(values):
            if value == TURN:
                turned_to = place + 1 + _REACH
            elif value is not None:
                found += _MARKS[value, place < turned_to]
        return found

    def value(self, family: int, word: str) -> int | None:
        """What a folded word of a family of languages is worth; None where it is not listed."""
        value = self._known.get(_key(family, word))
        if value is not None or family == _EXACT_FAMILY or len(word) < _LEAST:
            return value
        for size in _BEGINNINGS:
            if size <= len(word) and (size == _BEGINNINGS[0] or len(word) - size <= _REST):
                value = self._known.get(_key(family, word[:size] + "*"))
                if value is not None:
                    return value
        return None


def _key(family: int, word: str) -> int:
    return zlib.crc32(f"{family} {word}".encode("utf-8", "replace"))


def compiled(words: Iterable[Polarity]) -> Lexicon:
    """A lexicon of these words and their beginnings; the later of two says what a word is worth."""
    table: dict[int, int] = {}
    beginnings: dict[tuple[int, str], list[int]] = {}
    for family, word, value in words:
        table[_key(family, word)] = value
        if family != _EXACT_FAMILY and value != TURN and len(word) >= _LEAST:
            size = max(_BEGINNINGS[-1], min(_BEGINNINGS[0], len(word) - 2))
            beginnings.setdefault((family, word[:size]), []).append(value)
    for (family, begun), values in beginnings.items():
        if min(values) * max(values) > 0:  # all of them good, or all bad
            table.setdefault(_key(family, begun + "*"), max(values, key=abs))
    return _packed(table)


def _packed(table: Mapping[int, int]) -> Lexicon:
    keys = sorted(table)
    return Lexicon(np.array(keys, dtype=np.uint32), np.array([table[key] for key in keys], dtype=np.int8))


NOTHING = _packed({})
