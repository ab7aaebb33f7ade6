"""What a silence hides, for how long, and that it never hides for good."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from config.oncall import Campaign, RecurringSilence
from daemon.model import IncidentKind, Severity
from daemon.oncall.silence import Silence, heard_after, hiding, hushed_until
from daemon.oncall.windows import Window
from tests.fakes.records import NOON, an_evidence, an_incident

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MINOR = an_incident(severity=Severity.MINOR)


def a_silence(**changes: object) -> Silence:
    given_: dict[str, object] = {"id": "s", "reason": "moving house", "begins": NOON, "ends": NOON + HOUR}
    return Silence(**given_ | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("silence", "hides"),
    [
        (a_silence(), True),
        (a_silence(brand="acme"), True),
        (a_silence(brand="globex"), False),
        (a_silence(kinds=("surge", "share")), True),
        (a_silence(kinds=("blind",)), False),
        (a_silence(channels=("facebook", "x", "vk")), True),
        (a_silence(channels=("facebook",)), False),
    ],
)
def test_a_silence_hides_what_it_matches(silence: Silence, hides: bool) -> None:  # noqa: FBT001 - the expectation
    assert silence.matches(MINOR) is hides


def test_what_is_critical_is_hidden_only_where_that_was_said() -> None:
    critical = replace(MINOR, severity=Severity.CRITICAL)
    assert not a_silence().matches(critical)
    assert a_silence(hides_critical=True).matches(critical)


def test_a_drill_is_never_hidden() -> None:
    assert not a_silence().matches(replace(MINOR, drill=True))


def test_a_campaign_hides_what_it_lets_expect_and_no_more() -> None:
    campaign = Silence.planned(
        "acme", 0, Campaign.model_validate({"title": "Sale", "begins": NOON, "ends": NOON + HOUR, "expected": 3})
    )

    def hidden(observed: int, **changes: object) -> bool:
        evidence = an_evidence(observed=observed, expected=10.0)
        return campaign.matches(replace(MINOR, evidence=evidence, **changes))

    assert [hidden(30), hidden(31)] == [True, False]
    assert not hidden(12, severity=Severity.CRITICAL)
    assert not hidden(12, kind=IncidentKind.RISK)
    assert not hidden(12, brand="globex")


def test_a_recurring_silence_keeps_local_time_over_the_change_of_the_clocks_and_expires() -> None:
    settings = RecurringSilence.model_validate(
        {
            "name": "night",
            "days": ("saturday",),
            "begins": "23:00",
            "ends": "05:00",
            "timezone": "Europe/Warsaw",
            "until": "2026-03-29T01:30:00Z",
            "reason": "maintenance",
        }
    )
    silence = Silence.recurring(settings)
    summer_night = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)  # 23:00, and at 2:00 it will be 3:00
    assert silence.holds_until(summer_night) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "expires before it is over"
    assert silence.holds_until(summer_night - MINUTE) is None
    forever = replace(silence, ends=datetime(2027, 1, 1, tzinfo=UTC))
    assert forever.holds_until(summer_night) == datetime(2026, 3, 29, 3, 0, tzinfo=UTC), "an hour shorter"
    assert forever.holds_until(summer_night - 7 * 24 * HOUR) == datetime(2026, 3, 22, 4, 0, tzinfo=UTC)
    assert forever.next_begin(summer_night) == datetime(2026, 4, 4, 21, 0, tzinfo=UTC)


def test_silences_that_follow_one_another_are_one() -> None:
    chain = (a_silence(), a_silence(begins=NOON + 50 * MINUTE, ends=NOON + 3 * HOUR))
    assert hushed_until(chain, MINOR, NOON) == NOON + 3 * HOUR
    assert hiding(chain, MINOR, NOON + 55 * MINUTE) == chain


def test_time_stands_still_for_a_ladder_while_it_is_hidden() -> None:
    silence = a_silence(begins=NOON + 3 * MINUTE, ends=NOON + 33 * MINUTE)
    assert heard_after((silence,), MINOR, NOON, NOON + 2 * MINUTE) == NOON + 2 * MINUTE
    assert heard_after((silence,), MINOR, NOON, NOON + 5 * MINUTE) == NOON + 35 * MINUTE
    assert heard_after((), MINOR, NOON, NOON + 5 * MINUTE) == NOON + 5 * MINUTE


@st.composite
def some_silences(draw: st.DrawFn) -> tuple[Silence, ...]:
    found = []
    for number in range(draw(st.integers(0, 4))):
        begins = NOON + timedelta(minutes=draw(st.integers(-600, 2000)))
        ends = begins + timedelta(minutes=draw(st.integers(1, 2000)))
        daily = Window(
            timezone=draw(st.sampled_from(("UTC", "Europe/Warsaw", "Australia/Lord_Howe"))),
            begins=time(draw(st.integers(0, 11)), 30),
            ends=time(draw(st.integers(12, 23)), 15),
        )
        found.append(a_silence(id=str(number), begins=begins, ends=ends, window=daily if draw(st.booleans()) else None))
    return tuple(found)


@given(some_silences(), st.integers(0, 3000))
def test_every_silence_ends_and_no_step_is_due_within_one(silences: tuple[Silence, ...], after: int) -> None:
    due = heard_after(silences, MINOR, NOON, NOON + timedelta(minutes=after))
    assert due >= NOON + timedelta(minutes=after)
    assert hiding(silences, MINOR, due) == ()
    assert due <= max([NOON, *(one.ends for one in silences)]) + timedelta(minutes=after)
    assert hiding(silences, MINOR, hushed_until(silences, MINOR, NOON)) == ()
