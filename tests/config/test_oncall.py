"""Faults in who is called when, each with its path."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from config.load import load
from tests.fakes.configuration import faults, with_lines

PEOPLE = """
[people.anna]
targets = ["console:anna"]
[people.boris]
targets = ["console:boris"]
"""


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('[oncall.pr]\nmembers = ["kasia"]', 'oncall.pr.members[0]: nobody is named "kasia" under [people]'),
        ("[oncall.pr]\nmembers = []", "oncall.pr.members: expected at least 1 of them"),
        (
            '[oncall.pr]\nmembers = ["anna"]\nrotation = "90m"',
            'oncall.pr: expected `rotation` in whole days, such as "1d" or "7d"',
        ),
        (
            '[oncall.pr]\nmembers = ["anna"]\nrotation = "3d"\nweekday = "monday"',
            "oncall.pr: expected `weekday` only where `rotation` is in whole weeks",
        ),
        ('[oncall.pr]\nmembers = ["anna"]\nhandover = "9:00"', "oncall.pr.handover: expected a time of day"),
        ('[oncall.pr]\nmembers = ["anna"]\nsince = "2026-02-30"', "oncall.pr.since: expected a day such as"),
        ('[oncall.pr]\nmembers = ["anna"]\ncalendar = "no.ics"', "oncall.pr.calendar: No such file"),
        (
            (
                '[oncall.pr]\nmembers = ["anna"]\n[[oncall.pr.overrides]]\nbegins = 2026-12-24T09:00:00\n'
                'ends = 2026-12-27T09:00:00Z\nwho = "boris"'
            ),
            "oncall.pr.overrides[0].begins: expected a time with an offset",
        ),
        (
            (
                '[oncall.pr]\nmembers = ["anna"]\n[[oncall.pr.overrides]]\nbegins = 2026-12-27T09:00:00Z\n'
                'ends = 2026-12-24T09:00:00Z\nwho = "boris"'
            ),
            "oncall.pr.overrides[0]: expected `ends` after `begins`",
        ),
        (
            (
                '[oncall.pr]\nmembers = ["anna"]\n[[oncall.pr.overrides]]\nbegins = 2026-12-24T09:00:00Z\n'
                'ends = 2026-12-27T09:00:00Z\nwho = "kasia"'
            ),
            'oncall.pr.overrides[0].who: nobody is named "kasia"',
        ),
        (
            '[[escalation.default.steps]]\nafter = "0m"\nnotify = ["oncall:pr"]',
            'escalation.default.steps[0].notify[0]: no rota is named "pr"; expected one of: none is configured',
        ),
        ('[people.c]\ntargets = ["oncall:pr"]', "people.c.targets[0]: a person cannot be a rota"),
        ('[people.c]\ntargets = ["console:anna"]', "people.c.targets[0]: belongs to people.anna already"),
        (
            '[people.c]\ntargets = ["email:c@acme.example"]',
            "people.c.targets[0]: this target needs the section [notifiers.email]",
        ),
        (
            '[people.c]\ntargets = ["console:c"]\n[people.c.quiet_hours]\nbegins = "22:00"\nends = "22:00"',
            "people.c.quiet_hours: expected `ends` at another time than `begins`",
        ),
        (
            (
                '[people.c]\ntargets = ["console:c"]\n[people.c.quiet_hours]\nbegins = "22:00"\nends = "07:00"\n'
                'breaks = ["grave"]'
            ),
            "people.c.quiet_hours.breaks[0]: expected 'minor', 'major' or 'critical'",
        ),
        (
            '[people.c]\ntargets = ["console:c"]\n[people.c.night_budget]\nalerts = 0',
            "people.c.night_budget.alerts: expected a number of at least 1",
        ),
        (
            '[brands.other]\nname = "O"\n[brands.other.escalation_by_severity]\ncritical = "all"',
            'brands.other.escalation_by_severity.critical: no ladder is named "all"; expected one of: none',
        ),
        (
            '[[silences.recurring]]\nname = "s"\nbegins = "02:00"\nends = "04:00"\nreason = "x"',
            "silences.recurring[0].until: missing; this key is required",
        ),
        (
            (
                '[[silences.recurring]]\nname = "s"\nbrand = "none"\nbegins = "02:00"\nends = "04:00"\nreason = "x"\n'
                "until = 2027-01-01T00:00:00Z"
            ),
            'silences.recurring[0].brand: no brand is named "none"; expected one of: acme',
        ),
        (
            (
                '[[brands.other.campaigns]]\ntitle = "Sale"\nbegins = 2026-11-27T00:00:00Z\n'
                "ends = 2026-11-28T00:00:00Z\nexpected = 1"
            ),
            "brands.other.campaigns[0].expected: expected a number above 1",
        ),
    ],
)
def test_each_fault_is_named_with_its_path(tmp_path: Path, lines: str, fault: str) -> None:
    named = faults(with_lines(tmp_path / "t.toml", PEOPLE + lines))
    assert any(one.startswith(fault) for one in named), named


def test_times_are_read_as_toml_has_them_and_as_text(tmp_path: Path) -> None:
    lines = """
[oncall.pr]
members = ["anna"]
calendar = "pr.ics"
since = 2026-03-02
[[oncall.pr.overrides]]
begins = 2026-12-24T09:00:00+01:00
ends = "2026-12-27T09:00:00+01:00"
who = "boris"
"""
    (tmp_path / "pr.ics").write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n")
    rota = load(with_lines(tmp_path / "t.toml", PEOPLE + lines), {}).oncall["pr"]
    assert rota.overrides[0].begins == datetime(2026, 12, 24, 8, 0, tzinfo=UTC)
    assert rota.overrides[0].ends - rota.overrides[0].begins == timedelta(days=3)
    assert (rota.since.isoformat(), rota.handover) == ("2026-03-02", time(9, 0))
    assert rota.calendar == str(tmp_path / "pr.ics")
