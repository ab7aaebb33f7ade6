"""Signed links already used, so that each acts once."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from daemon.clock import Clock
from daemon.store.engine import Store
from daemon.store.tables import acting_links


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
        try:
            async with self._store.write() as connection:
                await connection.execute(sa.insert(acting_links).values(nonce=delivery_id, used_at=self._clock.now()))
        except IntegrityError:
            return
