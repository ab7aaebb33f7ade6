"""When nobody is called: silences made by hand, recurring ones, and planned campaigns. Pure.

A silence hides what it matches as long as it matches it: an incident that becomes critical, comes
over another channel, or outgrows what a campaign lets expect, is hidden no longer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from config.oncall import WEEKDAYS, Campaign, RecurringSilence
from daemon.model import Evidence, Incident, Severity
from daemon.oncall.windows import Window

_MOST_HOPS = 1000  # from one silence into the next


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """From ``begins`` to before ``ends``, or in each ``window`` between, whoever matches is not called about."""

    id: str
    reason: str
    begins: datetime | None = None  # None: since ever
    ends: datetime  # it always expires
    window: Window | None = None
    brand: str | None = None
    kinds: tuple[str, ...] = ()  # empty: any
    channels: tuple[str, ...] = ()  # empty: any; else all that was written came by these
    hides_critical: bool = False
    factor: float | None = None  # hides only up to so many times the usual number
    by: str = "tocsin"
    campaign: bool = False

    @classmethod
    def recurring(cls, silence: RecurringSilence) -> Silence:
        """One of the configuration."""
        days = frozenset(WEEKDAYS.index(day) for day in silence.days)
        window = Window(timezone=silence.timezone, begins=silence.begins, ends=silence.ends, days=days)
        return cls(
            id=silence.name,
            reason=silence.reason,
            ends=silence.until,
            window=window,
            brand=silence.brand,
            kinds=silence.kinds,
            channels=silence.channels,
            hides_critical=silence.hides_critical,
        )

    @classmethod
    def planned(cls, brand: str, number: int, campaign: Campaign) -> Silence:
        """A campaign of a brand: its number among them from 0."""
        return cls(
            id=f"campaign-{brand}-{number}",
            reason=campaign.title,
            begins=campaign.begins,
            ends=campaign.ends,
            brand=brand,
            kinds=("surge", "share", "reach"),
            factor=campaign.expected,
            campaign=True,
        )

    def matches(self, incident: Incident) -> bool:
        """Whether it hides this incident, as it is now, while it holds."""
        seen = incident.evidence
        return (
            self.brand in {None, incident.brand}
            and (not self.kinds or incident.kind.value in self.kinds)
            and (not self.channels or (bool(seen.channels) and set(seen.channels) <= set(self.channels)))
            and (self.hides_critical or incident.severity is not Severity.CRITICAL)
            and (self.factor is None or seen.observed <= self.factor * seen.expected)
            and not incident.drill
        )

    def holds_until(self, at: datetime) -> datetime | None:
        """When it ends that holds at ``at``; None where it does not hold."""
        if at >= self.ends or (self.begins is not None and at < self.begins):
            return None
        if self.window is None:
            return self.ends
        around = self.window.around(at)
        return None if around is None else min(around[1], self.ends)

    def next_begin(self, after: datetime) -> datetime | None:
        """When it begins to hold, later than ``after``; None where it never does again."""
        begin = self.begins
        if self.window is not None and (begin is None or begin <= after or self.window.around(begin) is None):
            begin = self.window.next_begin(after if begin is None else max(begin, after))
        if begin is None:
            return None
        return begin if after < begin < self.ends else None


def hiding(silences: Iterable[Silence], incident: Incident, at: datetime) -> tuple[Silence, ...]:
    """The silences that hide an incident at a moment."""
    return tuple(one for one in silences if one.matches(incident) and one.holds_until(at) is not None)


def explained(silences: Iterable[Silence], incident: Incident, at: datetime) -> Evidence:
    """The incident's evidence, with a word on the campaigns that run and the silences that hide it."""
    reason = incident.evidence.reason
    for one in silences:
        if one.holds_until(at) is None or one.brand not in {None, incident.brand} or incident.drill:
            continue
        hides = one.matches(incident)
        if one.factor is not None and (not one.kinds or incident.kind.value in one.kinds):
            usual = f"{one.factor:g} times the usual, expected while “{one.reason}” runs"
            reason += (
                f" – {'nobody is called for up to' if hides else 'called all the same: critical, or more than'} {usual}"
            )
        elif hides:
            reason += f" – nobody is called: silent for “{one.reason}”"
    return replace(incident.evidence, reason=reason)


def hushed_until(silences: Iterable[Silence], incident: Incident, at: datetime) -> datetime:
    """The first moment from ``at`` on at which nothing hides the incident."""
    matching = [one for one in silences if one.matches(incident)]
    for _ in range(_MOST_HOPS):
        ends = [end for one in matching if (end := one.holds_until(at)) is not None]
        if not ends:
            break
        at = max(ends)
    return at


def heard_after(silences: Iterable[Silence], incident: Incident, since: datetime, at: datetime) -> datetime:
    """When as much time has passed unhidden as lies between ``since`` and ``at``."""
    matching = [one for one in silences if one.matches(incident)]
    left, moment = at - since, since
    for _ in range(_MOST_HOPS):
        moment = hushed_until(matching, incident, moment)
        begins = [begin for one in matching if (begin := one.next_begin(moment)) is not None]
        if not begins or moment + left < min(begins):
            break
        left -= min(begins) - moment
        moment = min(begins)
    return moment + left
