"""What was written around a reading: counts by channel and language, words, topic, examples."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import datetime, timedelta
from math import log10

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from config.schema import Brand, Config
from daemon.desk import Timelines, earlier_crises
from daemon.model import Evidence, Example, Fact, HoldingReply, Incident, IncidentKind, Reading, Topic
from daemon.replies.choose import holding_replies
from daemon.replies.library import Library, library_of
from daemon.store.engine import Store
from daemon.store.tables import mentions
from daemon.topics import doubt, named
from detectors.crowd import Crowd, crowd_of
from detectors.terms import Candidate, describe, examples
from detectors.topic import topic_of

_MOST = 2000  # mentions of the window that are looked at
_PAST = 1000  # mentions of the brand's past, to compare words with
_PAST_DAYS = timedelta(days=14)
_SHARE = 0.1  # of the window's mentions that a language needs to be answered in
_SPOKEN = 400  # characters of an example


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A negative mention in the window."""

    id: str
    channel: str
    lang: str
    text: str | None
    outage: float  # the chance that it reports one
    author: str | None
    url: str | None
    reach: float
    published_at: datetime
    received_at: datetime


async def negative_mentions(store: Store, brand: str, begin: datetime, end: datetime) -> list[Written]:
    """On-time negative mentions from ``begin`` to before ``end``, newest first."""
    query = (
        sa.select(mentions)
        .where(
            mentions.c.brand == brand,
            mentions.c.published_at >= begin,
            mentions.c.published_at < end,
            mentions.c.negative.is_(True),
            mentions.c.late.is_(False),
        )
        .order_by(mentions.c.published_at.desc())
        .limit(_MOST)
    )
    async with store.read() as connection:
        return [
            Written(
                id=row["id"],
                channel=row["channel"],
                lang=row["lang"],
                text=row["text"],
                outage=row["outage"],
                author=row["author"],
                url=row["url"],
                reach=log10(1 + (row["followers"] or 0) + (row["engagement"] or 0)),
                published_at=row["published_at"],
                received_at=row["received_at"],
            )
            for row in (await connection.execute(query)).mappings()
        ]


async def newest_negative(store: Store, brand: str, after: datetime, until: datetime) -> datetime | None:
    """When the newest on-time negative mention was published."""
    query = sa.select(sa.func.max(mentions.c.published_at)).where(
        mentions.c.brand == brand,
        mentions.c.published_at > after,
        mentions.c.published_at <= until,
        mentions.c.negative.is_(True),
        mentions.c.late.is_(False),
    )
    async with store.read() as connection:
        newest: datetime | None = (await connection.execute(query)).scalar_one_or_none()
        return newest


async def _past(store: Store, brand: str, before: datetime) -> list[tuple[str, str]]:
    query = (
        sa.select(mentions.c.text, mentions.c.lang)
        .where(
            mentions.c.brand == brand,
            mentions.c.published_at < before,
            mentions.c.published_at >= before - _PAST_DAYS,
            mentions.c.text.is_not(None),
        )
        .order_by(mentions.c.published_at.desc())
        .limit(_PAST)
    )
    async with store.read() as connection:
        return [(text, lang) for text, lang in await connection.execute(query)]


async def gather(
    store: Store, brand: str, reading: Reading, now: datetime, executor: Executor, names: Sequence[str] = ()
) -> Evidence:
    """The evidence behind ``reading``: what was written in its window, and what it is about.

    ``names``: of places and products, to be shown where the mentions hold them.
    """
    end = min(now, reading.at + timedelta(minutes=1)) + timedelta(milliseconds=1)
    begin = reading.at - timedelta(minutes=reading.window_minutes - 1)
    blind = reading.kind is IncidentKind.BLIND
    found = [] if blind else await negative_mentions(store, brand, begin, end)
    past = [] if blind else await _past(store, brand, begin)
    authors = {entry.author if entry.author is not None else ("", entry.id) for entry in found}
    loop = asyncio.get_running_loop()
    terms, (topic, confidence), chosen, crowd = await loop.run_in_executor(executor, _about, found, past, names)
    return Evidence(
        at=now,
        deciding_mention=max(found, key=lambda entry: (entry.received_at, entry.published_at)).id if found else None,
        observed=len(found) if found else reading.observed,
        expected=reading.expected,
        window_minutes=reading.window_minutes,
        false_alerts_per_year=reading.false_alerts_per_year,
        distinct_authors=len(authors),
        channels=dict(Counter(entry.channel for entry in found).most_common()),
        languages=dict(Counter(entry.lang for entry in found).most_common()),
        terms=terms,
        topic=topic.value,
        topic_confidence=confidence,
        examples=chosen,
        reason=f"{reading.reason} {crowd.sentence()}".strip(),
        copies=crowd.copies,
        loudest=crowd.loudest,
    )


def _about(
    found: Sequence[Written], past: Sequence[tuple[str, str]], names: Sequence[str]
) -> tuple[tuple[str, ...], tuple[Topic, float], tuple[Example, ...], Crowd]:
    readable = [entry for entry in found if entry.text is not None]
    texts = [(entry.text or "", entry.lang) for entry in readable]
    if not texts:
        return (), topic_of([]), (), Crowd(mentions=len(found))
    candidates = [
        Candidate(text=entry.text or "", author=entry.author, published_at=entry.published_at, reach=entry.reach)
        for entry in readable
    ]
    chosen = tuple(
        Example(
            id=readable[index].id,
            text=(readable[index].text or "")[:_SPOKEN],
            url=readable[index].url,
            author=readable[index].author,
            published_at=readable[index].published_at,
        )
        for index in examples(candidates)
    )
    topic = topic_of(texts, [entry.outage for entry in readable])
    crowd = crowd_of([(entry.text or "", entry.author) for entry in readable])
    return describe(texts, past, names=names), topic, chosen, crowd


def replies_for(
    evidence: Evidence,
    brand: Brand,
    next_update_at: datetime,
    now: datetime,
    library: Library,
    facts: Sequence[Fact] = (),
    *,
    earlier_crises: int = 0,
) -> tuple[HoldingReply, ...]:
    """Holding replies in the languages of the mentions and of the brand, with the latest of ``facts``."""
    total = sum(evidence.languages.values())
    spoken = [lang for lang, count in evidence.languages.items() if count >= _SHARE * total]
    return holding_replies(
        topic=Topic(evidence.topic),
        languages=[*spoken, *brand.languages],
        channel=next(iter(evidence.channels), "facebook"),
        brand_name=brand.name,
        status_page=brand.status_page,
        next_update_at=next_update_at,
        timezone=brand.timezone,
        earlier_crises=earlier_crises,
        facts=[fact.fact for fact in facts],
        now=now,
        library=library,
    )


async def replies_again(
    incidents: Timelines, incident: Incident, config: Config, now: datetime
) -> tuple[HoldingReply, ...]:
    """The holding replies of ``incident`` as of ``now``; none where its brand is no longer configured."""
    brand = config.brands.get(incident.brand)
    if brand is None:
        return ()
    due = now + getattr(config.deadlines.next_update, incident.severity.value)
    crises = await earlier_crises(incidents, incident.brand, incident.opened_at)
    replies = await asyncio.to_thread(
        replies_for, incident.evidence, brand, due, now, library_of(config), incident.facts, earlier_crises=crises
    )
    return marked(replies) if incident.drill else replies


def marked(replies: Sequence[HoldingReply]) -> tuple[HoldingReply, ...]:
    """``replies`` as those of an exercise."""
    return tuple(replace(reply, text=f"[DRILL] {reply.text}") for reply in replies)


def title_of(brand: Brand, reading: Reading, evidence: Evidence) -> str:
    """One line for a phone: who, what about, how much against the usual."""
    if reading.kind is IncidentKind.BLIND:
        return f"{brand.name}: no mentions arrive, Tocsin is blind"
    topic, doubtful = named(evidence.topic), doubt(evidence)
    about = (f", {doubtful} about {topic}" if doubtful else f" about {topic}") if topic else ""
    what = {
        IncidentKind.SURGE: "surge of negative mentions",
        IncidentKind.SHARE: "mentions turn negative",
        IncidentKind.REACH: "a far-reaching complaint",
        IncidentKind.RISK: "words that are never normal",
    }[reading.kind]
    crowd = Crowd(mentions=evidence.observed, copies=evidence.copies, loudest=evidence.loudest)
    return f"{brand.name}: {what}{about}{crowd.aside()}"


def still_true(incident: Incident, now: datetime) -> bool:
    """Whether the incident's evidence is recent enough to leave as it is."""
    return now - incident.evidence.at < timedelta(seconds=15)
