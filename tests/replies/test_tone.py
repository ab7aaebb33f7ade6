"""Tone that no phrase list names, as the shipped model hears it; none of these sentences was learned from."""

from __future__ import annotations

import pytest

from daemon.replies.lint import check
from daemon.replies.tone import load_tone

VEILED = [
    ("en", "People who look after their boilers do not usually end up writing to us.", "blame"),
    ("en", "It does seem you enjoy complaining more than skiing.", "hostility"),
    ("en", "It was a quarter of an hour, hardly worth a comment.", "belittling"),
    ("pl", "Kto czyta umowę przed podpisem, ten nie ma później takich pretensji.", "blame"),
    ("pl", "Widocznie bardziej zależy Panu na awanturze niż na pomocy.", "hostility"),
    ("pl", "Zamiast pisać te elaboraty, wystarczyło raz przeczytać instrukcję.", "hostility"),
    ("ru", "Кто читает договор до подписи, у того таких вопросов не бывает.", "blame"),
    ("ru", "Видимо, вам важнее скандал, чем помощь.", "hostility"),
    ("ru", "Монтажник из сторонней фирмы явно думал о своём.", "blame"),
]
NEAR_MISSES = [
    ("en", "The courier came too late, and that is our fault, not yours and not his."),
    ("pl", "Kurier przyjechał za późno i to nasza wina, nie Pani ani jego."),
    ("ru", "Курьер приехал слишком поздно, и это наша вина, а не ваша и не его."),
]


@pytest.mark.parametrize(("lang", "text", "rule"), VEILED)
def test_a_veiled_tone_is_heard(lang: str, text: str, rule: str) -> None:
    assert load_tone().rule_of(text, lang) == rule


@pytest.mark.parametrize(("lang", "text"), NEAR_MISSES)
def test_owning_the_fault_in_the_same_words_is_fit(lang: str, text: str) -> None:
    assert load_tone().rule_of(text, lang) is None


def test_a_sentence_that_breaks_a_rule_already_is_not_told_twice() -> None:
    reply = "We are sorry. You should have read the terms, as everybody else does."
    found = check(reply, lang="en", customer="My bill is wrong again, this is a disgrace!")
    assert len({finding.span for finding in found}) == len(found)


@pytest.mark.parametrize("text", ["", "!?", "Nope.", "12:30", "😀😀😀"])
def test_what_is_no_sentence_is_not_judged(text: str) -> None:
    assert load_tone().rule_of(text, "en") is None
