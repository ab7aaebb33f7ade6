"""Texts that a moderator has judged, found again in near-copies: case, links, names, numbers, a changed word.

A text is described by the smallest of its hashed four-letter shingles under each of 32 orders;
two texts agree in as many of them as they share shingles (MinHash, Broder 1997). Candidates agree
in all four of one band (Leskovec, Rajaraman and Ullman 2014, 3.4). Texts are kept as hashes alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from daemon.model import Label
from detectors.language import UNKNOWN
from detectors.risk import is_risk
from detectors.words import is_negation

MOST = 2000  # texts kept; the oldest make way
SAME = 0.7  # of the shingles: a near-copy
_ORDERS, _BAND = 32, 4
_SHINGLE = 4
_LEAST_WORDS = 4  # a shorter text is found only as it is
_LOOKED_AT = 64  # candidates of one band, the newest first
_END = "\n" * (_SHINGLE - 1)
_MASKED = frozenset({"¤u", "¤n", "¤c"})
_FACTORS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F)

_Signature = npt.NDArray[np.uint32]


def _orders() -> _Signature:
    words = [hashlib.blake2b(bytes([number]), digest_size=4).digest() for number in range(_ORDERS)]
    return np.frombuffer(b"".join(words), dtype="<u4").astype(np.uint32)


_SALTS = _orders()


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    exact: bytes
    bands: bytes  # the whole signature; empty where only the exact text is meant
    negations: int
    label: Label
    harm: bool


class _Described(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for of one text."""

    plain: str
    exact: bytes
    words: tuple[str, ...]


@lru_cache(maxsize=1 << 14)
def _negates(word: str) -> bool:
    return is_negation(word)


def _described(folded: str) -> _Described:
    kept = [word for word in folded.split() if word not in _MASKED and (word[0].isalnum() or not word.isascii())]
    plain = " ".join(kept)
    return _Described(
        plain=plain,
        exact=hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=12).digest(),
        words=tuple(kept),
    )


def _negations(text: _Described) -> int:
    return sum(map(_negates, text.words))


def _harm(text: _Described) -> bool:
    return is_risk(text.plain, UNKNOWN)


def _signatures(plain: Sequence[str]) -> npt.NDArray[np.uint32]:
    """One row of smallest shingles for each text, none of them empty; a row does not depend on the others."""
    code = np.frombuffer((_END.join(plain) + _END).encode("utf-32-le", "replace"), dtype=np.uint32)
    count = len(code) - _SHINGLE + 1
    shingles = np.zeros(count, dtype=np.uint32)
    for place, factor in enumerate(_FACTORS):
        shingles += code[place : place + count] * np.uint32(factor)
    shingles ^= shingles >> np.uint32(15)
    shingles = shingles[code[:count] != ord("\n")]
    starts = np.cumsum([0, *map(len, plain[:-1])])
    rows = np.empty((_ORDERS, len(plain)), dtype=np.uint32)
    for number, salt in enumerate(_SALTS):
        rows[number] = np.minimum.reduceat((shingles ^ salt) * np.uint32(_FACTORS[0]), starts)
    return np.ascontiguousarray(rows.T)


def _bands(signature: bytes) -> list[bytes]:
    width = _BAND * 4
    return [bytes([place // width]) + signature[place : place + width] for place in range(0, len(signature), width)]


class Memory:
    """What moderators said of texts. Of near-copies the closest speaks, of equally close ones the newest."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._next = 0
        self._entries: dict[int, _Entry] = {}  # oldest first
        self._exact: dict[bytes, int] = {}
        self._banded: dict[bytes, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, folded: Sequence[str], labels: Sequence[Label]) -> None:
        """Remember folded texts, one after the other; one without any word teaches nothing."""
        texts = [_described(each) for each in folded]
        whole = [text for text in texts if len(text.words) >= _LEAST_WORDS]
        signatures = iter(_signatures([text.plain for text in whole]) if whole else ())
        for text, label in zip(texts, labels, strict=True):
            bands = next(signatures).tobytes() if len(text.words) >= _LEAST_WORDS else b""
            if not text.plain:
                continue
            known = self._exact.get(text.exact)
            if known is not None:
                self._drop(known)
            entry = _Entry(exact=text.exact, bands=bands, negations=_negations(text), label=label, harm=_harm(text))
            self._put(entry)
            if len(self._entries) > self._most:
                self._drop(next(iter(self._entries)))

    def _put(self, entry: _Entry) -> None:
        number, self._next = self._next, self._next + 1
        self._entries[number] = entry
        self._exact[entry.exact] = number
        for band in _bands(entry.bands):
            self._banded[band] = (*self._banded.get(band, ()), number)

    def _drop(self, number: int) -> None:
        entry = self._entries.pop(number)
        del self._exact[entry.exact]
        for band in _bands(entry.bands):
            left = tuple(each for each in self._banded[band] if each != number)
            if left:
                self._banded[band] = left
            else:
                del self._banded[band]

    def find(self, folded: Sequence[str]) -> list[Label | None]:
        """What was said of each folded text or its closest near-copy; None where nothing was."""
        if not self._entries:
            return [None] * len(folded)
        texts = [_described(each) for each in folded]
        found = [self._exact.get(text.exact) for text in texts]
        rest = [
            place
            for place, text in enumerate(texts)
            if found[place] is None and len(text.words) >= _LEAST_WORDS and self._banded
        ]
        if rest:
            signatures = _signatures([texts[place].plain for place in rest])
            for place, signature in zip(rest, signatures, strict=True):
                found[place] = self._closest(signature, texts[place])
        return [None if number is None else self._entries[number].label for number in found]

    def _closest(self, signature: _Signature, text: _Described) -> int | None:
        """The entry that shares the most; a negation more or less is another statement, and so is harm told or not."""
        banded = [found for band in _bands(signature.tobytes()) if (found := self._banded.get(band))]
        if not banded:
            return None
        negations = _negations(text)
        candidates = {
            number
            for numbers in banded
            for number in numbers[-_LOOKED_AT:]
            if self._entries[number].negations == negations
        }
        shared = {
            number: int(np.count_nonzero(np.frombuffer(self._entries[number].bands, dtype=np.uint32) == signature))
            for number in candidates
        }
        best = max(shared, key=lambda number: (shared[number], number), default=None)
        if best is None or shared[best] < SAME * _ORDERS or self._entries[best].harm is not _harm(text):
            return None
        return best

    def copy(self) -> Memory:
        """The same, free to go its own way."""
        other = Memory(self._most)
        other._next = self._next
        other._entries = dict(self._entries)
        other._exact = dict(self._exact)
        other._banded = dict(self._banded)
        return other

    def dump(self) -> list[Any]:
        """All that is remembered, oldest first."""
        return [
            (entry.exact, entry.bands, entry.negations, entry.label, entry.harm) for entry in self._entries.values()
        ]

    @classmethod
    def load(cls, state: Sequence[Any], most: int = MOST) -> Memory:
        """Take over what `dump` gave."""
        memory = cls(most)
        for exact, bands, negations, label, harm in state:
            memory._put(_Entry(exact=exact, bands=bands, negations=negations, label=Label(label), harm=harm))
        return memory
