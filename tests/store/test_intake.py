"""Taking mentions in: whatever comes, in whatever order, the counts are those of the unique mentions."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import log10
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.model import Mention, Rejection, ScoredMention
from daemon.store.engine import Store
from daemon.store.intake import Batch, Outcome, write
from daemon.store.tables import counts, mentions, rejected, tallies
from tests.fakes.records import NOON, a_mention, a_scored_mention

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SUMS = ("mentions", "negative", "authors", "negative_authors")
COLUMNS = ("reach", "top_reach", "risk", *SUMS, *(f"late_{name}" for name in SUMS))
Group = list[ScoredMention]
Minutes = dict[datetime, dict[str, float]]


def a_rejection(index: int | None = 0, **changes: Any) -> Rejection:
    given_: dict[str, Any] = {
        "at": NOON,
        "source": "mqtt",
        "topic": "mentions/acme/x",
        "brand": "acme",
        "index": index,
        "reason": "text: required",
        "payload": b'{"id": "1"}',
    }
    return Rejection(**given_ | changes)


async def take(
    store: Store, group: Group, *, learned: bool = False, rejections: Sequence[Rejection] = (), now: datetime = NOON
) -> tuple[Outcome, Counter[tuple[str, str, str]]]:
    batch = Batch(source="mqtt", items=(*(item.mention for item in group), *rejections), learned=learned)
    async with store.write() as connection:
        (outcome,), tally = await write(connection, [batch], [group], now=now)
    return outcome, tally


async def counted(store: Store, brand: str = "acme") -> Minutes:
    query = sa.select(counts).where(counts.c.brand == brand).order_by(counts.c.minute)
    async with store.read() as connection:
        rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    return {row.pop("minute"): {k: v for k, v in row.items() if k not in {"brand", "updated_at"}} for row in rows}


async def rows(store: Store, table: sa.Table) -> list[dict[str, Any]]:
    async with store.read() as connection:
        return [dict(row) for row in (await connection.execute(sa.select(table))).mappings()]


# ── an oracle: slow, and made another way ────────────────────────────────────


def recount(commits: Sequence[Group]) -> Minutes:
    """Count again from the unique mentions alone.

    A commit sees its mentions in the order of their time. A mention brings a new author where
    nothing by them lies in the hour up to it among all that was seen before.
    """
    minutes: Minutes = {}
    seen: Group = []
    for group in commits:
        unique = list({item.mention.id: item for item in reversed(group)}.values())[::-1]
        known = {item.mention.id for item in seen}
        for item in sorted(unique, key=lambda item: (item.mention.published_at, item.mention.id)):
            if item.mention.id not in known:
                _count(minutes, item, seen)
                seen.append(item)
    return minutes


def _count(minutes: Minutes, item: ScoredMention, seen: Group) -> None:
    mention = item.mention
    before = [
        other
        for other in seen
        if mention.author is not None
        and other.mention.author == mention.author
        and timedelta(0) <= mention.published_at - other.mention.published_at < HOUR
    ]
    author = not before
    negative_author = item.negative and not any(other.negative for other in before)
    minute = mention.published_at - timedelta(seconds=mention.published_at.second)
    row = minutes.setdefault(minute, dict.fromkeys(COLUMNS, 0))
    late = "late_" if item.late else ""
    for name, amount in zip(SUMS, (1, item.negative, author, negative_author), strict=True):
        row[late + name] += amount
    if negative_author and not item.late:
        row["reach"] += log10(1 + (mention.followers or 0))
    if item.negative and not item.late:
        row["top_reach"] = max(row["top_reach"], log10(1 + (mention.followers or 0) + (mention.engagement or 0)))


def scored(number: int, at: datetime, author: str | None, **kw: Any) -> ScoredMention:
    known = {name: kw.pop(name) for name in ("negative", "late") if name in kw}
    return a_scored_mention(
        a_mention(f"m{number}", author=author, published_at=at, received_at=NOON, text="słabo", **kw), **known
    )


items = st.builds(
    scored,
    st.integers(0, 25),
    st.integers(-150 * 60, 0).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    st.sampled_from([None, "jan", "ola", "ewa"]),
    negative=st.booleans(),
    late=st.booleans(),
    followers=st.none() | st.integers(0, 10_000_000),
    engagement=st.none() | st.integers(0, 1000),
)
commits = st.lists(st.lists(items, max_size=8), max_size=5)
brand_names = itertools.count()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(commits=commits)
async def test_counts_are_those_of_the_unique_mentions_whatever_comes_in_whatever_order(
    sqlite_store: Store, commits: list[Group]
) -> None:
    brand = f"b{next(brand_names)}"
    groups = [[replace(item, mention=replace(item.mention, brand=brand)) for item in group] for group in commits]
    accepted = 0
    for group in groups:
        outcome, _ = await take(sqlite_store, group)
        assert outcome.accepted + outcome.duplicates == len(group)
        accepted += outcome.accepted
    expected, found = recount(groups), await counted(sqlite_store, brand)
    assert found.keys() == expected.keys()
    for minute, row in expected.items():
        assert found[minute] == pytest.approx(row), minute
    assert accepted == len({item.mention.id for group in groups for item in group})
    # and taken in once more, all of it is known
    for group in groups:
        outcome, _ = await take(sqlite_store, group)
        assert (outcome.accepted, outcome.duplicates) == (0, len(group))
    assert await counted(sqlite_store, brand) == found


# ── by example, on both kinds of store ───────────────────────────────────────


async def test_the_first_of_an_id_is_kept_and_the_others_are_duplicates_whatever_they_hold(store: Store) -> None:
    first = scored(1, NOON, "jan")
    other = replace(first, mention=replace(first.mention, text="something else", author="ola"), negative=False)
    outcome, tally = await take(store, [first, other, first])
    assert outcome == Outcome(accepted=1, duplicates=2, rejected=0)
    assert tally == {("acme", "mqtt", "accepted"): 1, ("acme", "mqtt", "duplicates"): 2}
    assert [(row["text"], row["author"], row["negative"]) for row in await rows(store, mentions)] == [
        ("słabo", "jan", True)
    ]


async def test_the_same_id_of_another_brand_is_another_mention(store: Store) -> None:
    mine = scored(1, NOON, "jan")
    outcome, _ = await take(store, [mine, replace(mine, mention=replace(mine.mention, brand="globex"))])
    assert outcome.accepted == 2
    assert (await counted(store))[NOON]["authors"] == (await counted(store, "globex"))[NOON]["authors"] == 1


async def test_one_author_however_loud_counts_once_in_an_hour(store: Store) -> None:
    loud = [scored(n, NOON - MINUTE + timedelta(milliseconds=n), "jan") for n in range(500)]
    for start in range(0, 500, 100):
        await take(store, loud[start : start + 100])
    row = (await counted(store))[NOON - MINUTE]
    assert [row[name] for name in SUMS] == [500, 500, 1, 1]
    assert row["reach"] == 0


async def test_who_cannot_be_told_apart_counts_as_many(store: Store) -> None:
    await take(store, [scored(n, NOON, None) for n in range(30)])
    assert [(await counted(store))[NOON][name] for name in SUMS] == [30, 30, 30, 30]


@pytest.mark.parametrize(("gap", "authors"), [(HOUR - timedelta(milliseconds=1), 1), (HOUR, 2)])
async def test_an_author_counts_again_after_an_hour(store: Store, gap: timedelta, authors: int) -> None:
    await take(store, [scored(1, NOON - gap, "jan")])
    await take(store, [scored(2, NOON, "jan")])
    assert sum(row["authors"] for row in (await counted(store)).values()) == authors


async def test_an_author_known_for_praise_is_new_when_they_complain(store: Store) -> None:
    await take(store, [scored(1, NOON - MINUTE, "jan", negative=False), scored(2, NOON, "jan")])
    found = await counted(store)
    assert [found[NOON][name] for name in SUMS] == [1, 1, 0, 1]


async def test_late_and_learned_mentions_never_enter_the_counts_of_those_on_time(store: Store) -> None:
    far = {"followers": 10**6}
    await take(store, [scored(1, NOON - HOUR, "jan", late=True, **far)])
    outcome, tally = await take(store, [scored(2, NOON - HOUR, "ola", late=True, **far)], learned=True)
    (row,) = (await counted(store)).values()
    assert [row[name] for name in SUMS] == [0, 0, 0, 0]
    assert [row[f"late_{name}"] for name in SUMS] == [2, 2, 2, 2]
    assert (row["reach"], row["top_reach"], row["risk"]) == (0, 0, 0)
    assert outcome.accepted == 1
    assert tally == {}, "history is no news"


async def test_words_of_risk_count_once_for_each_author(store: Store) -> None:
    text = "Po waszej sałatce cała rodzina się zatruła"
    group = [a_scored_mention(a_mention(f"r{n}", text=text, author=f"a{n // 2}")) for n in range(4)]
    await take(store, [*group, a_scored_mention(a_mention("late", text=text, author="x"), late=True)])
    assert (await counted(store))[NOON]["risk"] == 2


@pytest.mark.parametrize("together", [True, False])
async def test_harm_told_only_in_the_second_complaint_of_an_hour_is_a_risk(store: Store, *, together: bool) -> None:
    harm = "Po waszej sałatce cała rodzina się zatruła"
    told = [scored(1, NOON - 3 * MINUTE, "jan")]
    told += [
        a_scored_mention(a_mention(f"r{n}", author="jan", text=harm, published_at=NOON - (2 - n) * MINUTE))
        for n in range(2)
    ]
    for group in [told] if together else [[one] for one in told]:
        await take(store, group)
    found = [(await counted(store))[NOON - n * MINUTE] for n in (3, 2, 1)]
    assert [(row["negative_authors"], row["risk"]) for row in found] == [(1, 0), (0, 1), (0, 0)]


async def test_harm_told_late_does_not_hush_what_is_told_in_time(store: Store) -> None:
    harm = "Po waszej sałatce cała rodzina się zatruła"
    late = a_mention("late", author="jan", text=harm, published_at=NOON - MINUTE)
    await take(store, [a_scored_mention(late, late=True)])
    await take(store, [a_scored_mention(a_mention("now", author="jan", text=harm))])
    assert (await counted(store))[NOON]["risk"] == 1


async def test_rejections_are_kept_with_their_index_beside_what_is_good(store: Store) -> None:
    bad = [
        a_rejection(3),
        a_rejection(None, brand=None, topic=None, reason="payload: expected JSON", payload=b"\xff\x00"),
    ]
    outcome, tally = await take(store, [scored(1, NOON, None)], rejections=bad)
    assert outcome == Outcome(accepted=1, duplicates=0, rejected=2)
    kept = sorted(await rows(store, rejected), key=lambda row: row["id"])
    assert [(row["index"], row["brand"], row["topic"], row["reason"], row["payload"]) for row in kept] == [
        (3, "acme", "mentions/acme/x", "text: required", b'{"id": "1"}'),
        (None, None, None, "payload: expected JSON", b"\xff\x00"),
    ]
    assert tally == {
        ("acme", "mqtt", "accepted"): 1,
        ("acme", "mqtt", "rejected"): 1,
        ("", "mqtt", "rejected"): 1,
    }


async def test_tallies_add_up_by_the_hour_of_arrival(store: Store) -> None:
    clamped = replace(scored(3, NOON, None), mention=replace(a_mention("c"), clamped=True))
    await take(store, [scored(1, NOON, None), scored(2, NOON - HOUR, None, late=True), clamped])
    await take(store, [scored(1, NOON, None)], now=NOON + 59 * MINUTE, rejections=[a_rejection()])
    await take(store, [scored(1, NOON, None)], now=NOON + HOUR)
    kept = {(row["hour"], row["outcome"]): row["n"] for row in await rows(store, tallies)}
    assert kept == {
        (NOON, "accepted"): 3,
        (NOON, "late"): 1,
        (NOON, "clamped"): 1,
        (NOON, "duplicates"): 1,
        (NOON, "rejected"): 1,
        (NOON + HOUR, "duplicates"): 1,
    }


async def test_all_that_a_mention_says_is_kept(store: Store) -> None:
    mention = a_mention(
        author="facebook:1",
        author_name="Żółć \U0001f525",
        url="https://x.example/1",
        thread="p1",
        followers=2**63 - 1,
        engagement=2**63 - 1,
        sentiment=-0.5,
        lang="pl",
        text="x" * 20_000,
        published_at=NOON - timedelta(milliseconds=1),
    )
    await take(store, [replace(a_scored_mention(mention), model="upstream")])
    (row,) = await rows(store, mentions)
    for name in ("id", "brand", "channel", "text", "author", "author_name", "url", "thread", "followers", "engagement"):
        assert row[name] == getattr(mention, name), name
    assert (row["published_at"], row["received_at"]) == (NOON - timedelta(milliseconds=1), NOON)
    assert (row["sentiment"], row["model"], row["source"], row["learned"]) == (-0.5, "upstream", "mqtt", False)


async def test_a_thousand_ids_and_authors_at_once_are_all_looked_up(store: Store) -> None:
    group = [scored(n, NOON - timedelta(milliseconds=n), f"a{n}") for n in range(1000)]
    await take(store, group)
    later = [replace(item, mention=replace(item.mention, id=f"again{n}")) for n, item in enumerate(group)]
    outcome, _ = await take(store, [*group, *later])
    assert (outcome.accepted, outcome.duplicates) == (1000, 1000)
    assert sum(row["authors"] for row in (await counted(store)).values()) == 1000


async def test_the_oldest_time_there_is_can_be_counted(store: Store) -> None:
    dawn = datetime(1, 1, 1, tzinfo=UTC)
    for n in range(2):
        await take(store, [scored(n, dawn, "jan", late=True)])
    assert (await counted(store))[dawn]["late_authors"] == 1


async def test_what_fails_half_way_leaves_nothing_behind(store: Store) -> None:
    good = scored(1, NOON, "jan")
    bad: Mention = replace(good.mention, id="m2", channel=None)
    with pytest.raises(sa.exc.IntegrityError):
        await take(store, [good, replace(good, mention=bad)], rejections=[a_rejection()])
    for table in (mentions, counts, rejected, tallies):
        assert await rows(store, table) == []
