"""A series of the past, whatever it was read from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from daemon.model import Tick

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Row(msgspec.Struct, frozen=True):
    """One row: its time, and the counts of its step up to and with it."""

    at: datetime
    stamp: str  # the time as it was written
    tick: Tick
    given: bool = True  # False: a step in between of which there is no row


class Written(msgspec.Struct, frozen=True):
    """What a mention said, kept for the report."""

    at: datetime
    author: str | None
    text: str
    lang: str
    reach: float
    negative: bool


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Rows in the order of time."""

    name: str
    rows: list[Row]
    step: timedelta
    offset: timedelta = timedelta(0)  # of the rows' times from whole steps
    written: list[Written] = []  # in the order of time; empty where only counts are known
    rejected: int = 0
    complaint: str = ""  # the first reason of a rejection


def whole(at: datetime, step: timedelta) -> datetime:
    """The last whole step since 1970 that is not after ``at``."""
    return _EPOCH + (at - _EPOCH) // step * step


def steps(begin: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    """Every step from ``begin`` to before ``end``."""
    while begin < end:
        yield begin
        begin += step
