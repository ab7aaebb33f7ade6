"""One word for a brand, and the incident to look at first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from daemon.model import Evidence, Incident, IncidentKind, IncidentState, Severity
from daemon.overview import BrandState, state_of, worst
from daemon.series import floor

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SURGE = Incident(
    id="surge",
    brand="acme",
    kind=IncidentKind.SURGE,
    severity=Severity.MINOR,
    state=IncidentState.OPEN,
    title="",
    opened_at=NOW,
    onset_at=NOW,
    ladder_from=NOW,
    last_sustained_at=NOW,
    evidence=Evidence(
        at=NOW,
        deciding_mention=None,
        observed=1,
        expected=0.1,
        window_minutes=5,
        false_alerts_per_year=0.1,
        distinct_authors=1,
        channels={},
        languages={},
        terms=(),
        topic="other",
        examples=(),
    ),
)
BLIND = replace(SURGE, id="blind", kind=IncidentKind.BLIND, severity=Severity.CRITICAL)
RISK = replace(SURGE, id="risk", kind=IncidentKind.RISK, severity=Severity.MAJOR, opened_at=NOW + timedelta(hours=1))


@pytest.mark.parametrize("order", [sorted, lambda found: sorted(found, reverse=True)])
def test_the_worst_is_a_crisis_before_blindness_then_the_most_severe(order: Callable[[list[str]], list[str]]) -> None:
    incidents = {incident.id: incident for incident in (SURGE, BLIND, RISK)}
    assert worst([incidents[name] for name in order(list(incidents))]) is RISK
    assert worst([BLIND, SURGE]) is SURGE
    assert worst([BLIND]) is BLIND
    assert worst([]) is None


def test_of_equals_the_oldest_comes_first() -> None:
    younger = replace(SURGE, id="younger", opened_at=NOW + timedelta(minutes=1))
    assert worst([younger, SURGE]) is SURGE


@pytest.mark.parametrize(
    ("incident", "blind_now", "negative", "expected"),
    [
        (None, False, 3, BrandState.CALM),
        (None, False, 4, BrandState.WATCH),
        (None, True, 4, BrandState.BLIND),
        (BLIND, False, 0, BrandState.BLIND),
        (SURGE, True, 0, BrandState.CRISIS),
        (RISK, False, 0, BrandState.CRISIS),
    ],
)
def test_the_most_pressing_word_that_is_true(
    incident: Incident | None, *, blind_now: bool, negative: int, expected: BrandState
) -> None:
    assert state_of(incident, blind_now=blind_now, negative=negative, high=3.0) is expected


@pytest.mark.parametrize("step", [timedelta(minutes=1), timedelta(minutes=7), timedelta(days=7)])
def test_steps_lie_where_they_always_lie(step: timedelta) -> None:
    at = NOW + timedelta(seconds=61)
    start = floor(at, step)
    assert start <= at < start + step
    assert floor(start, step) == start
    assert floor(start + step, step) == start + step
