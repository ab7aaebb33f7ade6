"""Counts follow a correction: what a mention's minute would count had it been read so from the first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import log10
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.store.intake import add_parts, teaches_parts
from daemon.store.tables import counts, mentions
from detectors.authors import MEMORY, Authors, Counted
from detectors.partition import parts_of
from detectors.risk import is_risk

_MINUTE = timedelta(minutes=1)
_NOTHING = Counted(author=False, negative=False, risk=False)

_Changes = dict[datetime, dict[str, float]]  # by minute: what is added to each column


async def amend(
    connection: AsyncConnection, mention: sa.RowMapping, *, negative: bool, now: datetime, names: Sequence[str] = ()
) -> None:
    """Have a mention count as negative or not from now on, within the caller's transaction."""
    if bool(mention["negative"]) is negative:
        return
    others = await _others(connection, mention)
    without, with_it = _counted(others), _counted([*others, mention])
    changes: _Changes = defaultdict(lambda: defaultdict(float))
    _add(changes, mention, {"negative": 1.0})
    by_part: Counter[tuple[str, datetime, str, bool]] = Counter()
    for row in [*others, mention]:
        now_as, then_as = with_it[row["id"]], without.get(row["id"], _NOTHING)
        if now_as.risk != then_as.risk:
            _add(changes, row, {"risk": 1.0}, times=now_as.risk - then_as.risk)
        if now_as.negative != then_as.negative:
            times = now_as.negative - then_as.negative
            _add(changes, row, _author_counts(row), times=times)
            _add_parts(by_part, row, names, times if negative else -times)
    await connection.execute(
        sa.update(mentions)
        .where(mentions.c.brand == mention["brand"], mentions.c.id == mention["id"])
        .values(negative=negative)
    )
    await add_parts(connection, by_part)
    for minute, columns in changes.items():
        await _write(connection, mention["brand"], minute, columns, 1 if negative else -1, now)


async def _others(connection: AsyncConnection, mention: sa.RowMapping) -> Sequence[sa.RowMapping]:
    """The author's other negative mentions that an hour's memory connects with this one."""
    if mention["author"] is None:
        return ()
    at = mention["published_at"]
    query = sa.select(mentions).where(
        mentions.c.brand == mention["brand"],
        mentions.c.author == mention["author"],
        mentions.c.id != mention["id"],
        mentions.c.negative.is_(True),
        mentions.c.published_at > at - MEMORY,
        mentions.c.published_at < at + MEMORY,
    )
    return (await connection.execute(query)).mappings().all()


def _counted(found: Sequence[sa.RowMapping]) -> dict[str, Counted]:
    """By id, what their author counts as."""
    authors = Authors()
    return {
        row["id"]: authors.see(row["author"], row["published_at"], negative=True, risk=_tells_of_harm(row))
        for row in sorted(found, key=lambda row: (row["published_at"], row["received_at"], row["id"]))
    }


def _tells_of_harm(row: sa.RowMapping) -> bool:
    return not row["late"] and is_risk(row["text"] or "", row["lang"])


def _author_counts(row: sa.RowMapping) -> dict[str, float]:
    if row["late"]:
        return {"negative_authors": 1.0}
    return {"negative_authors": 1.0, "reach": log10(1 + (row["followers"] or 0))}


def _add(changes: _Changes, row: sa.RowMapping, columns: dict[str, float], times: int = 1) -> None:
    minute = changes[_minute(row["published_at"])]
    for name, value in columns.items():
        late = "late_" if row["late"] and name in {"negative", "negative_authors"} else ""
        minute[late + name] += times * value


def _add_parts(
    changes: Counter[tuple[str, datetime, str, bool]], row: sa.RowMapping, names: Sequence[str], times: int
) -> None:
    """The author counts as negative in the mention's parts ``times`` more; in its channel they counted already."""
    if not teaches_parts(row["published_at"], row["received_at"], late=row["late"]):
        return
    minute = _minute(row["published_at"])
    channel, *others = parts_of(row["channel"], row["text"], names, negative=True)
    changes[row["brand"], minute, channel, True] += times
    for part in others:
        changes[row["brand"], minute, part, True] += times
        changes[row["brand"], minute, part, False] += times


async def _write(
    connection: AsyncConnection, brand: str, minute: datetime, columns: dict[str, float], sign: int, now: datetime
) -> None:
    values: dict[str, Any] = {"updated_at": now, "top_reach": await _top_reach(connection, brand, minute)}
    for name, value in columns.items():
        column = counts.c[name]
        changed = column + sign * (value if name == "reach" else round(value))
        values[name] = sa.case((changed < 0, 0), else_=changed)
    await connection.execute(sa.update(counts).where(counts.c.brand == brand, counts.c.minute == minute).values(values))


async def _top_reach(connection: AsyncConnection, brand: str, minute: datetime) -> float:
    reach = sa.func.coalesce(mentions.c.followers, 0) + sa.func.coalesce(mentions.c.engagement, 0)
    query = sa.select(sa.func.max(reach)).where(
        mentions.c.brand == brand,
        mentions.c.published_at >= minute,
        mentions.c.published_at < minute + _MINUTE,
        mentions.c.negative.is_(True),
        mentions.c.late.is_(False),
    )
    return log10(1 + ((await connection.execute(query)).scalar_one_or_none() or 0))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
