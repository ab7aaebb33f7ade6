"""Share: another mood among as many people as ever."""

from __future__ import annotations

from datetime import timedelta

from daemon.model import Tick
from detectors.share import Share
from tests.simulation.simulator import START, Brand


def taught(share: float, **counts: float) -> Share:
    detector = Share()
    for tick in Brand(seed=40, rate=1.0, share=share, days=10).ticks():
        detector.learn_one(tick)
    for minute in range(180):
        detector.learn_one(Tick(at=START + timedelta(days=10, minutes=minute), **counts))  # type: ignore[arg-type]
    return detector


def last(**counts: float) -> Tick:
    return Tick(at=START + timedelta(days=10, minutes=180), **counts)  # type: ignore[arg-type]


def test_the_usual_share_is_learned() -> None:
    assert 0.15 < taught(0.2, authors=5, negative_authors=1).usual() < 0.25


def test_twice_the_share_is_evidence_and_the_same_share_of_more_is_not() -> None:
    turned = taught(0.2, authors=5, negative_authors=3)
    assert turned.score_one(last(authors=5, negative_authors=3)) > 8
    busier = taught(0.2, authors=20, negative_authors=4)
    assert busier.score_one(last(authors=20, negative_authors=4)) < 4


def test_without_a_total_there_is_no_share() -> None:
    detector = taught(0.2, negative_authors=9)
    assert detector.score_one(last(negative_authors=9)) < 4


def test_unknown_minutes_are_no_evidence() -> None:
    detector = taught(0.2, authors=5, negative_authors=1)
    before = detector.score_one(last())
    assert detector.score_one(last(authors=500, negative_authors=500, covered=False)) == before


def test_what_comes_at_once_after_a_gap_tells_nothing_of_the_mix() -> None:
    detector = Share()
    for tick in Brand(seed=40, rate=1.0, share=0.2, days=10).ticks():
        detector.learn_one(tick)
    back = START + timedelta(days=11)
    found = []
    for minute in range(12):
        tick = Tick(at=back + timedelta(minutes=minute), authors=200, negative_authors=120)
        found.append(detector.score_one(tick))
        detector.learn_one(tick)
    assert found[:9] == [0.0] * 9
    assert found[9] > 5
