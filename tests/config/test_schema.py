"""Durations, as they are written everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.values import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30s", timedelta(seconds=30)),
        ("5m", timedelta(minutes=5)),
        ("90m", timedelta(minutes=90)),
        ("1h", timedelta(hours=1)),
        ("30d", timedelta(days=30)),
        ("05m", timedelta(minutes=5)),
        ("999999999999999999d", timedelta(days=36_500)),
    ],
)
def test_a_whole_number_and_a_unit(text: str, value: timedelta) -> None:
    assert parse_duration(text) == value


@pytest.mark.parametrize(
    "text", ["", "5", "m", "0s", "000d", "-5m", "1.5h", "5 m", "5M", "5min", "1h30m", "5m\n", "٣m", "1w"]
)
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration: a positive whole number and a unit"):
        parse_duration(text)


@given(st.integers(1, 10**9), st.sampled_from("smhd"))
def test_any_duration_can_be_added_to_the_present_and_written_again(number: int, unit: str) -> None:
    value = parse_duration(f"{number}{unit}")
    assert parse_duration(format_duration(value)) == value
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert now - value < now < now + value
