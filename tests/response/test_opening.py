"""What opens, comes back, or is no news: the rules between readings and incidents."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.model import IncidentKind, IncidentState
from daemon.response.opening import Since, Verdict, family, judge, news_begins
from tests.fakes.records import NOON, a_policy, a_reading, an_incident

HOUR = timedelta(hours=1)
POLICY = a_policy()


def over(hours_ago: float, by: str = "tocsin") -> dict[str, object]:
    return {"state": IncidentState.RESOLVED, "resolved_at": NOON - hours_ago * HOUR, "ended_by": by}


def test_news_begins_with_the_window_or_with_the_end() -> None:
    reading = a_reading(window_minutes=60)
    assert news_begins(an_incident(**over(0.5)), reading, NOON) == (NOON - HOUR / 2, False)
    assert news_begins(an_incident(**over(5)), reading, NOON) == (NOON - timedelta(minutes=59), True)


@pytest.mark.parametrize("kind", [IncidentKind.SURGE, IncidentKind.SHARE, IncidentKind.REACH, IncidentKind.RISK])
def test_what_came_wholly_after_the_end_is_news_however_little(kind: IncidentKind) -> None:
    """A mix that turns is never twice the expected: after one incident it would open none for ever."""
    reading, last = a_reading(kind=kind), an_incident(kind=kind, **over(24))
    little = Since(observed=3, expected=2.0)
    for whole, verdict in ((True, Verdict.OPEN), (False, Verdict.NOTHING)):
        since = Since(observed=little.observed, expected=little.expected, whole=whole)
        decision = judge(reading, open_one=None, last=last, since=since, now=NOON, policy=POLICY)
        assert decision.verdict is verdict


def test_what_a_person_ended_comes_back_only_when_it_has_grown() -> None:
    last = an_incident(peak_observed=40, **over(0.5, by="user:anna"))
    reading = a_reading(since=NOON - HOUR)
    for observed, verdict in ((79, Verdict.NOTHING), (80, Verdict.REOPEN)):
        since = Since(observed=observed, expected=1.0)
        decision = judge(reading, open_one=None, last=last, since=since, now=NOON, policy=POLICY)
        assert (decision.verdict, decision.incident) == (verdict, last)


WAVE = {IncidentKind.SURGE, IncidentKind.SHARE, IncidentKind.REACH}


@pytest.mark.parametrize("kind", IncidentKind)
@pytest.mark.parametrize("other", IncidentKind)
def test_one_wave_is_one_incident_and_risk_and_blindness_stand_for_themselves(
    kind: IncidentKind, other: IncidentKind
) -> None:
    together = kind is other or {kind, other} <= WAVE
    assert (other in family(kind)) == together
    if together and kind is not other:
        decision = judge(
            a_reading(kind=other),
            open_one=an_incident(kind=kind),
            last=None,
            since=Since(observed=0, expected=0.0),
            now=NOON,
            policy=a_policy(),
        )
        assert decision.verdict is Verdict.JOIN
