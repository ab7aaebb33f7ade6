"""The words of the hand-over note: whole in three languages."""

from __future__ import annotations

import msgspec
import pytest

from daemon.consent import binding_parts
from daemon.model import EventKind, IncidentKind, IncidentState, Severity, Topic
from daemon.replies.clusters import NEEDS_APPROVAL
from daemon.response.handover import handover
from daemon.response.handover_words import ENGLISH, WORDS
from tests.fakes.records import NOON, an_evidence, an_incident


@pytest.mark.parametrize("lang", ["pl", "ru"])
def test_every_word_is_there_in_every_language(lang: str) -> None:
    words = WORDS[lang]
    assert set(words.dues) == set(ENGLISH.dues)
    assert set(words.done) == set(ENGLISH.done) <= set(EventKind)
    assert set(words.severities) == set(Severity)
    assert set(words.kinds) == set(IncidentKind)
    assert set(words.topics) == set(Topic)
    assert set(words.doubts) == set(ENGLISH.doubts) == {"probably", "perhaps"}
    assert set(words.ends) == {state for state in IncidentState if state.ended}
    assert set(words.parts) == set(NEEDS_APPROVAL)
    assert binding_parts("Damy rabat.", "pl")[0] in words.parts
    assert len(words.months) == 12


@pytest.mark.parametrize("lang", WORDS)
def test_a_sentence_has_the_same_places_in_every_language(lang: str) -> None:
    def places(sentence: str) -> set[str]:
        return {part.partition("}")[0] for part in sentence.split("{")[1:]}

    for field in msgspec.structs.fields(ENGLISH):
        english, other = getattr(ENGLISH, field.name), getattr(WORDS[lang], field.name)
        if isinstance(english, str):
            assert places(other) == places(english), field.name
            assert other.strip()


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("pl", ["Temat: awaria;", "Temat: prawdopodobnie awaria;", "Temat: być może awaria;"]),
        ("ru", ["Тема: сбой;", "Тема: вероятно, сбой;", "Тема: возможно, сбой;"]),
        ("en", ["About outage;", "About outage (probably);", "About outage (perhaps);"]),
    ],
)
def test_the_topic_is_told_with_its_doubt(lang: str, told: list[str]) -> None:
    for confidence, words in zip((0.9, 0.5, 0.2), told, strict=True):
        incident = an_incident(evidence=an_evidence(topic_confidence=confidence))
        note = handover(incident, (), (), brand_name="Acme", timezone="UTC", now=NOON, lang=lang)
        assert any(line.startswith(words) for line in note.sections[0].lines)
