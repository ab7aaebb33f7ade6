"""What the clocks read: who may wait for an answer, and what may be one. On either kind of store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from daemon.clock import ManualClock
from daemon.command import PostUpdate
from daemon.incidents import Incidents
from daemon.store.engine import Store
from daemon.store.intake import Batch, write
from daemon.store.reads import Reads, Update
from daemon.store.tables import mentions
from tests.fakes.records import NOON, a_mention, a_policy, a_scored_mention, opened

HOUR = timedelta(hours=1)


async def keep(store: Store, *items: dict[str, Any]) -> None:
    """Store mentions of half past eleven, or as told."""
    scored = [a_scored_mention(a_mention(**{"published_at": NOON - HOUR / 2} | item)) for item in items]
    async with store.write() as connection:
        await write(connection, [Batch(source="http", items=())], [scored], now=NOON)


async def test_only_what_may_wait_is_read_the_newest_first(store: Store) -> None:
    await keep(
        store,
        {"mention_id": "calls", "text": "@acme it is down"},
        {"mention_id": "asks", "text": "100 % down?", "published_at": NOON - HOUR / 3},
        {"mention_id": "answers", "text": "down", "thread": "p1", "published_at": NOON - HOUR / 4},
        {"mention_id": "mails", "text": "down", "channel": "email", "published_at": NOON - HOUR / 5},
        {"mention_id": "complains", "text": "100_% down"},
        {"mention_id": "early", "text": "down?", "published_at": NOON - 2 * HOUR},
        {"mention_id": "other", "text": "down?", "brand": "globex"},
    )
    reads = Reads(store)
    found = await reads.asking("acme", NOON - HOUR, NOON, mail=["email"], most=10)
    assert [one.id for one in found] == ["mails", "answers", "asks", "calls"]
    assert [one.id for one in await reads.asking("acme", NOON - HOUR, NOON, mail=[], most=2)] == ["answers", "asks"]
    async with store.write() as connection:
        await connection.execute(sa.update(mentions).values(text=None, author=None))
    erased = await reads.asking("acme", NOON - HOUR, NOON, mail=["email"], most=10)
    assert [(one.id, one.text) for one in erased] == [("mails", None), ("answers", None)]


async def test_answers_are_what_the_brand_wrote_in_threads(store: Store) -> None:
    await keep(
        store,
        {"mention_id": "late", "author": "us", "thread": "p1"},
        {"mention_id": "first", "author": "us too", "thread": "p1", "published_at": NOON - HOUR},
        {"mention_id": "post", "author": "us"},
        {"mention_id": "theirs", "author": "them", "thread": "p1"},
    )
    found = await Reads(store).by_authors("acme", ["us", "us too"], NOON - HOUR, NOON)
    assert [(one.id, one.thread) for one in found] == [("first", "p1"), ("late", "p1")]


async def test_updates_come_with_when_their_incident_began(store: Store, clock: ManualClock) -> None:
    desk = Incidents(store, clock, {"acme": a_policy()})
    incident = await desk.open(opened())
    clock.advance(timedelta(minutes=5))
    await desk.act(incident.id, PostUpdate(text="We are on it.", lang="en", channel="x"), actor="user:anna")
    reads = Reads(store)
    now = clock.now()
    assert await reads.updates("acme", NOON, now + HOUR) == [Update(channel="x", since=incident.onset_at, at=now)]
    assert await reads.updates("acme", NOON, now) == []
    assert await reads.updates("globex", NOON, now + HOUR) == []
