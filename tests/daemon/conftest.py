"""What tests of the daemon's parts share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.stepped import TroubledStore


@pytest.fixture
async def troubled(sqlite_url: str) -> AsyncIterator[TroubledStore]:
    """A store whose next writes fail where a test says so."""
    store = await TroubledStore.open(sqlite_url)
    try:
        yield store
    finally:
        await store.close()
