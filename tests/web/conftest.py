"""The web part, served."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from daemon.clock import ManualClock
from daemon.store.engine import Store
from tests.fakes.site import Site, served


@pytest.fixture
async def site(sqlite_store: Store, clock: ManualClock) -> AsyncIterator[Site]:
    """The web part over an empty store."""
    async with served(sqlite_store, clock) as site:
        yield site
