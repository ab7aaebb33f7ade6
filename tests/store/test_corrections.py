"""Corrections: kept for ever, taken back by a note, and followed by the counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.clock import ManualClock
from daemon.errors import NotFound
from daemon.model import Label, ScoredMention
from daemon.store.corrections import Corrections, Entry, EntryKind, in_effect
from daemon.store.engine import Store
from daemon.store.intake import Batch, write
from daemon.store.tables import corrections, counts, mentions
from tests.fakes.records import NOON, a_mention, a_scored_mention

MINUTE = timedelta(minutes=1)
Minutes = dict[datetime, dict[str, float]]
_brands = iter(range(1_000_000))


async def take(store: Store, items: list[ScoredMention]) -> None:
    async with store.write() as connection:
        batch = Batch(source="http", items=tuple(item.mention for item in items))
        await write(connection, [batch], [items], now=NOON)


async def counted(store: Store, brand: str = "acme") -> Minutes:
    """The counts of every minute in which anything is left to count but mentions."""
    async with store.read() as connection:
        rows = (await connection.execute(sa.select(counts).where(counts.c.brand == brand))).mappings().all()
    return {row["minute"]: {k: v for k, v in row.items() if k not in {"brand", "minute", "updated_at"}} for row in rows}


def scored(number: int, at: datetime, author: str | None = None, **changes: Any) -> ScoredMention:
    about = {name: changes.pop(name) for name in ("negative", "late") if name in changes}
    return a_scored_mention(
        a_mention(f"m{number}", author=author, published_at=at, text=changes.pop("text", "słabo"), **changes), **about
    )


# ── the counts follow ────────────────────────────────────────────────────────


async def test_a_mention_that_is_not_negative_no_longer_counts_as_one(store: Store, clock: ManualClock) -> None:
    first = scored(1, NOON, "jan", followers=999, text="Cała rodzina się zatruła")
    await take(store, [first, scored(2, NOON, "ola", followers=9, engagement=90)])
    clock.advance(5 * MINUTE)
    await Corrections(store, clock).correct("acme", "m1", Label.NEUTRAL, actor="user:anna")
    assert await counted(store) == {
        NOON: {
            **dict.fromkeys(("late_mentions", "late_negative", "late_authors", "late_negative_authors"), 0),
            "mentions": 2,
            "negative": 1,
            "authors": 2,
            "negative_authors": 1,
            "risk": 0,
            "reach": pytest.approx(1.0),
            "top_reach": pytest.approx(2.0),
        }
    }
    async with store.read() as connection:
        assert (await connection.execute(sa.select(counts.c.updated_at))).scalar_one() == clock.now()
        marks = await connection.execute(sa.select(mentions.c.negative, mentions.c.corrected).order_by(mentions.c.id))
        assert marks.all() == [(False, "neutral"), (True, None)]


async def test_it_counts_again_once_it_is_said_to_be_negative(store: Store, clock: ManualClock) -> None:
    await take(store, [scored(1, NOON, "jan", followers=999), scored(2, NOON, negative=False)])
    before, keeper = await counted(store), Corrections(store, clock)
    await keeper.correct("acme", "m1", Label.POSITIVE, actor="user:anna")
    assert (await counted(store))[NOON]["negative"] == 0
    await keeper.correct("acme", "m1", Label.NEGATIVE, actor="user:anna")
    assert await counted(store) == before
    await keeper.correct("acme", "m1", Label.NEGATIVE, actor="user:anna")
    assert await counted(store) == before
    await keeper.correct("acme", "m2", Label.NEGATIVE, actor="user:anna")
    assert (await counted(store))[NOON]["negative_authors"] == 2


async def test_the_next_mention_of_the_author_counts_in_its_place(store: Store, clock: ManualClock) -> None:
    later = NOON + 10 * MINUTE
    await take(store, [scored(1, NOON, "jan"), scored(2, later, "jan"), scored(3, later + MINUTE, "jan")])
    await Corrections(store, clock).correct("acme", "m1", Label.NEUTRAL, actor="user:anna")
    found = await counted(store)
    assert [found[at]["negative_authors"] for at in (NOON, later, later + MINUTE)] == [0, 1, 0]


async def test_harm_told_again_counts_in_the_place_of_what_was_no_risk(store: Store, clock: ManualClock) -> None:
    at = [NOON + number * 10 * MINUTE for number in range(3)]
    harm = "Cała rodzina się zatruła"
    told = [scored(0, at[0], "jan"), scored(1, at[1], "jan", text=harm), scored(2, at[2], "jan", text=harm)]
    await take(store, told)
    assert [(await counted(store))[each]["risk"] for each in at] == [0, 1, 0]
    keeper = Corrections(store, clock)
    await keeper.correct("acme", "m1", Label.NEUTRAL, actor="user:anna")
    assert [(await counted(store))[each]["risk"] for each in at] == [0, 0, 1]
    await keeper.correct("acme", "m1", Label.NEGATIVE, actor="user:anna")
    assert [(await counted(store))[each]["risk"] for each in at] == [0, 1, 0]


async def test_a_late_mention_amends_what_came_late(store: Store, clock: ManualClock) -> None:
    await take(store, [scored(1, NOON, late=True, followers=99)])
    await Corrections(store, clock).correct("acme", "m1", Label.NEUTRAL, actor="user:anna")
    row = (await counted(store))[NOON]
    assert (row["late_mentions"], row["late_negative"], row["late_negative_authors"]) == (1, 0, 0)
    assert (row["negative"], row["reach"]) == (0, 0.0)


async def test_an_erased_mention_can_still_be_counted_otherwise(store: Store, clock: ManualClock) -> None:
    await take(store, [scored(1, NOON, "jan")])
    async with store.write() as connection:
        await connection.execute(sa.update(mentions).values(text=None, author=None))
    keeper = Corrections(store, clock)
    await keeper.correct("acme", "m1", Label.NEUTRAL, actor="user:anna")
    assert (await counted(store))[NOON]["negative_authors"] == 0
    assert in_effect(await keeper.log()) == ()


items = st.builds(
    scored,
    st.integers(0, 15),
    st.integers(0, 150 * 60).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    st.sampled_from([None, "jan", "ola"]),
    negative=st.booleans(),
    late=st.booleans(),
    followers=st.none() | st.integers(0, 10_000),
    text=st.sampled_from(["słabo", "Cała rodzina się zatruła"]),
)
labels = st.lists(st.tuples(st.integers(0, 15), st.sampled_from(list(Label))), max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(items, max_size=15, unique_by=lambda item: item.mention.id), labels)
async def test_counts_are_those_of_mentions_read_so_from_the_first(
    sqlite_store: Store, clock: ManualClock, found: list[ScoredMention], said: list[tuple[int, Label]]
) -> None:
    one, other = f"b{next(_brands)}", f"b{next(_brands)}"
    last = {f"m{number}": label for number, label in said}
    await take(sqlite_store, [replace(item, mention=replace(item.mention, brand=one)) for item in found])
    right = [
        replace(
            item,
            mention=replace(item.mention, brand=other),
            negative=last[item.mention.id] is Label.NEGATIVE if item.mention.id in last else item.negative,
        )
        for item in found
    ]
    await take(sqlite_store, right)
    keeper = Corrections(sqlite_store, clock)
    known = {item.mention.id for item in found}
    for number, label in said:
        if f"m{number}" in known:
            await keeper.correct(one, f"m{number}", label, actor="user:anna")
    amended, expected = await counted(sqlite_store, one), await counted(sqlite_store, other)
    assert amended.keys() == expected.keys()
    for minute, row in expected.items():
        assert amended[minute] == pytest.approx(row), minute


# ── the log ──────────────────────────────────────────────────────────────────


def entry(number: int, kind: EntryKind = EntryKind.CORRECTION, **changes: Any) -> Entry:
    return Entry(id=number, kind=kind, **changes)


def numbers(*log: Entry) -> list[int]:
    return [each.id for each in in_effect(log)]


def test_a_rollback_takes_back_what_came_after_a_point_and_before_itself() -> None:
    back = EntryKind.ROLLBACK
    assert numbers(entry(1), entry(2), entry(3)) == [1, 2, 3]
    assert numbers(entry(1), entry(2), entry(3), entry(4, back, rollback_to=1), entry(5)) == [1, 5]
    assert numbers(entry(1), entry(2, back, rollback_to=0), entry(3)) == [3]
    assert numbers(entry(1), entry(3), entry(4), entry(5, back, rollback_to=3), entry(6, back, rollback_to=1)) == [1]
    assert numbers(entry(1), entry(2, EntryKind.RETRAIN), entry(3), entry(4, back, rollback_to=1)) == [1]
    assert numbers(entry(1), entry(2, readable=False), entry(3, EntryKind.RETRAIN)) == [1, 3]


async def test_taking_back_deletes_nothing_and_leaves_what_was_said_of_mentions(
    store: Store, clock: ManualClock
) -> None:
    await take(store, [scored(number, NOON) for number in range(4)])
    keeper = Corrections(store, clock)
    for number in range(4):
        await keeper.correct("acme", f"m{number}", Label.NEUTRAL, actor="user:anna")
    assert await keeper.roll_back(1, actor="tocsin") == 3
    assert len(in_effect(await keeper.log())) == 1
    await keeper.correct("acme", "m3", Label.NEUTRAL, actor="user:jan")
    assert await keeper.roll_back(2, actor="tocsin") == 0
    with pytest.raises(NotFound, match="fewer corrections are in effect: 2"):
        await keeper.roll_back(3, actor="tocsin")
    await keeper.retrain(actor="tocsin")
    log = await keeper.log()
    assert [each.kind.value for each in log] == [*["correction"] * 4, "rollback", "correction", "rollback", "retrain"]
    assert [each.id for each in in_effect(log)] == [log[0].id, log[5].id, log[7].id]
    read = await keeper.read([each.id for each in log])
    assert {each.text for each in read.values()} == {"słabo"}
    assert len(read) == 5
    assert (await counted(store))[NOON]["negative"] == 0
    async with store.read() as connection:
        actors = (await connection.execute(sa.select(corrections.c.actor).order_by(corrections.c.id))).scalars().all()
    assert actors == [*["user:anna"] * 4, "tocsin", "user:jan", "tocsin", "tocsin"]


async def test_the_head_moves_with_everything_that_matters(store: Store, clock: ManualClock) -> None:
    await take(store, [scored(number, NOON, "jan") for number in range(2)])
    keeper = Corrections(store, clock)
    heads = [await keeper.head()]
    for number in range(2):
        await keeper.correct("acme", f"m{number}", Label.NEUTRAL, actor="user:anna")
        heads.append(await keeper.head())
    async with store.write() as connection:
        await connection.execute(sa.update(mentions).where(mentions.c.id == "m0").values(text=None))
    heads.append(await keeper.head())
    await keeper.roll_back(0, actor="tocsin")
    heads.append(await keeper.head())
    assert len(set(heads)) == len(heads)
    assert await keeper.head() == heads[-1]
