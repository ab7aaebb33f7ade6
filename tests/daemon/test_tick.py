"""The alarm clock: it wakes for what is owed, and holds nothing that a restart could lose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from daemon.clock import FastClock
from daemon.command import Acknowledge, PostUpdate, Snooze
from daemon.incidents import Incidents
from daemon.model import EventKind, HoldingReply, Incident
from daemon.store.engine import Store
from daemon.store.tables import dues
from daemon.tick import Ticker
from daemon.views import format_time, parse_time
from tests.fakes.records import NOON, a_policy, opened
from tests.fakes.stepped import TroubledStore, eventually

ANNA = "user:anna"
A_REPLY = HoldingReply(lang="pl", register="formal", visibility="public", channel="x", text="Przykro nam.")
RATE = 300.0  # simulated seconds in one


@pytest.fixture
def clock() -> FastClock:
    return FastClock(NOON, RATE)


@pytest.fixture
def desk(sqlite_store: Store, clock: FastClock) -> Incidents:
    return Incidents(sqlite_store, clock, {"acme": a_policy()})


@pytest.fixture
async def ticker(desk: Incidents, clock: FastClock) -> AsyncIterator[Ticker]:
    made = Ticker(clock=clock, incidents=desk)
    yield made
    await made.stop()


async def steps(desk: Incidents) -> int:
    return (await desk.get("acme-1")).steps_done


async def test_it_wakes_for_what_an_incident_opened_meanwhile_owes(desk: Incidents, ticker: Ticker) -> None:
    await ticker.start()
    await desk.open(opened())

    async def escalated() -> bool:
        return await steps(desk) == 2

    await eventually(escalated)
    events = await desk.timeline("acme-1")
    (event,) = [event for event in events if event.kind is EventKind.ESCALATED]
    assert event.at >= NOON + timedelta(minutes=5), "not before its time"


async def test_whoever_is_called_is_offered_a_word_whose_time_is_to_come(sqlite_store: Store, clock: FastClock) -> None:
    async def as_of_now(incident: Incident) -> tuple[HoldingReply, ...]:
        return tuple(replace(reply, text=format_time(clock.now())) for reply in incident.holding_replies)

    desk = Incidents(sqlite_store, clock, {"acme": a_policy()}, as_of_now)
    await desk.open(opened(replies=(A_REPLY,), now=NOON - timedelta(minutes=55)))
    assert await desk.fire_due() == 2, "a step, and a reminder"
    (offered,) = (await desk.get("acme-1")).holding_replies
    assert parse_time(offered.text) >= NOON


@pytest.mark.error_logs_expected
async def test_words_that_cannot_be_renewed_keep_nobody_from_being_called(
    sqlite_store: Store, clock: FastClock
) -> None:
    async def broken(_: Incident) -> tuple[HoldingReply, ...]:
        raise ValueError("a template that nothing fits")

    desk = Incidents(sqlite_store, clock, {"acme": a_policy()}, broken)
    await desk.open(opened(replies=(A_REPLY,), now=NOON - timedelta(minutes=55)))
    assert await desk.fire_due() == 2, "a step, and a reminder"
    assert (await desk.get("acme-1")).holding_replies == (A_REPLY,)


async def test_what_fell_due_while_nobody_was_there_is_done_at_the_start_once(
    desk: Incidents, ticker: Ticker, clock: FastClock
) -> None:
    await desk.open(opened(now=NOON - timedelta(minutes=55)))  # a step and a reminder ago
    await ticker.start()
    kinds = [event.kind for event in await desk.timeline("acme-1")]
    assert kinds.count(EventKind.REMINDER) == 1
    assert await steps(desk) == 2
    await ticker.fire()
    assert [event.kind for event in await desk.timeline("acme-1")].count(EventKind.REMINDER) == 1
    assert clock.now() > NOON


async def test_its_timetable_is_rebuilt_from_the_incidents(
    desk: Incidents, ticker: Ticker, sqlite_store: Store
) -> None:
    await desk.open(opened(now=NOON - timedelta(minutes=5)))
    async with sqlite_store.write() as connection:
        await connection.execute(sa.delete(dues))
    await ticker.start()
    assert await steps(desk) == 2


async def test_a_time_moved_by_an_action_is_kept_at_its_new_place(desk: Incidents, ticker: Ticker) -> None:
    await ticker.start()
    await desk.open(opened())
    await desk.act("acme-1", Snooze(seconds=600), actor=ANNA)
    await desk.act("acme-1", PostUpdate(text="Sprawdzamy.", lang="pl", next_update_in=7200), actor=ANNA)

    async def awake() -> bool:
        return EventKind.UNACKNOWLEDGED in [event.kind for event in await desk.timeline("acme-1")]

    await eventually(awake)
    back = next(event for event in await desk.timeline("acme-1") if event.kind is EventKind.UNACKNOWLEDGED)
    assert back.at >= NOON + timedelta(seconds=600)


async def test_nothing_escalates_after_an_acknowledgement(desk: Incidents, ticker: Ticker, clock: FastClock) -> None:
    await ticker.start()
    await desk.open(opened())
    await desk.act("acme-1", Acknowledge(), actor=ANNA)
    await eventually(lambda: clock.now() > NOON + timedelta(minutes=8))
    assert await steps(desk) == 1


@pytest.mark.error_logs_expected
async def test_a_job_that_fails_is_done_again(ticker: Ticker) -> None:
    done: list[int] = []

    async def job() -> None:
        done.append(1)
        raise ZeroDivisionError

    ticker.every(0.02, "broken", job)
    await ticker.start()
    await eventually(lambda: len(done) > 2)


async def test_a_store_that_fails_for_a_while_delays_and_loses_nothing(
    troubled: TroubledStore, clock: FastClock
) -> None:
    desk = Incidents(troubled, clock, {"acme": a_policy()})
    ticker = Ticker(clock=clock, incidents=desk)
    await desk.open(opened())
    await ticker.start()
    troubled.refusing = 2

    async def escalated() -> bool:
        return await steps(desk) == 2

    await eventually(escalated)
    assert troubled.refusing == 0
    await ticker.stop()


async def test_its_end_waits_for_what_is_under_way(ticker: Ticker) -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), []

    async def job() -> None:
        begun.set()
        await go_on.wait()
        ended.append(1)

    ticker.every(0.02, "slow", job)
    await ticker.start()
    await begun.wait()
    stopping = asyncio.create_task(ticker.stop())
    await asyncio.sleep(0)  # noqa: TID251 - lets it begin
    assert not stopping.done()
    go_on.set()
    await stopping
    assert ended
