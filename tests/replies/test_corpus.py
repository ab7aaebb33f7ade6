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


@pytest.mark.parametrize("case", TUNED, ids=lambda case: f"{case.lang}-{case.rule}")
def test_each_fault_is_found_and_no_good_reply_accused(case: Case) -> None:
    if case.rule == "good":
        assert case.rules() == set()
    else:
        assert case.rule in case.rules()


def test_nine_of_ten_faults_never_seen_before_are_found() -> None:
    faulty = [case for case in HELD_OUT if case.rule != "good"]
    missed = [case for case in faulty if case.rule not in case.rules()]
    assert len(missed) <= 0.1 * len(faulty), missed


def test_at_most_one_in_twenty_good_replies_never_seen_before_is_accused() -> None:
    good = [case for case in HELD_OUT if case.rule == "good"]
    accused = [case for case in good if case.rules()]
    assert len(accused) <= 0.05 * len(good), accused


@pytest.mark.parametrize(
    "case", [case for case in (*TUNED, *HELD_OUT) if case.rule != "good"], ids=lambda case: case.rule
)
def test_every_suggestion_passes_the_check_itself(case: Case) -> None:
    for finding in check(case.reply, lang=case.lang, **case.occasion):
        assert finding.suggestion
        assert case.rules(finding.suggestion) == set()
        start, end = finding.span
        assert 0 <= start <= end <= len(case.reply)
        assert finding.message
