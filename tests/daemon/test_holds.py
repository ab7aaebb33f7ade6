"""Who sleeps is not woken for less than they agreed to, and hears of all of it in the morning."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from daemon.command import Acknowledge, Resolve
from daemon.incidents import Incidents
from daemon.leases import Waiting
from daemon.model import EventKind, Severity
from daemon.notice import Notice, Purpose
from daemon.oncall.holding import Person
from daemon.oncall.roster import Roster
from daemon.oncall.windows import Window
from daemon.response import incident as rules
from daemon.response.policy import Policy, Step
from daemon.store.engine import Store
from tests.fakes.post import Post, told
from tests.fakes.records import a_policy, a_reading, opened
from tests.fakes.stepped import SteppedClock

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EVENING = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)  # 23:00 in Warsaw
MORNING = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)  # 07:00 there
NIGHT = Window(timezone="Europe/Warsaw", begins=time(22, 0), ends=time(7, 0))
ANNA = Person(key="anna", name="Anna", targets=("slack:@UANNA000", "email:anna@x"), timezone="Europe/Warsaw")
QUIET = replace(ANNA, quiet=NIGHT)
THRIFTY = replace(ANNA, night=NIGHT, alerts=2)
BRANDS = tuple(f"brand-{number}" for number in range(6))


def policy_for(person: Person, **changes: Any) -> Policy:
    ladder = (Step(after=timedelta(0), targets=("slack:@UANNA000", "slack:#pr", "email:anna@x")),)
    return a_policy(ladder=ladder, roster=Roster(people={"anna": person}), **changes)


class Night:
    """A night with an outbox at work."""

    def __init__(self, store: Store, person: Person) -> None:
        self.store = store
        self.clock = SteppedClock(EVENING)
        self.policy = policy_for(person)
        self.start()

    def start(self) -> None:
        """Begin, or begin anew after a crash."""
        self.desk = Incidents(self.store, self.clock, dict.fromkeys(BRANDS, self.policy))
        self.post = Post(self.store, self.clock, self.desk)

    async def alert(self, number: int = 0, severity: Severity = Severity.MAJOR, *, ended: bool = False) -> str:
        brand, now = BRANDS[number], self.clock.now()
        incident_id = f"{brand}-{now:%d%H%M}"
        reading = a_reading(severity=severity)
        outcome = opened(self.policy, now=now, incident_id=incident_id, brand=brand, reading=reading)
        await self.desk.open(outcome)
        await self.post.settle()
        if ended:
            await self.desk.act(incident_id, Resolve(summary="over"), actor="user:boris")
            await self.post.settle()
        return incident_id

    async def until(self, at: datetime, step: timedelta = 10 * MINUTE) -> None:
        while self.clock.now() < at:
            self.clock.advance(min(step, at - self.clock.now()))
            await self.desk.fire_due()
            await self.post.settle()
        self.clock.advance(timedelta(seconds=5))
        await self.post.settle()

    def to_anna(self, way: str = "slack") -> list[Notice]:
        carrier, target = (self.post.slack, "@UANNA000") if way == "slack" else (self.post.email, "anna@x")
        return [one for one in carrier.taken if one.target == target and one.purpose is not Purpose.EDIT]

    def calls(self, way: str = "slack") -> list[Notice]:
        return [one for one in self.to_anna(way) if one.purpose in {Purpose.ALERT, Purpose.ESCALATION}]


@pytest.fixture
def quiet(sqlite_store: Store) -> Night:
    return Night(sqlite_store, QUIET)


@pytest.fixture
def thrifty(sqlite_store: Store) -> Night:
    return Night(sqlite_store, THRIFTY)


# ── quiet hours ──────────────────────────────────────────────────────────────


async def test_an_alert_in_quiet_hours_comes_at_their_end_and_the_timeline_says_so(quiet: Night) -> None:
    async with quiet.post.at_work():
        incident = await quiet.alert()
        assert len([one for one in quiet.post.slack.taken if one.target == "#pr"]) == 1, "others are called at once"
        await quiet.until(MORNING - MINUTE, step=HOUR)
        assert quiet.to_anna() == []
        await quiet.until(MORNING, step=MINUTE)
    (call,) = quiet.calls()
    assert (call.purpose, call.digest, call.step) == (Purpose.ALERT, (), 1)
    assert len(quiet.calls("email")) == 1
    (note,) = await told(quiet.desk, EventKind.NOTE, incident)
    assert note == {
        "text": "Anna is not called before 07:00: quiet hours.",
        "held": "anna",
        "step": 1,
        "until": "2026-03-03T06:00:00.000Z",
        "reason": "quiet_hours",
    }


async def test_what_is_critical_breaks_quiet_hours(quiet: Night) -> None:
    async with quiet.post.at_work():
        await quiet.alert(severity=Severity.CRITICAL)
    assert len(quiet.calls()) == len(quiet.calls("email")) == 1


async def test_what_becomes_critical_comes_at_once(quiet: Night) -> None:
    async with quiet.post.at_work():
        incident = await quiet.alert()
        await quiet.until(EVENING + HOUR, step=HOUR)
        assert quiet.to_anna() == []
        worse = a_reading(severity=Severity.CRITICAL)
        await quiet.desk.change(incident, lambda found, _now, _policy: rules.worsen(found, worse))
        await quiet.post.settle()
    assert [one.incident.severity for one in quiet.calls()] == [Severity.CRITICAL]


async def test_alerts_of_one_night_come_as_one_message_whatever_has_become_of_them(quiet: Night) -> None:
    async with quiet.post.at_work():
        ids = [await quiet.alert(0, ended=True), await quiet.alert(1), await quiet.alert(2)]
        await quiet.desk.act(ids[1], Acknowledge(), actor="user:boris")
        await quiet.until(MORNING, step=HOUR)
    for way in ("slack", "email"):
        (digest,) = quiet.calls(way)
        assert {one.incident.id for one in digest.digest} == set(ids)
    assert all(one.digest for one in quiet.to_anna()), "nor an end of its own for what is over"
    for incident in ids:
        told_of = [data["target"] for data in await told(quiet.desk, EventKind.NOTIFIED, incident)]
        assert {"slack:@UANNA000", "email:anna@x"} <= set(told_of)


async def test_what_came_and_went_in_the_night_is_told(quiet: Night) -> None:
    async with quiet.post.at_work():
        incident = await quiet.alert(ended=True)
        await quiet.until(MORNING, step=HOUR)
    (digest,) = quiet.to_anna()
    assert [one.incident.id for one in digest.digest] == [incident]


async def test_who_has_it_is_awake(quiet: Night) -> None:
    async with quiet.post.at_work():
        incident = await quiet.alert()
        await quiet.desk.act(incident, Acknowledge(), actor="slack:UANNA000")
        await quiet.post.settle()
        person = quiet.policy.roster.people["anna"]
        found = await quiet.desk.get(incident)
        assert person.hold(found, Purpose.REMINDER, quiet.clock.now(), already=0) is None


async def test_a_crash_in_the_night_loses_and_doubles_nothing(quiet: Night) -> None:
    async with quiet.post.at_work():
        ids = {await quiet.alert(0), await quiet.alert(1)}
    quiet.start()
    async with quiet.post.at_work():
        await quiet.until(MORNING, step=HOUR)
        assert len(quiet.calls()) == 1
    quiet_calls = quiet.calls()
    quiet.start()
    async with quiet.post.at_work():
        await quiet.until(MORNING + 2 * HOUR, step=HOUR)
        assert quiet.calls() == []
    assert {one.incident.id for one in quiet_calls[0].digest} == ids


async def test_a_digest_that_may_have_arrived_is_looked_for_and_says_the_same(quiet: Night) -> None:
    async with quiet.post.at_work():
        await quiet.alert(0)
        await quiet.alert(1)
    quiet.clock.set(MORNING)
    leases, _ = await quiet.post.leases.take("slack", 8, ())  # taken, and then we are killed
    (first,) = leases
    quiet.start()
    await quiet.post.leases.recover()
    async with quiet.post.at_work():
        await quiet.alert(2)  # by day: an alert of its own
    digests = [one for one in quiet.calls() if one.digest]
    assert [(one.delivery_id, one.uncertain, len(one.digest)) for one in digests] == [(first.id, True, 2)]


# ── so many alerts in a night ────────────────────────────────────────────────


async def test_more_alerts_than_agreed_come_in_one_message_in_the_morning(store: Store) -> None:
    thrifty = Night(store, THRIFTY)
    async with thrifty.post.at_work():
        ids = [await thrifty.alert(number, ended=number % 2 == 0) for number in range(6)]
        assert [one.incident.id for one in thrifty.calls()] == ids[:2]
        assert [one.incident.id for one in thrifty.calls("email")] == ids[:2], "one call by two ways is one"
        await thrifty.until(MORNING, step=HOUR)
    *_, digest = thrifty.calls()
    assert {one.incident.id for one in digest.digest} == set(ids[2:])
    assert len(thrifty.calls()) == 3


async def test_what_is_critical_comes_however_many_there_were(thrifty: Night) -> None:
    async with thrifty.post.at_work():
        for number in range(4):
            await thrifty.alert(number)
        await thrifty.alert(4, severity=Severity.CRITICAL)
    assert [one.incident.severity for one in thrifty.calls()] == [Severity.MAJOR, Severity.MAJOR, Severity.CRITICAL]


async def test_each_night_counts_anew_and_the_day_counts_nothing(thrifty: Night) -> None:
    async with thrifty.post.at_work():
        await thrifty.alert(0)
        await thrifty.alert(1)
        await thrifty.until(MORNING + HOUR, step=HOUR)
        for number in range(2, 5):
            await thrifty.alert(number)
        await thrifty.until(EVENING + 24 * HOUR, step=6 * HOUR)
        before = len(thrifty.calls())
        await thrifty.alert(5)
    assert before == 5
    assert len(thrifty.calls()) == 6


async def test_the_outbox_is_not_stuck_while_people_sleep(quiet: Night) -> None:
    async with quiet.post.at_work():
        await quiet.alert()
        await quiet.until(MORNING - HOUR, step=HOUR)
        assert await quiet.post.leases.waiting() == Waiting({}, None)
