"""Which mail a delivery was, for answers to it."""

from __future__ import annotations

import sqlalchemy as sa

from daemon.mail.address import Mailing
from daemon.store.engine import Store
from daemon.store.tables import deliveries

_EMAIL = "email:"


class Mailings:
    """Looks deliveries up in the outbox."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, delivery_id: str) -> Mailing | None:
        """The mail, or None where there was none of that id."""
        query = sa.select(deliveries.c.incident_id, deliveries.c.target, deliveries.c.created_at).where(
            deliveries.c.id == delivery_id, deliveries.c.target.startswith(_EMAIL)
        )
        async with self._store.read() as connection:
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            return None
        return Mailing(
            delivery_id=delivery_id,
            incident_id=row["incident_id"],
            address=row["target"].removeprefix(_EMAIL),
            at=row["created_at"],
        )
