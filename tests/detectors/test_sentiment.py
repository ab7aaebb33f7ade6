"""The shipped model: what it says of plain cases, and that nothing upsets it."""

from __future__ import annotations

import json
import subprocess
import sys
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


@pytest.mark.parametrize("text", ["😡", "🤬🤬", "💔", "👎", "😡 @acme", "masakra 😡"])
def test_angry_emoji_alone_are_negative_and_report_nothing(model: LinearModel, text: str) -> None:
    (meaning,) = model.read([text], [None])
    assert meaning.label is Label.NEGATIVE
    assert meaning.outage < 0.2


@pytest.mark.parametrize("text", ["❤️", "👍", "🔥🔥", "😍", "👏👏"])
def test_glad_emoji_alone_are_positive(model: LinearModel, text: str) -> None:
    (meaning,) = model.read([text], [None])
    assert meaning.label is Label.POSITIVE
    assert meaning.p_negative < 0.1


@pytest.mark.parametrize("text", ["", " ", "...", "?", "@acme", "https://a.example"])
def test_nothing_said_is_neutral(model: LinearModel, text: str) -> None:
    (meaning,) = model.read([text], [None])
    assert meaning.label is Label.NEUTRAL
    assert max(meaning.complaint, meaning.outage) < 0.1


@pytest.mark.parametrize("text", ["ok", "спасибо", "super", "dzień dobry", "acme", "thanks", "привет", "danke"])
def test_a_word_that_names_no_failure_reports_no_outage(model: LinearModel, text: str) -> None:
    (meaning,) = model.read([text], [None])
    assert meaning.outage < 0.3


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


def test_another_process_says_the_same(model: LinearModel) -> None:
    texts = ["nie dziala internet 😡", "спасибо, всё супер", "charged twice, rude staff", "¿solo a mí no me va?", ""]
    code = (
        "import json, sys; from detectors.sentiment import load_model; "
        "found = load_model().read(json.loads(sys.argv[1]), [None] * 5); "
        "print(json.dumps([(m.lang, m.label, m.p_negative, m.complaint, m.outage) for m in found]))"
    )
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, json.dumps(texts)], capture_output=True, text=True, check=True
    ).stdout
    here = [(m.lang, m.label, m.p_negative, m.complaint, m.outage) for m in model.read(texts, [None] * 5)]
    assert json.loads(told) == json.loads(json.dumps(here))


HOMOGLYPHS = str.maketrans("aeopcx", "аеорсх")  # Latin letters in the Cyrillic ones that look like them


@pytest.mark.parametrize(
    "disguised",
    [
        "znowu nie działa internet".translate(HOMOGLYPHS),
        "znowu nie d\u200bzia\u200bła inter\u200bnet",
        "z\u00adnowu nie działa\ufeff internet",
        "znowu\x07nie\x07działa\x07internet",
        "ZNOWU NIE DZIAŁA INTERNET",
        "znowu nie dziala internet",
        "znowu nie działaaaaaa internet!!!!!!",
        "\u202eznowu nie działa internet\u202c",
    ],
)
def test_a_report_in_disguise_is_a_report(model: LinearModel, disguised: str) -> None:
    (meaning,) = model.read([disguised], ["pl"])
    assert meaning.outage >= 0.5


def test_two_loads_are_one_model(model: LinearModel) -> None:
    assert load_model().version == model.version
    assert isinstance(model.version, str)
    as_interface: TextModel = model
    assert len(as_interface.version) == 12


def test_the_weights_are_small() -> None:
    sizes = [path.stat().st_size for path in Path(str(models.__file__)).parent.glob("*.npz")]
    assert 0 < sum(sizes) <= MOST_BYTES


LONG_AND_CALM = {
    "en": """
We spent a week at this lovely seaside hotel with our kids and it was a delight from start to finish. The staff
remembered our names, the breakfast had fresh bread and local honey, the rooms were bright and quiet, and the pool
was warm in the morning. We walked to the harbour every evening, ate fish at the small place by the pier and watched
the boats come in. We have already booked again for next summer and told all our friends about it.
""",
    "en-GB": """
Preheat the oven to 180 degrees. Beat the butter with the sugar until it is pale, add the eggs one at a time, then
fold in the flour and the baking powder. Pour in the milk and the juice of one lemon, and stir until the mixture is
smooth. Spoon it into a lined tin and bake for forty minutes, until a skewer comes out clean. Mix icing sugar with a
little lemon juice and drizzle it over the top. Serve with cream and berries.
""",
    "pl": """
W sobotę pojechaliśmy z dziećmi nad jezioro. Rano było chłodno, ale potem wyszło słońce i do wieczora siedzieliśmy na
pomoście. Starszy łowił ryby z dziadkiem, młodsza zbierała szyszki, a my wreszcie przeczytaliśmy gazetę od początku
do końca. Na kolację był żurek i chleb z lokalnej piekarni. W niedzielę poszliśmy do lasu na grzyby.
""",
}


@pytest.mark.parametrize(("lang", "text"), LONG_AND_CALM.items())
@pytest.mark.parametrize("times", [1, 2, 4])
def test_length_alone_makes_no_complaint_and_no_outage(model: LinearModel, lang: str, text: str, times: int) -> None:
    (told,) = model.read([text * times], [lang[:2]])
    assert told.complaint < 0.5
    assert told.outage < 0.5
