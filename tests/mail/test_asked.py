"""What a line asks for."""

from __future__ import annotations

import pytest

from daemon.command import Acknowledge, Command, Escalate, FalseAlarm, Note, Resolve, Snooze
from daemon.errors import InputError
from daemon.mail.asked import HELP, command


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("ack", Acknowledge()),
        ("ACK!", Acknowledge()),
        ("* Ack *", Acknowledge()),
        ("Acknowledge, on it", Acknowledge()),
        ("I have it", Acknowledge()),
        ("snooze", Snooze(seconds=3600)),
        ("snooze 1h", Snooze(seconds=3600)),
        ("Snooze for 30 minutes please", Snooze(seconds=1800)),
        ("snooze 2 hours", Snooze(seconds=7200)),
        ("resolve", Resolve(summary="Resolved by mail")),
        ("Resolve: a router was replaced.", Resolve(summary="a router was replaced.")),
        ("false alarm – a campaign of ours", FalseAlarm(reason="a campaign of ours")),
        ("false-alarm", FalseAlarm(reason="Marked by mail")),
        ("escalate", Escalate()),
        ("note the NOC knows", Note(text="the NOC knows")),
    ],
)
def test_a_command_is_known(line: str, asked: Command) -> None:
    assert command(line) == asked


@pytest.mark.parametrize("line", ["", "?", "Please call me", "acknowledging nothing", "note", "I am out", "false"])
def test_anything_else_is_none(line: str) -> None:
    assert command(line) is None


@pytest.mark.parametrize("line", ["snooze until tomorrow", "snooze 0m"])
def test_a_time_that_is_none_is_named(line: str) -> None:
    with pytest.raises(InputError, match="snooze: expected a duration"):
        command(line)


def test_the_help_names_every_command() -> None:
    for line in HELP.splitlines():
        assert command(line.partition(" - ")[0]) is not None
