"""Stretches of a day by local time, whatever the clocks do to that day. Pure.

A time that daylight saving leaves out is meant by the offset before the change, one that comes
twice is meant the first time (RFC 5545, 3.3.5): what Python calls ``fold=0``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

_DAY = timedelta(days=1)
EVERY_DAY = frozenset(range(7))


def local(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks of ``zone`` show ``at`` on ``day``, in UTC.

    >>> local(date(2026, 3, 29), time(2, 30), ZoneInfo("Europe/Warsaw")).isoformat()
    '2026-03-29T01:30:00+00:00'
    """
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """From ``begins`` to before ``ends`` by local time; past midnight where it ends before it begins."""

    timezone: str
    begins: time
    ends: time
    days: frozenset[int] = EVERY_DAY  # on which it begins; Monday is 0

    def on(self, day: date) -> tuple[datetime, datetime]:
        """When it begins and ends that begins on ``day``, in UTC."""
        zone = ZoneInfo(self.timezone)
        last = day if self.ends > self.begins else day + _DAY
        return local(day, self.begins, zone), local(last, self.ends, zone)

    def around(self, at: datetime) -> tuple[datetime, datetime] | None:
        """Beginning and end of the window that holds ``at``, or None outside one."""
        today = at.astimezone(ZoneInfo(self.timezone)).date()
        for day in (today - _DAY, today):
            if day.weekday() in self.days:
                begin, end = self.on(day)
                if begin <= at < end:
                    return begin, end
        return None

    def next_begin(self, after: datetime) -> datetime:
        """The first beginning later than ``after``."""
        day = after.astimezone(ZoneInfo(self.timezone)).date()
        while day.weekday() not in self.days or self.on(day)[0] <= after:
            day += _DAY
        return self.on(day)[0]
