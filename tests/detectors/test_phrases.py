"""Phrases of the rule files: what they match, and that they stay quick."""

from __future__ import annotations

import pytest

from detectors.features import LIMIT, fold
from detectors.phrases import Phrases, every_language, rules


def kinds(phrases: Phrases, text: str) -> set[str]:
    return {found.kind for found in phrases.find(fold(text))}


@pytest.fixture
def phrases() -> Phrases:
    return Phrases({"a": ["nie działa*"], "b": ["net|wifi ~ padł*"], "c": ["awaria"], "d": ["no|zero signal"]})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Nie działają kasy", {"a"}),
        ("nie dziala", {"a"}),
        ("nie ma", set()),
        ("wifi znowu padło", {"b"}),
        ("wifi padło", {"b"}),
        ("wifi jest. Padł mi pies", set()),
        ("wifi u mojej sąsiadki z góry chyba też padło", set()),
        ("awarian", set()),
        ("zero signal, awaria!", {"c", "d"}),
        ("", set()),
    ],
)
def test_phrases_match_whole_words_near_each_other(phrases: Phrases, text: str, found: set[str]) -> None:
    assert kinds(phrases, text) == found


def test_places_are_those_of_the_folded_text(phrases: Phrases) -> None:
    folded = fold("u mnie nie działa nic")
    (found,) = phrases.find(folded)
    assert f" {folded} "[found.start : found.end] == " nie dziala"


@pytest.mark.parametrize("wrong", ["ab* cd", "a-b", "~ a", ""])
def test_a_phrase_that_cannot_be_found_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="word"):
        Phrases({"a": [wrong]})


@pytest.mark.parametrize("name", ["outage", "risk", "topics"])
def test_every_rule_file_can_be_read(name: str) -> None:
    every_language(name)
    assert {"pl", "ru", "en", "uk", "de", "cs", "es"} <= set.intersection(
        *({*langs} for kind, langs in rules(name).items())
    )


@pytest.mark.parametrize("name", ["outage", "risk", "topics"])
@pytest.mark.parametrize("word", ["nie", "не", "no", "internet", "a", "!", "if", "kein"])
def test_matches_grow_no_faster_than_the_text(name: str, word: str) -> None:
    """A phrase is tried at most once at each word: a long text of one word finds at most so many."""
    phrases = every_language(name)
    short = sum(1 for _ in phrases.find(fold(" ".join([word] * 50))))
    long = sum(1 for _ in phrases.find(fold(" ".join([word] * 500))))
    assert long <= 10 * short + 10
    assert len(fold(" ".join([word] * 20_000))) <= LIMIT + 10
