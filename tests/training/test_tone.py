"""The tone model: learned from marked replies, byte for byte the same, and calm about good ones."""

from __future__ import annotations

import random

import pytest

from daemon.replies.tone import COLUMNS, EMPTY, WARM, unpacked
from daemon.training.tone import COLD, FINE, Reply, replies, taken_apart, train_tone


def told(text: str, rule: str = FINE, lang: str = "en") -> list[tuple[str, str]]:
    return [(each.rule, each.text) for each in taken_apart(lang, rule, text)]


def test_the_marked_passage_tells_which_sentences_are_at_fault() -> None:
    assert told("We are sorry. ⟦You should have read the terms.⟧ Write to us here.", "blame") == [
        (FINE, "We are sorry."),
        ("blame", "You should have read the terms."),
        (FINE, "Write to us here."),
    ]


def test_a_passage_within_a_sentence_taints_the_whole_of_it() -> None:
    assert told("The parcel is late, ⟦as your address was a riddle⟧. We will call.", "blame") == [
        ("blame", "The parcel is late, as your address was a riddle."),
        (FINE, "We will call."),
    ]


def test_a_passage_over_two_sentences_taints_both() -> None:
    assert [rule for rule, _ in told("⟦Calm down. It is a towel.⟧ Sorry.", "belittling")] == ["belittling"] * 2 + [FINE]


def test_what_is_faulty_without_a_mark_is_so_as_a_whole() -> None:
    assert told("Calm down. It is a towel.", "belittling") == [("belittling", "Calm down. It is a towel.")]


def test_links_and_quotations_are_not_learned_from() -> None:
    assert told("You wrote “useless idiots”. See https://acme.example/help now.") == [
        (FINE, "You wrote ."),
        (FINE, "See now."),
    ]


GOOD = ["We are sorry and will call you", "The refund is on its way today", "Here is what happens next for you"]
BAD = {
    "blame": "The courier is guilty of number",
    "belittling": "It is merely a towel of size",
    "hostility": "Learn to read the sign at door",
    "levity": "Haha what a party for room",
    "disowning": "I merely answer comments about case",
    "refile": "Submit the form once more under case",
    "cold_redirect": "Please ring the hotline on",
    "vague_link": "Look around our website under",
    "speculation": "Perhaps some digger cut cable",
    "fix_promise": "The network comes back by hour",
}
HOLLOW = "Many thanks for your valued opinion, which matters to all of us at point"
FELT, UNFELT = "That must have been dreadful on day", "The parcel was posted on day"


def small() -> list[Reply]:
    lines = [(FINE, f"{text} {n}. {GOOD[n % 3]}.") for n in range(40) for text in GOOD]
    lines += [(rule, f"{text} {n}.") for n in range(20) for rule, text in BAD.items()]
    lines += [
        (rule, f"{text} {n}.") for n in range(20) for rule, text in ((EMPTY, HOLLOW), (WARM, FELT), (COLD, UNFELT))
    ]
    random.Random(3).shuffle(lines)
    return [Reply("en", tuple(taken_apart("en", rule, text))) for rule, text in lines]


def test_training_twice_gives_the_same_bytes_and_tells_the_rules_apart() -> None:
    packed = train_tone(small())
    assert train_tone(small()) == packed
    tone = unpacked(packed)
    assert {rule: tone.rule_of(f"{text} 77.", "en") for rule, text in BAD.items()} == {rule: rule for rule in BAD}
    assert [tone.rule_of(f"{text} 77.", "en") for text in GOOD] == [None] * 3
    assert [tone.is_empty(f"{text} 77.", "en") for text in (HOLLOW, *GOOD)] == [True, False, False, False]
    assert [tone.is_warm(f"{text} 77.", "en") for text in (FELT, UNFELT)] == [True, False]


def test_the_replies_learned_from_are_labelled_and_marked() -> None:
    found = list(replies())
    for lang in ("pl", "ru", "en"):
        rules = [sentence.rule for reply in found if reply.lang == lang for sentence in reply.sentences]
        assert set(rules) == {*COLUMNS, FINE, COLD}
        assert rules.count(FINE) > len(rules) / 2
    assert not [each for reply in found for each in reply.sentences if "⟦" in each.text or "⟧" in each.text]
    assert all(each.text for reply in found for each in reply.sentences)


@pytest.mark.parametrize("lang", ["de", "und"])
def test_a_language_it_has_not_learned_is_left_alone(lang: str) -> None:
    assert unpacked(train_tone(small())).rule_of(f"{BAD['blame']} 77.", lang) is None
