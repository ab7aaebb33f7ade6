"""The promise: how often a score is reached is what it says, however heavy the tail."""

from __future__ import annotations

import math
import random

import msgspec
import pytest

from detectors.calibration import Judgement, Tail

WEEK = 10080.0


def peaks(shape: float, scale: float, a_week: int, weeks: int) -> list[float]:
    """Heights of everyday peaks, by the inverse of the Pareto law."""
    chance = random.Random(5)
    return [4 + scale * math.expm1(-shape * math.log(1 - chance.random())) / shape for _ in range(a_week * weeks)]


def live(tail: Tail, heights: list[float], a_week: int) -> list[float]:
    """The score of each, and what it teaches."""
    scores = []
    for place, height in enumerate(heights):
        scores.append(tail.score(height))
        tail.learn(height, 10.0, at=place * 500)
        for _ in range(7):
            tail.learn(0.0, (WEEK / a_week - 10) / 7)
    return scores


@pytest.mark.parametrize(
    ("shape", "scale", "alone"),
    [(1e-9, 1.5, False), (1e-9, 0.8, False), (0.3, 1.0, True), (0.3, 10.0, True), (0.5, 10.0, True)],
)
def test_a_score_is_reached_as_often_as_it_says(shape: float, scale: float, *, alone: bool) -> None:
    """Where there is more than the volume, the highest peaks of a heavy tail are taken for crises."""
    a_week, weeks, tail = 8, 400, Tail()
    tail.alone = alone
    scores = live(tail, peaks(shape, scale, a_week, weeks), a_week)[20 * a_week :]
    years = (weeks - 20) / 52.18
    for promised in (4.0, 12.0, 52.0):
        seen = sum(score >= -math.log(promised) for score in scores) / years
        assert promised / 2 < seen < promised * 2


def test_the_shape_is_learned() -> None:
    found = []
    for shape in (1e-9, 0.3, 0.5):
        tail = Tail()
        tail.alone = True
        live(tail, peaks(shape, 1.0, 8, 200), 8)
        found.append(tail.shape())
    assert found == sorted(found)
    assert found[0] < 0.15
    assert found[-1] == pytest.approx(0.5, abs=0.2)


def test_what_little_is_known_of_leaves_room_for_worse() -> None:
    young, old = Tail(), Tail()
    live(old, peaks(1e-9, 1.5, 8, 100), 8)
    ratio = [math.exp(tail.score(20.0) - tail.score(6.0)) for tail in (young, old)]
    assert ratio[0] < ratio[1]


def test_where_volume_stands_alone_more_is_asked_of_a_crisis() -> None:
    alone, judged = Tail(), Tail()
    alone.alone = True
    assert [round(tail.score(4.0), 6) for tail in (alone, judged)] == [round(judged.score(4.0), 6)] * 2
    assert alone.score(15.0) < judged.score(15.0)


def test_it_goes_on_as_it_was() -> None:
    heights = peaks(0.2, 2.0, 8, 20)
    one, other = Tail(), Tail()
    for tail in (one, other):
        tail.alone = True
        tail.judge([Judgement(0, 500, crisis=True)])
        live(tail, heights, 8)
    other = Tail().restore(msgspec.msgpack.decode(msgspec.msgpack.encode(other.dump())))
    assert live(one, heights, 8) == live(other, heights, 8)
    assert one.dump() == other.dump()
