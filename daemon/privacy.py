"""Forgetting: texts and authors after their time, and one person everywhere. Counts and chains stay."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.model import Incident
from daemon.store.engine import Store
from daemon.store.tables import incidents, mentions, rejected

_NO_PERSON = {"text": None, "author": None, "author_name": None, "url": None, "thread": None}


async def forget_before(store: Store, at: datetime) -> int:
    """Erase texts and authors published before ``at``; tells of how many mentions."""
    async with store.write() as connection:
        result = await connection.execute(
            sa.update(mentions)
            .where(mentions.c.published_at < at, sa.or_(mentions.c.text.is_not(None), mentions.c.author.is_not(None)))
            .values(_NO_PERSON)
        )
        await connection.execute(sa.delete(rejected).where(rejected.c.at < at))
        ended = sa.select(incidents.c.body).where(incidents.c.resolved_at < at)
        for body in (await connection.execute(ended)).scalars().all():
            incident = msgspec.json.decode(body, type=Incident)
            if incident.evidence.examples:
                await _save(connection, replace(incident, evidence=replace(incident.evidence, examples=())))
    return int(result.rowcount)


async def erase_author(store: Store, brand: str, author: str) -> int:
    """Erase a person's texts and name from mentions, incidents and rejections; tells of how many mentions."""
    async with store.write() as connection:
        ids = set(
            (
                await connection.execute(
                    sa.select(mentions.c.id).where(mentions.c.brand == brand, mentions.c.author == author)
                )
            ).scalars()
        )
        await connection.execute(
            sa.update(mentions).where(mentions.c.brand == brand, mentions.c.author == author).values(_NO_PERSON)
        )
        shown = (await connection.execute(sa.select(incidents.c.body).where(incidents.c.brand == brand))).scalars()
        for body in shown.all():
            incident = msgspec.json.decode(body, type=Incident)
            kept = tuple(
                example for example in incident.evidence.examples if example.author != author and example.id not in ids
            )
            if len(kept) < len(incident.evidence.examples):
                await _save(connection, replace(incident, evidence=replace(incident.evidence, examples=kept)))
        bad = await connection.execute(sa.select(rejected.c.id, rejected.c.payload))
        theirs = [row_id for row_id, payload in bad if author.encode() in payload]
        if theirs:
            await connection.execute(sa.update(rejected).where(rejected.c.id.in_(theirs)).values(payload=b""))
    await store.compact()
    return len(ids)


async def _save(connection: AsyncConnection, incident: Incident) -> None:
    await connection.execute(
        sa.update(incidents).where(incidents.c.id == incident.id).values(body=msgspec.json.encode(incident))
    )
