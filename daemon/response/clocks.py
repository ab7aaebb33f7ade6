"""The clocks of those who write to the brand: who waits for an answer, and whether it came in time. Pure."""

from __future__ import annotations

import enum
import re
import statistics
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec


class MentionClass(enum.StrEnum):
    """What sort of answer is owed; each has a clock of its own."""

    PRODUCT_QUESTION = "product_question"
    ADDRESSED = "addressed"
    FIRST_WORD = "first_word"  # the first public word of an incident
    EMAIL = "email"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A mention that waits for an answer."""

    id: str
    channel: str
    thread: str | None
    at: datetime
    kind: MentionClass


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the brand itself wrote in a thread."""

    thread: str
    at: datetime


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A posted update: it answers what was written on its channel since the incident began."""

    channel: str | None  # None: on every channel
    since: datetime
    at: datetime


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """One who waited, and when the answer came; None: it did not."""

    channel: str | None
    kind: MentionClass
    asked: datetime
    answered: datetime | None


class ClockFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How long one class of one channel waited. ``share_within`` leaves out whose time is not yet over."""

    brand: str
    kind: MentionClass = msgspec.field(name="class")
    channel: str | None
    limit_seconds: int
    asked: int
    answered: int
    waiting: int  # unanswered, their time not yet over
    median_seconds: float | None  # of those answered
    share_within: float | None


class DeadChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel on which people ask and nobody has answered for days."""

    brand: str
    channel: str
    unanswered: int
    since: datetime  # the first question after the last answer
    last_answer: datetime | None


MAIL = frozenset({"email", "mail"})
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_GREETING = r"cześć|hej|dzień dobry|witam|привет|здравствуйте|добрый день|hi|hey|hello|good morning"
# "Jak zwykle", "как обычно", "what a shame" ask nothing.
_IDLE_PL = r"zwykle|zawsze|zazwyczaj|dotąd|dotychczas|widać|widzę|wyżej|wspomnia\w+|pisa\w+|mówi\w+|na razie|dla mnie"
_IDLE_RU = r"всегда|обычно|видно|вижу|видите|раньше|прежде|известно|говорится|и|по мне|минимум|раз|будто|бы"
_IDLE_EN = r"nice|sad|lovely|typical|funny|ironic|convenient|ridiculous|pathetic"
# How a question begins to which its mark is missing, at the beginning of the text, of a sentence or a clause.
_ASKS = re.compile(
    rf"(?:\A|[.!…\n,:])\s*(?:(?:{_GREETING})\s+)?(?:"
    rf"czy|kiedy|dlaczego|czemu|gdzie|(?:po )?ile|co z|kto|od kiedy|do kiedy|jak(?! (?:{_IDLE_PL})\b)|"
    rf"когда|почему|где|сколько|что с|кто|зачем|во сколько|есть ли|можно ли|как(?! (?:{_IDLE_RU})\b)|"
    rf"when|why|where|who|what(?! an?\b)|how(?! (?:{_IDLE_EN})\b)|is there|are there|can you|could you|do you|any news"
    r")\b",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@])@([\w.-]+)")


def waits_for(text: str, *, channel: str, thread: str | None, names: Iterable[str]) -> MentionClass | None:
    """The class of a mention that waits for an answer of the brand's, or None.

    It does where it answers a post, calls one of ``names`` (slug, name, own accounts) with ``@``,
    or asks something.

    >>> waits_for("@acme nothing works", channel="x", thread=None, names=["acme"])
    <MentionClass.ADDRESSED: 'addressed'>
    >>> waits_for("Is the new plan any good?", channel="forum", thread=None, names=["acme"])
    <MentionClass.PRODUCT_QUESTION: 'product_question'>
    >>> waits_for("Nothing works", channel="x", thread=None, names=["acme"])
    """
    if channel in MAIL:
        return MentionClass.EMAIL
    plain = _LINK.sub(" ", text)
    known = {_bare(name) for name in names}
    addressed = thread is not None or any(_bare(handle) in known for handle in _HANDLE.findall(plain))
    if addressed and ("?" in plain or _ASKS.search(_HANDLE.sub("\n", plain))):  # behind a name a question begins
        return MentionClass.PRODUCT_QUESTION
    if addressed:
        return MentionClass.ADDRESSED
    return MentionClass.PRODUCT_QUESTION if "?" in plain else None


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def waits(asked: Iterable[Asked], own: Iterable[Own], words: Sequence[Word]) -> list[Wait]:
    """When each was answered: by the brand's own in the same thread, or by an update on its channel."""
    threads: defaultdict[str, list[datetime]] = defaultdict(list)
    for each in own:
        threads[each.thread].append(each.at)
    for times in threads.values():
        times.sort()
    return [
        Wait(channel=one.channel, kind=one.kind, asked=one.at, answered=_answered(one, threads, words)) for one in asked
    ]


def _answered(one: Asked, threads: Mapping[str, list[datetime]], words: Sequence[Word]) -> datetime | None:
    found = [word.at for word in words if word.channel in {None, one.channel} and word.since <= one.at <= word.at]
    for key in {one.id, one.thread} - {None}:
        times = threads.get(key or "", [])
        place = bisect_right(times, one.at)
        found += times[place : place + 1]
    return min(found, default=None)


def figures(
    brand: str, waited: Iterable[Wait], limits: Mapping[MentionClass, timedelta], now: datetime
) -> list[ClockFigures]:
    """By class and channel, as it stands at ``now``."""
    groups: defaultdict[tuple[MentionClass, str], list[Wait]] = defaultdict(list)
    for wait in waited:
        groups[wait.kind, wait.channel or ""].append(wait)
    return [
        _figures(brand, kind, channel or None, groups[kind, channel], limits[kind], now)
        for kind, channel in sorted(groups, key=lambda key: (list(MentionClass).index(key[0]), key[1]))
    ]


def _figures(
    brand: str, kind: MentionClass, channel: str | None, group: list[Wait], limit: timedelta, now: datetime
) -> ClockFigures:
    lengths = [wait.answered - wait.asked for wait in group if wait.answered is not None]
    waiting = sum(wait.answered is None and now - wait.asked <= limit for wait in group)
    over = len(group) - waiting
    return ClockFigures(
        brand=brand,
        kind=kind,
        channel=channel,
        limit_seconds=int(limit.total_seconds()),
        asked=len(group),
        answered=len(lengths),
        waiting=waiting,
        median_seconds=statistics.median(length.total_seconds() for length in lengths) if lengths else None,
        share_within=round(sum(length <= limit for length in lengths) / over, 4) if over else None,
    )


def dead_channels(brand: str, waited: Iterable[Wait], dead_after: timedelta, now: datetime) -> list[DeadChannel]:
    """Channels whose oldest question since the last answer has waited for ``dead_after``."""
    by_channel: defaultdict[str, list[Wait]] = defaultdict(list)
    for wait in waited:
        if wait.channel is not None and wait.kind is not MentionClass.FIRST_WORD:
            by_channel[wait.channel].append(wait)
    dead = []
    for channel, group in sorted(by_channel.items()):
        last = max((wait.answered for wait in group if wait.answered is not None), default=None)
        left = [wait.asked for wait in group if wait.answered is None and (last is None or wait.asked > last)]
        if left and now - min(left) >= dead_after:
            dead.append(
                DeadChannel(brand=brand, channel=channel, unanswered=len(left), since=min(left), last_answer=last)
            )
    return dead
