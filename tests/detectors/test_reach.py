"""Reach and risk: few people, and still a crisis."""

from __future__ import annotations

import math
from datetime import timedelta

from daemon.model import Tick
from detectors.reach import Reach
from detectors.risk_series import RiskSeries
from tests.simulation.simulator import START


def rate(score: float) -> float:
    return math.exp(-score)


def test_the_farther_it_reaches_the_rarer_it_is() -> None:
    reach = Reach()
    scores = [reach.score_one(Tick(at=START, top_reach=decades / 10)) for decades in range(80)]
    assert scores == sorted(scores)


def test_a_brand_that_stars_complain_about_every_day_is_used_to_it() -> None:
    reach = Reach()
    for minute in range(60 * 1440):
        reach.learn_one(Tick(at=START + timedelta(minutes=minute), top_reach=6.0 if minute % 1440 == 600 else 0.0))
    usual = reach.score_one(Tick(at=START + timedelta(days=60), top_reach=6.0))
    assert rate(usual) > 20
    assert rate(Reach().score_one(Tick(at=START, top_reach=6.0))) < 1


def test_a_far_reaching_complaint_is_remembered_for_an_hour() -> None:
    reach = Reach()
    reach.learn_one(Tick(at=START, top_reach=6.5))
    assert reach.score_one(Tick(at=START + timedelta(minutes=59))) > 0
    assert reach.score_one(Tick(at=START + timedelta(minutes=60))) < 0


def test_words_that_are_never_normal_are_rarer_the_more_people_write_them() -> None:
    risk = RiskSeries()
    scores = [risk.score_one(Tick(at=START, risk=count)) for count in range(8)]
    assert scores == sorted(scores)
    assert rate(scores[1]) < 4
    assert rate(scores[2]) < 0.1


def test_where_such_words_are_commonplace_it_takes_more() -> None:
    risk = RiskSeries()
    for minute in range(30 * 1440):
        risk.learn_one(Tick(at=START + timedelta(minutes=minute), risk=int(minute % 360 == 0)))
    at = START + timedelta(days=30)
    assert rate(risk.score_one(Tick(at=at, risk=1))) > 100
    assert rate(risk.score_one(Tick(at=at, risk=12))) < 4
