"""The store: one code path for SQLite and PostgreSQL.

On SQLite every transaction that writes takes its turn here, and begins IMMEDIATE, so that a
second process beside the daemon waits instead of failing; WAL lets readers go on, and
``synchronous=FULL`` keeps what was committed through a power cut.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from daemon.errors import StoreError

_BUSY_MS = 30_000
_LOCK = 0x70C51  # one advisory lock for migrations on PostgreSQL


def _async_url(url: str) -> sa.URL:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    return parsed.set(drivername="postgresql+asyncpg")


def _sqlite_engine(url: sa.URL, *, writer: bool) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=1 if writer else 4, max_overflow=0 if writer else 4, hide_parameters=True
    )

    @sa.event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_BUSY_MS}", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


class Store:
    """Transactions over the tables in ``daemon.store.tables``."""

    def __init__(self, url: str) -> None:
        self._url = _async_url(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer = _sqlite_engine(self._url, writer=True)
            self._reader = _sqlite_engine(self._url, writer=False)
        else:
            self._writer = create_async_engine(
                self._url, pool_size=6, max_overflow=6, pool_pre_ping=True, hide_parameters=True
            )
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ")  # over one pool
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect, and bring the tables up to date.

        Raises ``StoreError`` that says what is wrong.
        """
        store = cls(url)
        try:
            if store.is_sqlite and store._url.database:
                Path(store._url.database).parent.mkdir(parents=True, exist_ok=True)
            await store._migrate()
        except (OSError, DBAPIError) as error:
            await store.close()
            reason = str(error.orig) if isinstance(error, DBAPIError) else (error.strerror or str(error))
            where = store._url.render_as_string(hide_password=True)
            raise StoreError(f"store.url: cannot open {where}: {reason}") from error
        return store

    async def _migrate(self) -> None:
        async with self._writer.begin() as connection:
            if not self.is_sqlite:
                await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            await connection.run_sync(_upgrade)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._writer.dispose()
        await self._reader.dispose()

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view."""
        async with self._reader.connect() as connection, connection.begin():
            yield connection

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: all of it is kept, or nothing."""
        if not self.is_sqlite:
            async with self._writer.begin() as connection:
                yield connection
            return
        async with self._turn, self._writer.begin() as connection:
            yield connection

    async def compact(self) -> None:
        """Leave no trace of what was erased in the files of SQLite; PostgreSQL vacuums by itself.

        SQLite overwrites what it erases; what is left is its log. Raises ``StoreError`` where that cannot be emptied.
        """
        if not self.is_sqlite:
            return
        async with self._turn, self._writer.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            cursor = await raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = (await cursor.fetchone())[0]
        if busy:
            raise StoreError("erased, but a trace may be left in the store's log: it is being read; try again")

    async def check(self) -> str:
        """Read something, for the health check; the answer names the kind of store.

        Raises ``StoreError``.
        """
        try:
            async with self.read() as connection:
                await connection.execute(sa.select(1))
        except (OSError, DBAPIError, TimeoutError) as error:
            raise StoreError(f"the store does not answer: {type(error).__name__}") from error
        return "sqlite" if self.is_sqlite else "postgresql"


def transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when tried again: locked, full, or out of reach."""
    return isinstance(error, (OperationalError, OSError, TimeoutError)) or (
        isinstance(error, DBAPIError) and (error.connection_invalidated or "serializ" in str(error.orig).lower())
    )


def _upgrade(connection: sa.Connection) -> None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
