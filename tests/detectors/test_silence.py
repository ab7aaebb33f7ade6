"""Silence: when nobody writes, and somebody should have."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.model import Tick
from detectors.silence import NATS, Silence
from tests.simulation.simulator import START, Brand


def silence_after(rate: float, days: int = 10) -> int | None:
    """Minutes of silence, from noon on, until it is noticed."""
    detector = Silence()
    for tick in list(Brand(seed=50, rate=rate, days=days + 1).ticks())[: days * 1440 + 720]:
        detector.learn_one(tick)
    for minute in range(600):
        tick = Tick(at=START + timedelta(days=days, minutes=720 + minute))
        if detector.score_one(tick) > NATS:
            return minute
        detector.learn_one(tick)
    return None


@pytest.mark.parametrize(
    ("rate", "soonest", "latest"), [(100.0, 5, 6), (5.0, 5, 15), (0.5, 10, 120), (0.02, 300, None)]
)
def test_the_busier_the_brand_the_sooner_its_silence_is_noticed(rate: float, soonest: int, latest: int | None) -> None:
    noticed = silence_after(rate)
    assert noticed is None or noticed >= soonest
    if latest is not None:
        assert noticed is not None
        assert noticed <= latest


@pytest.mark.parametrize("rate", [0.02, 0.5, 5.0, 100.0])
def test_ordinary_lulls_are_no_silence(rate: float) -> None:
    detector = Silence()
    noticed = 0
    for tick in Brand(seed=51, rate=rate, days=21).ticks():
        noticed += detector.score_one(tick) > NATS
        detector.learn_one(tick)
    assert noticed == 0


def test_a_night_does_not_teach_that_days_are_silent() -> None:
    detector = Silence()
    for minute in range(10 * 1440):
        people = 6 if 8 <= minute // 60 % 24 < 22 else 0
        tick = Tick(at=START + timedelta(minutes=minute), authors=people)
        if minute >= 2 * 1440:
            assert detector.score_one(tick) <= NATS
        detector.learn_one(tick)
