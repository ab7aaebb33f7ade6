"""The shape of who is called and when: people, rotas, quiet hours, silences, campaigns."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from config.values import Day, Duration, Moment, Section, Slug, Target, TimeOfDay, Timezone, Weekday

Severity = Literal["minor", "major", "critical"]
Kind = Literal["surge", "reach", "risk", "share", "blind"]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_DAY = timedelta(days=1)
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _Daily(Section):
    """A stretch of every day by local time; one that ends before it begins goes on past midnight."""

    begins: TimeOfDay
    ends: TimeOfDay

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("expected `ends` at another time than `begins`")
        return self


class _Once(Section):
    """A stretch of time that happens once."""

    begins: Moment
    ends: Moment

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.ends <= self.begins:
            raise ValueError("expected `ends` after `begins`")
        return self


class QuietHours(_Daily):
    """When a person is not to be woken, but by what ``breaks`` names."""

    breaks: tuple[Severity, ...] = ("critical",)


class NightBudget(_Daily):
    """How many alerts may wake a person in one night; more of them wait for its end."""

    alerts: Annotated[int, Field(ge=1, le=1000)]
    begins: TimeOfDay = time(22, 0)
    ends: TimeOfDay = time(7, 0)


class Person(Section):
    """Somebody who can be called."""

    name: Words | None = None
    targets: Annotated[tuple[Target, ...], Field(min_length=1)]
    timezone: Timezone = "UTC"
    quiet_hours: QuietHours | None = None
    night_budget: NightBudget | None = None


class Override(_Once):
    """Somebody stands in."""

    who: Slug


class Rota(Section):
    """Who is on call, by turns."""

    members: Annotated[tuple[Slug, ...], Field(min_length=1)]
    timezone: Timezone = "UTC"
    rotation: Duration = timedelta(days=7)
    handover: TimeOfDay = time(9, 0)
    weekday: Weekday | None = None
    since: Day = date(2026, 1, 5)
    overrides: tuple[Override, ...] = ()
    calendar: str | None = None

    @model_validator(mode="after")
    def _whole_days(self) -> Self:
        if self.rotation % _DAY:
            raise ValueError('expected `rotation` in whole days, such as "1d" or "7d"')
        if self.weekday is not None and self.rotation % timedelta(days=7):
            raise ValueError("expected `weekday` only where `rotation` is in whole weeks; else leave it out")
        return self


class Repeat(Section):
    """The ladder begins again ``every`` so long after its last step, so many ``times``."""

    times: Annotated[int, Field(ge=1, le=100)]
    every: Duration


class EscalationBySeverity(Section):
    """Ladders for severities that need another one than the brand's."""

    minor: str | None = None
    major: str | None = None
    critical: str | None = None


class Campaign(_Once):
    """A planned time in which more is written than usual."""

    title: Words
    expected: Annotated[float, Field(gt=1, le=1000)]


class RecurringSilence(_Daily):
    """A stretch of some days in which nobody is called, until it expires."""

    name: Slug
    brand: Slug | None = None
    kinds: tuple[Kind, ...] = ()
    channels: tuple[Slug, ...] = ()
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS
    timezone: Timezone = "UTC"
    until: Moment
    hides_critical: bool = False
    reason: Words


class Silences(Section):
    """When nobody is called."""

    longest: Duration = timedelta(days=7)
    recurring: tuple[RecurringSilence, ...] = ()
