"""A moderator's corrections: the log from which the classifier learns."""

from __future__ import annotations

import sqlalchemy as sa

from daemon.clock import Clock
from daemon.errors import NotFound
from daemon.model import Label
from daemon.store.engine import Store
from daemon.store.tables import corrections, mentions


class Corrections:
    """Keeps what moderators say of mentions."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def correct(self, brand: str, mention_id: str, label: Label, *, actor: str) -> None:
        """Record that the mention is ``label``; the last word counts.

        Raises ``NotFound``.
        """
        async with self._store.write() as connection:
            changed = await connection.execute(
                sa.update(mentions)
                .where(mentions.c.brand == brand, mentions.c.id == mention_id)
                .values(corrected=label.value)
            )
            if changed.rowcount == 0:
                raise NotFound(f"no mention with this id of the brand {brand}")
            await connection.execute(
                sa.insert(corrections).values(
                    at=self._clock.now(), brand=brand, mention_id=mention_id, sentiment=label.value, actor=actor
                )
            )
