"""One brand's monitor: what opens, what stays, what is unknown, and that nothing is lost by a restart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import msgspec
import pytest

from daemon.model import IncidentKind, Reading, Tick
from detectors.monitor import Monitor
from tests.simulation.simulator import START, Brand


def taught(brand: Brand, until: int | None = None) -> Monitor:
    monitor = Monitor()
    for tick in list(brand.ticks())[:until]:
        monitor.observe(tick)
    return monitor


def read(monitor: Monitor, tick: Tick) -> tuple[Reading, ...]:
    monitor.observe(tick)
    return monitor.readings()


def opened(monitor: Monitor, ticks: Iterable[Tick], kind: IncidentKind = IncidentKind.SURGE) -> list[int]:
    """Minutes at which a new episode of a kind begins."""
    found: list[int] = []
    for tick in ticks:
        since = next(reading for reading in read(monitor, tick) if reading.kind is kind).since
        minute = None if since is None else int((since - START).total_seconds()) // 60
        if minute is not None and minute not in found:
            found.append(minute)
    return found


def after(brand: Brand, minutes: int = 0, **counts: float) -> Tick:
    return Tick(at=START + timedelta(minutes=brand.minutes + minutes), **counts)  # type: ignore[arg-type]


def of(readings: tuple[Reading, ...], kind: IncidentKind) -> Reading:
    return next(reading for reading in readings if reading.kind is kind)


def test_there_is_a_reading_of_every_kind() -> None:
    readings = read(Monitor(), Tick(at=START))
    assert {reading.kind for reading in readings} == set(IncidentKind)
    assert not any(reading.alerting for reading in readings)


def test_a_burst_at_a_brand_nobody_knows_alerts_at_once() -> None:
    monitor = Monitor()
    readings = [read(monitor, Tick(at=START, authors=count, negative_authors=count)) for count in range(1, 31)]
    loud = [place for place, each in enumerate(readings, 1) if of(each, IncidentKind.SURGE).alerting]
    assert loud
    assert 8 < loud[0] <= 20
    assert loud == list(range(loud[0], 31))  # once it alerts, more of the same keeps it


def test_the_size_of_a_brand_nobody_knows_is_no_crisis() -> None:
    assert opened(Monitor(), list(Brand(seed=3, rate=60, days=1).ticks())[:180]) == []


@pytest.mark.parametrize("rate", [0.05, 1.0, 100.0])
def test_an_outage_opens_one_episode_soon_after_its_onset(rate: float) -> None:
    brand = Brand(seed=4, rate=rate, days=6)
    crisis = brand.crisis("outage", 5 * 1440 + 700, size=12)
    found = opened(Monitor(), brand.ticks())
    hits = [minute for minute in found if crisis.onset <= minute < crisis.end]
    assert len(hits) == 1
    assert hits[0] - crisis.onset <= (4 if rate >= 0.5 else 60)


def test_counts_of_a_minute_may_come_in_any_portions() -> None:
    brand = Brand(seed=5, rate=1.0, days=4)
    whole, parts = taught(brand), taught(brand)
    last = of(read(whole, after(brand, authors=40, negative_authors=36)), IncidentKind.SURGE)
    for count in range(0, 37, 3):
        readings = read(parts, after(brand, authors=count + count // 9, negative_authors=count))
    assert of(readings, IncidentKind.SURGE) == last
    assert last.alerting


def test_more_negative_authors_are_never_less_evidence() -> None:
    brand = Brand(seed=6, rate=2.0, days=4)
    monitor = taught(brand)
    scores = [
        of(read(monitor, after(brand, authors=count, negative_authors=count)), IncidentKind.SURGE).score
        for count in range(40)
    ]
    assert scores == sorted(scores)


def test_a_restored_monitor_reads_the_same_for_ever() -> None:
    brand = Brand(seed=7, rate=1.0, days=4)
    brand.crisis("video", 3 * 1440, size=30)
    one = Monitor(timezone="Europe/Warsaw")
    other = Monitor(timezone="Europe/Warsaw")
    for place, tick in enumerate(brand.ticks()):
        assert read(one, tick) == read(other, tick)
        if place % 1511 == 700 or place == 3 * 1440 + 3:
            state = other.dump()
            other = Monitor.load(state, timezone="Europe/Warsaw")
            assert other.dump() == state
    assert len(one.dump()) < 25_000


def test_a_state_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        Monitor.load(msgspec.msgpack.encode([999, 0]))


def test_seeing_the_same_counts_twice_changes_nothing() -> None:
    brand = Brand(seed=8, rate=1.0, days=2)
    once, twice = Monitor(), Monitor()
    for tick in brand.ticks():
        expected = read(once, tick)
        twice.observe(tick)
        assert read(twice, tick) == expected
    assert once.dump() == twice.dump()


def test_what_arrives_late_is_counted_where_it_belongs() -> None:
    brand = Brand(seed=9, rate=1.0, days=4)
    ticks = list(brand.ticks())
    monitor, amended = Monitor(), Monitor()
    for tick in ticks:
        monitor.observe(tick)
    for place, tick in enumerate(ticks):
        few = msgspec.structs.replace(tick, negative_authors=0, authors=0) if place == len(ticks) - 30 else tick
        amended.observe(few)
    amended.observe(ticks[-30])
    burst = after(brand, authors=20, negative_authors=20)
    mine, theirs = (of(read(each, burst), IncidentKind.SURGE) for each in (monitor, amended))
    assert (mine.observed, round(mine.expected, 1)) == (theirs.observed, round(theirs.expected, 1))


def test_unknown_is_not_zero() -> None:
    brand = Brand(seed=10, rate=5.0, days=8)
    monitor = taught(brand)
    mean = monitor.expected(START + timedelta(days=9), 60)[0]
    for minute in range(3 * 1440):
        monitor.observe(after(brand, minute, covered=False))
    assert monitor.expected(START + timedelta(days=16), 60)[0] == pytest.approx(mean, rel=0.05)


def test_a_source_that_falls_silent_is_blind_until_somebody_writes() -> None:
    brand = Brand(seed=11, rate=5.0, days=4)
    monitor = taught(brand)
    readings = [of(read(monitor, after(brand, minute)), IncidentKind.BLIND).alerting for minute in range(30)]
    assert not readings[3]
    assert readings[-1]
    back = read(monitor, after(brand, 30, authors=9, negative_authors=2, mentions=9))
    assert not of(back, IncidentKind.BLIND).alerting


@pytest.mark.parametrize("rate", [0.1, 5.0, 100.0])
def test_praise_gaps_and_backlogs_open_nothing(rate: float) -> None:
    brand = Brand(seed=12, rate=rate, days=8)
    brand.praise(5 * 1440 + 600)
    brand.gap(6 * 1440 + 700, 45, known=True, backlog=True)
    brand.gap(7 * 1440 + 700, 45, known=False, backlog=True)
    found = opened(Monitor(), brand.ticks())
    assert [minute for minute in found if 600 <= minute % 1440 < 900 and minute >= 5 * 1440] == []


def test_one_author_of_millions_is_reach() -> None:
    brand = Brand(seed=13, rate=0.2, days=4)
    monitor = taught(brand)
    quiet = read(monitor, after(brand, authors=1, negative_authors=1, negative=1, top_reach=3.0))
    assert not of(quiet, IncidentKind.REACH).alerting
    loud = read(monitor, after(brand, 1, authors=1, negative_authors=1, negative=1, top_reach=6.8))
    assert of(loud, IncidentKind.REACH).alerting
    assert "6,309,5" in of(loud, IncidentKind.REACH).reason


def test_words_that_are_never_normal_alert_at_the_second_author_at_the_latest() -> None:
    brand = Brand(seed=14, rate=0.2, days=4)
    monitor = taught(brand)
    monitor.observe(after(brand, authors=1, negative_authors=1, risk=1))
    reading = of(read(monitor, after(brand, 5, authors=1, negative_authors=1, risk=1)), IncidentKind.RISK)
    assert reading.alerting
    assert reading.observed == 2


def test_an_episode_outlives_a_lull_and_ends_after_quiet() -> None:
    brand = Brand(seed=15, rate=1.0, days=6)
    brand.crisis("waves", 5 * 1440 + 300, size=15)
    found = opened(Monitor(), brand.ticks())
    assert len([minute for minute in found if minute >= 5 * 1440]) == 1
    assert of(read(taught(brand), after(brand)), IncidentKind.SURGE).since is None


def test_the_step_may_not_change() -> None:
    monitor = Monitor()
    monitor.observe(Tick(at=START, minutes=5))
    with pytest.raises(ValueError, match="steps of 5 minutes"):
        monitor.observe(Tick(at=START + timedelta(minutes=5), minutes=1))
