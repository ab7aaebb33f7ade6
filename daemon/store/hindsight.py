"""What the store knows of a stretch of a brand's past, as those who explain it ask."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from daemon.model import Tick
from daemon.store.counts import ticks_of
from daemon.store.engine import Store
from daemon.store.tables import counts, gaps, mentions


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """What was written in a stretch of time. Authors count once an hour."""

    mentions: int  # on time
    negative: int
    authors: int
    negative_authors: int
    top_reach: float  # decades of readers of the farthest-reaching negative mention
    late_negative: int  # came more than detection.late_after behind: teaches, opens nothing
    learned_negative: int  # of history that was taught
    unseen_negative: int  # had not arrived yet when the stretch was over


class Mark(msgspec.Struct, frozen=True):
    """Changes whenever anything changes that the detectors would have seen."""

    counts: tuple[int, ...]  # how many minutes, and what they add up to
    changed: datetime | None
    gaps: tuple[tuple[datetime, datetime | None], ...]


class Hindsight:
    """Queries over the past of a brand. Nothing here writes."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def mark(self, brand: str, since: datetime, until: datetime) -> Mark:
        """The state of everything from ``since`` to before ``until``, and of every gap before that."""
        columns = (counts.c.mentions, counts.c.negative, counts.c.late_mentions, counts.c.late_negative)
        figures = sa.select(
            sa.func.max(counts.c.updated_at),
            sa.func.count(),
            *(sa.func.coalesce(sa.func.sum(column), 0) for column in columns),
        ).where(counts.c.brand == brand, counts.c.minute >= since, counts.c.minute < until)
        blind = sa.select(gaps.c.since, gaps.c.until).where(gaps.c.since < until).order_by(gaps.c.since)
        async with self.store.read() as connection:
            changed, *numbers = (await connection.execute(figures)).one()
            found = tuple((row.since, row.until) for row in await connection.execute(blind))
        return Mark(tuple(int(number) for number in numbers), changed, found)

    async def ticks(self, brand: str, begin: datetime, end: datetime, at: datetime) -> list[Tick]:
        """Minutes from ``begin`` to before ``end`` with any mention, as a watch that starts ``at`` takes them."""
        where = sa.and_(counts.c.brand == brand, counts.c.minute >= begin, counts.c.minute < end)
        async with self.store.read() as connection:
            return (await ticks_of(connection, where, at)).get(brand, [])

    async def next_minute(self, brand: str, begin: datetime) -> datetime | None:
        """The first minute from ``begin`` on that had any mention."""
        query = sa.select(sa.func.min(counts.c.minute)).where(counts.c.brand == brand, counts.c.minute >= begin)
        async with self.store.read() as connection:
            minute: datetime | None = (await connection.execute(query)).scalar_one_or_none()
            return minute

    async def stretch(self, brand: str, begin: datetime, end: datetime, seen_by: datetime) -> Stretch:
        """What was written from the minute ``begin`` to before the minute ``end``, as known now.

        ``seen_by``: what was received after that had not been seen then.
        """
        sums = sa.select(
            *(
                sa.func.coalesce(sa.func.sum(column), 0)
                for column in (counts.c.mentions, counts.c.negative, counts.c.authors, counts.c.negative_authors)
            ),
            sa.func.coalesce(sa.func.max(counts.c.top_reach), 0.0),
        ).where(counts.c.brand == brand, counts.c.minute >= begin, counts.c.minute < end)
        kinds = (
            sa.and_(mentions.c.late.is_(True), mentions.c.learned.is_(False)),
            mentions.c.learned.is_(True),
            sa.and_(mentions.c.late.is_(False), mentions.c.received_at > seen_by),
        )
        tally = sa.select(*(sa.func.coalesce(sa.func.sum(sa.case((kind, 1), else_=0)), 0) for kind in kinds)).where(
            mentions.c.brand == brand,
            mentions.c.published_at >= begin,
            mentions.c.published_at < end,
            mentions.c.negative.is_(True),
        )
        async with self.store.read() as connection:
            figures = (await connection.execute(sums)).one()
            late, learned, unseen = (await connection.execute(tally)).one()
        return Stretch(
            mentions=int(figures[0]),
            negative=int(figures[1]),
            authors=int(figures[2]),
            negative_authors=int(figures[3]),
            top_reach=float(figures[4]),
            late_negative=int(late),
            learned_negative=int(learned),
            unseen_negative=int(unseen),
        )

    async def worst(self, brand: str, begin: datetime, end: datetime) -> tuple[int, float]:
        """How many wrote of what is never normal from ``begin`` to before ``end``, and the farthest reach."""
        query = sa.select(
            sa.func.coalesce(sa.func.sum(counts.c.risk), 0), sa.func.coalesce(sa.func.max(counts.c.top_reach), 0.0)
        ).where(counts.c.brand == brand, counts.c.minute >= begin, counts.c.minute < end)
        async with self.store.read() as connection:
            risk, far = (await connection.execute(query)).one()
            return int(risk), float(far)
