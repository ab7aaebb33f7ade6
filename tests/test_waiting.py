"""What a small bump still lacks before it wakes anyone, and that it is so."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from daemon.model import IncidentKind, Tick
from daemon.views import parse_time
from daemon.waiting import waiting
from detectors.monitor import Monitor

START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RATE = 4.0


def of(at: datetime, people: int) -> Tick:
    return Tick(at=at, mentions=people, negative=people, authors=people, negative_authors=people)


@pytest.fixture(scope="module")
def learned() -> bytes:
    """A monitor after nine ordinary days."""
    chance, monitor = random.Random(2), Monitor()
    for number in range(9 * 1440):
        monitor.observe(of(START + number * MINUTE, int(chance.random() < 0.05)))
    return monitor.dump()


def bumped(learned: bytes, *people: int) -> tuple[Monitor, Tick]:
    """So many people a minute wrote since."""
    monitor, tick = Monitor.load(learned), of(START, 0)
    for number, count in enumerate(people):
        tick = of(START + (9 * 1440 + number) * MINUTE, count)
        monitor.observe(tick)
    return monitor, tick


def alerts(monitor: Monitor) -> bool:
    return any(one.alerting for one in monitor.readings() if one.kind is IncidentKind.SURGE)


def test_calm_waits_for_nothing(learned: bytes) -> None:
    assert waiting(*bumped(learned, 0), RATE) is None


def test_a_bump_wakes_somebody_when_it_lasts_as_long_as_is_said_and_not_before(learned: bytes) -> None:
    found = waiting(*bumped(learned, 2, 1, 0, 2), RATE)
    assert found is not None
    assert found.wakes_at is not None
    assert parse_time(found.since) <= START + (9 * 1440 + 3) * MINUTE
    pace, came, at = found.observed / found.window_minutes, 0.0, START + (9 * 1440 + 3) * MINUTE
    monitor, _ = bumped(learned, 2, 1, 0, 2)
    while not alerts(monitor):
        came, at = came + pace, at + MINUTE
        monitor.observe(of(at, int(came)))
        came -= int(came)
    assert at == parse_time(found.wakes_at)


def test_so_many_more_people_as_are_said_would_wake_somebody_now_and_one_less_would_not(learned: bytes) -> None:
    found = waiting(*bumped(learned, 1, 1), RATE)
    assert found is not None
    assert found.people is not None
    enough, _ = bumped(learned, 1, 1 + found.people)
    less, _ = bumped(learned, 1, found.people)
    assert (alerts(enough), alerts(less)) == (True, False)


def test_what_alerts_already_waits_no_longer(learned: bytes) -> None:
    assert waiting(*bumped(learned, 20, 20), RATE) is None


def test_what_is_unknown_waits_for_nothing(learned: bytes) -> None:
    monitor, _ = bumped(learned, 1, 1)
    at = START + (9 * 1440 + 2) * MINUTE
    unknown = Tick(at=at, covered=False)
    monitor.observe(unknown)
    assert waiting(monitor, unknown, RATE) is None
