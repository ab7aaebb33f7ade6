"""A sample of mentions that nobody flagged, for checking: who corrects only what was flagged teaches one side."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from daemon.model import Label
from daemon.store.engine import Store
from daemon.store.tables import mentions

SHARE = 0.05  # of the unflagged mentions
_LOOKED_AT = 20_000  # newest mentions of the brand
_CHUNK = 400  # parameters of one IN (…)


class Sampled(msgspec.Struct, frozen=True, kw_only=True):
    """A mention to be checked."""

    id: str
    channel: str
    text: str
    author: str | None
    url: str | None
    lang: str
    published_at: datetime
    p_negative: float


def sampled(brand: str, mention_id: str) -> bool:
    """Whether a mention belongs to the sample: by its id alone, so it stays in it."""
    digest = hashlib.sha256(f"{brand}\n{mention_id}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8]) < SHARE * 2**64


class Samples:
    """Finds what is left to be checked, and what has been."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def unchecked(self, brand: str, limit: int) -> list[Sampled]:
        """The newest mentions of the sample that are not negative by our own reading and that nobody has checked."""
        ours = (
            mentions.c.brand == brand,
            mentions.c.negative.is_(False),
            mentions.c.corrected.is_(None),
            mentions.c.sentiment.is_(None),
            mentions.c.text.is_not(None),
        )
        newest = sa.select(mentions.c.id).where(*ours).order_by(mentions.c.published_at.desc(), mentions.c.id)
        found: list[str] = []
        async with self._store.read() as connection:
            ids = (await connection.execute(newest.limit(_LOOKED_AT))).scalars()
            for mention_id in ids:
                if sampled(brand, mention_id):
                    found.append(mention_id)
                    if len(found) == limit:
                        break
            rows: dict[str, Sampled] = {}
            columns = [mentions.c[field] for field in Sampled.__struct_fields__]
            for start in range(0, len(found), _CHUNK):
                query = sa.select(*columns).where(*ours, mentions.c.id.in_(found[start : start + _CHUNK]))
                rows |= {row["id"]: Sampled(**row) for row in (await connection.execute(query)).mappings()}
        return [rows[mention_id] for mention_id in found if mention_id in rows]

    async def said(self, brand: str, ids: Sequence[str]) -> dict[str, Label]:
        """What moderators have said of these mentions."""
        query = sa.select(mentions.c.id, mentions.c.corrected).where(
            mentions.c.brand == brand, mentions.c.id.in_(ids), mentions.c.corrected.is_not(None)
        )
        async with self._store.read() as connection:
            return {mention_id: Label(corrected) for mention_id, corrected in await connection.execute(query)}
