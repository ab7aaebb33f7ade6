"""Kinds of values that settings have, each with a fault that says what was expected."""

from __future__ import annotations

import functools
import re
from datetime import UTC, date, datetime, time, timedelta
from ipaddress import ip_network
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from holidays import list_supported_countries
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints

_DURATION = re.compile(r"(?=.*[1-9])([0-9]{1,18})([smhd])")
_LONGEST = timedelta(days=36_500)  # a hundred years, so that no sum of a time and a duration overflows
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(text: str) -> timedelta:
    """``"90s"``, ``"5m"``, ``"1h"`` or ``"30d"`` as a positive timedelta; over a hundred years is a hundred years.

    Raises ``ValueError`` naming what was expected.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        msg = 'expected a duration: a positive whole number and a unit, such as "30s", "5m", "1h" or "30d"'
        raise ValueError(msg)
    return timedelta(seconds=min(int(match[1]) * _UNITS[match[2]], _LONGEST.total_seconds()))


def format_duration(value: timedelta) -> str:
    """The shortest way to write ``value`` that `parse_duration` reads back."""
    seconds = int(value.total_seconds())
    unit = next((unit for unit in "dhm" if seconds and seconds % _UNITS[unit] == 0), "s")
    return f"{seconds // _UNITS[unit]}{unit}"


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        msg = 'expected a duration in quotes, such as "5m"'
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError into a fault with its path
    return parse_duration(value)


def _delay(value: Any) -> Any:
    return timedelta(0) if isinstance(value, str) and re.fullmatch(r"0[smhd]", value) else _duration(value)


def _country(value: str) -> str:
    code, dash, subdivision = value.partition("-")
    known = list_supported_countries(include_aliases=False)
    if code not in known or (dash and subdivision not in known[code]):
        msg = 'expected a country whose public holidays are known, such as "PL", or a part of one, such as "DE-BY"'
        raise ValueError(msg)
    return value


@functools.cache  # it reads the whole folder of them
def _timezones() -> set[str]:
    return available_timezones()


def _timezone(value: str) -> str:
    if value not in _timezones():
        msg = 'expected a time zone such as "Europe/Warsaw"'
        raise ValueError(msg)
    return value


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        msg = 'expected an address or a network, such as "127.0.0.1" or "10.0.0.0/8"'
        raise ValueError(msg) from None


def matching(pattern: str, expected: str) -> AfterValidator:
    """Text that is all of `pattern`; the fault says what was `expected`."""

    def _check(value: str) -> str:
        if re.fullmatch(pattern, value) is None:
            raise ValueError(f"expected {expected}")
        return value

    return AfterValidator(_check)


def _moment(value: Any) -> Any:
    text = value.get("time") if isinstance(value, dict) else value  # a time of TOML's own comes as {"time": …}
    expected = "expected a time with an offset, such as 2026-12-24T09:00:00+01:00"
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if not isinstance(text, str) or not _OFFSET.search(text):
        raise ValueError(expected)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(expected) from None


def _day(value: Any) -> Any:
    text = value.get("time") if isinstance(value, dict) else value
    if isinstance(value, date):
        return value
    if not isinstance(text, str) or re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is None:
        raise ValueError(_A_DAY)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_A_DAY) from None


def _time_of_day(value: Any) -> Any:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) is None:
        raise ValueError(_A_TIME)
    return time.fromisoformat(value)


_OFFSET = re.compile(r"[Tt ].*([Zz]|[+-]\d\d:?\d\d)$")
_A_DAY = 'expected a day such as "2026-03-02"'
_A_TIME = 'expected a time of day in quotes, such as "22:00"'
_WRITE = PlainSerializer(format_duration, return_type=str)
Duration = Annotated[timedelta, BeforeValidator(_duration), _WRITE]
Delay = Annotated[timedelta, BeforeValidator(_delay), _WRITE]  # zero is allowed
Slug = Annotated[
    str,
    matching(r"[a-z0-9][a-z0-9_-]{0,63}", "a name of 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or digit"),
]
Language = Annotated[str, matching(r"[a-z]{2}", 'a language code of two letters, such as "pl"')]
HttpUrl = Annotated[str, matching(r"https?://[^\s/]+\S*", 'an address such as "https://acme.example/"')]
Country = Annotated[str, AfterValidator(_country)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Name = Annotated[str, matching(r"[A-Za-z0-9_.-]{1,64}", "a name of 1 to 64 letters, digits, _, . and -")]
Network = Annotated[str, AfterValidator(_network)]
Named = Annotated[
    str, StringConstraints(min_length=1, max_length=100), matching(r"(?s).*[^\W_].*", "a name with a letter")
]
Moment = Annotated[datetime, BeforeValidator(_moment)]  # UTC
Day = Annotated[date, BeforeValidator(_day)]
TimeOfDay = Annotated[
    time, BeforeValidator(_time_of_day), PlainSerializer(lambda value: f"{value:%H:%M}", return_type=str)
]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Port = Annotated[int, Field(ge=1, le=65535)]
MonthlyTarget = Annotated[
    str,
    matching(
        r"slack:[#@]\S+|email:[^@\s]+@[^@\s]+", 'a target such as "slack:#channel", "slack:@user" or "email:address"'
    ),
]
Target = Annotated[
    str,
    matching(
        r"slack:[#@]\S+|email:[^@\s]+@[^@\s]+|(webhook|oncall|apprise|console):\S.*",
        'a target such as "slack:#channel", "slack:@user", "email:address" or "webhook:name"',
    ),
]


class Section(BaseModel):
    """Base of all sections: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
