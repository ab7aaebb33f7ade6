"""A copy of the store: whole, private, and taken beside a writer without holding it up."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from daemon.clock import ManualClock
from daemon.command import Note
from daemon.errors import StoreError
from daemon.incidents import Incidents
from daemon.store.audit import verify_timelines
from daemon.store.backup import back_up
from daemon.store.engine import Store
from daemon.store.tables import mentions
from tests.fakes.records import NOON, a_policy, opened


def rows_for(begin: int, count: int) -> list[dict[str, object]]:
    given: dict[str, object] = dict.fromkeys(column.name for column in mentions.columns)
    given |= {"brand": "acme", "channel": "x", "text": "x" * 2000, "published_at": NOON, "received_at": NOON}
    given |= {"lang": "pl", "p_negative": 0.0, "complaint": 0.0, "outage": 0.0, "negative": False, "late": False}
    given |= {"clamped": False, "learned": False, "model": "t", "source": "t"}
    return [given | {"id": f"m{n}"} for n in range(begin, begin + count)]


async def test_a_copy_taken_beside_a_writer_is_whole_and_restores(
    sqlite_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    store = await Store.open(sqlite_url)
    try:
        desk = Incidents(store, clock, {"acme": a_policy()})
        await desk.open(opened())
        async with store.write() as connection:
            await connection.execute(sa.insert(mentions), rows_for(0, 4000))
        done = asyncio.Event()

        async def go_on_writing() -> int:
            number = 4000
            while not done.is_set():
                async with store.write() as connection:
                    await connection.execute(sa.insert(mentions), rows_for(number, 20))
                await desk.act("acme-1", Note(text=str(number)), actor="user:anna")
                number += 20
            return number

        writing = asyncio.create_task(go_on_writing())
        copies = [
            await asyncio.to_thread(back_up, sqlite_url, tmp_path / "copies", NOON + timedelta(seconds=n))
            for n in range(3)
        ]
        done.set()
        assert await writing > 4000, "the writer went on meanwhile"
    finally:
        await store.close()
    assert [copy.name for copy in copies] == [f"tocsin-20260302T12000{n}Z.db" for n in range(3)]
    for copy in copies:
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        restored = await Store.open(f"sqlite:///{copy}")
        try:
            chains, faults = await verify_timelines(restored)
            assert (chains, faults) == (1, [])
            async with restored.read() as connection:
                query = sa.select(sa.func.count()).select_from(mentions)
                total = (await connection.execute(query)).scalar_one()
            events = len(await Incidents(restored, clock, {"acme": a_policy()}).timeline("acme-1"))
            assert total >= 4000
            assert total - 4000 in {20 * (events - 1), 20 * events}, "one moment, not several"
        finally:
            await restored.close()


async def test_a_copy_of_postgresql_restores_what_was_committed(postgres_url: str, tmp_path: Path) -> None:
    store = await Store.open(postgres_url)
    try:
        async with store.write() as connection:
            await connection.execute(sa.insert(mentions), rows_for(0, 10))
    finally:
        await store.close()
    copy = await asyncio.to_thread(back_up, postgres_url, tmp_path, NOON)
    assert (copy.name, stat.S_IMODE(copy.stat().st_mode)) == ("tocsin-20260302T120000Z.dump", 0o600)
    assert copy.read_bytes()[:5] == b"PGDMP"


def test_no_store_yet_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no store at .* yet"):
        back_up(f"sqlite:///{tmp_path / 'tocsin.db'}", tmp_path / "copies", NOON)
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_damaged_store_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "tocsin.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 100)
        connection.commit()
    spoiled = bytearray(file.read_bytes())
    spoiled[4096:8192] = b"\xff" * 4096
    file.write_bytes(spoiled)
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        back_up(f"sqlite:///{file}", tmp_path / "copies", NOON)
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_folder_that_cannot_be_is_said_in_one_line(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot back up to"):
        back_up(sqlite_url, tmp_path / "file" / "copies", NOON)
