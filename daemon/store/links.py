"""Signed links already used, so that each acts once."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.clock import Clock
from daemon.store.engine import Store
from daemon.store.tables import acting_links
from daemon.store.upsert import upsert


class UsedLinks:
    """Remembers which links have acted, by the delivery that carried them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def contains(self, delivery_id: str) -> bool:
        """Whether that link has acted already."""
        query = sa.select(acting_links.c.nonce).where(acting_links.c.nonce == delivery_id)
        async with self._store.read() as connection:
            return (await connection.execute(query)).first() is not None

    async def add(self, delivery_id: str) -> None:
        """Remember that it has acted; once more does no harm."""
        async with self._store.write() as connection:
            await self.use(connection, delivery_id)

    async def use(self, connection: AsyncConnection, nonce: str) -> None:
        """The same, in the caller's transaction."""
        await upsert(connection, acting_links, [{"nonce": nonce, "used_at": self._clock.now()}], ("nonce",), {})
