"""The check against replies good and faulty, in three languages; a part was never tuned on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from daemon.replies.lint import RULES, check

CORPUS = Path(__file__).parent / "corpus"


class Case(msgspec.Struct, frozen=True):
    """One reply with what is wrong with it; ``rule`` is "good" where nothing is."""

    lang: str
    rule: str
    reply: str
    occasion: dict[str, Any]

    def rules(self, reply: str | None = None) -> set[str]:
        found = check(self.reply if reply is None else reply, lang=self.lang, **self.occasion)
        return {finding.rule for finding in found}


def read(name: str) -> list[Case]:
    cases = []
    for line in (CORPUS / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            lang, rule, marks, customer, reply = line.split("|")
            occasion: dict[str, Any] = {"customer": customer}
            for mark in marks.split():
                if mark == "i":
                    occasion["incident"] = True
                elif mark == "p":
                    occasion["audience"] = "private"
                elif mark.startswith("c="):
                    occasion["channel"] = mark[2:]
                elif mark.startswith("f="):
                    occasion["facts"] = (mark[2:].replace("_", " "),)
            cases.append(Case(lang, rule, reply, occasion))
    return cases


TUNED, HELD_OUT = read("tuned.txt"), read("held_out.txt")


def test_the_corpus_is_large_and_knows_every_rule_in_every_language() -> None:
    cases = [*TUNED, *HELD_OUT]
    assert len(cases) >= 300
    assert {case.rule for case in cases} == {*RULES, "good"}
    for lang in ("pl", "ru", "en"):
        assert {case.rule for case in cases if case.lang == lang} == {*RULES, "good"}


@pytest.mark.parametrize("lang", ["pl", "ru", "en"])
@pytest.mark.parametrize("rule", RULES)
def test_each_fault_is_found(lang: str, rule: str) -> None:
    faulty = [case for case in TUNED if (case.lang, case.rule) == (lang, rule)]
    assert faulty
    assert [case for case in faulty if rule not in case.rules()] == []


@pytest.mark.parametrize("lang", ["pl", "ru", "en"])
def test_no_good_reply_is_accused(lang: str) -> None:
    good = [case for case in TUNED if (case.lang, case.rule) == (lang, "good")]
    assert good
    assert [(case, rules) for case in good if (rules := case.rules())] == []


def test_nine_of_ten_faults_never_seen_before_are_found() -> None:
    faulty = [case for case in HELD_OUT if case.rule != "good"]
    missed = [case for case in faulty if case.rule not in case.rules()]
    assert len(missed) <= 0.1 * len(faulty), missed


def test_at_most_one_in_twenty_good_replies_never_seen_before_is_accused() -> None:
    good = [case for case in HELD_OUT if case.rule == "good"]
    accused = [case for case in good if case.rules()]
    assert len(accused) <= 0.05 * len(good), accused


@pytest.mark.parametrize("lang", ["pl", "ru", "en"])
@pytest.mark.parametrize("rule", RULES)
def test_every_suggestion_passes_the_check_itself(lang: str, rule: str) -> None:
    cases = [case for case in (*HELD_OUT, *TUNED) if (case.lang, case.rule) == (lang, rule)]
    for case in cases[:4]:
        found = check(case.reply, lang=case.lang, **case.occasion)
        for suggestion in {finding.suggestion for finding in found}:
            assert suggestion
            assert case.rules(suggestion) == set()
        for finding in found:
            start, end = finding.span
            assert 0 <= start <= end <= len(case.reply)


GOOD = {
    "pl": (
        "Przykro nam z powodu tej sytuacji. Sprawdzamy, co się stało, i wrócimy tutaj o 15:30.",
        "Dzień dobry, nie działa mi internet. Proszę o pomoc.",
    ),
    "ru": (
        "Нам жаль, что так вышло. Проверяем, что случилось, и вернёмся сюда в 15:30.",
        "Здравствуйте, не работает интернет. Помогите, пожалуйста.",
    ),
    "en": (
        "We are sorry about this situation. We are checking what happened and will be back here by 3:30 pm.",
        "Hello, my internet is not working. Could you help?",
    ),
}


@pytest.mark.parametrize("lang", ["pl", "ru", "en"])
def test_a_faulty_sentence_is_found_behind_a_good_reply(lang: str) -> None:
    reply, customer = GOOD[lang]
    assert check(reply, lang=lang, customer=customer, incident=True) == ()
    planted = [
        (rule, sentence)
        for line in (CORPUS / "planted.txt").read_text("utf-8").splitlines()
        if line.startswith(f"{lang}|")
        for rule, sentences in [line.split("|")[1:]]
        for sentence in sentences.split(";")
    ]
    missed = [
        (rule, sentence)
        for rule, sentence in planted
        if rule
        not in {
            finding.rule
            for finding in check(
                reply + ("\n" if rule == "personal_signature" else " ") + sentence.replace("\\n", "\n"),
                lang=lang,
                customer=customer,
                incident=True,
            )
        }
    ]
    assert len(missed) <= 0.03 * len(planted), missed
