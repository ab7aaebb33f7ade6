"""Counts, snapshots of detectors, and stretches of blindness, as the watch reads and writes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.model import Tick
from daemon.store.engine import Store
from daemon.store.intake import EVIDENCE_REACHES
from daemon.store.tables import counts, gaps, mentions, monitors, parts
from daemon.store.upsert import upsert

SHORTEST_GAP = timedelta(seconds=60)  # a shorter one leaves no minute unseen


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What a brand's detectors knew ``at`` some time, up to ``minute``."""

    brand: str
    at: datetime
    minute: datetime
    state: bytes | None  # None: to be built anew from the counts


Parts = dict[str, tuple[int, int]]  # negative and all authors


def tick_of(row: sa.RowMapping, now: datetime, of_parts: Parts | None = None) -> Tick:
    """A row as the detectors see it: what came late counts as late for as long as it could be evidence."""
    late = {name: row[f"late_{name}"] for name in ("mentions", "negative", "authors", "negative_authors")}
    seen = {name: row[name] for name in late}
    if row["minute"] < now - EVIDENCE_REACHES:  # too old to open anything: on time or late, it teaches alike
        seen = {name: seen[name] + late[name] for name in late}
        late = dict.fromkeys(late, 0)
    return Tick(
        at=row["minute"],
        reach=row["reach"],
        top_reach=row["top_reach"],
        risk=row["risk"],
        parts=of_parts or {},
        **seen,
        **{f"late_{name}": value for name, value in late.items()},
    )


async def ticks_of(connection: AsyncConnection, where: sa.ColumnElement[bool], now: datetime) -> dict[str, list[Tick]]:
    """By brand: the ticks of the counts that ``where`` picks, in the order of minutes."""
    ours = sa.and_(parts.c.brand == counts.c.brand, parts.c.minute == counts.c.minute)
    split = sa.select(parts).join(counts, ours).where(where).order_by(parts.c.part)
    by_minute: defaultdict[tuple[str, datetime], Parts] = defaultdict(dict)
    for brand, minute, part, negative, everyone in await connection.execute(split):
        by_minute[brand, minute][part] = (negative, everyone)
    query = sa.select(counts).where(where).order_by(counts.c.brand, counts.c.minute)
    ticks: dict[str, list[Tick]] = {}
    for row in (await connection.execute(query)).mappings():
        tick = tick_of(row, now, by_minute.get((row["brand"], row["minute"])))
        ticks.setdefault(row["brand"], []).append(tick)
    return ticks


class Counts:
    """Reads counts as ticks."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def changed(self, since: datetime, minute: datetime, now: datetime) -> dict[str, list[Tick]]:
        """By brand: ticks changed since a time, or of ``minute`` and later; in the order of minutes."""
        changed = sa.or_(counts.c.updated_at >= since, counts.c.minute >= minute)
        async with self._store.read() as connection:
            return await ticks_of(connection, sa.and_(changed, counts.c.minute <= now), now)

    async def history(self, brand: str, now: datetime) -> list[Tick]:
        """Every tick of a brand up to now that has any mention, in order."""
        async with self._store.read() as connection:
            ticks = await ticks_of(connection, sa.and_(counts.c.brand == brand, counts.c.minute <= now), now)
        return ticks.get(brand, [])

    async def next_minute(self, brand: str, after: datetime) -> datetime | None:
        """The first minute after ``after`` with any mention."""
        query = sa.select(sa.func.min(counts.c.minute)).where(counts.c.brand == brand, counts.c.minute > after)
        async with self._store.read() as connection:
            minute: datetime | None = (await connection.execute(query)).scalar_one_or_none()
            return minute

    async def worst_since(self, brand: str, since: datetime) -> tuple[int, float]:
        """How many wrote on time of what is never normal, and the farthest reach, from the minute of ``since``."""
        query = sa.select(
            sa.func.coalesce(sa.func.sum(counts.c.risk), 0), sa.func.coalesce(sa.func.max(counts.c.top_reach), 0.0)
        ).where(counts.c.brand == brand, counts.c.minute >= since.replace(second=0, microsecond=0))
        async with self._store.read() as connection:
            risk, top_reach = (await connection.execute(query)).one()
            return int(risk), float(top_reach)

    async def authors_since(self, brand: str, since: datetime, now: datetime) -> int:
        """Distinct authors of on-time negative mentions after ``since``."""
        query = sa.select(sa.func.count(sa.distinct(sa.func.coalesce(mentions.c.author, mentions.c.id)))).where(
            mentions.c.brand == brand,
            mentions.c.published_at > since,
            mentions.c.published_at <= now,
            mentions.c.negative.is_(True),
            mentions.c.late.is_(False),
        )
        async with self._store.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def snapshots(self) -> dict[str, Snapshot]:
        """The newest snapshot of each brand."""
        async with self._store.read() as connection:
            rows = (await connection.execute(sa.select(monitors))).mappings()
            return {row["brand"]: Snapshot(**row) for row in rows}

    async def outdated(self) -> set[str]:
        """Brands whose past was taught anew."""
        async with self._store.read() as connection:
            rows = await connection.execute(sa.select(monitors.c.brand).where(monitors.c.state.is_(None)))
            return set(rows.scalars())

    async def forget_monitors(self, brands: Sequence[str], now: datetime) -> None:
        """Have the monitors of ``brands`` built anew from the counts."""
        rows = [{"brand": brand, "at": now, "minute": now, "state": None} for brand in brands]
        async with self._store.write() as connection:
            await upsert(connection, monitors, rows, ("brand",), {"state": None})

    async def save(self, snapshots: Sequence[Snapshot], *, rebuilt: bool = False) -> None:
        """Keep snapshots in place of the older ones; what is to be built anew stays so until it was ``rebuilt``."""
        rows = [msgspec.structs.asdict(snapshot) for snapshot in snapshots]
        if rows:
            change = None if rebuilt else _unless_outdated
            async with self._store.write() as connection:
                await upsert(connection, monitors, rows, ("brand",), dict.fromkeys(("at", "minute", "state"), change))


def _unless_outdated(present: sa.ColumnElement[Any], given: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case((monitors.c.state.is_(None), present), else_=given)


class Gaps:
    """When a source was blind."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: list[tuple[datetime, datetime | None]] = []

    async def load(self, since: datetime) -> None:
        """Read the gaps that end after ``since``."""
        query = sa.select(gaps.c.since, gaps.c.until).where(sa.or_(gaps.c.until.is_(None), gaps.c.until > since))
        async with self._store.read() as connection:
            self._known = [(begin, end) for begin, end in await connection.execute(query)]

    def covered(self, minute: datetime, now: datetime) -> bool:
        """Whether every source was delivering in the minute."""
        after = minute + timedelta(minutes=1)
        return not any(
            begin < after and (end is None or end > minute) and (end or now) - begin >= SHORTEST_GAP
            for begin, end in self._known
        )

    def seeing_since(self, now: datetime) -> datetime | None:
        """When the newest gap ended: ``now`` while a source is blind, None where none is known."""
        ends = (end or now for begin, end in self._known if end is None or end - begin >= SHORTEST_GAP)
        return max(ends, default=None)

    async def began(self, source: str, at: datetime, reason: str) -> None:
        """The source stopped delivering."""
        async with self._store.write() as connection:
            open_gap = sa.select(gaps.c.since).where(gaps.c.source == source, gaps.c.until.is_(None))
            if (await connection.execute(open_gap)).first() is None:
                row = {"source": source, "since": at, "until": None, "reason": reason[:500]}
                await upsert(connection, gaps, [row], ("source", "since"), {"until": None})

    async def ended(self, source: str, at: datetime) -> None:
        """The source delivers again."""
        async with self._store.write() as connection:
            await connection.execute(
                sa.update(gaps).where(gaps.c.source == source, gaps.c.until.is_(None)).values(until=at)
            )

    async def add(self, source: str, since: datetime, until: datetime, reason: str) -> None:
        """Write down a gap that is over."""
        row = {"source": source, "since": since, "until": until, "reason": reason}
        async with self._store.write() as connection:
            await upsert(connection, gaps, [row], ("source", "since"), {"until": None})
