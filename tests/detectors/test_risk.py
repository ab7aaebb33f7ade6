"""Words that are never normal are found; negations and ways of speaking are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.risk import _phrases, is_risk, risk_words


def probes(name: str) -> list[list[str]]:
    """Language, whether it is a risk, and text."""
    return [line.split("\t") for line in Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()]


PROBES = probes("probes_risk.tsv")  # worded freely in ten languages; the phrases were widened beside them
HARM = probes("probes_harm.tsv")  # told by who was harmed by what, beside what only sounds so; each must be told right


def test_probes_are_told_from_ways_of_speaking() -> None:
    found = {text for lang, _, text in PROBES if risk_words(text, lang)}
    meant = {text for _, risk, text in PROBES if risk == "1"}
    assert len(found & meant) >= 0.95 * len(found)
    assert len(found & meant) >= 0.95 * len(meant)


def test_harm_told_indirectly_is_found_and_what_only_sounds_so_is_not() -> None:
    assert [each for each in HARM if is_risk(each[2], each[0]) is not (each[1] == "1")] == []
    assert {(lang, risk) for lang, risk, _ in HARM} == {(lang, risk) for lang in ("pl", "ru", "en") for risk in "01"}


@pytest.mark.parametrize(
    ("text", "lang", "word"),
    [
        ("Po waszym kurczaku cała rodzina się zatruła", "pl", "zatruła"),
        ("córka wylądowała w szpitalu po waszym soku", "pl", "szpitalu"),
        ("wyciek danych! mój pesel jest w sieci", "pl", "wyciek"),
        ("Bateria wybuchła mi w kieszeni", "pl", "wybuchła"),
        ("ребёнок отравился вашим йогуртом", "ru", "отравился"),
        ("Телефон взорвался во время зарядки", "ru", "взорвался"),
        ("в поезде погиб человек", "ru", "погиб"),
        ("utechka? нет: слили данные всех клиентов", "ru", "слили"),
        ("I got food poisoning from your salad", "en", "poisoning"),
        ("your charger caught fire at night", "en", "fire"),
        ("my lawyer will contact you", "en", "lawyer"),
        ("massive data breach at your company", "en", "breach"),
        ("після вашої піци ми отруїлися", "uk", "отруїлися"),
        ("Mein Kind liegt nach eurem Essen im Krankenhaus", "de", "Krankenhaus"),
        ("po vaší polévce mám otravu", "cs", "otravu"),
        ("me intoxiqué con su pollo", "es", "intoxiqué"),
    ],
)
def test_a_word_of_risk_is_found_as_written(text: str, lang: str, word: str) -> None:
    assert word in risk_words(text, lang)


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
    assert risk_words(text, lang) == ()


def test_an_unknown_language_is_read_by_all_rules() -> None:
    assert risk_words("zatrułem się", "und")


@settings(deadline=None)  # the first text of a language waits for its phrases
@given(st.text(max_size=200), st.sampled_from(["pl", "ru", "en", "und"]))
def test_no_text_upsets_it(text: str, lang: str) -> None:
    assert all(word in text for word in risk_words(text, lang))


def test_languages_without_rules_share_one_list() -> None:
    risk_words("a fire", "xx")
    kept = _phrases.cache_info().currsize
    for lang in ("km", "tl", "eo", "id"):
        risk_words("a fire", lang)
    assert _phrases.cache_info().currsize == kept
