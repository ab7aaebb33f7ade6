"""The words of the hand-over note: whole in three languages."""

from __future__ import annotations

import msgspec
import pytest

from daemon.consent import binding_parts
from daemon.model import EventKind, IncidentKind, IncidentState, Severity, Topic
from daemon.replies.clusters import NEEDS_APPROVAL
from daemon.response.handover_words import ENGLISH, WORDS


@pytest.mark.parametrize("lang", ["pl", "ru"])
def test_every_word_is_there_in_every_language(lang: str) -> None:
    words = WORDS[lang]
    assert set(words.dues) == set(ENGLISH.dues)
    assert set(words.done) == set(ENGLISH.done) <= set(EventKind)
    assert set(words.severities) == set(Severity)
    assert set(words.kinds) == set(IncidentKind)
    assert set(words.topics) == set(Topic)
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
