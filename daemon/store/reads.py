"""What the API and the pages read from the store. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from daemon.model import EventKind
from daemon.store.engine import Store
from daemon.store.tables import counts, deliveries, gaps, incidents, mentions, rejected, tallies, timeline

_EPOCH_MS = sa.BigInteger()  # times are stored as milliseconds


class StepCount(msgspec.Struct, frozen=True, kw_only=True):
    """Mentions of one step of a series."""

    mentions: int = 0
    negative: int = 0
    negative_authors: int = 0


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch in which a source was blind; ``until`` is None while it still is."""

    source: str
    since: datetime
    until: datetime | None
    reason: str


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """A kept rejection."""

    id: int
    at: datetime
    source: str
    topic: str | None
    brand: str | None
    index: int | None
    reason: str
    payload: bytes


class IncidentRow(msgspec.Struct, frozen=True, kw_only=True):
    """An incident in figures, with when it was first acknowledged and answered in public."""

    id: str
    brand: str
    kind: str
    severity: str
    state: str
    opened_at: datetime
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    first_update_at: datetime | None


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A mention as the clocks of those who wait need it."""

    id: str
    channel: str
    thread: str | None
    text: str | None  # None: erased
    author: str | None
    at: datetime


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """A posted update, with when its incident began."""

    channel: str | None
    since: datetime
    at: datetime


class Reads:
    """Queries over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def check(self) -> str:
        """Whether the store answers. Raises ``StoreError``."""
        return await self._store.check()

    async def step_counts(
        self, brand: str, begin: datetime, end: datetime, step: timedelta
    ) -> dict[datetime, StepCount]:
        """Counts of every step from ``begin`` to before ``end`` that had any mention."""
        start, width = int(begin.timestamp() * 1000), step // timedelta(milliseconds=1)
        number = (sa.type_coerce(counts.c.minute, _EPOCH_MS) - start) // width
        query = (
            sa.select(
                number,
                sa.func.sum(counts.c.mentions),
                sa.func.sum(counts.c.negative),
                sa.func.sum(counts.c.negative_authors),
            )
            .where(counts.c.brand == brand, counts.c.minute >= begin, counts.c.minute < end)
            .group_by(number)
        )
        async with self._store.read() as connection:
            rows = (await connection.execute(query)).all()
        return {
            begin + int(n) * step: StepCount(mentions=int(all_), negative=int(negative), negative_authors=int(authors))
            for n, all_, negative, authors in rows
        }

    async def gaps(self, begin: datetime, end: datetime) -> list[Gap]:
        """Stretches of blindness that touch the time from ``begin`` to before ``end``."""
        query = (
            sa.select(gaps.c.source, gaps.c.since, gaps.c.until, gaps.c.reason)
            .where(gaps.c.since < end, sa.or_(gaps.c.until.is_(None), gaps.c.until > begin))
            .order_by(gaps.c.since)
        )
        async with self._store.read() as connection:
            return [Gap(**row) for row in (await connection.execute(query)).mappings()]

    async def rejected(self, limit: int, before: int | None = None) -> list[Rejected]:
        """Kept rejections, newest first; ``before`` is an id."""
        query = sa.select(rejected).order_by(rejected.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(rejected.c.id < before)
        async with self._store.read() as connection:
            return [Rejected(**row) for row in (await connection.execute(query)).mappings()]

    async def tallies(self, begin: datetime, end: datetime) -> dict[tuple[str, str], int]:
        """Mentions by (brand, outcome) in the hours from ``begin``'s to before ``end``."""
        first = begin.replace(minute=0, second=0, microsecond=0)
        query = (
            sa.select(tallies.c.brand, tallies.c.outcome, sa.func.sum(tallies.c.n))
            .where(tallies.c.hour >= first, tallies.c.hour < end)
            .group_by(tallies.c.brand, tallies.c.outcome)
        )
        async with self._store.read() as connection:
            return {(brand, outcome): int(n) for brand, outcome, n in await connection.execute(query)}

    async def incident_rows(self, begin: datetime, end: datetime, *, without: Sequence[str] = ()) -> list[IncidentRow]:
        """Incidents opened from ``begin`` to before ``end``, oldest first, ``without`` some."""
        query = (
            sa.select(
                incidents.c.id,
                incidents.c.brand,
                incidents.c.kind,
                incidents.c.severity,
                incidents.c.state,
                incidents.c.opened_at,
                incidents.c.resolved_at,
                _first(EventKind.ACKNOWLEDGED).label("acknowledged_at"),
                _first(EventKind.UPDATE_POSTED).label("first_update_at"),
            )
            .where(incidents.c.opened_at >= begin, incidents.c.opened_at < end, incidents.c.id.not_in(without))
            .order_by(incidents.c.opened_at)
        )
        async with self._store.read() as connection:
            return [IncidentRow(**row) for row in (await connection.execute(query)).mappings()]

    async def event_counts(
        self, begin: datetime, end: datetime, kinds: Sequence[EventKind], *, without: Sequence[str] = ()
    ) -> dict[str, int]:
        """How many timeline events of each kind fell between ``begin`` and ``end``, ``without`` some incidents'."""
        query = (
            sa.select(timeline.c.kind, sa.func.count())
            .where(timeline.c.at >= begin, timeline.c.at < end, timeline.c.kind.in_([kind.value for kind in kinds]))
            .where(timeline.c.incident_id.not_in(without))
            .group_by(timeline.c.kind)
        )
        async with self._store.read() as connection:
            found = {kind: int(n) for kind, n in await connection.execute(query)}
        return {kind.value: found.get(kind.value, 0) for kind in kinds}

    async def asking(
        self, brand: str, begin: datetime, end: datetime, *, mail: Sequence[str], most: int
    ) -> list[Written]:
        """What may wait for an answer, newest first, at most ``most``: in a thread, with an @ or a ?, or by mail."""
        text = mentions.c.text
        wanted = sa.or_(
            mentions.c.thread.is_not(None),
            text.contains("?", autoescape=True),
            text.contains("@", autoescape=True),
            mentions.c.channel.in_(mail),
        )
        query = _written(brand, begin, end).where(wanted).order_by(mentions.c.published_at.desc()).limit(most)
        async with self._store.read() as connection:
            return [Written(**row) for row in (await connection.execute(query)).mappings()]

    async def by_authors(self, brand: str, authors: Sequence[str], begin: datetime, end: datetime) -> list[Written]:
        """What these authors wrote in threads, oldest first."""
        query = _written(brand, begin, end).where(mentions.c.author.in_(authors), mentions.c.thread.is_not(None))
        async with self._store.read() as connection:
            rows = (await connection.execute(query.order_by(mentions.c.published_at))).mappings()
            return [Written(**row) for row in rows]

    async def updates(self, brand: str, begin: datetime, end: datetime) -> list[Update]:
        """What was posted during the brand's incidents from ``begin`` to before ``end``, oldest first."""
        query = (
            sa.select(timeline.c.at, timeline.c.data, incidents.c.body)
            .join(incidents, incidents.c.id == timeline.c.incident_id)
            .where(incidents.c.brand == brand, timeline.c.kind == EventKind.UPDATE_POSTED.value)
            .where(timeline.c.at >= begin, timeline.c.at < end)
            .order_by(timeline.c.at)
        )
        async with self._store.read() as connection:
            return [
                Update(
                    channel=msgspec.json.decode(data).get("channel"),
                    since=msgspec.json.decode(body, type=_Onset).onset_at,
                    at=at,
                )
                for at, data, body in await connection.execute(query)
            ]

    async def delivery_counts(
        self, begin: datetime, end: datetime, *, without: Sequence[str] = ()
    ) -> dict[str, dict[str, int]]:
        """Messages decided between ``begin`` and ``end``, ``without`` some incidents', by notifier and state."""
        query = (
            sa.select(deliveries.c.notifier, deliveries.c.state, sa.func.count())
            .where(deliveries.c.created_at >= begin, deliveries.c.created_at < end)
            .where(deliveries.c.incident_id.not_in(without))
            .group_by(deliveries.c.notifier, deliveries.c.state)
            .order_by(deliveries.c.notifier, deliveries.c.state)
        )
        out: dict[str, dict[str, int]] = {}
        async with self._store.read() as connection:
            for notifier, state, n in await connection.execute(query):
                out.setdefault(notifier, {})[state] = int(n)
        return out


class _Onset(msgspec.Struct):
    """Of an incident's record, when it began."""

    onset_at: datetime


def _written(brand: str, begin: datetime, end: datetime) -> sa.Select[tuple[str, str, str, str, str, datetime]]:
    columns = (mentions.c.id, mentions.c.channel, mentions.c.thread, mentions.c.text, mentions.c.author)
    return sa.select(*columns, mentions.c.published_at.label("at")).where(
        mentions.c.brand == brand,
        mentions.c.published_at >= begin,
        mentions.c.published_at < end,
        mentions.c.learned.is_(False),
    )


def _first(kind: EventKind) -> sa.ScalarSelect[datetime]:
    """When the incident of the row had its first event of ``kind``."""
    return (
        sa.select(sa.func.min(timeline.c.at))
        .where(timeline.c.incident_id == incidents.c.id, timeline.c.kind == kind.value)
        .scalar_subquery()
    )
