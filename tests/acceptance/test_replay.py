"""The same mentions give the same alerts: live, as they come, and in `tocsin backtest` from a file of the past."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from daemon import cli
from daemon.clock import ManualClock
from daemon.ingest import Batch
from daemon.model import IncidentKind, Mention
from daemon.store.engine import Store
from daemon.views import format_time, parse_time
from detectors.baseline import AT_LARGE
from tests.fakes.town import MINUTE, Town, configuration, ordinary

START = parse_time("2026-03-02T00:00:00Z")  # a Monday
WEEK = START + timedelta(days=7)
DAY = WEEK + timedelta(hours=8)  # the day that is watched mention by mention begins
EVENING = DAY + timedelta(hours=6, minutes=30)
HOUR = timedelta(hours=1)
ANGRY, GLAD = "Internet nie działa", "Dziękuję za pomoc"
POISONED = "Po waszej sałatce cała rodzina się zatruła"


class Alerted(NamedTuple):
    """What must be the same: to the minute, for a minute is what is counted."""

    series: str
    kind: str
    opened: str
    severity: str


def people(name: str, at: datetime, count: int, over: timedelta, text: str = ANGRY, **changes: object) -> list[Mention]:
    """``count`` people who write within ``over`` from ``at``, each once."""
    chance = random.Random(name)
    found = []
    for n in range(count):
        when = (at + over * chance.random()).replace(microsecond=0)
        given = {
            "brand": "acme",
            "id": f"{name}-{n}",
            "channel": "x",
            "text": text,
            "published_at": when,
            "received_at": when,
            "author": f"{name}-{n}",
            "lang": "pl",
            "sentiment": 0.4 if text == GLAD else -0.6,
        }
        found.append(Mention(**(given | changes)))  # type: ignore[arg-type]
    return found


def life(begin: datetime, end: datetime, seed: int, *, sour: float = 0.0) -> Iterator[Mention]:
    """Ordinary life; ``sour``: of those who are glad, so many turn sour."""
    chance = random.Random(f"sour {seed}")
    for mention in ordinary(begin, end, seed):
        glad = "Dziękuję" in mention.text and chance.random() >= sour
        yield replace(mention, text=GLAD if glad else ANGRY, sentiment=0.4 if glad else -0.6)


def nothing_of_note(seed: int) -> list[Mention]:
    """One author who writes sixty times, and praise gone viral."""
    return [
        *people(f"flood{seed}", DAY + HOUR, 60, HOUR, author="troll"),
        *people(f"fans{seed}", DAY + 3 * HOUR, 70, HOUR, GLAD),
        *people(f"fans-too{seed}", DAY + 3 * HOUR, 3, HOUR),
    ]


def an_outage_that_comes_back_and_another(seed: int) -> list[Mention]:
    return [
        *people(f"one{seed}", DAY + HOUR / 2, 25, HOUR / 3),
        *people(f"back{seed}", DAY + 2 * HOUR, 25, HOUR / 3),
        *people(f"two{seed}", DAY + 6 * HOUR, 30, HOUR / 3),
    ]


def a_small_surge_and_poisoning(seed: int) -> list[Mention]:
    return [
        *people(f"small{seed}", DAY + 4 * HOUR, 9 + seed % 4, HOUR / 4),
        *people(f"risk{seed}", DAY + 2 * HOUR, 4, HOUR, POISONED),
    ]


def harm_told_in_a_second_complaint(seed: int) -> list[Mention]:
    """One author complains, and twenty minutes later tells why it matters; five minutes on, so does another."""
    told = []
    for number in range(2):
        at, author = DAY + 3 * HOUR + number * 5 * MINUTE, f"victim{number}"
        told += people(f"first{number}-{seed}", at, 1, MINUTE, author=author)
        told += people(f"second{number}-{seed}", at + 20 * MINUTE, 1, MINUTE, POISONED, author=author)
    return told


def another_brand(seed: int) -> list[Mention]:
    """It is new, and has an outage on its first day; what is known of it is what the other one is like."""
    calm = [replace(one, brand="beta", id=f"b{one.id}") for one in life(DAY, EVENING, seed + 2000)]
    return [*calm, *people(f"new{seed}", DAY + 5 * HOUR, 80, HOUR / 3, brand="beta")]


def a_far_voice_then_many(seed: int) -> list[Mention]:
    far = people(f"far{seed}", DAY + 2 * HOUR, 1, MINUTE, followers=800_000)
    return [*far, *people(f"many{seed}", DAY + 2.3 * HOUR, 40, HOUR)]


STORIES: Sequence[Callable[[int], list[Mention]]] = (
    nothing_of_note,
    an_outage_that_comes_back_and_another,
    a_small_surge_and_poisoning,
    a_far_voice_then_many,
    harm_told_in_a_second_complaint,
    another_brand,
)


def the_week(seed: int) -> list[Mention]:
    return list(life(START, DAY, seed))


def the_day(seed: int, story: Callable[[int], list[Mention]], *, sour: float = 0.0) -> list[Mention]:
    day = [*life(DAY, EVENING, seed + 1000, sour=sour), *story(seed)]
    return sorted(day, key=lambda mention: (mention.published_at, mention.id))


# ── live ─────────────────────────────────────────────────────────────────────


async def live_through_the_week(file: Path, week: list[Mention]) -> None:
    """Take a week in, in batches, and keep what the watch knows of it."""
    async with _town(file, week[0].published_at, "acme") as town:
        for begin in range(0, len(week), 40):
            part = week[begin : begin + 40]
            town.clock.set(part[-1].published_at)
            await town.ingest.submit(Batch(source="http", items=tuple(part)))
            await town.look()
        await town.watch.stop()
        await town.store.compact()


async def live(file: Path, last: datetime, day: list[Mention]) -> list[Alerted]:
    """Every mention as it comes, with a look at each, and now and then a look when none comes.

    What is said of ``beta`` is said of a brand that nobody had heard of before.
    """
    names = ("acme", "beta") if any(mention.brand == "beta" for mention in day) else ("acme",)
    async with _town(file, last, *names) as town:
        if "beta" in names:
            assert town.watch.prior("beta") != AT_LARGE  # acme has told something of it
        for mention in day:
            while mention.published_at - town.clock.now() > 5 * MINUTE:
                town.clock.advance(5 * MINUTE)
                await town.watch.look()
            town.clock.set(mention.published_at)
            await town.ingest.submit(Batch(source="http", items=(mention,)))
            await town.watch.look()
        incidents = (await town.incidents.find(limit=100))[::-1]
    return [
        Alerted(one.brand, one.kind.value, _minute(format_time(one.opened_at)), one.severity.value)
        for one in incidents
        if one.kind is not IncidentKind.BLIND  # a file of mentions tells nothing of its source
    ]


@contextlib.asynccontextmanager
async def _town(file: Path, now: datetime, *names: str) -> AsyncIterator[Town]:
    brands = {name: {"name": "Acme Mobile", "languages": ["pl"], "timezone": "UTC"} for name in names}
    store = await Store.open(f"sqlite:///{file}")
    try:
        town = Town(store, ManualClock(now.replace(second=0)), configuration(brands=brands))
        async with town.awake():
            yield town
    finally:
        await store.close()


# ── from a file ──────────────────────────────────────────────────────────────


def backtest(folder: Path, mentions: list[Mention]) -> list[Alerted]:
    """What the command says of the same mentions."""
    source, found = folder / "mentions.ndjson", folder / "alerts.jsonl"
    names = ("id", "brand", "channel", "text", "author", "lang", "sentiment", "followers")
    with source.open("w") as file:
        for mention in mentions:
            fields = {name: getattr(mention, name) for name in names if getattr(mention, name) is not None}
            file.write(json.dumps(fields | {"published_at": format_time(mention.published_at)}) + "\n")
    assert cli.run(["backtest", str(source), "--output", str(found)]) == 0
    alerts = [json.loads(line) for line in found.read_text().splitlines()]
    return [Alerted(one["series"], one["kind"], _minute(one["opened_at"]), one["severity"]) for one in alerts]


def _minute(stamp: str) -> str:
    return stamp[:16]


# ── the same ─────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Mention]]:
    """A store after an ordinary week, and that week."""
    file, week = tmp_path_factory.mktemp("week") / "tocsin.db", the_week(5)
    asyncio.run(live_through_the_week(file, week))
    return file, week


async def both(
    lived: tuple[Path, list[Mention]], folder: Path, day: list[Mention]
) -> tuple[list[Alerted], list[Alerted]]:
    """What the daemon, and what the command, says of the week and the day."""
    file, week = lived
    shutil.copy(file, folder / "tocsin.db")
    seen = await live(folder / "tocsin.db", week[-1].published_at, day)
    return seen, await asyncio.to_thread(backtest, folder, [*week, *day])


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_live_alerts_are_those_of_a_backtest(
    story: Callable[[int], list[Mention]], lived: tuple[Path, list[Mention]], tmp_path: Path
) -> None:
    seen, told = await both(lived, tmp_path, the_day(5, story))
    assert seen == told
    assert bool(seen) == (story is not nothing_of_note)


async def test_a_mix_that_turns_is_the_same(lived: tuple[Path, list[Mention]], tmp_path: Path) -> None:
    seen, told = await both(lived, tmp_path, the_day(5, lambda _: [], sour=0.6))
    assert seen == told
    assert [one.kind for one in seen] in (["share"], ["surge"])  # whichever is surer first
