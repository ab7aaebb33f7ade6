"""The shipped model: what it says of plain cases, and that nothing upsets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.model import Label
from detectors import models
from detectors.sentiment import LinearModel, load_model
from detectors.text import TextModel

MOST_BYTES = 4 << 20


@pytest.fixture(scope="module")
def model() -> LinearModel:
    return load_model()


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Okropna obsługa, nigdy więcej nie skorzystam", "pl"),
        ("znowu nie mam internetu, żenada", "pl"),
        ("Ужасный сервис, второй час не работает интернет", "ru"),
        ("верните деньги, мошенники", "ru"),
        ("Worst customer service ever, I hate this company", "en"),
        ("my internet is down again and nobody helps", "en"),
    ],
)
def test_anger_is_negative(model: LinearModel, text: str, lang: str) -> None:
    (meaning,) = model.read([text], [lang])
    assert meaning.label is Label.NEGATIVE
    assert meaning.p_negative > 0.5


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Dziękuję za pomoc, jesteście super!", "pl"),
        ("Спасибо, отличная связь, очень доволен", "ru"),
        ("Thank you so much, I love it, great service!", "en"),
    ],
)
def test_thanks_are_positive(model: LinearModel, text: str, lang: str) -> None:
    (meaning,) = model.read([text], [lang])
    assert meaning.label is Label.POSITIVE
    assert meaning.p_negative < 0.3


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("O której jutro otwieracie?", "pl"),
        ("Сбербанк открыл офис в Туле", "ru"),
        ("Match starts at 8 on Friday", "en"),
    ],
)
def test_news_and_questions_are_not_negative(model: LinearModel, text: str, lang: str) -> None:
    (meaning,) = model.read([text], [lang])
    assert meaning.label is not Label.NEGATIVE


def test_complaints_are_told_from_praise_and_questions(model: LinearModel) -> None:
    wronged = "You charged me twice and refuse to refund my money, awful support"
    thanked, asked = "Thanks for the quick reply!", "What time does the store open?"
    scores = [meaning.complaint for meaning in model.read([wronged, thanked, asked], ["en"] * 3)]
    assert scores[0] >= 0.5 > max(scores[1:])


def test_an_unknown_language_is_still_read(model: LinearModel) -> None:
    meanings = model.read(["Hierdie diens is verskriklik", "ขอบคุณ", "😡😡😡"], [None, None, None])
    assert all(0 <= meaning.p_negative <= 1 for meaning in meanings)
    assert meanings[2].lang == "und"


HOSTILE = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="😡🤬👍🏽\u200d\ufe0f\u200b\u202e\u2066\x00\x07\n\t", max_size=60),
    st.text(alphabet="אבגدعربי \u200f\u202b", max_size=80),
    st.sampled_from(
        ["", " ", "a" * 20_000, "не " * 6_000, "!" * 20_000, "@" * 20_000, "http://" * 2_500, "\ud800", "{};" * 900]
    ),
)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(HOSTILE, min_size=1, max_size=5))
def test_no_text_upsets_it_and_no_neighbour_changes_a_meaning(model: LinearModel, texts: list[str]) -> None:
    together = model.read(texts, [None] * len(texts))
    assert together == [model.read([text], [None])[0] for text in texts]
    for meaning in together:
        assert all(0 <= each <= 1 for each in (meaning.p_negative, meaning.complaint, meaning.outage))


def test_any_size_of_batch_says_the_same(model: LinearModel) -> None:
    texts = [f"nie działa internet {number} od rana 😡" + " serio" * (number % 7) for number in range(600)]
    whole = model.read(texts, [None] * len(texts))
    parts = [
        meaning
        for begin in range(0, 600, 37)
        for meaning in model.read(texts[begin : begin + 37], [None] * len(texts[begin : begin + 37]))
    ]
    assert whole == parts


def test_nothing_in_nothing_out(model: LinearModel) -> None:
    assert model.read([], []) == []


def test_two_loads_are_one_model(model: LinearModel) -> None:
    assert load_model().version == model.version
    assert isinstance(model.version, str)
    as_interface: TextModel = model
    assert len(as_interface.version) == 12


def test_the_weights_are_small() -> None:
    sizes = [path.stat().st_size for path in Path(str(models.__file__)).parent.glob("*.npz")]
    assert 0 < sum(sizes) <= MOST_BYTES
