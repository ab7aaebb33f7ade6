"""A brand's own time: the minute of its week, where a public holiday is a day apart."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from holidays import country_holidays

from detectors.base import State

DAY, WEEK = 1440, 10080


class Calendar:
    """Minutes since Monday 00:00, or 10,080 and more on a public holiday of the brand's country.

    ``country`` is a code of ISO 3166, with a subdivision where its holidays are meant ("DE-BY"); empty: none are known.

    >>> from datetime import UTC
    >>> wednesday = datetime(2026, 4, 29, 10, 30, tzinfo=UTC).timestamp()
    >>> calendar = Calendar("Europe/Warsaw", "PL")
    >>> [calendar.minute(int(wednesday) + day * 86400) for day in (0, 1, 2)]
    [3630, 5070, 10830]
    """

    def __init__(self, timezone: str = "UTC", country: str = "") -> None:
        self.timezone = timezone
        self.country = country
        self._zone = ZoneInfo(timezone)
        code, _, subdivision = country.partition("-")
        self._holidays = country_holidays(code, subdiv=subdivision or None) if code else None
        self._day = (0, False)  # the date looked up last, and whether it is a holiday

    def minute(self, at: int) -> int:
        """Where a time, in seconds since 1970, lies in the brand's week."""
        local = datetime.fromtimestamp(at, self._zone)
        minute = local.hour * 60 + local.minute
        if self._holidays is not None:
            day = local.toordinal()
            if day != self._day[0]:
                self._day = (day, local.date() in self._holidays)
            if self._day[1]:
                return WEEK + minute
        return local.weekday() * DAY + minute

    def dump(self) -> State:
        """What it was made with."""
        return [self.timezone, self.country]
