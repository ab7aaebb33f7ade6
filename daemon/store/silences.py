"""Silences made by hand, as rows: what is over stays, so that people can see what it hid."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from daemon.oncall.silence import Silence
from daemon.store.engine import Store
from daemon.store.tables import silences

_KEPT = 1000  # the newest of them are looked at


class Silences:
    """Written once, ended early perhaps, never removed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, silence: Silence, at: datetime) -> None:
        """Keep a new one, made ``at`` this time."""
        row = {
            "id": silence.id,
            "begins": silence.begins or at,
            "ends": silence.ends,
            "created_at": at,
            "body": msgspec.json.encode(silence),
        }
        async with self._store.write() as connection:
            await connection.execute(sa.insert(silences), row)

    async def end(self, silence_id: str, at: datetime) -> None:
        """Let it end now, unless it has ended already."""
        this = sa.and_(silences.c.id == silence_id, silences.c.ends > at)
        async with self._store.write() as connection:
            await connection.execute(sa.update(silences).where(this).values(ends=at))

    async def all(self) -> tuple[Silence, ...]:
        """The newest ones in the order in which they were made, those that are over too."""
        query = sa.select(silences).order_by(silences.c.created_at.desc(), silences.c.id).limit(_KEPT)
        async with self._store.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(
            msgspec.structs.replace(msgspec.json.decode(row["body"], type=Silence), ends=row["ends"])
            for row in reversed(rows)
        )
