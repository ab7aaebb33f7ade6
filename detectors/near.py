"""Texts that are nearly the same: copies, retweets, a changed word. So that one text counts once."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from detectors.features import LIMIT
from detectors.words import is_negation, words

_SALTS = (0x1B873593, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F, 0x165667B1, 0x9E3779B1)
_SAME = 0.6  # Jaccard index of neighbouring words
_FEW = 3  # words; of fewer each says something else
_LETTERS, _LONG = 4, 5  # letters of a word that tells something; with so many of them no two people write alike


class _Said(NamedTuple):
    """What of a text is compared."""

    shingles: frozenset[int]
    stems: Counter[str]
    long: int  # words that tell something
    negations: int


def _said(text: str) -> _Said:
    found = words(_untagged(text)) or words(text)
    stems = [word.stem for word in found] or [text.strip()]  # emoji alone say what they show
    return _Said(
        shingles=_shingles(stems),
        stems=Counter(stems),
        long=sum(len(word.form) >= _LETTERS for word in found),
        negations=sum(is_negation(word.form) for word in found),
    )


def _untagged(text: str) -> str:
    """Without the hashtags at the end: there they are no part of what is said."""
    parts = text[:LIMIT].split()
    while parts and (parts[-1].startswith("#") or not any(map(str.isalpha, parts[-1]))):
        parts.pop()
    return " ".join(parts)


def _shingles(stems: Sequence[str]) -> frozenset[int]:
    pairs = pairwise(stems) if len(stems) > 1 else ((one, "") for one in stems)
    return frozenset(zlib.crc32(f"{first} {second}".encode("utf-8", "replace")) for first, second in pairs)


def groups(texts: Sequence[str]) -> list[int]:
    """For each text the index of the first one that is nearly the same.

    Links, names, emoji and hashtags at the end are not compared. Candidates share the smallest of their shingles
    under one of six orders (Broder 1997); they are the same where the Jaccard index says so, or where they
    differ in one word. Yet short complaints with a word replaced are about different things, and a negation more
    makes another statement.
    """
    said = [_said(text) for text in texts]
    seen: dict[tuple[int, int], list[int]] = {}
    first: list[int] = []
    for index, mine in enumerate(said):
        keys = [(salt, min((each ^ salt for each in mine.shingles), default=-1)) for salt in _SALTS]
        candidates = dict.fromkeys(other for key in keys for other in seen.get(key, ()))
        same = next((other for other in candidates if _same(said[other], mine)), index)
        first.append(same)
        if same == index:
            for key in keys:
                seen.setdefault(key, []).append(index)
    return first


def _same(one: _Said, other: _Said) -> bool:
    if one.negations != other.negations:
        return False
    gone, new = (one.stems - other.stems).total(), (other.stems - one.stems).total()
    if min(one.long, other.long) < _LONG and gone and new:
        return False
    if gone <= 1 and new <= 1 and min(one.stems.total(), other.stems.total()) >= _FEW:
        return True
    return _jaccard(one.shingles, other.shingles) >= _SAME


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0
