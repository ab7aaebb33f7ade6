"""Forgetting: texts and authors after their time, and one person everywhere. Counts and chains stay."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.model import Example, Incident
from daemon.store.engine import Store
from daemon.store.tables import incidents, mentions, parts, rejected

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
        await connection.execute(sa.delete(parts).where(parts.c.minute < at))
        older = sa.select(incidents.c.body).where(incidents.c.opened_at < at).with_for_update()
        for body in (await connection.execute(older)).scalars().all():
            incident = msgspec.json.decode(body, type=Incident)
            await _keep(connection, incident, [one for one in incident.evidence.examples if one.published_at >= at])
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
        shown = sa.select(incidents.c.body).where(incidents.c.brand == brand).with_for_update()
        for body in (await connection.execute(shown)).scalars().all():
            incident = msgspec.json.decode(body, type=Incident)
            examples = incident.evidence.examples
            await _keep(connection, incident, [one for one in examples if one.author != author and one.id not in ids])
        written = {json.dumps(author, ensure_ascii=escaped)[1:-1].encode() for escaped in (True, False)}
        written.add(author.encode())
        bad = await connection.execute(sa.select(rejected.c.id, rejected.c.payload))
        theirs = [row_id for row_id, payload in bad if any(name in payload for name in written)]
        if theirs:
            await connection.execute(sa.update(rejected).where(rejected.c.id.in_(theirs)).values(payload=b""))
    await store.compact()
    return len(ids)


async def _keep(connection: AsyncConnection, incident: Incident, examples: Sequence[Example]) -> None:
    """Leave only these examples with the incident."""
    if len(examples) < len(incident.evidence.examples):
        changed = replace(incident, evidence=replace(incident.evidence, examples=tuple(examples)))
        await connection.execute(
            sa.update(incidents).where(incidents.c.id == incident.id).values(body=msgspec.json.encode(changed))
        )
