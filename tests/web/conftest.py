"""The web part, served."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.clock import ManualClock
from daemon.store.engine import Store
from tests.fakes.site import Site, served


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with every table and no row, made once."""
    path = tmp_path_factory.mktemp("web") / "empty.db"

    async def make() -> None:
        await (await Store.open(f"sqlite:///{path}")).close()

    asyncio.run(make())
    return path


@pytest.fixture
async def empty_store(empty_database: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """A store of one's own over a copy of it."""
    path = shutil.copy(empty_database, tmp_path / "tocsin.db")
    store = await Store.open(f"sqlite:///{path}")
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def site(empty_store: Store, clock: ManualClock) -> AsyncIterator[Site]:
    """The web part over an empty store."""
    async with served(empty_store, clock) as site:
        yield site
