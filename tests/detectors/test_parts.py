"""A small new problem in a large brand is seen, and what is none is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from daemon.model import IncidentKind, Reading, Tick
from detectors.base import step_of
from detectors.monitor import Monitor
from tests.simulation.simulator import Brand

MIX = (0.5, 0.3, 0.12, 0.05, 0.03)
DAY = 1440


def a_large_brand(seed: int) -> Brand:
    return Brand(seed=seed, rate=15.0, days=8, mix=MIX)


def surges(ticks: Iterator[Tick], from_minute: int) -> list[Reading]:
    """Readings of the minutes from which a surge alerts."""
    monitor, found = Monitor(), []
    for minute, tick in enumerate(ticks):
        monitor.observe(tick)
        if minute >= from_minute:
            reading = next(one for one in monitor.readings() if one.kind is IncidentKind.SURGE)
            if reading.alerting:
                found.append(reading)
    return found


def test_a_problem_on_one_small_channel_of_a_large_brand_is_named() -> None:
    brand = a_large_brand(1)
    crisis = brand.problem(4, 7 * DAY + 600, 120, a_minute=4.0)
    first, *_ = surges(brand.ticks(), 7 * DAY)
    assert "on c4 within" in first.reason
    assert first.since is not None
    assert crisis.onset <= (first.at - next(brand.ticks()).at) / timedelta(minutes=1) <= crisis.onset + 30
    assert first.onset is not None
    assert first.onset <= first.at


def test_the_same_without_its_parts_goes_unnoticed() -> None:
    brand = a_large_brand(1)
    brand.problem(4, 7 * DAY + 600, 120, a_minute=4.0)
    assert surges((replace(tick, parts={}) for tick in brand.ticks()), 7 * DAY) == []


def _a_new_channel(tick: Tick, minute: int) -> Tick:
    """From then on a source more brings mentions of its own."""
    if minute < 7 * DAY + 300:
        return tick
    return replace(
        tick,
        authors=tick.authors + 8,
        negative_authors=tick.negative_authors + 3,
        parts={**tick.parts, "channel:new": (3, 8)},
    )


def _two_channels_fall_silent(tick: Tick, minute: int) -> Tick:
    """The largest channels deliver no more: the others have all that there is, and no more than ever."""
    if minute < 7 * DAY + 300:
        return tick
    left = {name: counts for name, counts in tick.parts.items() if name not in {"channel:c0", "channel:c1"}}
    negative, authors = (sum(counts[place] for counts in left.values()) for place in (0, 1))
    return replace(tick, authors=authors, negative_authors=negative, parts=left)


@pytest.mark.parametrize("change", [_a_new_channel, _two_channels_fall_silent])
def test_what_only_moves_the_mix_alerts_nobody(change: object) -> None:
    ticks = (change(tick, minute) for minute, tick in enumerate(a_large_brand(2).ticks()))  # type: ignore[operator]
    assert surges(ticks, 7 * DAY) == []


def test_what_arrives_late_is_counted_where_it_belongs() -> None:
    """However a minute comes, at once or corrected a few minutes later, the state is the same."""
    ticks = list(a_large_brand(3).ticks())[: 4 * DAY]
    once, twice = Monitor(), Monitor()
    for place, tick in enumerate(ticks):
        once.observe(tick)
        few = replace(tick, parts={}, negative_authors=0, authors=0) if place == 4 * DAY - 9 else tick
        twice.observe(few)
        if place == 4 * DAY - 5:
            twice.observe(ticks[4 * DAY - 9])
    assert once.parts.dump()[4] == twice.parts.dump()[4]
    burst = replace(ticks[-1], at=ticks[-1].at + timedelta(minutes=1), parts={"channel:c4": (30, 30)})
    for monitor in (once, twice):
        monitor.observe(replace(burst, negative_authors=45, authors=80))
    assert once.parts.at(step_of(burst.at, 1), burst, 15.0) == twice.parts.at(step_of(burst.at, 1), burst, 15.0)
