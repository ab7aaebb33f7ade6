"""Texts that are nearly the same: copies, retweets, a changed word. So that one text counts once."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise

_SALTS = (0x1B873593, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F, 0x165667B1, 0x9E3779B1)
_SAME = 0.6  # Jaccard index of neighbouring words


def _shingles(stems: Sequence[str]) -> frozenset[int]:
    pairs = pairwise(stems) if len(stems) > 1 else ((one, "") for one in stems)
    return frozenset(zlib.crc32(f"{first} {second}".encode("utf-8", "replace")) for first, second in pairs)


def groups(texts: Sequence[Sequence[str]]) -> list[int]:
    """For each text, given as the stems of its words, the index of the first one that is nearly the same.

    Candidates share the smallest of their shingles under one of six orders (Broder 1997);
    they are the same where the Jaccard index says so.
    """
    shingles = [_shingles(stems) for stems in texts]
    seen: dict[tuple[int, int], list[int]] = {}
    first: list[int] = []
    for index, mine in enumerate(shingles):
        keys = [(salt, min((each ^ salt for each in mine), default=-1)) for salt in _SALTS]
        candidates = dict.fromkeys(other for key in keys for other in seen.get(key, ()))
        same = next((other for other in candidates if _jaccard(shingles[other], mine) >= _SAME), index)
        first.append(same)
        if same == index:
            for key in keys:
                seen.setdefault(key, []).append(index)
    return first


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0
