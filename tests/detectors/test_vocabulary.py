"""Sums over known words are those over the features of whole texts, whatever was met before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import vocabulary
from detectors.features import fold, hashed
from detectors.vocabulary import Vocabulary

BITS = 12
WEIGHTS = np.random.default_rng(1).integers(-127, 128, (1 << BITS, 3), dtype=np.int8)
KNOWN = Vocabulary(WEIGHTS, BITS)  # goes through all examples, so that words are met again


def slowly(texts: list[str], families: list[int]) -> tuple[list[list[int]], list[int]]:
    features = hashed(texts, families, BITS)
    rows = [features.indices[begin:end] for begin, end in zip(features.start[:-1], features.start[1:], strict=True)]
    return [WEIGHTS[each].sum(axis=0, dtype=int).tolist() for each in rows], [len(each) for each in rows]


@given(st.lists(st.tuples(st.text(max_size=40), st.integers(1, 4)), min_size=1, max_size=6))
def test_sums_are_those_of_the_features_of_whole_texts(batch: list[tuple[str, int]]) -> None:
    texts, families = [fold(text) for text, _ in batch], [family for _, family in batch]
    sums, counts = KNOWN.sums([text.split(" ") for text in texts], families)
    assert (sums.tolist(), counts.tolist()) == slowly(texts, families)


def test_what_was_forgotten_counts_the_same_when_it_is_met_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "_MOST", 3)
    known = Vocabulary(WEIGHTS, BITS)
    texts = ["no signal at all", "no signal here", "the app is down again", "no signal at all"]
    for text in texts:
        sums, counts = known.sums([text.split(" ")], [1])
        assert (sums.tolist(), counts.tolist()) == slowly([text], [1])


def test_threads_may_share_it() -> None:
    texts = [f"word{number % 97} signal{number % 31} gone{number}" for number in range(400)]
    known = Vocabulary(WEIGHTS, BITS)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: known.sums([text.split(" ")], [1])[0].tolist()[0], texts))
    assert found == slowly(texts, [1] * len(texts))[0]


def test_no_texts_no_sums() -> None:
    sums, counts = KNOWN.sums([], [])
    assert (sums.shape, counts.shape) == ((0, 3), (0,))
