"""Good and bad words are marked, what turns them round is heeded, and inflected forms are found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.lexicon import NOTHING, TURN, Polarity, compiled

ENGLISH, SLAVIC = 1, 2
LEXICON = compiled(
    [
        Polarity(ENGLISH, "good", 2),
        Polarity(ENGLISH, "bad", -1),
        Polarity(ENGLISH, "terrible", -2),
        Polarity(ENGLISH, "not", TURN),
        Polarity(SLAVIC, "okropny", -2),
        Polarity(SLAVIC, "bad", 1),
        Polarity(SLAVIC, "nadzieja", 1),
        Polarity(SLAVIC, "nadzieny", -1),
    ]
)


@pytest.mark.parametrize(
    ("family", "folded", "marks"),
    [
        (ENGLISH, "a good day", " ¤p ¤pp"),
        (ENGLISH, "bad and terrible", " ¤m ¤m ¤mm"),
        (ENGLISH, "not a good day", " ¤np ¤npnp"),
        (ENGLISH, "not at all a bit good", " ¤p ¤pp"),
        (ENGLISH, "not bad", " ¤nm"),
        (ENGLISH, "terribleness", ""),
        (SLAVIC, "okropnego hotelu", " ¤m ¤mm"),
        (SLAVIC, "bad", " ¤p"),
        (SLAVIC, "nadziei", ""),
        (ENGLISH, "", ""),
    ],
)
def test_words_are_marked_behind_the_text(family: int, folded: str, marks: str) -> None:
    assert LEXICON.marked(folded, family) == folded + marks


def test_an_empty_lexicon_marks_nothing() -> None:
    assert NOTHING.marked("good bad", ENGLISH) == "good bad"


@given(text=st.text(max_size=200), family=st.integers(0, 9))
def test_any_text_is_marked_the_same_each_time(text: str, family: int) -> None:
    assert LEXICON.marked(text, family) == LEXICON.marked(text, family)
    assert LEXICON.marked(text, family).startswith(text)
