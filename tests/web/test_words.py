"""Words and tables that people read: never wrong, never failing, never run."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.model import EventKind, IncidentKind, IncidentState, TimelineEvent
from daemon.web import words
from daemon.web.exports import COLUMNS, safe_cell, safe_markdown, timeline_csv
from daemon.web.passwords import MAX_PASSWORD, hash_password, verify_password
from tests.fakes.records import an_evidence, an_incident

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=3)


def event(kind: EventKind, data: dict[str, object], actor: str = "tocsin") -> TimelineEvent:
    return TimelineEvent(incident_id="i", seq=1, at=NOW, kind=kind, actor=actor, data=data, hash="0" * 64)


def test_everything_that_may_be_shown_has_a_word() -> None:
    assert set(words.EVENTS) == {kind.value for kind in EventKind}
    assert set(words.KINDS) == {kind.value for kind in IncidentKind}
    assert set(words.STATES) == {state.value for state in IncidentState}


@pytest.mark.parametrize(
    ("topic", "confidence", "told"),
    [
        ("outage", 0.9, "an outage"),
        ("outage", 0.5, "probably an outage"),
        ("rumour", 0.3, "perhaps a rumour"),
        ("other", 0.2, "something else"),
    ],
)
def test_the_topic_is_told_with_its_doubt(topic: str, confidence: float, told: str) -> None:
    incident = an_incident(evidence=an_evidence(topic=topic, topic_confidence=confidence))
    assert dict(words.evidence_facts(incident))["About"] == told


@given(
    st.sampled_from(list(EventKind)), st.dictionaries(st.sampled_from(["text", "due", "to", "of", "step", "x"]), _JSON)
)
def test_an_event_of_any_data_can_be_told(kind: EventKind, data: dict[str, object]) -> None:
    assert isinstance(words.event_detail(event(kind, data), ZoneInfo("Europe/Warsaw")), str)


@given(st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_span_names_at_most_two_units(length: timedelta) -> None:
    told = words.span(length)
    assert told == "under a minute" or 1 <= sum(unit in told for unit in (" d", " h", " min")) <= 2


@given(st.floats(min_value=0, max_value=1e6))
def test_rarity_is_always_told(rate: float) -> None:
    assert words.rarity(rate).startswith(("about", "practically"))


@given(st.text(max_size=50))
def test_a_cell_never_begins_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert cell in {text, f"'{text}"}
    assert not cell.lstrip(" \u00a0\ufeff").startswith(tuple("=+-@\t\r\n|%＝＋－＠"))


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_table_reads_back_with_every_cell_harmless(actor: str, text: str) -> None:
    table = timeline_csv([event(EventKind.NOTE, {"text": text}, actor)])
    rows = list(csv.reader(io.StringIO(table, newline="")))
    assert rows[0] == list(COLUMNS)
    assert rows[1][3] == safe_cell(actor)
    assert len(rows) == 2
    assert not any(cell.startswith(tuple("=+-@")) for cell in rows[1])


@given(st.text(max_size=80))
def test_markdown_stays_one_plain_cell(text: str) -> None:
    cell = safe_markdown(text).replace("\\\\", "")
    assert "\n" not in cell
    for sign in "|<>`[]":
        assert cell.count(sign) == cell.count(f"\\{sign}")


def test_passwords_are_hashed_and_checked() -> None:
    hashed = hash_password("Zażółć gęślą jaźń")
    assert hashed.startswith("$argon2id$")
    assert verify_password(hashed, "Zażółć gęślą jaźń")
    assert not verify_password(hashed, "Zażółć gęślą")
    assert not verify_password("no hash at all", "x")
    for wrong in ("", "x" * (MAX_PASSWORD + 1)):
        with pytest.raises(ValueError, match="expected a password"):
            hash_password(wrong)
