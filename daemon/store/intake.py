"""One transaction that takes mentions in: dedupe, store, count, tally, and keep what was rejected."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import log10
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.model import Mention, Rejection, ScoredMention
from daemon.store.tables import counts, mentions, parts, rejected, tallies
from daemon.store.upsert import add, larger, upsert
from detectors.authors import MEMORY, Authors, Counted
from detectors.partition import parts_of
from detectors.risk import is_risk

EVIDENCE_REACHES = timedelta(hours=6)  # older counts can no longer be evidence, only teach
_EARLIEST = datetime(1, 1, 1, 1, tzinfo=UTC)  # no time can be much before it
_CHUNK = 400  # parameters of one IN (…)


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What a source hands over at once."""

    source: str
    items: tuple[Mention | Rejection, ...]
    learned: bool = False  # history: it teaches, and opens nothing


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch."""

    accepted: int
    duplicates: int
    rejected: int


Tally = Counter[tuple[str, str, str]]  # (brand, source, outcome) → how many


async def write(
    connection: AsyncConnection,
    batches: Sequence[Batch],
    scored: Sequence[list[ScoredMention]],
    *,
    now: datetime,
    names: Mapping[str, Sequence[str]] | None = None,
) -> tuple[list[Outcome], Tally]:
    """Store and count batches within the caller's transaction; ``names``: to be counted apart, by brand."""
    await take_turn(connection, {item.mention.brand for group in scored for item in group})
    known = await _known(connection, [item.mention for group in scored for item in group])
    outcomes: list[Outcome] = []
    fresh: list[tuple[str, bool, ScoredMention]] = []
    tally: Tally = Counter()
    rejections: list[tuple[str, Rejection]] = []
    for batch, group in zip(batches, scored, strict=True):
        accepted = 0
        for item in group:
            key = (item.mention.brand, item.mention.id)
            if key in known:
                tally[item.mention.brand, batch.source, "duplicates"] += 1
                continue
            known.add(key)
            accepted += 1
            fresh.append((batch.source, batch.learned, item))
            if batch.learned:  # history is no news
                continue
            tally[item.mention.brand, batch.source, "accepted"] += 1
            tally[item.mention.brand, batch.source, "late"] += item.late
            tally[item.mention.brand, batch.source, "clamped"] += item.mention.clamped
        bad = [item for item in batch.items if isinstance(item, Rejection)]
        rejections += [(batch.source, rejection) for rejection in bad]
        for rejection in bad:
            tally[rejection.brand or "", batch.source, "rejected"] += 1
        outcomes.append(Outcome(accepted=accepted, duplicates=len(group) - accepted, rejected=len(bad)))
    tally = +tally
    if fresh:
        await _count(connection, [item for _, _, item in fresh], now, names or {})
        await connection.execute(sa.insert(mentions), [_row(*entry) for entry in fresh])
    if rejections:
        await connection.execute(sa.insert(rejected), [_rejected_row(source, item) for source, item in rejections])
    if tally:
        hour = now.replace(minute=0, second=0, microsecond=0)
        rows = [
            {"hour": hour, "brand": brand, "source": source, "outcome": outcome, "n": n}
            for (brand, source, outcome), n in sorted(tally.items())
        ]
        await upsert(connection, tallies, rows, ("hour", "brand", "source", "outcome"), {"n": add})
    return outcomes, tally


async def take_turn(connection: AsyncConnection, brands: Iterable[str]) -> None:
    """Of several workers one at a time counts a brand, until its transaction ends."""
    if connection.dialect.name == "postgresql":
        for brand in sorted(brands):
            lock = sa.func.hashtextextended(brand, 0)
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))


async def _known(connection: AsyncConnection, found: Iterable[Mention]) -> set[tuple[str, str]]:
    """Which of these are stored already."""
    by_brand: dict[str, list[str]] = defaultdict(list)
    for mention in found:
        by_brand[mention.brand].append(mention.id)
    known: set[tuple[str, str]] = set()
    for brand, ids in by_brand.items():
        for chunk in _chunks(ids):
            query = sa.select(mentions.c.id).where(mentions.c.brand == brand, mentions.c.id.in_(chunk))
            known |= {(brand, found_id) for found_id in (await connection.execute(query)).scalars()}
    return known


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


class _Seen(NamedTuple):
    """What the fold over authors sees of a mention; ``item`` where it is to be counted."""

    brand: str
    author: str | None
    at: datetime
    negative: bool
    risk: bool
    item: ScoredMention | None = None


async def _count(
    connection: AsyncConnection, items: list[ScoredMention], now: datetime, names: Mapping[str, Sequence[str]]
) -> None:
    fresh = [_seen(item) for item in sorted(items, key=lambda item: (item.mention.published_at, item.mention.id))]
    past = await _past(connection, fresh)
    rows: dict[tuple[str, datetime], dict[str, Any]] = {}
    by_part: Counter[tuple[str, datetime, str, bool]] = Counter()
    authors: defaultdict[str, Authors] = defaultdict(Authors)
    for seen in sorted([*past, *fresh], key=lambda seen: seen.at):
        counted = authors[seen.brand].see(seen.author, seen.at, negative=seen.negative, risk=seen.risk)
        item = seen.item
        if item is None:
            continue
        mention = item.mention
        minute = mention.published_at.replace(second=0, microsecond=0)
        row = rows.setdefault((mention.brand, minute), _no_counts(mention.brand, minute, now))
        if teaches_parts(mention.published_at, mention.received_at, late=item.late):
            for part, negative in _parts(item, names.get(mention.brand, ()), counted):
                by_part[mention.brand, minute, part, negative] += 1
        late = "late_" if item.late else ""
        row[f"{late}mentions"] += 1
        row[f"{late}negative"] += item.negative
        row[f"{late}authors"] += counted.author
        row[f"{late}negative_authors"] += counted.negative
        row["risk"] += counted.risk
        if counted.negative and not item.late:
            row["reach"] += log10(1 + (mention.followers or 0))
        if item.negative and not item.late:
            row["top_reach"] = max(row["top_reach"], log10(1 + (mention.followers or 0) + (mention.engagement or 0)))
    changes = dict.fromkeys(_SUMS, add) | {"top_reach": larger, "updated_at": None}
    await upsert(connection, counts, list(rows.values()), ("brand", "minute"), changes)

    await add_parts(connection, by_part)


def teaches_parts(published_at: datetime, received_at: datetime, *, late: bool) -> bool:
    """Whether a mention counts in its parts: on time, or too old to be evidence of anything."""
    return not late or received_at - published_at > EVIDENCE_REACHES


def _parts(item: ScoredMention, names: Sequence[str], counted: Counted) -> Iterable[tuple[str, bool]]:
    """The parts in which an author is new, and those in which they are new as negative (True)."""
    mention = item.mention
    channel, *others = parts_of(mention.channel, mention.text, names, negative=counted.negative)
    if counted.author:
        yield channel, False
    if counted.negative:
        yield channel, True
        for part in others:
            yield part, False
            yield part, True


async def add_parts(connection: AsyncConnection, changes: Mapping[tuple[str, datetime, str, bool], int]) -> None:
    """Add authors to parts: by brand, minute, part, and whether they are negative ones."""
    keys = sorted({key[:3] for key in changes})
    rows = [
        {
            "brand": brand,
            "minute": minute,
            "part": part,
            "negative_authors": changes.get((brand, minute, part, True), 0),
            "authors": changes.get((brand, minute, part, False), 0),
        }
        for brand, minute, part in keys
    ]
    if rows:
        await upsert(connection, parts, rows, ("brand", "minute", "part"), {"negative_authors": add, "authors": add})


_SUMS = (
    *("mentions", "negative", "authors", "negative_authors"),
    *("late_mentions", "late_negative", "late_authors", "late_negative_authors"),
    *("reach", "risk"),
)


def _no_counts(brand: str, minute: datetime, now: datetime) -> dict[str, Any]:
    return {
        "brand": brand,
        "minute": minute,
        "updated_at": now,
        "top_reach": 0.0,
        **dict.fromkeys(_SUMS, 0),
        "reach": 0.0,
    }


def _seen(item: ScoredMention) -> _Seen:
    mention = item.mention
    risk = item.negative and not item.late and is_risk(mention.text, item.meaning.lang)
    return _Seen(mention.brand, mention.author, mention.published_at, item.negative, risk, item)


async def _past(connection: AsyncConnection, fresh: Sequence[_Seen]) -> list[_Seen]:
    """What the authors of these wrote in the hour before; harm is looked for only where these tell of it again."""
    found: list[_Seen] = []
    by_brand: dict[str, set[str]] = defaultdict(set)
    telling = {(seen.brand, seen.author) for seen in fresh if seen.risk}
    for seen in fresh:
        if seen.author is not None:
            by_brand[seen.brand].add(seen.author)
    first = max(fresh[0].at, _EARLIEST) - MEMORY
    columns = [mentions.c[name] for name in ("author", "published_at", "negative", "late", "text", "lang")]
    for brand, authors in by_brand.items():
        for chunk in _chunks(sorted(authors)):
            query = sa.select(*columns).where(
                mentions.c.brand == brand,
                mentions.c.author.in_(chunk),
                mentions.c.published_at >= first,
                mentions.c.published_at <= fresh[-1].at,
            )
            for author, at, negative, late, text, lang in await connection.execute(query):
                risk = (brand, author) in telling and negative and not late and is_risk(text or "", lang)
                found.append(_Seen(brand, author, at, negative, risk))
    return found


def _row(source: str, learned: bool, item: ScoredMention) -> dict[str, Any]:  # noqa: FBT001 - a column
    mention, meaning = item.mention, item.meaning
    return {
        "brand": mention.brand,
        "id": mention.id,
        "channel": mention.channel,
        "text": mention.text,
        "author": mention.author,
        "author_name": mention.author_name,
        "url": mention.url,
        "thread": mention.thread,
        "followers": mention.followers,
        "engagement": mention.engagement,
        "published_at": mention.published_at,
        "received_at": mention.received_at,
        "lang": meaning.lang,
        "sentiment": mention.sentiment,
        "p_negative": meaning.p_negative,
        "complaint": meaning.complaint,
        "outage": meaning.outage,
        "negative": item.negative,
        "corrected": None,
        "late": item.late,
        "clamped": mention.clamped,
        "learned": learned,
        "model": item.model,
        "source": source,
    }


def _rejected_row(source: str, item: Rejection) -> dict[str, Any]:
    return {
        "at": item.at,
        "source": source,
        "topic": item.topic,
        "brand": item.brand,
        "index": item.index,
        "reason": item.reason,
        "payload": item.payload,
    }
