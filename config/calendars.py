"""Shifts from an iCalendar file (RFC 5545): who has duty when, as another tool has planned it.

An event says by its summary who has duty: it holds somebody's name, or their key under
``[people]``. Where it names nobody, the mail addresses of its attendees are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

Names = Mapping[str, Sequence[str]]  # person → their names and mail addresses
Entry = tuple[datetime, datetime, str]  # from, to (UTC), person
_MOST_BYTES = 4 * 1024 * 1024
_CLEAR = timedelta(days=1)


class CalendarError(ValueError):
    """A calendar cannot be used; the message says why, in one line."""


class Calendar:
    """The events of one file, with their repetitions."""

    def __init__(self, data: bytes, names: Names) -> None:
        """Read ``data``.

        Raises ``CalendarError`` where it is no calendar, or an event names nobody, or several.
        """
        if len(data) > _MOST_BYTES:
            raise CalendarError("expected an iCalendar file of at most 4 MiB")
        try:
            self._calendar = icalendar.Calendar.from_ical(data)
            events = list(self._calendar.walk("VEVENT"))
        except (ValueError, IndexError, KeyError) as error:
            raise CalendarError(f"expected an iCalendar file (RFC 5545): {_short(str(error))}") from None
        if getattr(self._calendar, "name", None) != "VCALENDAR":
            raise CalendarError("expected an iCalendar file (RFC 5545), beginning with BEGIN:VCALENDAR")
        self._names = names
        for event in events:
            if not _cancelled(event):
                self._who(event)

    def entries(self, begin: datetime, end: datetime, zone: ZoneInfo) -> tuple[Entry, ...]:
        """What touches the time from ``begin`` to ``end``; times without a zone of their own are meant in ``zone``.

        In the order in which they count: where several hold at once, the one that began last.
        Raises ``CalendarError`` for a repetition that cannot be worked out.
        """
        try:
            found = recurring_ical_events.of(self._calendar).between(begin - _CLEAR, end + _CLEAR)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise CalendarError(f"an event's times cannot be worked out: {_short(str(error))}") from None
        entries = {
            (_instant(event.start, zone), _instant(event.end, zone), self._who(event))
            for event in found
            if not _cancelled(event)
        }
        return tuple(sorted(entry for entry in entries if entry[0] < entry[1] and entry[0] < end and entry[1] > begin))

    def _who(self, event: Any) -> str:
        summary = str(event.get("SUMMARY", ""))
        said = {person for person, names in self._names.items() if any(_holds(summary, name) for name in names)}
        if not said:
            attendees = event.get("ATTENDEE", [])
            addresses = {str(one).casefold().removeprefix("mailto:") for one in _several(attendees)}
            said = {person for person, names in self._names.items() if {name.casefold() for name in names} & addresses}
        if len(said) != 1:
            wrong = "names nobody" if not said else f"names several ({', '.join(sorted(said))})"
            raise CalendarError(f'the event "{_short(summary)}" {wrong}; expected the name of one under [people]')
        return said.pop()


def read_calendar(path: Path, names: Names) -> Calendar:
    """The calendar in a file.

    Raises ``CalendarError``.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CalendarError(f"{error.strerror}; expected an iCalendar file that can be read") from None
    return Calendar(data, names)


def _holds(summary: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", summary, re.IGNORECASE) is not None


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _cancelled(event: Any) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def _instant(at: datetime | date, zone: ZoneInfo) -> datetime:
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=zone)
    elif at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    return at.astimezone(UTC)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79]}…"  # noqa: PLR2004 - what fits into a line of a fault
