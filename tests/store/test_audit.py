"""Whatever is done to a timeline behind our back is found; and nothing is, that was done by us."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from daemon.clock import ManualClock
from daemon.command import Acknowledge, Note, PostUpdate, Reopen, Resolve
from daemon.incidents import Incidents
from daemon.model import IncidentKind
from daemon.store.audit import verify_timelines
from daemon.store.engine import Store
from daemon.store.tables import incidents, timeline
from tests.fakes.records import NOON, a_policy, a_reading, opened

ANNA = "user:anna"
ROW = timeline.c.incident_id == "acme-1"


@pytest.fixture
async def desk(store: Store, clock: ManualClock) -> Incidents:
    """Two incidents with a history: seven events, and two."""
    made = Incidents(store, clock, {"acme": a_policy()})
    await made.open(opened())
    for command in (
        Acknowledge(),
        PostUpdate(text="Sprawdzamy.", lang="pl"),
        Note(text="zażółć"),
        Resolve(summary="over"),
        Reopen(),
        Note(text="again"),
    ):
        clock.advance(timedelta(seconds=90))
        await made.act("acme-1", command, actor=ANNA)
    await made.open(opened(incident_id="acme-2", reading=a_reading(kind=IncidentKind.RISK)))
    await made.act("acme-2", Note(text="x"), actor=ANNA)
    return made


def seq(number: int) -> sa.ColumnElement[bool]:
    return sa.and_(ROW, timeline.c.seq == number)


TAMPERED = {
    "words changed": (sa.update(timeline).where(seq(4)).values(data=b'{"text":"zazolc"}'), 4),
    "a number changed": (sa.update(timeline).where(seq(1)).values(data=b'{"observed":41}'), 1),
    "somebody else": (sa.update(timeline).where(seq(2)).values(actor="user:jan"), 2),
    "another kind": (sa.update(timeline).where(seq(2)).values(kind="note"), 2),
    "no kind": (sa.update(timeline).where(seq(2)).values(kind="nothing"), None),
    "another time": (sa.update(timeline).where(seq(3)).values(at=NOON + timedelta(seconds=181)), 3),
    "another hash": (sa.update(timeline).where(seq(3)).values(hash="0" * 64), 3),
    "the first taken out": (sa.delete(timeline).where(seq(1)), 1),
    "one taken out": (sa.delete(timeline).where(seq(4)), 4),
    "the last cut off": (sa.delete(timeline).where(seq(7)), 7),
    "everything cut off": (sa.delete(timeline).where(ROW), 1),
    "moved to another incident": (sa.update(timeline).where(seq(7)).values(incident_id="acme-2", seq=3), None),
    "no JSON": (sa.update(timeline).where(seq(2)).values(data=b"{"), None),
    "a fraction": (sa.update(timeline).where(seq(2)).values(data=b'{"x":1e400}'), None),
    "a huge number": (sa.update(timeline).where(seq(2)).values(data=b'{"x":123456789012345678901}'), None),
    "the incident's head": (sa.update(incidents).where(incidents.c.id == "acme-1").values(head_seq=6), None),
    "the incident's record": (sa.update(incidents).where(incidents.c.id == "acme-1").values(body=b"{}"), None),
    "the incident": (sa.delete(incidents).where(incidents.c.id == "acme-1"), 1),
}


async def test_what_we_did_ourselves_holds(store: Store, desk: Incidents) -> None:
    assert len(await desk.timeline("acme-1")) == 7
    assert await verify_timelines(store) == (2, [])


@pytest.mark.parametrize("kind", TAMPERED)
async def test_tampering_is_found_and_its_place_is_named(store: Store, desk: Incidents, kind: str) -> None:
    statement, place = TAMPERED[kind]
    async with store.write() as connection:
        assert (await connection.execute(statement)).rowcount
    _, faults = await verify_timelines(store)
    assert faults
    named = [fault for fault in faults if fault.startswith("acme-1 seq ")]
    assert named, faults
    if place is not None:
        assert named[0].startswith(f"acme-1 seq {place}: "), faults
    if kind != "moved to another incident":
        assert not [fault for fault in faults if fault.startswith("acme-2")], "the others hold"
    del desk


async def test_an_event_put_in_between_is_found(store: Store, desk: Incidents) -> None:
    async with store.write() as connection:
        moved = sa.update(timeline).where(ROW, timeline.c.seq >= 4)
        for number in (7, 6, 5, 4):
            await connection.execute(moved.where(timeline.c.seq == number).values(seq=number + 1))
        copied = sa.select(timeline).where(seq(3))
        row = dict((await connection.execute(copied)).mappings().one()) | {"seq": 4, "data": b'{"text":"planted"}'}
        await connection.execute(sa.insert(timeline), row)
    _, faults = await verify_timelines(store)
    assert any(fault.startswith("acme-1 seq 4: ") for fault in faults)
    del desk


async def test_beside_a_running_writer_nothing_is_found(store: Store, desk: Incidents) -> None:
    done = asyncio.Event()

    written = 0

    async def go_on_writing() -> None:
        nonlocal written
        while not done.is_set():
            await desk.act("acme-1", Note(text=str(written)), actor=ANNA)
            written += 1

    writing = asyncio.create_task(go_on_writing())
    faults: list[str] = []
    looks = 0
    while looks < 15 or written <= 3:
        faults += (await verify_timelines(store))[1]
        looks += 1
    done.set()
    await writing
    assert faults == []
