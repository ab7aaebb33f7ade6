"""Rotas: exactly one person is on call at each moment. Pure.

By turns the members take over from each other at a local time of day. Where a calendar names
somebody, they have duty instead, and an override stands above both.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from config import oncall as settings
from daemon.oncall.windows import local

_BACK = timedelta(days=62)
_AHEAD = timedelta(days=400)  # how far the next hand-over is looked for
WEEKDAYS = settings.WEEKDAYS


class Stint(msgspec.Struct, frozen=True, kw_only=True):
    """From ``begins`` to before ``ends``, both UTC, ``who`` is on call."""

    begins: datetime
    ends: datetime
    who: str


class Rota(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes over from whom, and when."""

    timezone: str
    members: tuple[str, ...]
    days: int  # that a turn lasts
    handover: time  # local
    first: date  # local day on which the first member takes over
    overrides: tuple[Stint, ...] = ()  # the last that holds counts
    planned: tuple[Stint, ...] = ()  # by a calendar, in the order of their beginning; the last that holds counts

    @classmethod
    def of(cls, rota: settings.Rota, planned: tuple[Stint, ...] = ()) -> Rota:
        """The rota of a configuration."""
        days = rota.rotation // timedelta(days=1)
        first = rota.since
        weekday = rota.weekday or ("monday" if days % 7 == 0 else None)
        if weekday is not None:
            first += timedelta(days=(WEEKDAYS.index(weekday) - first.weekday()) % 7)
        return cls(
            timezone=rota.timezone,
            members=rota.members,
            days=days,
            handover=rota.handover,
            first=first,
            overrides=tuple(Stint(begins=one.begins, ends=one.ends, who=one.who) for one in rota.overrides),
            planned=planned,
        )

    def on_call(self, at: datetime) -> str:
        """Who is on call at a moment."""
        for stints in (self.overrides, self.planned):
            for stint in reversed(stints):
                if stint.begins <= at < stint.ends:
                    return stint.who
        return self.members[self._turn(at) % len(self.members)]

    def stints(self, begin: datetime, end: datetime) -> Iterator[Stint]:
        """Who is on call from ``begin`` to ``end``, one after the other, without gap or overlap."""
        edges = {edge for stint in (*self.overrides, *self.planned) for edge in (stint.begins, stint.ends)}
        turn = self._turn(begin)
        while (change := self._turn_begins(turn + 1)) < end:
            edges.add(change)
            turn += 1
        since, who = begin, self.on_call(begin)
        for edge in sorted(edge for edge in edges if begin < edge < end):
            if (after := self.on_call(edge)) != who:
                yield Stint(begins=since, ends=edge, who=who)
                since, who = edge, after
        yield Stint(begins=since, ends=end, who=who)

    def now_and_next(self, at: datetime) -> tuple[Stint, Stint | None]:
        """Who is on call, until when, and who then; no next one where nobody takes over within a year."""
        stints = self.stints(at, at + _AHEAD)
        return next(stints), next(stints, None)

    def since(self, at: datetime) -> datetime | None:
        """Since when whoever is on call has been; None where that is longer than two months."""
        *_, last = self.stints(at - _BACK, at + timedelta(milliseconds=1))
        return last.begins if last.begins > at - _BACK else None

    def _turn_begins(self, turn: int) -> datetime:
        return local(self.first + timedelta(days=turn * self.days), self.handover, ZoneInfo(self.timezone))

    def _turn(self, at: datetime) -> int:
        """The number of the turn that holds ``at``; the first member's first one is 0."""
        turn = (at.astimezone(ZoneInfo(self.timezone)).date() - self.first).days // self.days
        while self._turn_begins(turn) > at:
            turn -= 1
        while self._turn_begins(turn + 1) <= at:
            turn += 1
        return turn
