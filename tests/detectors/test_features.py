"""Features do not depend on a text's neighbours, and fold what people write in many ways."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.features import LIMIT, family, fold, hashed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nie DZIAŁA", "nie dziala"),
        ("Не работает", "ne rabotaet"),
        ("всё", "все"),
        ("nie dzia\u200bła", "nie działa"),
        ("ni\u0435 dz\u0456a\u0142a", "nie dziala"),  # Cyrillic letters that look Latin
        ("ni\u03b5 dzi\u03b1ła", "nie działa"),  # Greek ones, small
        ("NI\u0395 DZI\u0391ŁA", "NIE DZIAŁA"),  # and capital
        ("не раб\u03bfт\u03b1ет", "не работает"),  # also among Cyrillic ones
        ("ｗｉｆｉ", "wifi"),
        ("whyyyyyy", "whyy"),
        ("10:45", "9"),
        ("👍🏽", "👍🏿"),
        ("don’t", "don't"),
    ],
)
def test_ways_of_writing_the_same_are_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_greek_stays_greek() -> None:
    assert fold("δεν έχω ίντερνετ") == "δεν εχω ιντερνετ"
    assert fold("α-wersja") == "α - wersja"


def test_shouting_is_kept() -> None:
    assert fold("GDZIE JEST INTERNET") == fold("gdzie jest internet") + " ¤c"


def test_links_and_names_are_masked() -> None:
    assert fold("see https://a.example/x?y=1 @anna") == fold("see http://other.example @bob")


def test_the_beginning_and_the_end_of_a_long_text_are_read() -> None:
    text = "start " + "x " * 20_000 + " finish"
    assert fold(text).startswith("start")
    assert fold(text).endswith("finish")
    assert len(fold(text)) <= 2 * LIMIT


@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_a_text_has_the_same_features_in_any_batch(texts: list[str]) -> None:
    folded = [fold(text) for text in texts]
    together = hashed(folded, [1] * len(folded))
    for number, each in enumerate(folded):
        alone = hashed([each], [1])
        mine = together.indices[together.start[number] : together.start[number + 1]]
        assert np.array_equal(np.sort(mine), np.sort(alone.indices))


def test_families_of_languages_keep_their_words_apart() -> None:
    assert family("ru") == family("uk") == family("pl") != family("en")
    english, slavic = (hashed(["to"], [family(lang)]).indices for lang in ("en", "pl"))
    assert not np.array_equal(english, slavic)


@given(st.text(max_size=300))
def test_a_folded_text_has_single_spaces_and_one_line(text: str) -> None:
    folded = fold(text)
    assert "\n" not in folded
    assert "  " not in folded
    assert folded == folded.strip()
