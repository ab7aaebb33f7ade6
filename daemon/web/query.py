"""Query parameters, checked; every fault names its parameter."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from aiohttp import web

from config.values import parse_duration
from daemon.errors import InputError
from daemon.views import parse_time

MINUTE = timedelta(minutes=1)


def one_of(request: web.Request, name: str, allowed: tuple[str, ...], default: str | None = None) -> str | None:
    """A word out of ``allowed``. Raises ``InputError``."""
    value = request.query.get(name)
    if value is None or value == "":
        return default
    if value not in allowed:
        raise InputError(f"{name}: expected one of {', '.join(allowed)}")
    return value


def matching(request: web.Request, name: str, pattern: str, expected: str) -> str | None:
    """A value that fits ``pattern``. Raises ``InputError``."""
    value = request.query.get(name)
    if value is None or value == "":
        return None
    if not re.fullmatch(pattern, value, re.ASCII):
        raise InputError(f"{name}: expected {expected}")
    return value


def limit(request: web.Request, *, default: int = 50, most: int = 500) -> int:
    """How many to deliver: at least 1; more than ``most`` means ``most``. Raises ``InputError``."""
    value = matching(request, "limit", r"[0-9]{1,9}", f"a whole number from 1 to {most}")
    number = default if value is None else int(value)
    if number < 1:
        raise InputError(f"limit: expected a whole number from 1 to {most}")
    return min(number, most)


def period(request: web.Request, now: datetime, default: timedelta) -> tuple[datetime, datetime]:
    """``from`` and ``to``; by default the last ``default`` until ``now``. Raises ``InputError``."""
    end = _time(request, "to") or now
    begin = _time(request, "from") or end - default
    if begin >= end:
        raise InputError("from: expected a time before `to`")
    return begin, end


def step(request: web.Request, length: timedelta, most: int) -> timedelta:
    """Whole minutes, so many that ``length`` has at most ``most`` steps. Raises ``InputError``."""
    value = request.query.get("step")
    if value is None or value == "":
        minutes = (1, 5, 15, 60, 240, 1440, 10080)
        return next((s for s in map(_minutes, minutes) if length / s <= most // 4), _minutes(minutes[-1]))
    try:
        width = parse_duration(value)
    except ValueError as error:
        raise InputError(f"step: {error}") from error
    if width % MINUTE:
        raise InputError('step: expected whole minutes, such as "5m"')
    if length / width > most:
        raise InputError(
            f"step: expected at most {most} steps between `from` and `to`, such as {_enough(length, most)}"
        )
    return width


def moment(request: web.Request) -> datetime:
    """``at``, which must be given. Raises ``InputError``."""
    at = _time(request, "at")
    if at is None:
        raise InputError("at: required, expected a time with an offset, such as 2026-01-05T12:00:00Z")
    return at


def _enough(length: timedelta, most: int) -> str:
    return f'"{-(-length // (most * MINUTE))}m"'


def _minutes(n: int) -> timedelta:
    return n * MINUTE


def _time(request: web.Request, name: str) -> datetime | None:
    value = request.query.get(name)
    if value is None or value == "":
        return None
    try:
        return parse_time(value.replace(" ", "+"))  # a "+" that was not encoded arrives as a space
    except ValueError as error:
        raise InputError(f"{name}: {error}") from error
