"""How long those who wrote to each brand waited for an answer, read from the store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from config.schema import Brand, Config
from daemon.model import IncidentKind
from daemon.response.clocks import (
    MAIL,
    Asked,
    ClockFigures,
    DeadChannel,
    MentionClass,
    Own,
    Wait,
    Word,
    dead_channels,
    figures,
    waits,
    waits_for,
)
from daemon.store.reads import IncidentRow, Reads, Written
from daemon.views import format_time

_MOST: Final = 50_000  # mentions of one brand in one report; of more, the newest are measured


class DeadView(msgspec.Struct, frozen=True, kw_only=True):
    """A channel on which people ask and nobody has answered for days; times as the API delivers them."""

    brand: str
    channel: str
    unanswered: int
    since: str  # of the first question after the last answer
    last_answer: str | None


class ClockReport(msgspec.Struct, frozen=True, kw_only=True):
    """The clocks by class and channel. Brands without ``own_authors`` are measured by their incidents alone."""

    figures: list[ClockFigures]
    dead_channels: list[DeadView]
    not_measured: list[str]  # brands whose own answers we cannot tell: brands.NAME.own_authors is not set
    cut: list[str]  # brands of whose mentions only the newest were measured


async def read_clocks(
    reads: Reads, config: Config, rows: Sequence[IncidentRow], begin: datetime, end: datetime, now: datetime
) -> ClockReport:
    """The clocks of what was written from ``begin`` to before ``end``, as they stand at ``now``; ``rows`` of then."""
    limits = {
        MentionClass.PRODUCT_QUESTION: config.clocks.product_question,
        MentionClass.ADDRESSED: config.clocks.addressed,
        MentionClass.FIRST_WORD: config.deadlines.first_reply,
        MentionClass.EMAIL: config.clocks.email,
    }
    until = now + timedelta(milliseconds=1)  # an answer of this very moment counts
    report = ClockReport(figures=[], dead_channels=[], not_measured=[], cut=[])
    for slug, brand in config.brands.items():
        waited = [
            Wait(channel=None, kind=MentionClass.FIRST_WORD, asked=row.opened_at, answered=row.first_update_at)
            for row in rows
            if row.brand == slug and row.kind != IncidentKind.BLIND.value
        ]
        if brand.own_authors:
            written = await reads.asking(slug, begin, end, mail=sorted(MAIL), most=_MOST)
            own = await reads.by_authors(slug, brand.own_authors, begin, until)
            words = [
                Word(channel=update.channel, since=update.since, at=update.at)
                for update in await reads.updates(slug, begin, until)
            ]
            answers = [Own(thread=each.thread, at=each.at) for each in own if each.thread is not None]
            waited += await asyncio.to_thread(_waited, slug, brand, written, answers, words)
            if len(written) == _MOST:
                report.cut.append(slug)
        else:
            report.not_measured.append(slug)
        report.figures.extend(figures(slug, waited, limits, now))
        dead = dead_channels(slug, waited, config.clocks.dead_after, min(end, now))
        report.dead_channels.extend(_view(channel) for channel in dead)
    return report


def _view(dead: DeadChannel) -> DeadView:
    return DeadView(
        brand=dead.brand,
        channel=dead.channel,
        unanswered=dead.unanswered,
        since=format_time(dead.since),
        last_answer=None if dead.last_answer is None else format_time(dead.last_answer),
    )


def _waited(
    slug: str, brand: Brand, written: Sequence[Written], answers: Sequence[Own], words: Sequence[Word]
) -> list[Wait]:
    own, names = set(brand.own_authors), (slug, brand.name, *brand.own_authors)
    asked = []
    for one in written:
        kind = waits_for(one.text or "", channel=one.channel, thread=one.thread, names=names)
        if kind is not None and one.author not in own:
            asked.append(Asked(id=one.id, channel=one.channel, thread=one.thread, at=one.at, kind=kind))
    return waits(asked, answers, words)
