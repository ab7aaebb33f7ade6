"""What the API reads and keeps, on either kind of store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
import sqlalchemy as sa

from daemon.clock import ManualClock
from daemon.errors import NotFound
from daemon.model import EventKind, Label
from daemon.store.corrections import Corrections
from daemon.store.engine import Store
from daemon.store.links import UsedLinks
from daemon.store.reads import Reads, StepCount
from daemon.store.tables import corrections, counts, gaps, incidents, mentions, rejected, tallies, timeline

MINUTE = timedelta(minutes=1)
_ZERO = {
    "authors": 0,
    "reach": 0.0,
    "top_reach": 0.0,
    "risk": 0,
    "late_mentions": 0,
    "late_negative": 0,
    "late_authors": 0,
    "late_negative_authors": 0,
}


async def insert(store: Store, table: sa.Table, *rows: Mapping[str, object]) -> None:
    async with store.write() as connection:
        await connection.execute(sa.insert(table), list(rows))


async def test_counts_are_summed_by_the_step(store: Store, clock: ManualClock) -> None:
    now = clock.now()
    rows = [
        _ZERO
        | {
            "brand": brand,
            "minute": now + n * MINUTE,
            "mentions": 10,
            "negative": n,
            "negative_authors": 1,
            "updated_at": now,
        }
        for brand in ("acme", "globex")
        for n in range(-1, 7)
    ]
    await insert(store, counts, *rows)
    found = await Reads(store).step_counts("acme", now, now + 6 * MINUTE, 3 * MINUTE)
    assert found == {
        now: StepCount(mentions=30, negative=0 + 1 + 2, negative_authors=3),
        now + 3 * MINUTE: StepCount(mentions=30, negative=3 + 4 + 5, negative_authors=3),
    }


async def test_gaps_that_touch_the_time_are_found(store: Store, clock: ManualClock) -> None:
    now = clock.now()
    spans = {
        "before": (-9, -5),
        "touching": (-5, 0),
        "inside": (1, 2),
        "over": (-1, 9),
        "still": (-3, None),
        "after": (5, 6),
    }
    await insert(
        store,
        gaps,
        *(
            {
                "source": name,
                "since": now + since * MINUTE,
                "until": None if until is None else now + until * MINUTE,
                "reason": "x",
            }
            for name, (since, until) in spans.items()
        ),
    )
    found = await Reads(store).gaps(now, now + 5 * MINUTE)
    assert {gap.source for gap in found} == {"inside", "over", "still"}
    assert next(gap for gap in found if gap.source == "still").until is None


async def test_tallies_are_of_whole_hours(store: Store, clock: ManualClock) -> None:
    hour = clock.now()
    await insert(
        store,
        tallies,
        *(
            {"hour": hour + timedelta(hours=n), "brand": "acme", "source": source, "outcome": "accepted", "n": 10**n}
            for n in range(3)
            for source in ("mqtt", "http")
        ),
    )
    reads = Reads(store)
    found = await reads.tallies(hour + 90 * MINUTE, hour + 180 * MINUTE)
    assert found == {("acme", "accepted"): 2 * (10 + 100)}
    assert await reads.tallies(hour, hour + timedelta(hours=1)) == {("acme", "accepted"): 2}


async def test_rejections_come_newest_first(store: Store, clock: ManualClock) -> None:
    row = {"source": "mqtt", "topic": "mentions/acme/x", "brand": "acme", "reason": "text: missing", "payload": b"\xff"}
    for n in range(4):
        await insert(store, rejected, row | {"at": clock.now(), "index": n})
    reads = Reads(store)
    first = await reads.rejected(3)
    assert [rejection.index for rejection in first] == [3, 2, 1]
    assert [rejection.index for rejection in await reads.rejected(3, first[-1].id)] == [0]
    assert first[0].payload == b"\xff"


async def test_incidents_know_when_people_first_answered(store: Store, clock: ManualClock) -> None:
    now = clock.now()
    for n, brand in enumerate(("acme", "globex")):
        await insert(
            store,
            incidents,
            {
                "id": brand,
                "brand": brand,
                "kind": "surge",
                "severity": "minor",
                "state": "open",
                "opened_at": now + n * MINUTE,
                "resolved_at": None,
                "head_seq": 1,
                "body": b"{}",
            },
        )
    event = {"incident_id": "acme", "actor": "user:anna", "data": b"{}", "hash": ""}
    kinds = ["opened", "acknowledged", "update_posted", "acknowledged", "update_posted", "promise_made"]
    await insert(
        store, timeline, *(event | {"seq": n, "kind": kind, "at": now + n * MINUTE} for n, kind in enumerate(kinds))
    )
    reads = Reads(store)
    acme, globex = await reads.incident_rows(now, now + 2 * MINUTE)
    assert (acme.acknowledged_at, acme.first_update_at) == (now + MINUTE, now + 2 * MINUTE)
    assert (globex.acknowledged_at, globex.first_update_at) == (None, None)
    assert [row.id for row in await reads.incident_rows(now + MINUTE, now + 2 * MINUTE)] == ["globex"]
    assert await reads.event_counts(now, now + 5 * MINUTE, [EventKind.UPDATE_POSTED, EventKind.PROMISE_MADE]) == {
        "update_posted": 2,
        "promise_made": 0,
    }


async def test_the_last_correction_counts_and_all_are_kept(store: Store, clock: ManualClock) -> None:
    row = {
        "brand": "acme",
        "id": "m-1",
        "channel": "x",
        "text": "hm",
        "published_at": clock.now(),
        "received_at": clock.now(),
        "lang": "en",
        "p_negative": 0.5,
        "complaint": 0.0,
        "outage": 0.0,
        "negative": True,
        "late": False,
        "clamped": False,
        "learned": False,
        "model": "m",
        "source": "http",
    }
    await insert(store, mentions, row, row | {"brand": "globex"})
    keeper = Corrections(store, clock)
    await keeper.correct("acme", "m-1", Label.POSITIVE, actor="user:anna")
    await keeper.correct("acme", "m-1", Label.NEUTRAL, actor="user:jan")
    with pytest.raises(NotFound):
        await keeper.correct("acme", "m-2", Label.NEUTRAL, actor="user:jan")
    async with store.read() as connection:
        marks = (await connection.execute(sa.select(mentions.c.brand, mentions.c.corrected))).all()
        kept = (await connection.execute(sa.select(corrections.c.actor).order_by(corrections.c.id))).scalars().all()
    assert sorted((brand, mark) for brand, mark in marks) == [("acme", "neutral"), ("globex", None)]
    assert kept == ["user:anna", "user:jan"]


async def test_a_link_is_used_once_however_often_it_is_said(store: Store, clock: ManualClock) -> None:
    used = UsedLinks(store, clock)
    assert not await used.contains("d-1")
    await used.add("d-1")
    await used.add("d-1")
    assert await used.contains("d-1")
    assert not await used.contains("d-2")
