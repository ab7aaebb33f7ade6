"""What is ordinary: the season, the level, the share, and how they are restored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from holidays import country_holidays

from daemon.model import Tick
from detectors.baseline import Baseline
from detectors.surge import Surge


def test_a_brand_nobody_knows_may_be_of_any_size() -> None:
    baseline = Baseline()
    baseline.learn(600, 4000, 12_000, 10.0, 1.0)
    assert baseline.level() * 10 == pytest.approx(4000, rel=0.5)


def test_what_has_no_weight_teaches_nothing() -> None:
    baseline = Baseline()
    before = baseline.dump()
    baseline.learn(600, 4000, 12_000, 10.0, 0.0)
    assert baseline.dump()[:4] == before[:4]


def test_the_share_is_left_alone_where_the_total_says_nothing() -> None:
    baseline = Baseline()
    baseline.learn(600, 300, 0, 10.0, 1.0)
    assert baseline.share() == pytest.approx(0.3)


def test_weekdays_differ() -> None:
    baseline = Baseline()
    for _ in range(6):
        for block in range(5, 10080, 10):
            baseline.learn(block, 40 if block < 5 * 1440 else 10, 100, 10.0, 1.0)
    assert 2.3 < baseline.mean(2 * 1440 + 720) / baseline.mean(6 * 1440 + 720) < 4.5


def test_the_season_has_no_steps() -> None:
    baseline = Baseline()
    for block in range(5, 10080, 10):
        baseline.learn(block, 10 + block // 60 % 24, 100, 10.0, 1.0)
    means = [baseline.mean(minute) for minute in range(1440, 2800)]
    assert max(abs(after - before) / before for before, after in pairwise(means)) < 0.05


def test_it_is_restored_as_it_was() -> None:
    baseline = Baseline()
    for block in range(5, 20000, 10):
        baseline.learn(block % 10080, block % 7, 20, 10.0, 0.9)
    again = Baseline().restore(baseline.dump())
    assert again.dump() == baseline.dump()
    assert again.mean(1234) == baseline.mean(1234)


def _weeks_with_a_holiday(resting: float, country: str) -> tuple[float, float]:
    """What is expected at noon of Labour Day and of the Friday before, and how many wrote then."""
    start = datetime(2026, 3, 2, tzinfo=UTC)
    surge = Surge(country=country)
    for day in range(67):
        date = (start + timedelta(days=day)).date()
        off = date in country_holidays("PL")
        for minute in range(1440):
            at = start + timedelta(days=day, minutes=minute)
            count = (minute % 2) * (20 if 480 <= minute < 1200 else 2)
            surge.learn_one(Tick(at=at, negative_authors=round(count * (resting if off else 1.0))))
        if off and date.day == 1:
            break
    first_of_may = datetime(2026, 5, 1, 12, tzinfo=UTC)
    return tuple(  # type: ignore[return-value]
        surge.baseline.mean(surge.calendar.minute(int(at.timestamp())))
        for at in (first_of_may, first_of_may - timedelta(days=7))
    )


def test_a_holiday_is_expected_to_be_one_where_the_country_is_known() -> None:
    holiday, friday = _weeks_with_a_holiday(0.4, "PL")
    unknown, _ = _weeks_with_a_holiday(0.4, "")
    assert friday == pytest.approx(10, rel=0.1)
    assert holiday < 0.75 * friday
    assert unknown > 0.85 * friday
