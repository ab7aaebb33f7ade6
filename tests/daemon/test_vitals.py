"""What the daemon says of itself, and what it writes down of a source that was away."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from daemon.clock import ManualClock
from daemon.health import Check, Health
from daemon.incidents import Incidents
from daemon.ingest import Ingest
from daemon.leases import Leases
from daemon.letters import Letters
from daemon.metrics import Metrics
from daemon.notice import Letter
from daemon.store.counts import Gaps
from daemon.store.tables import gaps
from daemon.vitals import Vitals
from tests.fakes.records import NOON, a_policy, opened
from tests.fakes.site import Words
from tests.fakes.stepped import TroubledStore


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def desk(troubled: TroubledStore, clock: ManualClock) -> Incidents:
    return Incidents(troubled, clock, {"acme": a_policy()})


@pytest.fixture
def health() -> Health:
    return Health("store", "outbox", "mqtt")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(["acme"])


@pytest.fixture
def letters(troubled: TroubledStore, clock: ManualClock) -> Letters:
    return Letters(store=troubled, clock=clock, notifiers={})


@pytest.fixture
def vitals(
    troubled: TroubledStore, clock: ManualClock, desk: Incidents, letters: Letters, health: Health, metrics: Metrics
) -> Vitals:
    return Vitals(
        clock=clock,
        store=troubled,
        health=health,
        metrics=metrics,
        ingest=Ingest(store=troubled, clock=clock, model=Words(), metrics=metrics, late_after=timedelta(minutes=15)),
        incidents=desk,
        leases=Leases(store=troubled, clock=clock, incidents=desk, node="tocsin-1"),
        letters=letters,
        gaps=Gaps(troubled),
        notifiers=("slack",),
    )


async def recorded(troubled: TroubledStore) -> list[tuple[object, ...]]:
    async with troubled.read() as connection:
        rows = await connection.execute(sa.select(gaps.c.since, gaps.c.until, gaps.c.reason).order_by(gaps.c.since))
        return [tuple(row) for row in rows]


async def test_once_every_part_has_reported_it_is_ready(vitals: Vitals, health: Health) -> None:
    await vitals.report()
    assert not health.is_ready
    await vitals.mqtt_state(True, "subscribed")
    assert health.is_ready
    await vitals.mqtt_state(False, "connection refused")
    assert not health.is_ready
    assert health.alive


async def test_what_the_source_did_while_the_store_was_away_is_written_afterwards_in_its_order(
    vitals: Vitals, troubled: TroubledStore, clock: ManualClock
) -> None:
    troubled.refusing = 3
    await vitals.mqtt_state(False, "connection refused")
    await clock.sleep(600)
    await vitals.mqtt_state(True, "subscribed")
    await clock.sleep(60)
    await vitals.mqtt_state(False, "connection lost")
    assert await recorded(troubled) == []
    await vitals.report()
    assert await recorded(troubled) == [
        (NOON, NOON + timedelta(minutes=10), "connection refused"),
        (NOON + timedelta(minutes=11), None, "connection lost"),
    ]
    await vitals.report()
    assert len(await recorded(troubled)) == 2


@pytest.mark.parametrize(("drill", "counted"), [(False, 1), (True, 0)])
async def test_open_incidents_are_counted_and_drills_are_not(
    vitals: Vitals, desk: Incidents, metrics: Metrics, *, drill: bool, counted: int
) -> None:
    found = opened()
    await desk.open(replace(found, incident=replace(found.incident, drill=drill)))
    await vitals.report()
    assert f'tocsin_incidents_open{{brand="acme",kind="surge"}} {counted:.1f}' in metrics.expose().decode()


async def test_a_letter_that_waits_is_counted_and_one_that_waits_too_long_is_told(
    vitals: Vitals, letters: Letters, troubled: TroubledStore, clock: ManualClock, health: Health, metrics: Metrics
) -> None:
    async with troubled.write() as connection:
        await letters.put(connection, "slack", Letter(id="one", at=NOON, target="#pr", subject="May", text="All calm."))
    await vitals.report()
    assert 'tocsin_outbox_pending{notifier="slack"} 1.0' in metrics.expose().decode()
    assert health.checks["outbox"] == Check(ok=True, detail="1 waiting")
    await clock.sleep(15 * 60)
    await vitals.report()
    assert health.checks["outbox"] == Check(ok=False, detail="1 waiting for over 15 minutes")
