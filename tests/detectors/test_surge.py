"""The surge detector: evidence, onset, and a promise that holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from daemon.model import Tick
from detectors.backtest import Backtest
from detectors.baseline import Baseline
from detectors.dispersion import Dispersion
from detectors.surge import Surge
from tests.simulation.simulator import START, Brand


def alerts(brand: Brand, rate: float = 4.0) -> list[int]:
    backtest = Backtest(rates=(rate,))
    for tick in brand.ticks():
        backtest.row(tick, tick.at)
    return [int((alert.opened_at - START).total_seconds()) // 60 for alert in backtest.alerts]


def test_ordinary_life_keeps_the_promise() -> None:
    """36 a year over 0.14 brand-years: 5 are due, and 12 would be one chance in a hundred."""
    lives = [Brand(seed=seed, rate=rate, days=20) for seed, rate in enumerate((0.1, 1.0, 10.0, 100.0), 100)]
    found = sum(len([minute for minute in alerts(brand, 36.0) if minute > 7 * 1440]) for brand in lives)
    assert 1 <= found <= 12


def test_every_shape_is_found_on_a_middling_brand() -> None:
    brand = Brand(seed=20, rate=2.0, days=13)
    kinds = ("outage", "video", "boycott", "waves")
    crises = [brand.crisis(kind, (8 + place) * 1440 + 500, size=8) for place, kind in enumerate(kinds)]
    found = alerts(brand)
    missed = [crisis.kind for crisis in crises if not any(crisis.onset <= m < crisis.end + 60 for m in found)]
    assert missed == []


@pytest.mark.parametrize("share", [0.9, 1 - 1e-9])
def test_a_feed_of_complaints_alone_is_calm_until_there_are_more(share: float) -> None:
    brand = Brand(seed=24, rate=1.0, share=share, days=13)
    crisis = brand.crisis("outage", 11 * 1440 + 600, size=8)
    found = [minute for minute in alerts(brand) if minute > 7 * 1440]
    assert len(found) == 1
    assert crisis.onset <= found[0] < crisis.onset + 10


def test_where_volume_stands_alone_the_tail_is_heavier() -> None:
    """One count, complaints alone, and both counts: the same numbers of complaints in each."""
    ticks = list(Brand(seed=25, rate=1.0, days=3).ticks())
    scores = []
    for others in (None, 0, 2):
        surge = Surge()
        for tick in ticks:
            authors = 0 if others is None else (1 + others) * tick.negative_authors
            surge.learn_one(replace(tick, authors=authors))
        scores.append(surge.tail.score(12.0))
    assert scores[0] < scores[2] > scores[1]
    assert [surge.tail.alone] == [False]


def test_a_mix_that_turns_is_found_although_the_volume_is_as_ever() -> None:
    brand = Brand(seed=21, rate=2.0, share=0.2, days=14)
    crisis = brand.crisis("turn", 12 * 1440 + 600, size=0)
    assert any(crisis.onset <= m < crisis.end + 60 for m in alerts(brand))


def test_the_onset_is_told() -> None:
    surge = Surge()
    for minute in range(5 * 1440):
        surge.learn_one(Tick(at=START + timedelta(minutes=minute), authors=5, negative_authors=1))
    for minute in range(5 * 1440, 5 * 1440 + 40):
        surge.learn_one(Tick(at=START + timedelta(minutes=minute), authors=14, negative_authors=10))
    last = Tick(at=START + timedelta(minutes=5 * 1440 + 40), authors=14, negative_authors=10)
    step = int(last.at.timestamp()) // 60
    assert surge.onset(step, last) == step - 40


@pytest.mark.parametrize("step", [1, 5, 60])
def test_any_regular_step_will_do(step: int) -> None:
    surge = Surge(step=step)
    for place in range(10 * 1440 // step):
        at = START + timedelta(minutes=place * step)
        surge.learn_one(Tick(at=at, minutes=step, authors=4 * step, negative_authors=step))
    at = START + timedelta(days=10)
    calm = Tick(at=at, minutes=step, authors=4 * step, negative_authors=step)
    assert surge.score_one(calm) == 0
    assert surge.score_one(Tick(at=at, minutes=step, authors=60 * step, negative_authors=50 * step)) > 10


def test_a_single_count_needs_no_share() -> None:
    surge = Surge()
    for minute in range(5 * 1440):
        surge.learn_one(Tick(at=START + timedelta(minutes=minute), negative_authors=minute % 3))
    assert surge.score_one(Tick(at=START + timedelta(days=5), negative_authors=30)) > 10


def test_the_season_is_learned_and_the_level_follows_growth() -> None:
    baseline = Baseline()
    for week in range(6):
        for block in range(0, 10080, 10):
            busy = 9 <= block // 60 % 24 < 18
            baseline.learn(block + 5, (20 if busy else 2) * (1 + week / 2), 100, 10.0, 1.0)
    noon, night = baseline.mean(1440 + 12.5 * 60), baseline.mean(1440 + 3.5 * 60)
    assert 6 < noon / night < 14
    assert 6.6 < noon < 7.2  # seven in the last week; without forgetting it would be less


def test_dispersion_is_learned_and_outliers_hardly_move_it() -> None:
    steady, struck = (Dispersion((1,), 1, prior=0.08) for _ in range(2))
    for place in range(3000):
        count = 100 + 10 * (-1) ** place
        steady.learn(0, count, 100.0)
        struck.learn(0, 5000 if place % 50 == 0 else count, 100.0)
    assert steady.values()[0] < 0.01
    assert struck.values()[0] < 0.02
