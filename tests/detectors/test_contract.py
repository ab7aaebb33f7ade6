"""What every series detector keeps to; each is found by itself."""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river import base as river

import detectors
from daemon.model import Tick
from detectors.base import Detector
from tests.simulation.simulator import Brand

START = datetime(2026, 3, 2, tzinfo=UTC)


def found() -> list[type[Detector]]:
    classes: set[type[Detector]] = set()
    for module in pkgutil.iter_modules(detectors.__path__):
        for _, each in inspect.getmembers(importlib.import_module(f"detectors.{module.name}"), inspect.isclass):
            if issubclass(each, Detector) and not inspect.isabstract(each):
                classes.add(each)
    return sorted(classes, key=lambda each: each.__name__)


DETECTORS = found()
each_detector = pytest.mark.parametrize("kind", DETECTORS, ids=lambda kind: kind.__name__)

counts = st.one_of(st.integers(0, 5), st.integers(0, 10**6), st.just(2**53))
names = st.sampled_from(["channel:x", "channel:vk", "topic:outage"])
ticks = st.builds(
    lambda negative, more, covered, gap, top, risk, parts: (
        gap,
        Tick(
            at=START,
            covered=covered,
            mentions=negative + more,
            negative=negative,
            authors=negative + more,
            negative_authors=negative,
            top_reach=top,
            reach=top * negative,
            risk=risk,
            parts={name: (min(negative, mine), negative + more) for name, mine in parts.items()},
        ),
    ),
    counts,
    counts,
    st.booleans(),
    st.one_of(st.integers(1, 3), st.integers(1, 100_000)),
    st.floats(0, 20),
    st.one_of(st.just(0), counts),
    st.dictionaries(names, counts),
)


def test_there_are_detectors() -> None:
    assert {kind.__name__ for kind in DETECTORS} >= {"Reach", "RiskSeries", "Share", "Silence", "Surge"}


@each_detector
def test_a_detector_is_an_estimator_of_rivers_with_its_two_verbs(kind: type[Detector]) -> None:
    assert issubclass(kind, river.Estimator)
    assert list(inspect.signature(kind.learn_one).parameters) == ["self", "x"]
    assert list(inspect.signature(kind.score_one).parameters) == ["self", "x"]
    assert ">>>" in inspect.getdoc(kind), "a doctest shows how it works"  # type: ignore[operator]


@each_detector
def test_scoring_changes_nothing(kind: type[Detector]) -> None:
    detector = kind()
    history = list(Brand(seed=1, rate=0.5, days=2).ticks())
    for tick in history:
        detector.learn_one(tick)
    before = msgspec.msgpack.encode(detector.dump())
    last = msgspec.structs.replace(
        history[-1], at=history[-1].at + timedelta(minutes=1), negative_authors=50, authors=60
    )
    first = detector.score_one(last)
    assert [detector.score_one(last) for _ in range(3)] == [first] * 3
    assert msgspec.msgpack.encode(detector.dump()) == before


@each_detector
def test_the_same_ticks_give_the_same_state_and_a_restored_state_goes_on_the_same(kind: type[Detector]) -> None:
    history = list(Brand(seed=2, rate=2.0, days=3).ticks())
    one, other = kind(), kind()
    for place, tick in enumerate(history):
        assert one.score_one(tick) == other.score_one(tick)
        one.learn_one(tick)
        other.learn_one(tick)
        if place % 977 == 500:
            packed = msgspec.msgpack.encode(other.dump())
            other = kind().restore(msgspec.msgpack.decode(packed))
            assert msgspec.msgpack.encode(other.dump()) == packed
    assert msgspec.msgpack.encode(one.dump()) == msgspec.msgpack.encode(other.dump())


@each_detector
@given(st.lists(ticks, max_size=40))
@settings(max_examples=60, deadline=None)
def test_nothing_that_can_be_counted_breaks_it(kind: type[Detector], given_ticks: list[tuple[int, Tick]]) -> None:
    detector, at = kind(), START
    for gap, tick in given_ticks:
        at += timedelta(minutes=gap)
        placed = msgspec.structs.replace(tick, at=at)
        score = detector.score_one(placed)
        assert math.isfinite(score)
        detector.learn_one(placed)
    restored = kind().restore(msgspec.msgpack.decode(msgspec.msgpack.encode(detector.dump())))
    assert restored.dump() == detector.dump()
