"""Nobody is called while it is silent, and all that was hidden is told when it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from daemon.command import Resolve
from daemon.incidents import Incidents
from daemon.model import EventKind, IncidentState, Severity
from daemon.notice import Notice, Purpose
from daemon.oncall.roster import Roster
from daemon.oncall.silence import Silence
from daemon.response import incident as rules
from daemon.response.policy import Policy, Step
from daemon.store.engine import Store
from tests.fakes.post import Post, told
from tests.fakes.records import NOON, a_policy, a_reading, an_evidence, opened
from tests.fakes.stepped import SteppedClock

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MOVING = Silence(id="moving", reason="moving house", begins=NOON - HOUR, ends=NOON + HOUR)
SALE = replace(MOVING, id="sale", reason="Sale", factor=20.0, campaign=True, kinds=("surge",))
LADDER = (Step(after=0 * MINUTE, targets=("slack:#pr",)), Step(after=5 * MINUTE, targets=("slack:@UHEAD000",)))
BRANDS = ("acme", "globex", "initech")


class Day:
    """A day on which something is silent, with an outbox at work."""

    def __init__(self, store: Store, *silences: Silence) -> None:
        self.store = store
        self.clock = SteppedClock(NOON)
        self.set(*silences)
        self.start()

    def set(self, *silences: Silence) -> None:
        self.policy: Policy = a_policy(ladder=LADDER, roster=Roster(silences=silences))

    def start(self) -> None:
        self.desk = Incidents(self.store, self.clock, dict.fromkeys(BRANDS, self.policy))
        self.post = Post(self.store, self.clock, self.desk)

    async def crisis(self, brand: str = "acme", severity: Severity = Severity.MAJOR, **evidence: object) -> str:
        reading = a_reading(severity=severity)
        outcome = opened(
            self.policy,
            now=self.clock.now(),
            incident_id=f"{brand}-1",
            brand=brand,
            reading=reading,
            evidence=an_evidence(**evidence),
        )
        await self.desk.open(outcome)
        await self.post.settle()
        return outcome.incident.id

    async def wait(self, by: timedelta, step: timedelta = 5 * MINUTE) -> None:
        until = self.clock.now() + by
        while self.clock.now() < until:
            self.clock.advance(min(step, until - self.clock.now()))
            await self.desk.fire_due()
            await self.post.settle()
        self.clock.advance(timedelta(seconds=5))
        await self.post.settle()

    def calls(self) -> list[Notice]:
        return [one for one in self.post.slack.taken if one.purpose in {Purpose.ALERT, Purpose.ESCALATION}]


@pytest.fixture
def day(sqlite_store: Store) -> Day:
    return Day(sqlite_store, MOVING)


async def test_the_ladder_begins_when_the_silence_ends_and_takes_its_time(day: Day) -> None:
    async with day.post.at_work():
        incident = await day.crisis()
        assert (await day.desk.get(incident)).hidden_by == ("moving",)
        await day.wait(59 * MINUTE)
        assert day.post.slack.taken == []
        await day.wait(2 * MINUTE, step=MINUTE)
        assert [one.target for one in day.calls()] == ["#pr"]
        await day.wait(3 * MINUTE, step=MINUTE)
        assert [one.target for one in day.calls()] == ["#pr"], "the second step not with the first"
        await day.wait(3 * MINUTE, step=MINUTE)
    assert [(one.target, one.step) for one in day.calls()] == [("#pr", 1), ("@UHEAD000", 2)]


async def test_what_came_and_went_is_told_at_the_end_in_one_message(store: Store) -> None:
    day = Day(store, MOVING)
    async with day.post.at_work():
        ids = [await day.crisis(brand) for brand in BRANDS]
        for incident in ids:
            await day.wait(MINUTE)
            await day.desk.act(incident, Resolve(summary="over"), actor="user:anna")
        assert day.post.slack.taken == []
        await day.wait(HOUR)
    (digest,) = day.post.slack.taken
    assert sorted(one.incident.id for one in digest.digest) == sorted(ids)
    assert all(one.incident.state is IncidentState.RESOLVED for one in digest.digest)
    for incident in ids:
        assert [data["purpose"] for data in await told(day.desk, EventKind.NOTIFIED, incident)] == ["alert"]


async def test_what_becomes_critical_is_called_about_at_once(day: Day) -> None:
    async with day.post.at_work():
        incident = await day.crisis()
        await day.wait(20 * MINUTE)
        worse = a_reading(severity=Severity.CRITICAL)
        await day.desk.change(incident, lambda found, _now, _policy: rules.worsen(found, worse))
        await day.wait(MINUTE, step=MINUTE)
        assert [one.target for one in day.calls()] == ["#pr"], "from the foot of the ladder"
        await day.wait(5 * MINUTE, step=MINUTE)
    assert [one.target for one in day.calls()] == ["#pr", "@UHEAD000"]


async def test_a_silence_begun_later_stops_the_clock_of_the_ladder(sqlite_store: Store) -> None:
    day = Day(sqlite_store)
    async with day.post.at_work():
        await day.crisis()
        await day.wait(2 * MINUTE, step=MINUTE)
    day.set(replace(MOVING, begins=NOON + 2 * MINUTE))
    day.start()
    await day.desk.rewrite_dues()
    async with day.post.at_work():
        await day.wait(55 * MINUTE)
        assert day.calls() == []
        await day.wait(5 * MINUTE, step=MINUTE)
        assert day.calls() == []
        await day.wait(3 * MINUTE, step=MINUTE)
    assert [one.target for one in day.calls()] == ["@UHEAD000"]


async def test_an_overdue_word_calls_nobody_while_it_is_silent(sqlite_store: Store) -> None:
    day = Day(sqlite_store, replace(MOVING, ends=NOON + 3 * HOUR))
    async with day.post.at_work():
        await day.crisis()
        await day.wait(3 * HOUR - MINUTE, step=10 * MINUTE)
        assert day.post.slack.taken == []
        await day.wait(2 * MINUTE, step=MINUTE)
    assert "#pr" in {one.target for one in day.calls()}


async def test_a_crash_while_it_is_silent_loses_nothing_and_tells_nothing_twice(day: Day) -> None:
    async with day.post.at_work():
        hidden = await day.crisis("acme")
        await day.desk.act(hidden, Resolve(summary="over"), actor="user:anna")
        await day.crisis("globex")
    day.start()
    await day.desk.rewrite_dues()
    async with day.post.at_work():
        await day.wait(62 * MINUTE)
        assert {one.incident.id for one in day.calls()} == {"acme-1", "globex-1"}
    day.start()
    await day.desk.rewrite_dues()
    async with day.post.at_work():
        await day.wait(MINUTE)
        assert [one for one in day.calls() if one.step == 1] == []


async def test_a_campaign_calls_nobody_for_what_it_lets_expect_and_says_so(sqlite_store: Store) -> None:
    day = Day(sqlite_store, SALE)
    async with day.post.at_work():
        incident = await day.crisis(observed=40, expected=3.1)
        shown = (await day.desk.get(incident)).evidence.reason
        assert shown.endswith("– nobody is called for up to 20 times the usual, expected while “Sale” runs")
        await day.wait(10 * MINUTE)
        assert day.calls() == []
        grown = an_evidence(observed=63, expected=3.1, at=day.clock.now())
        reading = a_reading(severity=Severity.MAJOR, observed=63)
        await day.desk.change(incident, lambda found, _now, policy: rules.renew(found, reading, grown, (), policy))
        await day.wait(MINUTE, step=MINUTE)
    assert [one.target for one in day.calls()] == ["#pr"]
    assert "more than 20 times the usual" in (await day.desk.get(incident)).evidence.reason
