"""From counts to incidents, in simulated time: what opens, what goes on, what comes back, and what is no news."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.clock import ManualClock
from daemon.command import Acknowledge, FalseAlarm, Resolve
from daemon.model import EventKind, HoldingReply, Incident, IncidentKind, IncidentState, Reading
from daemon.response.policy import Outcome
from daemon.store.engine import Store
from tests.fakes.records import NOON, opened
from tests.fakes.town import MINUTE, Town

HOUR = timedelta(hours=1)
ANNA = "user:anna"
RISK = "Po waszej sałatce cała rodzina się zatruła, it is bad"


@pytest.fixture(scope="module")
def learned_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that has learned fifteen days of ordinary life, and what the watch made of it."""
    file = tmp_path_factory.mktemp("learned") / "tocsin.db"
    asyncio.run(_learn_into(file))
    return file


async def _learn_into(file: Path) -> None:
    store = await Store.open(f"sqlite:///{file}")
    town = Town(store, ManualClock(NOON))
    async with town.awake(watching=False):
        await town.learn(NOON)
        await town.watch.start()
        await town.watch.stop()
    await store.compact()
    await store.close()


@pytest.fixture
async def store(learned_file: Path, tmp_path: Path) -> AsyncIterator[Store]:
    shutil.copy(learned_file, tmp_path / "tocsin.db")
    opened = await Store.open(f"sqlite:///{tmp_path / 'tocsin.db'}")
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
def clock() -> ManualClock:
    """Five seconds before a full minute: what is written within fifty seconds is of this minute."""
    return ManualClock(NOON + timedelta(seconds=55))


@pytest.fixture
async def town(store: Store, clock: ManualClock) -> AsyncIterator[Town]:
    """Its people, just after they were learned of."""
    made = Town(store, clock)
    async with made.awake():
        yield made


async def kinds(town: Town, incident: Incident) -> list[EventKind]:
    return [event.kind for event in await town.incidents.timeline(incident.id)]


async def a_surge(town: Town, people: int = 40) -> Incident:
    """One that has just opened, after ten ordinary minutes."""
    await town.live(10 * MINUTE, step=5 * MINUTE)
    await town.write(people, over=4 * MINUTE)
    (incident,) = await town.look()
    return incident


# ── opening ──────────────────────────────────────────────────────────────────


async def test_ordinary_life_stays_calm(town: Town) -> None:
    await town.live(8 * HOUR, step=10 * MINUTE)
    assert await town.look() == []
    assert not any(reading.alerting for reading in town.readings().values() if reading)


async def test_it_looks_at_least_every_ten_seconds_though_nobody_writes(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[datetime] = []
    enough = asyncio.Event()

    async def look() -> None:
        looked.append(town.clock.now())
        if len(looked) > 5:
            enough.set()

    monkeypatch.setattr(town.watch, "look", look)
    running = asyncio.create_task(town.watch.run())
    await enough.wait()
    running.cancel()
    assert all(later - earlier <= timedelta(seconds=10) for earlier, later in pairwise(looked))


async def test_a_surge_is_one_incident_with_the_right_evidence(town: Town) -> None:
    incident = await a_surge(town)
    evidence = incident.evidence
    assert (incident.kind, incident.state, incident.brand) == (IncidentKind.SURGE, IncidentState.OPEN, "acme")
    assert incident.opened_at == town.clock.now()
    assert evidence.observed == sum(evidence.channels.values()) == sum(evidence.languages.values())
    assert 40 <= evidence.observed <= 44
    assert 40 <= evidence.distinct_authors <= evidence.observed
    assert evidence.deciding_mention is not None
    assert evidence.deciding_mention.startswith("w")
    assert evidence.expected < 5
    assert incident.title.startswith("Acme Mobile: surge of negative mentions")
    assert {reply.lang for reply in incident.holding_replies} >= {"pl", "en"}
    for _ in range(10):
        await town.live(2 * MINUTE, angry=10, step=2 * MINUTE)
    (same,) = await town.look()
    assert same.id == incident.id, "one wave is one incident"
    assert same.evidence.observed > incident.evidence.observed, "its evidence is renewed"
    assert same.evidence.observed == sum(same.evidence.channels.values()) == sum(same.evidence.languages.values())
    assert (await kinds(town, same)).count(EventKind.OPENED) == 1


async def test_the_words_offered_first_know_of_the_crisis_before(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []

    def replies(*_: object, earlier_crises: int) -> tuple[HoldingReply, ...]:
        told.append(earlier_crises)
        return ()

    monkeypatch.setattr("daemon.watch.replies_for", replies)
    now = town.clock.now()
    town.clock.set(now - timedelta(days=90))
    await town.incidents.open(opened(incident_id="acme-0", now=town.clock.now()))
    await town.incidents.act("acme-0", Resolve(summary="over"), actor="user:anna")
    town.clock.set(now)
    await town.live(10 * MINUTE, step=5 * MINUTE)
    await town.write(40, over=4 * MINUTE)
    await town.look()
    assert told == [1]


async def test_no_text_and_no_author_enters_the_timeline(town: Town) -> None:
    incident = await a_surge(town)
    await town.live(10 * MINUTE, angry=12)
    for event in await town.incidents.timeline(incident.id):
        assert "nie działa" not in str(event.data)
        assert "w1'" not in str(event.data).replace("'deciding_mention': 'w", "")


async def test_what_comes_too_late_teaches_and_opens_nothing(town: Town) -> None:
    await town.live(10 * MINUTE)
    for _ in range(5):
        await town.live(MINUTE)
        await town.write(60, published_at=town.clock.now() - timedelta(minutes=15, seconds=1))
        assert await town.look() == []


async def test_one_author_five_hundred_times_opens_nothing(town: Town) -> None:
    for _ in range(10):
        await town.live(MINUTE)
        await town.write(50, over=MINUTE, author="troll")
        assert await town.look() == []


async def test_the_same_mentions_again_and_again_open_nothing(town: Town) -> None:
    for _ in range(10):
        await town.live(MINUTE)
        await town.write(30, id="same", author=None)
        assert await town.look() == []


async def test_what_is_dated_a_little_ahead_is_evidence_when_its_time_has_come(town: Town) -> None:
    await town.live(10 * MINUTE)
    await town.write(40, published_at=town.clock.now() + 4 * MINUTE)
    assert await town.look() == [], "not yet"
    await town.live(5 * MINUTE)
    assert [incident.kind for incident in await town.look()] == [IncidentKind.SURGE]


async def test_another_brand_s_anger_is_not_ours(store: Store, clock: ManualClock) -> None:
    town = Town(store, clock)
    brands = {name: {"name": name.title(), "languages": ["pl"]} for name in ("acme", "globex")}
    town = Town(store, clock, town.config.model_validate(town.config.model_dump() | {"brands": brands}))
    async with town.awake():
        await town.live(10 * MINUTE)
        await town.write(60, over=3 * MINUTE, brand="globex")
        assert {incident.brand for incident in await town.look()} == {"globex"}


# ── restarts ─────────────────────────────────────────────────────────────────


def close_to(one: Reading | None, other: Reading | None) -> bool:
    assert one is not None
    assert other is not None
    rounded = {"score": 0.0, "false_alerts_per_year": 0.0, "expected": 0.0, "reason": ""}
    assert one.expected == pytest.approx(other.expected, rel=0.1, abs=0.05)
    return replace(one, **rounded) == replace(other, **rounded)


async def test_a_restart_changes_no_reading(town: Town) -> None:
    await a_surge(town)
    await town.live(3 * MINUTE, angry=5)
    before = town.readings()
    await town.watch.stop()
    await town.restart()
    assert town.readings() == before
    await town.look()
    assert town.readings() == before
    assert len(await town.look()) == 1


async def test_a_restart_without_a_last_snapshot_changes_no_reading(town: Town) -> None:
    await a_surge(town)
    await town.live(8 * MINUTE, angry=5)
    before = town.readings()
    await town.restart()  # from the snapshot taken now and then
    assert town.readings() == before


async def test_a_restart_without_any_snapshot_finds_the_same_episode(town: Town) -> None:
    await town.live(5 * MINUTE)
    await town.live(5 * MINUTE, angry=10)
    before = town.readings()
    await town.restart(forgetting=True)
    after = town.readings()
    assert all(close_to(after[kind], before[kind]) for kind in IncidentKind)
    (incident,) = await town.look()
    assert await kinds(town, incident) == [
        kind for kind in await kinds(town, incident) if kind is not EventKind.REOPENED
    ]


async def test_what_came_while_the_watch_was_away_is_seen_when_it_is_back(town: Town) -> None:
    await town.live(10 * MINUTE)
    await town.watch.stop()
    town.clock.advance(3 * MINUTE)
    await town.write(40, over=2 * MINUTE)
    await town.restart()
    assert [incident.kind for incident in await town.look()] == [IncidentKind.SURGE]


async def test_having_been_away_for_hours_is_no_incident(town: Town) -> None:
    await town.live(10 * MINUTE)
    await town.watch.stop()
    town.clock.advance(3 * HOUR + timedelta(seconds=20))
    await town.restart()
    assert await town.look() == []
    await town.live(10 * MINUTE, quiet=True)
    assert await town.look() == []


async def test_a_history_that_ended_hours_ago_is_no_silence(sqlite_store: Store, clock: ManualClock) -> None:
    town = Town(sqlite_store, clock)
    async with town.awake(watching=False):
        await town.learn(NOON - 5 * HOUR, timedelta(days=3))
        await town.watch.start()
        for _ in range(4):
            assert await town.look() == [], "nobody was watching: that is unknown, not silence"
            clock.advance(MINUTE)


async def test_a_mention_from_the_dawn_of_time_teaches_nothing_about_the_years_between(town: Town) -> None:
    usual = town.watch.expected("acme", NOON)
    for at in (datetime(1970, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), NOON - timedelta(days=300)):
        await town.write(1, published_at=at)
    await town.restart(forgetting=True)
    assert town.watch.expected("acme", NOON) == pytest.approx(usual, rel=0.05)


# ── learning beside the watch ────────────────────────────────────────────────


async def test_a_history_learned_beside_the_watch_is_picked_up(sqlite_store: Store, clock: ManualClock) -> None:
    town = Town(sqlite_store, clock)
    async with town.awake():
        await town.live(3 * MINUTE)
        ignorant = town.watch.expected("acme", NOON + HOUR, 60)[0]
        await town.learn(NOON, timedelta(days=3))
        await town.look()
        taught = town.watch.expected("acme", NOON + HOUR, 60)[0]
        assert taught == pytest.approx(3.3, rel=0.5)
        assert abs(taught - 3.3) < abs(ignorant - 3.3)
        await town.live(10 * MINUTE)
        assert await town.look() == []


async def test_a_history_learned_just_before_the_end_is_not_forgotten(sqlite_store: Store, clock: ManualClock) -> None:
    town = Town(sqlite_store, clock)
    async with town.awake():
        await town.live(3 * MINUTE)
        await town.learn(NOON, timedelta(days=3))
        await town.watch.stop()  # before it has looked
        await town.restart()
        assert town.watch.expected("acme", NOON + HOUR, 60)[0] == pytest.approx(3.3, rel=0.5)


async def test_what_was_unknown_long_ago_stays_unknown_when_history_is_learned(
    sqlite_store: Store, clock: ManualClock
) -> None:
    """A source that was blind for two of three days: those days are no calm."""
    town = Town(sqlite_store, clock)
    async with town.awake(watching=False):
        await town.watch.gaps.add("mqtt", NOON - timedelta(days=5), NOON - timedelta(days=2), "away")
        await town.learn(NOON, timedelta(days=2))
        await town.learn(NOON - timedelta(days=5), timedelta(days=1), seed=8)
        await town.watch.start()
        with_gap = town.watch.expected("acme", NOON + HOUR, 60)[0]
        await town.look()
        await town.restart(forgetting=True)
        await town.look()
        await town.learn(NOON, timedelta(minutes=30), seed=9)
        await town.look()
        assert town.watch.expected("acme", NOON + HOUR, 60)[0] == pytest.approx(with_gap, rel=0.15)


# ── the end, and after it ────────────────────────────────────────────────────


async def test_half_an_hour_without_anything_negative_ends_it(town: Town) -> None:
    incident = await a_surge(town)
    last = town.clock.now()
    await town.live(28 * MINUTE, quiet=True, step=7 * MINUTE)
    while not (await town.incidents.get(incident.id)).state.ended:
        assert town.clock.now() <= last + 40 * MINUTE, "it never ends"
        await town.live(MINUTE, quiet=True)
    (ended,) = await town.look()
    assert ended.state is IncidentState.RESOLVED
    assert ended.resolved_at is not None
    assert 30 * MINUTE <= ended.resolved_at - last <= 32 * MINUTE
    event = (await town.incidents.timeline(incident.id))[-1]
    assert (event.kind, event.actor, event.data["reason"]) == (EventKind.RESOLVED, "tocsin", "quiet")


async def test_ordinary_life_after_a_surge_ends_it_once_and_for_all(town: Town) -> None:
    incident = await a_surge(town)
    await town.live(4 * HOUR, step=5 * MINUTE)
    (ended,) = await town.look()
    assert (ended.id, ended.state) == (incident.id, IncidentState.RESOLVED)
    assert (await kinds(town, ended)).count(EventKind.RESOLVED) == 1, "no coming and going"


async def test_while_it_goes_on_it_stays_open(town: Town) -> None:
    incident = await a_surge(town)
    await town.live(2 * HOUR, angry=15, step=10 * MINUTE)
    (same,) = await town.look()
    assert (same.id, same.state) == (incident.id, IncidentState.OPEN)


async def test_what_comes_back_soon_is_the_same_incident_reopened(town: Town) -> None:
    incident = await a_surge(town)
    while not (await town.look())[0].state.ended:
        await town.live(5 * MINUTE, quiet=True)
    await town.live(20 * MINUTE, step=5 * MINUTE)
    await town.write(40, over=4 * MINUTE)
    (again,) = await town.look()
    assert (again.id, again.state, again.ladder_round) == (incident.id, IncidentState.OPEN, 2)
    (event,) = [e for e in await town.incidents.timeline(incident.id) if e.kind is EventKind.REOPENED]
    assert event.data == {"reason": "evidence"}


async def test_what_comes_back_much_later_is_another_incident(town: Town) -> None:
    incident = await a_surge(town)
    while not (await town.look())[0].state.ended:
        await town.live(5 * MINUTE, quiet=True)
    town.clock.advance(timedelta(days=3))
    await town.restart()
    await town.live(30 * MINUTE, step=5 * MINUTE)
    await town.write(60, over=4 * MINUTE)
    first, second = await town.look()
    assert (first.id, first.state, second.state) == (incident.id, IncidentState.RESOLVED, IncidentState.OPEN)


@pytest.mark.parametrize(
    ("command", "state"),
    [
        (Resolve(summary="told them"), IncidentState.RESOLVED),
        (FalseAlarm(reason="a campaign of ours"), IncidentState.FALSE_ALARM),
    ],
)
async def test_what_a_person_ended_stays_ended_while_its_evidence_fades(
    town: Town, command: Resolve | FalseAlarm, state: IncidentState
) -> None:
    incident = await a_surge(town)
    await town.incidents.act(incident.id, command, actor=ANNA)
    await town.live(20 * MINUTE, angry=2, step=5 * MINUTE)
    await town.live(3 * HOUR, step=10 * MINUTE)
    (ended,) = await town.look()
    assert (ended.id, ended.state) == (incident.id, state)
    assert EventKind.REOPENED not in await kinds(town, ended)


async def test_what_a_person_ended_comes_back_when_it_has_grown_to_twice_its_size(town: Town) -> None:
    incident = await a_surge(town)
    await town.incidents.act(incident.id, Resolve(summary="told them"), actor=ANNA)
    for _ in range(10):
        await town.live(MINUTE, angry=10)
    (again,) = await town.look()
    assert (again.id, again.state) == (incident.id, IncidentState.OPEN)


async def test_a_false_alarm_that_grows_to_twice_its_size_is_a_new_incident(town: Town) -> None:
    incident = await a_surge(town)
    await town.incidents.act(incident.id, FalseAlarm(reason="a campaign"), actor=ANNA)
    for _ in range(10):
        await town.live(MINUTE, angry=10)
    first, second = await town.look()
    assert (first.id, first.state, second.state) == (incident.id, IncidentState.FALSE_ALARM, IncidentState.OPEN)


# ── other kinds of evidence ──────────────────────────────────────────────────


async def test_words_that_are_never_normal_are_an_incident_of_their_own_that_ends_once(town: Town) -> None:
    await town.live(10 * MINUTE)
    await town.write(2, text=RISK)
    await town.live(2 * MINUTE)
    await town.write(2, text=RISK)
    (incident,) = await town.look()
    assert incident.kind is IncidentKind.RISK
    await town.live(3 * HOUR, quiet=True, step=10 * MINUTE)
    await town.live(4 * HOUR, step=10 * MINUTE)
    (ended,) = (incident for incident in await town.look() if incident.kind is IncidentKind.RISK)
    assert ended.state is IncidentState.RESOLVED
    assert EventKind.REOPENED not in await kinds(town, ended), "the same few words are no news"


async def test_what_arrives_minutes_after_it_was_written_is_evidence_of_every_kind(town: Town) -> None:
    """Most sources are asked every few minutes: what they bring is never of the present minute."""
    await town.live(10 * MINUTE)
    written = town.clock.now() - 5 * MINUTE
    await town.write(3, text=RISK, published_at=written)
    await town.write(1, followers=40_000_000, engagement=2_000_000, published_at=written)
    assert {incident.kind for incident in await town.look()} == {IncidentKind.RISK, IncidentKind.REACH}


async def test_what_arrives_late_within_limits_leaves_the_same_readings_as_in_time(town: Town) -> None:
    await town.live(10 * MINUTE)
    for back in (4, 3, 2, 1, 0):
        await town.write(8, published_at=town.clock.now() - back * MINUTE)
        await town.watch.look()
    before = town.readings()
    await town.restart(forgetting=True)
    share, rebuilt = before[IncidentKind.SHARE], town.watch.reading("acme", IncidentKind.SHARE)
    assert share is not None
    assert rebuilt is not None
    assert (share.observed, share.alerting) == (rebuilt.observed, rebuilt.alerting)


async def test_a_wave_that_began_with_one_far_reaching_voice_stays_one_incident(town: Town) -> None:
    await town.live(10 * MINUTE)
    await town.write(1, followers=40_000_000, engagement=2_000_000)
    (incident,) = await town.look()
    assert incident.kind is IncidentKind.REACH
    await town.live(100 * MINUTE, angry=20, step=5 * MINUTE)
    (same,) = await town.look()
    assert (same.id, same.state) == (incident.id, IncidentState.OPEN)
    seen = await kinds(town, same)
    assert EventKind.RESOLVED not in seen
    assert EventKind.REOPENED not in seen
    assert seen.count(EventKind.EVIDENCE) >= 1, "the surge joined it"


# ── blindness ────────────────────────────────────────────────────────────────


async def test_a_blind_source_is_an_incident_and_there_is_no_all_clear_meanwhile(town: Town) -> None:
    surge = await a_surge(town)
    await town.watch.gaps.began("mqtt", town.clock.now(), "connection refused")
    await town.live(5 * MINUTE, quiet=True)
    await town.live(5 * MINUTE, quiet=True)
    incidents = {incident.kind: incident for incident in await town.look()}
    assert set(incidents) == {IncidentKind.SURGE, IncidentKind.BLIND}
    assert incidents[IncidentKind.BLIND].next_update_due is None
    await town.live(2 * HOUR, quiet=True, step=15 * MINUTE)
    assert all(not incident.state.ended for incident in await town.look())
    await town.watch.gaps.ended("mqtt", town.clock.now())
    await town.live(3 * MINUTE)
    incidents = {incident.kind: incident for incident in await town.look()}
    assert incidents[IncidentKind.BLIND].state is IncidentState.RESOLVED
    assert incidents[IncidentKind.SURGE].state is IncidentState.OPEN, "half an hour of quiet begins now"
    seen = await kinds(town, surge)
    assert [kind for kind in seen if kind in {EventKind.BLIND, EventKind.SIGHTED}] == [
        EventKind.BLIND,
        EventKind.SIGHTED,
    ]
    await town.live(3 * HOUR, step=10 * MINUTE)
    assert all(incident.state.ended for incident in await town.look())


async def test_a_restart_while_blind_does_not_say_so_again(town: Town) -> None:
    surge = await a_surge(town)
    await town.watch.gaps.began("mqtt", town.clock.now(), "connection refused")
    await town.live(10 * MINUTE, quiet=True)
    await town.restart()
    await town.live(3 * MINUTE, quiet=True)
    assert (await kinds(town, surge)).count(EventKind.BLIND) == 1


async def test_a_short_loss_of_sight_is_nothing(town: Town) -> None:
    await town.live(10 * MINUTE)
    await town.watch.gaps.began("mqtt", town.clock.now(), "connection refused")
    town.clock.advance(timedelta(seconds=40))
    await town.look()
    await town.watch.gaps.ended("mqtt", town.clock.now())
    await town.live(10 * MINUTE)
    assert await town.look() == []


async def test_an_open_incident_is_found_however_many_came_after_it(town: Town) -> None:
    surge = await a_surge(town)
    await town.incidents.act(surge.id, Acknowledge(), actor=ANNA)
    for n in range(25):
        town.clock.advance(timedelta(seconds=1))
        other = replace(
            surge, id=f"other-{n}", kind=IncidentKind.RISK, opened_at=town.clock.now(), head_seq=0, head_hash=""
        )
        await town.incidents.open(Outcome(incident=other, reason="test"))
        await town.incidents.act(other.id, FalseAlarm(reason="test"), actor=ANNA)
    await town.live(HOUR, quiet=True, step=10 * MINUTE)
    assert (await town.incidents.get(surge.id)).state is IncidentState.RESOLVED
