"""Months of the calendar, and when the summary of one is due. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from daemon.errors import InputError

SENT_AT: Final = 9  # o'clock, on the first day of the next month
_PATIENCE: Final = timedelta(days=3)  # a summary that could not be sent for so long is left to the page


class Month(NamedTuple):
    """A month of the calendar.

    >>> Month.of("2026-01").before().name, Month(2026, 12).after().name
    ('2025-12', '2027-01')
    """

    year: int
    number: int

    @classmethod
    def of(cls, text: str) -> Self:
        """What ``2026-10`` names.

        Raises ``InputError``.
        """
        match = re.fullmatch(r"(20[0-9]{2}|21[0-9]{2})-(0[1-9]|1[0-2])", text, re.ASCII)
        if match is None:
            raise InputError("month: expected a month such as 2026-10")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def at(cls, at: datetime, timezone: str) -> Self:
        """The month of a moment by the clock of ``timezone``."""
        local = at.astimezone(ZoneInfo(timezone))
        return cls(local.year, local.month)

    @property
    def name(self) -> str:
        """As it is written in addresses."""
        return f"{self.year:04d}-{self.number:02d}"

    def before(self) -> Self:
        """The month before."""
        return self._replace(year=self.year - (self.number == 1), number=(self.number - 2) % 12 + 1)

    def after(self) -> Self:
        """The next month."""
        return self._replace(year=self.year + (self.number == 12), number=self.number % 12 + 1)  # noqa: PLR2004 - months

    def bounds(self, timezone: str) -> tuple[datetime, datetime]:
        """Its first moment, and the first after it, in UTC."""
        zone, after = ZoneInfo(timezone), self.after()
        begin = datetime(self.year, self.number, 1, tzinfo=zone).astimezone(UTC)
        return begin, datetime(after.year, after.number, 1, tzinfo=zone).astimezone(UTC)


def due(now: datetime, timezone: str) -> Month | None:
    """The month whose summary is to be sent now: from nine o'clock on the first day of the next, for three days.

    >>> due(datetime(2026, 11, 1, 7, 59, tzinfo=UTC), "Europe/Warsaw")
    >>> due(datetime(2026, 11, 1, 8, 0, tzinfo=UTC), "Europe/Warsaw")
    Month(year=2026, number=10)
    >>> due(datetime(2026, 11, 5, 8, 0, tzinfo=UTC), "Europe/Warsaw")
    """
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    at = datetime(local.year, local.month, 1, SENT_AT, tzinfo=zone)
    return Month(local.year, local.month).before() if at <= now < at + _PATIENCE else None
