"""What a new brand is taken for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.model import Tick
from detectors.baseline import AT_LARGE
from detectors.monitor import Monitor
from detectors.prior import Known, Rhythm, pooled
from tests.simulation.simulator import START

NIGHT = Rhythm(hours=(2.0,) * 12 + (0.0,) * 12, days=AT_LARGE.days)


def night_owls(days: int, begin: datetime = START, busy: int = 2) -> Iterable[Tick]:
    """People who write until noon alone."""
    for minute in range(days * 1440):
        wrote = busy if minute % 1440 < 720 else 0
        yield Tick(
            at=begin + timedelta(minutes=minute),
            mentions=3 * wrote + 1,
            negative=wrote,
            authors=3 * wrote + 1,
            negative_authors=wrote,
        )


def lived(ticks: Iterable[Tick], **given: object) -> Monitor:
    monitor = Monitor(**given)  # type: ignore[arg-type]
    for tick in ticks:
        monitor.observe(tick)
    return monitor


@pytest.fixture(scope="module")
def owls() -> Monitor:
    return lived(night_owls(8))


def test_a_new_brand_keeps_the_hours_of_the_others(owls: Monitor) -> None:
    noon = START + timedelta(days=9, hours=12)
    prior = pooled([owls.learned()] * 9, AT_LARGE)
    new, known = (lived(night_owls(1, noon, busy=1), prior=given) for given in (AT_LARGE, prior))
    evening, morning = noon + timedelta(days=1, hours=8), noon + timedelta(days=1, hours=20)
    ratio = [one.expected(morning, 60)[0] / one.expected(evening, 60)[0] for one in (new, known)]
    assert ratio[1] > 1.5 * ratio[0]


def test_what_it_was_taken_for_is_kept(owls: Monitor) -> None:
    prior = pooled([owls.learned()], AT_LARGE)
    assert Monitor.load(Monitor(prior=prior).dump()).prior == prior  # of whom nothing was seen yet
    seen = lived(night_owls(1), prior=prior)
    assert Monitor.load(seen.dump()).prior == prior
    assert Monitor.load(seen.dump()).dump() == seen.dump()


def test_the_better_known_and_the_more_there_are_the_more_they_say() -> None:
    of_night = [
        pooled([Known(NIGHT, weeks)] * brands, AT_LARGE).hours[3]
        for weeks, brands in ((0.9, 9), (1, 1), (4, 1), (4, 3), (9, 3), (9, 90))
    ]
    assert of_night[0] == AT_LARGE.hours[3]
    assert all(before <= after for before, after in pairwise(of_night))
    assert of_night[3] == of_night[4]
    assert of_night[-1] == pytest.approx(2.0, abs=0.1)


@given(st.lists(st.tuples(st.lists(st.floats(0, 24), min_size=24, max_size=24), st.floats(0, 60)), max_size=6))
def test_it_lies_between_what_is_known(brands: list[tuple[list[float], float]]) -> None:
    others = [Known(Rhythm(tuple(hours), AT_LARGE.days), weeks) for hours, weeks in brands]
    found = pooled(others, AT_LARGE)
    for hour, given_hour in enumerate(AT_LARGE.hours):
        every = [given_hour, *(one.rhythm.hours[hour] for one in others)]
        assert min(every) - 1e-9 <= found.hours[hour] <= max(every) + 1e-9
    assert found.days == pytest.approx(AT_LARGE.days)
