"""Words that are never normal are found; negations and ways of speaking are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.risk import _phrases, is_risk


def probes(name: str) -> list[list[str]]:
    """Language, whether it is a risk, and text."""
    return [line.split("\t") for line in Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()]


PROBES = probes("probes_risk.tsv")  # worded freely in ten languages; the phrases were widened beside them
HARM = probes("probes_harm.tsv")  # told by who was harmed by what, beside what only sounds so; each must be told right


def test_probes_are_told_from_ways_of_speaking() -> None:
    found = {text for lang, _, text in PROBES if is_risk(text, lang)}
    meant = {text for _, risk, text in PROBES if risk == "1"}
    assert len(found & meant) >= 0.95 * len(found)
    assert len(found & meant) >= 0.95 * len(meant)


def test_harm_told_indirectly_is_found_and_what_only_sounds_so_is_not() -> None:
    assert [each for each in HARM if is_risk(each[2], each[0]) is not (each[1] == "1")] == []
    assert {(lang, risk) for lang, risk, _ in HARM} == {(lang, risk) for lang in ("pl", "ru", "en") for risk in "01"}


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Po waszym kurczaku cała rodzina się zatruła", "pl"),
        ("córka wylądowała w szpitalu po waszym soku", "pl"),
        ("wyciek danych! mój pesel jest w sieci", "pl"),
        ("Bateria wybuchła mi w kieszeni", "pl"),
        ("ребёнок отравился вашим йогуртом", "ru"),
        ("Телефон взорвался во время зарядки", "ru"),
        ("в поезде погиб человек", "ru"),
        ("utechka? нет: слили данные всех клиентов", "ru"),
        ("I got food poisoning from your salad", "en"),
        ("your charger caught fire at night", "en"),
        ("my lawyer will contact you", "en"),
        ("massive data breach at your company", "en"),
        ("після вашої піци ми отруїлися", "uk"),
        ("Mein Kind liegt nach eurem Essen im Krankenhaus", "de"),
        ("po vaší polévce mám otravu", "cs"),
        ("me intoxiqué con su pollo", "es"),
        ("les voy a demandar", "es"),
        ("Unsere Kundendaten wurden gestohlen", "de"),
        ("Cała rodzina się zat\u200bruła", "pl"),  # an invisible space inside
        ("Cała rodzina się z\u03b1trul\u03b1", "pl"),  # Greek letters that look Latin
    ],
)
def test_a_word_of_risk_is_found(text: str, lang: str) -> None:
    assert is_risk(text, lang)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Na szczęście nikt się nie zatruł", "pl"),
        ("umieram ze śmiechu", "pl"),
        ("zabiło mnie to zdjęcie", "pl"),
        ("никто не пострадал", "ru"),
        ("я умерла со смеху", "ru"),
        ("у меня телефон умер, где зарядка", "ru"),
        ("nobody was injured, thank god", "en"),
        ("I'm dead lol", "en"),
        ("my battery died again", "en"),
        ("this song is on fire", "en"),
        ("I can't recall my password", "en"),
        ("Bitte um Rückruf", "de"),
        ("niemand wurde verletzt", "de"),
        ("dzień dobry, o której otwieracie?", "pl"),
        ("internet nie działa", "pl"),
        ("", "und"),
    ],
)
def test_negations_and_ways_of_speaking_are_not_risks(text: str, lang: str) -> None:
    assert not is_risk(text, lang)


def test_an_unknown_language_is_read_by_all_rules() -> None:
    assert is_risk("zatrułem się", "und")


@settings(deadline=None)  # the first text of a language waits for its phrases
@given(st.text(max_size=200), st.sampled_from(["pl", "ru", "en", "und"]))
def test_no_text_upsets_it(text: str, lang: str) -> None:
    assert is_risk(text, lang) in (True, False)


def test_languages_without_rules_share_one_list() -> None:
    is_risk("a fire", "xx")
    kept = _phrases.cache_info().currsize
    for lang in ("km", "tl", "eo", "id"):
        is_risk("a fire", lang)
    assert _phrases.cache_info().currsize == kept
