"""Forgetting: nothing of a person is left anywhere, and nothing else is lost."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from daemon.clock import ManualClock
from daemon.command import FalseAlarm, Note, Resolve
from daemon.errors import StoreError
from daemon.incidents import Incidents
from daemon.model import Example, Mention, Rejection
from daemon.privacy import erase_author, forget_before
from daemon.store.audit import verify_timelines
from daemon.store.engine import Store
from daemon.store.intake import Batch, write
from daemon.store.tables import counts, mentions, rejected, tallies
from tests.fakes.records import NOON, a_mention, a_policy, a_scored_mention, an_evidence, opened

DAY = timedelta(days=1)
AUTHOR = "facebook:4711-needle"
NAME, TEXT, URL = "Needle Nadzieja", "needle-text: nie działa", "https://x.example/needle"
NEEDLES = (b"needle", b"Needle", TEXT.encode())


async def take(store: Store, taken: Sequence[Mention], rejections: Sequence[Rejection] = ()) -> None:
    group = [a_scored_mention(mention) for mention in taken]
    batch = Batch(source="http", items=(*taken, *rejections))
    async with store.write() as connection:
        await write(connection, [batch], [group], now=NOON)


async def rows(store: Store, table: sa.Table) -> list[dict[str, Any]]:
    async with store.read() as connection:
        return [dict(row) for row in (await connection.execute(sa.select(table))).mappings()]


def theirs(mention_id: str, **changes: Any) -> Mention:
    given: dict[str, Any] = {"author": AUTHOR, "author_name": NAME, "text": TEXT, "url": URL, "thread": "needle-1"}
    return a_mention(mention_id, **given | changes)


def rejection(payload: bytes, **changes: Any) -> Rejection:
    given: dict[str, Any] = {"at": NOON, "source": "http", "topic": None, "brand": "acme", "index": 0}
    return Rejection(**given | {"reason": "text: required", "payload": payload} | changes)


async def an_open_incident(store: Store, clock: ManualClock) -> Incidents:
    desk = Incidents(store, clock, {"acme": a_policy()})
    shown = (
        Example(id="n1", text=TEXT, url=URL, author=AUTHOR, published_at=NOON),
        Example(id="n2", text=TEXT, url=None, author=None, published_at=NOON),  # known by its id alone
        Example(id="other", text="Nie mam zasięgu", url=None, author="ola", published_at=NOON),
    )
    await desk.open(opened(evidence=an_evidence(deciding_mention="n1", examples=shown)))
    await desk.act("acme-1", Note(text="looking into it"), actor="user:anna")
    return desk


async def test_a_person_is_erased_everywhere_and_counts_and_chains_stay(store: Store, clock: ManualClock) -> None:
    await take(
        store,
        [theirs("n1"), theirs("n2"), theirs("n3", brand="globex"), a_mention("other", author="ola", text="zasięg")],
        [rejection(b'{"author": "%s"}' % AUTHOR.encode()), rejection(b'{"author": "ola"}')],
    )
    desk = await an_open_incident(store, clock)
    before = [await rows(store, table) for table in (counts, tallies)]
    assert await erase_author(store, "acme", AUTHOR) == 2
    kept = {(row["brand"], row["id"]): row for row in await rows(store, mentions)}
    for mention_id in ("n1", "n2"):
        row = kept["acme", mention_id]
        assert {row[name] for name in ("text", "author", "author_name", "url", "thread")} == {None}
        assert row["negative"], "what was counted stays"
    assert kept["globex", "n3"]["text"] == TEXT, "the brand named, and no other"
    assert kept["acme", "other"]["author"] == "ola"
    assert [await rows(store, table) for table in (counts, tallies)] == before
    incident = await desk.get("acme-1")
    assert [example.id for example in incident.evidence.examples] == ["other"]
    assert incident.evidence.deciding_mention == "n1", "an id names no person"
    assert await verify_timelines(store) == (1, [])
    assert sorted(row["payload"] for row in await rows(store, rejected)) == [b"", b'{"author": "ola"}']
    assert await erase_author(store, "acme", AUTHOR) == 0


@pytest.mark.parametrize("author", ["żółć:Ewa", 'quo"te', "a\\b", "\U0001f525"])
async def test_a_person_is_found_in_rejections_however_their_name_was_written(sqlite_store: Store, author: str) -> None:
    payloads = [json.dumps({"author": author}, ensure_ascii=escaped).encode() for escaped in (True, False)]
    await take(sqlite_store, [], [rejection(payload) for payload in payloads])
    await erase_author(sqlite_store, "acme", author)
    assert {row["payload"] for row in await rows(sqlite_store, rejected)} == {b""}


async def test_no_byte_of_a_person_is_left_in_the_files_of_sqlite(
    sqlite_url: str, clock: ManualClock, tmp_path: Path
) -> None:
    """Neither in the log, nor in free space, nor in what splitting pages left behind."""
    store = await Store.open(sqlite_url)
    try:
        many: list[Mention] = []
        for n in range(0, 3000, 3):
            long = TEXT * (1 + 400 * (n % 10 == 0))  # some fill pages of their own
            many.append(theirs(f"m{n}", published_at=NOON - timedelta(seconds=n), text=long))
            many += [a_mention(f"m{other}", author=f"{chr(97 + other % 26)}{other}") for other in (n + 1, n + 2)]
        random.Random(4).shuffle(many)
        for start in range(0, 3000, 250):
            await take(store, many[start : start + 250], [rejection(b'{"author": "%s"}' % AUTHOR.encode())])
        shown = (Example(id="m0", text=TEXT, url=URL, author=None, published_at=NOON),)
        await Incidents(store, clock, {"acme": a_policy()}).open(opened(evidence=an_evidence(examples=shown)))
        assert needles_in(tmp_path)
        assert await erase_author(store, "acme", AUTHOR) == 1000
        assert needles_in(tmp_path) == []
    finally:
        await store.close()


def needles_in(folder: Path) -> list[tuple[str, bytes]]:
    return [(file.name, needle) for file in folder.iterdir() for needle in NEEDLES if needle in file.read_bytes()]


async def test_beside_somebody_who_reads_for_long_it_is_said_that_a_trace_may_be_left(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daemon.store.engine._BUSY_MS", 50)
    store, reader = await Store.open(sqlite_url), await Store.open(sqlite_url)
    try:
        await take(store, [theirs("n1")])
        async with reader.read() as connection:
            assert (await connection.execute(sa.select(mentions.c.id))).all()
            with pytest.raises(StoreError, match="erased, but a trace may be left"):
                await erase_author(store, "acme", AUTHOR)
        await erase_author(store, "acme", AUTHOR)
    finally:
        await store.close()
        await reader.close()


async def test_texts_and_authors_are_forgotten_after_their_time_and_nothing_else_is(
    store: Store, clock: ManualClock
) -> None:
    old, new = NOON - 91 * DAY, NOON - 89 * DAY
    await take(
        store,
        [theirs("old", published_at=old), theirs("new", published_at=new), theirs("bare", published_at=old, text=" ")],
        [rejection(b"old", at=old), rejection(b"new", at=new)],
    )
    before = [await rows(store, table) for table in (counts, tallies)]
    assert await forget_before(store, NOON - 90 * DAY) == 2
    kept = {row["id"]: row for row in await rows(store, mentions)}
    for name in ("text", "author", "author_name", "url", "thread"):
        assert kept["old"][name] is None
        assert kept["new"][name] is not None
    assert [row["payload"] for row in await rows(store, rejected)] == [b"new"]
    assert [await rows(store, table) for table in (counts, tallies)] == before
    assert await forget_before(store, NOON - 90 * DAY) == 0, "once"
    del clock


async def test_examples_of_old_incidents_are_forgotten_and_their_chains_hold(store: Store, clock: ManualClock) -> None:
    desk = Incidents(store, clock, {"acme": a_policy()})
    clock.set(NOON - 100 * DAY)
    for number, command in enumerate((Resolve(summary="x"), FalseAlarm(reason="x"), None)):
        at = clock.now()
        shown = tuple(replace(example, published_at=at) for example in an_evidence().examples)
        await desk.open(opened(incident_id=f"acme-{number}", now=at, evidence=an_evidence(examples=shown)))
        if command is not None:
            await desk.act(f"acme-{number}", command, actor="user:anna")
        clock.advance(timedelta(hours=1))
    await forget_before(store, NOON - 90 * DAY)
    for incident in await desk.find():
        assert incident.evidence.examples == ()
        assert incident.evidence.observed == 40
    assert await verify_timelines(store) == (3, [])
