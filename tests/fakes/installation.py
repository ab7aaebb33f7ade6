"""A configuration file with its store beside it, as a person has them who types commands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from daemon.clock import ManualClock
from daemon.incidents import Incidents
from daemon.store.engine import Store
from daemon.store.intake import Batch, write
from tests.fakes.configuration import SMALLEST
from tests.fakes.records import NOON, a_mention, a_policy, a_scored_mention, opened

T = TypeVar("T")


class Installation:
    """One brand, one SQLite store, nothing running."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "tocsin.toml"
        self.config.write_text(SMALLEST)
        self.database = folder / "tocsin.db"

    def with_store(self, use: Callable[[Store], Awaitable[T]]) -> T:
        """What ``use`` gives, over the open store."""

        async def _use() -> T:
            store = await Store.open(f"sqlite:///{self.database}")
            try:
                return await use(store)
            finally:
                await store.close()

        return asyncio.run(_use())

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        """All rows of a table."""

        async def read(store: Store) -> list[dict[str, Any]]:
            async with store.read() as connection:
                return [dict(row) for row in (await connection.execute(sa.select(table))).mappings()]

        return self.with_store(read)

    def execute(self, statement: sa.Executable) -> None:
        """Do something to the store behind its back."""

        async def change(store: Store) -> None:
            async with store.write() as connection:
                await connection.execute(statement)

        self.with_store(change)

    def with_an_incident(self) -> Installation:
        """Three mentions, two by Jan, and an open incident."""

        async def fill(store: Store) -> None:
            items = [a_mention("m1", author="jan"), a_mention("m2", author="jan"), a_mention("m3", author="ola")]
            batch = Batch(source="http", items=tuple(items))
            async with store.write() as connection:
                await write(connection, [batch], [[a_scored_mention(item) for item in items]], now=NOON)
            await Incidents(store, ManualClock(NOON), {"acme": a_policy()}).open(opened())

        self.with_store(fill)
        return self
