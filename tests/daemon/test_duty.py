"""The roster follows the files and the rows it is made from."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.load import load
from daemon.clock import ManualClock
from daemon.duty import Duty
from daemon.errors import Conflict, NotFound
from daemon.incidents import Incidents
from daemon.oncall.silence import Silence
from daemon.store.engine import Store
from daemon.store.silences import Silences
from tests.fakes.configuration import with_lines
from tests.fakes.records import NOON

LINES = """
[people.anna]
targets = ["console:anna"]
[people.boris]
targets = ["console:boris"]
[oncall.pr]
members = ["anna"]
calendar = "pr.ics"
[[escalation.default.steps]]
after = "0m"
notify = ["oncall:pr"]
"""


def calendar(who: str) -> bytes:
    event = f"BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260302T000000Z\r\nDTEND:20260303T000000Z\r\nSUMMARY:{who}\r\nEND:VEVENT"  # noqa: E501
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{event}\r\nEND:VCALENDAR\r\n".encode()


class Office:
    """A configuration in a folder, and the duty made from it."""

    def __init__(self, folder: Path, store: Store, clock: ManualClock) -> None:
        self.file = folder / "pr.ics"
        self.write("boris", age=100)
        self.config = load(with_lines(folder / "t.toml", LINES), {})
        self.duty = Duty(config=lambda: self.config, clock=clock, silences=Silences(store))
        self.incidents = Incidents(store, clock, {})

    def write(self, who: str, *, age: int) -> None:
        self.file.write_bytes(calendar(who))
        at = datetime(2026, 3, 1, tzinfo=UTC).timestamp() - age
        os.utime(self.file, (at, at))

    def called(self) -> tuple[str, ...]:
        return self.duty.roster.resolve(("oncall:pr",), NOON)


@pytest.fixture
async def office(tmp_path: Path, sqlite_store: Store, clock: ManualClock) -> Office:
    made = Office(tmp_path, sqlite_store, clock)
    await made.duty.start()
    made.incidents.policies = made.duty.policies(made.config)
    return made


async def test_a_calendar_is_read_again_when_it_has_changed(office: Office) -> None:
    assert office.called() == ("console:boris",)
    office.write("anna", age=50)
    await office.duty.renew(office.incidents)
    assert office.called() == ("console:anna",)
    assert office.incidents.policies["acme"].roster == office.duty.roster, "the incidents go by it at once"


async def test_a_calendar_that_breaks_leaves_what_was_known(office: Office) -> None:
    for broken in (b"nonsense", calendar("somebody else")):
        office.file.write_bytes(broken)
        await office.duty.renew(office.incidents)
        assert office.called() == ("console:boris",)
    office.file.unlink()
    await office.duty.renew(office.incidents)
    assert office.called() == ("console:boris",)


async def test_outside_the_calendar_it_goes_by_turns(office: Office) -> None:
    assert office.duty.roster.resolve(("oncall:pr",), NOON + timedelta(days=2)) == ("console:anna",)


async def test_a_silence_of_another_daemon_is_taken_over(
    office: Office, sqlite_store: Store, clock: ManualClock
) -> None:
    other = Duty(config=lambda: office.config, clock=clock, silences=Silences(sqlite_store))
    await other.start()
    wanted = Silence(id="", reason="x", ends=NOON + timedelta(hours=1), by="user:anna")
    made = await other.silence(wanted, office.incidents)
    await office.duty.renew(office.incidents)
    assert office.duty.roster.silences == (made,)
    clock.advance(timedelta(minutes=5))
    ended = await office.duty.unsilence(made.id, office.incidents, actor="user:boris")
    assert ended.ends == clock.now()
    with pytest.raises(Conflict):
        await office.duty.unsilence(made.id, office.incidents, actor="user:boris")
    with pytest.raises(NotFound):
        await office.duty.unsilence("nothing", office.incidents, actor="user:boris")
