"""Shifts as another tool has planned them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.calendars import Calendar, CalendarError, read_calendar

NAMES = {"anna": ["anna", "Anna Kowalska", "anna@acme.example"], "boris": ["boris", "Борис"]}
ZONE = ZoneInfo("Europe/Warsaw")
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def calendar(*events: str) -> Calendar:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//a//b//EN"]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}@x", "DTSTAMP:20260101T000000Z", *event.split(), "END:VEVENT"]
    text = "\r\n".join([*lines, "END:VCALENDAR", ""]).replace("~", " ")
    return Calendar(text.encode(), NAMES)


def shifts(*events: str, days: int = 30) -> list[tuple[str, str, str]]:
    found = calendar(*events).entries(BEGIN, BEGIN + timedelta(days=days), ZONE)
    return [(f"{begin:%m-%d %H:%M}", f"{end:%m-%d %H:%M}", who) for begin, end, who in found]


def test_an_event_is_a_shift_of_the_one_it_names() -> None:
    assert shifts("DTSTART:20260302T080000Z DTEND:20260303T080000Z SUMMARY:On~call:~Anna~Kowalska") == [
        ("03-02 08:00", "03-03 08:00", "anna")
    ]
    assert shifts("DTSTART:20260302T080000Z DTEND:20260303T080000Z SUMMARY:ДЕЖУРНЫЙ:~БОРИС")[0][2] == "boris"
    assert shifts("DTSTART:20260302T080000Z DURATION:PT2H SUMMARY:duty ATTENDEE:mailto:Anna@acme.example") == [
        ("03-02 08:00", "03-02 10:00", "anna")
    ]


def test_repetitions_keep_their_local_time_over_the_change_of_the_clocks() -> None:
    event = "DTSTART;TZID=Europe/Warsaw:20260322T090000 DTEND;TZID=Europe/Warsaw:20260322T170000 SUMMARY:anna"
    told = shifts(f"{event} RRULE:FREQ=WEEKLY;COUNT=3", days=60)
    assert [begin for begin, _, _ in told] == ["03-22 08:00", "03-29 07:00", "04-05 07:00"]


def test_an_exception_and_a_cancelled_event_are_no_shifts() -> None:
    repeated = "DTSTART:20260302T080000Z DURATION:PT8H SUMMARY:anna RRULE:FREQ=DAILY;COUNT=3"
    assert [begin for begin, _, _ in shifts(f"{repeated} EXDATE:20260303T080000Z")] == ["03-02 08:00", "03-04 08:00"]
    assert shifts("DTSTART:20260302T080000Z DURATION:PT8H SUMMARY:whoever STATUS:CANCELLED") == []


def test_whole_days_and_times_without_a_zone_are_meant_where_the_rota_is() -> None:
    assert shifts("DTSTART;VALUE=DATE:20260302 DTEND;VALUE=DATE:20260304 SUMMARY:anna") == [
        ("03-01 23:00", "03-03 23:00", "anna")
    ]
    assert shifts("DTSTART:20260302T090000 DTEND:20260302T100000 SUMMARY:anna")[0][0] == "03-02 08:00"


@pytest.mark.parametrize(
    ("summary", "fault"),
    [
        ("Kasia", 'the event "Kasia" names nobody; expected the name of one under [people]'),
        ("Annamaria", 'the event "Annamaria" names nobody'),
        ("anna~and~boris", "names several (anna, boris)"),
    ],
)
def test_an_event_that_leads_to_nobody_is_a_fault(summary: str, fault: str) -> None:
    with pytest.raises(CalendarError) as caught:
        calendar(f"DTSTART:20260302T080000Z DURATION:PT8H SUMMARY:{summary}")
    assert fault in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", b"hello", b"BEGIN:VCALENDAR"])
def test_what_is_no_calendar_is_a_fault(data: bytes) -> None:
    with pytest.raises(CalendarError) as caught:
        Calendar(data, NAMES)
    assert "iCalendar" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(CalendarError):
        read_calendar(tmp_path / "none.ics", NAMES)
