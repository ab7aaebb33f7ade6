"""Words with all that a linear layer makes of them, worked out once: posts share most of theirs.

Of the features of a text (`detectors.features.hashed`) only pairs of neighbours depend on more than one word. So the
weights of each word are summed once, and a text costs one look-up a word and one a pair instead of some
twenty a word. Sums are of whole numbers: what is kept at hand, or was forgotten, cannot change them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from detectors.features import WordHashes, hashed, pair_buckets, word_hashes

_MOST, _LONGEST = 1 << 15, 32  # words of a family of languages that are kept, and characters of each


class Vocabulary:
    """Sums of weights over texts given as words: the same as over the features of whole texts, only faster.

    May be used by several threads: what is kept of a word is one value, the same whoever works it out.
    """

    def __init__(self, weights: npt.NDArray[np.int8 | np.int64], bits: int) -> None:
        self._weights = weights
        self._bits = bits
        self._sum = np.promote_types(weights.dtype, np.int32)
        self._record = np.dtype(
            [("sums", self._sum, weights.shape[1]), ("count", np.int64)]
            + [(name, np.uint64) for name in WordHashes._fields]
        )
        self._kept: dict[int, dict[str, bytes]] = {}  # by family: a record for each word

    def sums(
        self, texts: Sequence[Sequence[str]], families: Sequence[int]
    ) -> tuple[npt.NDArray[np.signedinteger], npt.NDArray[np.int64]]:
        """For each text the sum of the weights of its features, and how many it has. Each has a word at least."""
        packed: list[bytes | None] = []
        for words, family in zip(texts, families, strict=True):
            packed += map(self._kept.setdefault(family, {}).get, words)
        if None in packed:
            met = [(word, family) for words, family in zip(texts, families, strict=True) for word in words]
            new = self._worked_out([each for each, record in zip(met, packed, strict=True) if record is None])
            packed = [record or new[each] for each, record in zip(met, packed, strict=True)]
        records = np.frombuffer(b"".join(filter(None, packed)), dtype=self._record)
        return self._summed(
            records, np.array(list(map(len, texts)), dtype=np.int64), np.array(families, dtype=np.uint64)
        )

    def _worked_out(self, met: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        """The records of words that are not at hand; from now on they are."""
        new = list(dict.fromkeys(met))
        words, families = zip(*new, strict=True)
        features = hashed(words, families, self._bits)
        rows = np.take(self._weights, features.indices, axis=0)  # several times faster than an index
        records = np.empty(len(new), dtype=self._record)
        records["sums"] = np.add.reduceat(rows, features.start[:-1], dtype=self._sum)
        records["count"] = np.diff(features.start)
        for name, values in word_hashes(words)._asdict().items():
            records[name] = values
        found = {each: record.tobytes() for each, record in zip(new, records, strict=True)}
        for (word, family), record in found.items():
            if len(word) <= _LONGEST:
                kept = self._kept[family]
                if len(kept) >= _MOST:
                    kept.clear()
                kept[word] = record
        return found

    def _summed(
        self, words: npt.NDArray[np.void], lengths: npt.NDArray[np.int64], families: npt.NDArray[np.uint64]
    ) -> tuple[npt.NDArray[np.signedinteger], npt.NDArray[np.int64]]:
        if not len(lengths):
            return np.zeros((0, self._weights.shape[1]), dtype=self._sum), lengths
        sums, counts = words["sums"].copy(), words["count"].copy()
        owner = np.repeat(np.arange(len(lengths)), lengths)
        first = np.flatnonzero(owner[1:] == owner[:-1])
        hashes = WordHashes(*(words[name][first] for name in WordHashes._fields))
        pairs = pair_buckets(hashes, words["own"][first + 1], families[owner[first]], self._bits)
        sums[first] += np.take(self._weights, pairs, axis=0)
        counts[first] += 1
        start = np.cumsum(lengths) - lengths
        return np.add.reduceat(sums, start), np.add.reduceat(counts, start)
