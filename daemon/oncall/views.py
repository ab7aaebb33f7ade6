"""Who is on call, and what is silent, as people and programs are told. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from config.oncall import WEEKDAYS
from daemon.model import Incident
from daemon.oncall.roster import Roster
from daemon.oncall.rota import Stint
from daemon.oncall.silence import Silence
from daemon.oncall.windows import Window
from daemon.views import format_time


class StintView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's time on call."""

    who: str  # key under [people]
    name: str
    begins: str | None  # null: longer ago than two months
    ends: str | None  # null: nobody takes over within a year


class RotaView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call in one rota, and who then."""

    rota: str
    timezone: str
    now: StintView
    next: StintView | None


class SilenceView(msgspec.Struct, frozen=True, kw_only=True):
    """When nobody is called, about what, and what was hidden by it."""

    id: str
    kind: str  # once | recurring | campaign
    reason: str
    brand: str | None
    kinds: tuple[str, ...]
    channels: tuple[str, ...]
    begins: str | None
    ends: str
    daily: str | None  # of a recurring one: on which days, from when to when, and where
    active: bool
    hides_critical: bool
    expected: float | None  # of a campaign: hides only up to so many times the usual
    by: str
    hidden: tuple[str, ...]  # ids of incidents


def rota_views(roster: Roster, at: datetime) -> tuple[RotaView, ...]:
    """Every rota, as it stands ``at`` this time."""
    found = []
    for key, rota in roster.rotas.items():
        now, then = rota.now_and_next(at)
        found.append(
            RotaView(
                rota=key,
                timezone=rota.timezone,
                now=_stint(roster, now, rota.since(at), None if then is None else now.ends),
                next=None if then is None else _stint(roster, then, then.begins, then.ends),
            )
        )
    return tuple(found)


def silence_view(silence: Silence, incidents: Iterable[Incident], at: datetime) -> SilenceView:
    """A silence, with those of ``incidents`` that it has hidden."""
    once = "campaign" if silence.campaign else "once" if silence.window is None else "recurring"
    return SilenceView(
        id=silence.id,
        kind=once,
        reason=silence.reason,
        brand=silence.brand,
        kinds=silence.kinds,
        channels=silence.channels,
        begins=None if silence.begins is None else format_time(silence.begins),
        ends=format_time(silence.ends),
        daily=None if silence.window is None else _daily(silence.window),
        active=silence.holds_until(at) is not None,
        hides_critical=silence.hides_critical,
        expected=silence.factor,
        by=silence.by,
        hidden=tuple(incident.id for incident in incidents if silence.id in incident.hidden_by),
    )


def on_call_lines(roster: Roster, at: datetime) -> tuple[str, ...]:
    """One plain line for each rota: who is on call until when, and who then."""
    lines = []
    for key, rota in roster.rotas.items():
        now, then = rota.now_and_next(at)
        line = f"{key}: {_name(roster, now.who)}"
        if then is not None:
            until = now.ends.astimezone(ZoneInfo(rota.timezone))
            line += f" until {until:%a} {until.day} {until:%b %H:%M %Z}, then {_name(roster, then.who)}"
        lines.append(line)
    return tuple(lines)


def _daily(window: Window) -> str:
    """On which days it holds, and when.

    >>> from datetime import time
    >>> _daily(Window(timezone="UTC", begins=time(22), ends=time(4), days=frozenset({5, 6})))
    'saturday, sunday 22:00 to 04:00 UTC'
    """
    whole_week = len(window.days) == len(WEEKDAYS)
    days = "daily" if whole_week else ", ".join(day for number, day in enumerate(WEEKDAYS) if number in window.days)
    return f"{days} {window.begins:%H:%M} to {window.ends:%H:%M} {window.timezone}"


def _name(roster: Roster, key: str) -> str:
    return roster.people[key].name if key in roster.people else key


def _stint(roster: Roster, stint: Stint, begins: datetime | None, ends: datetime | None) -> StintView:
    return StintView(
        who=stint.who,
        name=_name(roster, stint.who),
        begins=None if begins is None else format_time(begins),
        ends=None if ends is None else format_time(ends),
    )
