"""Languages are told offline, of short and misspelt texts too."""

from __future__ import annotations

import pytest

from detectors.language import UNKNOWN, Languages


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages()


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("nie dziala internet", "pl"),
        ("brak zasięgu na osiedlu", "pl"),
        ("masakra!!!", "pl"),
        ("dramat", "pl"),
        ("awaria?", "pl"),
        ("mal servicio", "es"),
        ("не работает связь", "ru"),
        ("ne rabotaet internet uzhe chas", "ru"),
        ("немає зв'язку вже годину", "uk"),
        ("why is the app down again?", "en"),
        ("kein Internet seit heute Morgen", "de"),
        ("no funciona la señal en mi casa", "es"),
        ("nemůžu se přihlásit do aplikace", "cs"),
    ],
)
def test_short_posts_are_told(languages: Languages, text: str, lang: str) -> None:
    assert languages.detect(text) == lang


@pytest.mark.parametrize("text", ["", "   ", "😡😡", "12 345", "https://a.example/nie-dziala", "@acme", "\x00\x01"])
def test_what_holds_no_words_is_of_no_language(languages: Languages, text: str) -> None:
    assert languages.detect(text) == UNKNOWN


def test_links_and_names_do_not_decide(languages: Languages) -> None:
    assert languages.detect("@the_big_company_support https://www.example.com/how-are-you nie mam prądu") == "pl"


def test_half_a_pair_of_surrogates_upsets_nothing(languages: Languages) -> None:
    assert languages.detect("nie mam \ud83d zasięgu") == "pl"
    assert languages.detect("\ud83d internetul nu merge") == "ro"


def test_words_of_another_language_are_outvoted(languages: Languages) -> None:
    assert languages.detect("nie wiem czy to the end, ale już mam dość") == "pl"


def test_a_known_language_is_kept(languages: Languages) -> None:
    assert languages.all(["nie działa", "nie działa", "nie działa"], ["en", None, "PL-pl"]) == ["en", "pl", "pl"]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("in\u200bternet is not wor\u200bking here since morning", "en"),
        ("ин\u200bтернет не рабо\u200bтает с утра", "ru"),
    ],
)
def test_what_nobody_sees_tells_no_other_language(text: str, lang: str) -> None:
    assert Languages().detect(text) == lang
