"""Values of words are worked out once, and the memory that they take is bounded."""

from __future__ import annotations

import pytest

from detectors import kept
from detectors.kept import Kept


def test_a_value_is_worked_out_once() -> None:
    asked: list[str] = []

    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    lengths = Kept(length)
    assert [lengths["net"], lengths["net"], lengths["no"]] == [3, 3, 2]
    assert asked == ["net", "no"]


def test_words_in_use_outlive_those_that_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MOST", 10)
    asked: list[str] = []

    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    lengths = Kept(length)
    for number in range(100):
        assert lengths["often"] == 5
        assert lengths[f"once{number}"] == len(f"once{number}")
    assert asked.count("often") == 1
    assert len(lengths) <= 10


def test_long_words_are_not_kept() -> None:
    lengths = Kept(len)
    assert lengths["x" * 1000] == 1000
    assert not lengths
