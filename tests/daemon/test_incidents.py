"""The only writer of incidents: one transaction each, one winner, nothing twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from daemon.clock import ManualClock
from daemon.command import Acknowledge, Assign, Escalate, Note, PostUpdate, Reopen, Resolve
from daemon.errors import Conflict, InputError, NotFound
from daemon.incidents import Incidents
from daemon.model import EventKind, Incident, IncidentKind, IncidentState, Severity
from daemon.notice import Purpose
from daemon.response.dues import owed
from daemon.response.policy import Order, Outcome
from daemon.store.engine import Store
from daemon.store.tables import deliveries, dues, incidents, timeline
from daemon.timeline import Draft, verify
from tests.fakes.records import NOON, a_policy, a_reading, opened

ANNA, JAN = "user:anna", "slack:U1"
POLICY = a_policy()


@pytest.fixture
def desk(store: Store, clock: ManualClock) -> Incidents:
    return Incidents(store, clock, {"acme": POLICY})


@pytest.fixture
async def two_stores(store_url: str) -> AsyncIterator[tuple[Store, Store]]:
    """Two processes' worth of connections to one store."""
    one, other = await Store.open(store_url), await Store.open(store_url)
    try:
        yield one, other
    finally:
        await one.close()
        await other.close()


async def rows(store: Store, table: sa.Table) -> list[dict[str, Any]]:
    async with store.read() as connection:
        return [dict(row) for row in (await connection.execute(sa.select(table))).mappings()]


async def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    return {table.name: await rows(store, table) for table in (incidents, timeline, dues, deliveries)}


async def holds_together(desk: Incidents, incident_id: str) -> bool:
    incident, events = await desk.get(incident_id), await desk.timeline(incident_id)
    return not verify(incident_id, incident.head_seq, incident.head_hash, events)


# ── acting ───────────────────────────────────────────────────────────────────


async def test_acknowledging_is_kept_with_its_event(desk: Incidents, clock: ManualClock) -> None:
    await desk.open(opened())
    clock.advance(timedelta(minutes=1))
    told = await desk.act("acme-1", Acknowledge(), actor=ANNA)
    assert (told.state, told.acknowledged_by, told.acknowledged_at) == (
        IncidentState.ACKNOWLEDGED,
        ANNA,
        NOON + timedelta(minutes=1),
    )
    assert await desk.get("acme-1") == told, "what is told is what is kept"
    events = await desk.timeline("acme-1")
    assert [(event.seq, event.kind, event.actor) for event in events] == [
        (1, EventKind.OPENED, "tocsin"),
        (2, EventKind.ACKNOWLEDGED, ANNA),
    ]
    assert await holds_together(desk, "acme-1")


async def test_a_second_acknowledgement_is_told_who_was_first_and_changes_nothing(
    desk: Incidents, store: Store
) -> None:
    await desk.open(opened())
    await desk.act("acme-1", Acknowledge(), actor=ANNA)
    before = await everything(store)
    with pytest.raises(Conflict, match="already acknowledged by user:anna"):
        await desk.act("acme-1", Acknowledge(), actor=JAN)
    assert await everything(store) == before


async def test_what_is_not_there_is_not_found(desk: Incidents) -> None:
    with pytest.raises(NotFound, match="no incident 'nowhere'"):
        await desk.act("nowhere", Acknowledge(), actor=ANNA)
    with pytest.raises(NotFound):
        await desk.get("nowhere")
    with pytest.raises(NotFound):
        await desk.timeline("nowhere")
    with pytest.raises(NotFound):
        await desk.find(before="nowhere")


async def test_an_unusable_value_is_refused_and_changes_nothing(desk: Incidents, store: Store) -> None:
    await desk.open(opened())
    before = await everything(store)
    with pytest.raises(InputError, match="to: expected 1 to 200 characters"):
        await desk.act("acme-1", Assign(to=" "), actor=ANNA)
    assert await everything(store) == before


async def test_an_ended_incident_takes_nothing_but_notes_and_a_reopening(desk: Incidents) -> None:
    await desk.open(opened())
    await desk.act("acme-1", Resolve(summary="fixed"), actor=ANNA)
    for command in (Acknowledge(), Escalate(), Resolve(summary="again"), PostUpdate(text="hello", lang="en")):
        with pytest.raises(Conflict, match="the incident has ended: resolved at 2026-03-02T12:00:00"):
            await desk.act("acme-1", command, actor=ANNA)
    await desk.act("acme-1", Note(text="the cause was a cable"), actor=ANNA)
    again = await desk.act("acme-1", Reopen(), actor=ANNA)
    assert again.state is IncidentState.OPEN
    assert await holds_together(desk, "acme-1")


async def test_a_note_says_the_same_in_any_script(desk: Incidents) -> None:
    await desk.open(opened())
    text = "Zażółć gęślą jaźń — «ёж» 🔥 \u202e \U0001f468\u200d\U0001f469"
    await desk.act("acme-1", Note(text=text), actor=ANNA)
    assert (await desk.timeline("acme-1"))[-1].data == {"text": text}
    assert await holds_together(desk, "acme-1")


async def test_the_times_of_a_timeline_never_go_back_though_the_clock_does(desk: Incidents, clock: ManualClock) -> None:
    await desk.open(opened())
    clock.advance(timedelta(hours=-1))
    await desk.act("acme-1", Note(text="earlier?"), actor=ANNA)
    events = await desk.timeline("acme-1")
    assert all(one.at <= other.at for one, other in pairwise(events))
    assert await holds_together(desk, "acme-1")


# ── one open per brand and kind ──────────────────────────────────────────────


async def test_a_second_open_one_of_the_same_brand_and_kind_is_refused(desk: Incidents, store: Store) -> None:
    await desk.open(opened())
    before = await everything(store)
    with pytest.raises(Conflict, match="another incident of this kind is open"):
        await desk.open(opened(incident_id="acme-2"))
    assert await everything(store) == before
    await desk.open(opened(incident_id="acme-3", reading=a_reading(kind=IncidentKind.RISK)))
    await desk.act("acme-1", Resolve(summary="over"), actor=ANNA)
    await desk.open(opened(incident_id="acme-4"))
    assert sorted(incident.id for incident in await desk.open_ones()) == ["acme-3", "acme-4"]


async def test_no_reopening_beside_another_open_one(desk: Incidents, store: Store) -> None:
    await desk.open(opened())
    await desk.act("acme-1", Resolve(summary="over"), actor=ANNA)
    await desk.open(opened(incident_id="acme-2"))
    before = await everything(store)
    with pytest.raises(Conflict, match="another incident of this kind is open"):
        await desk.act("acme-1", Reopen(), actor=ANNA)
    assert await everything(store) == before


async def test_of_many_who_open_at_once_one_does(two_stores: tuple[Store, Store], clock: ManualClock) -> None:
    desks = [Incidents(store, clock, {"acme": POLICY}) for store in two_stores]
    outcomes = await asyncio.gather(
        *(desks[n % 2].open(opened(incident_id=f"acme-{n}")) for n in range(6)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Incident) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 5
    assert len(await desks[0].find()) == 1


# ── all or nothing ───────────────────────────────────────────────────────────


def _order_that_cannot_be_kept(outcome: Outcome) -> Outcome:
    """Its last order has no target: the store refuses it, after everything else was written."""
    bad = Order(purpose=Purpose.ALERT, step=1, target=None, key="bad")  # type: ignore[arg-type]
    return replace(outcome, orders=(*outcome.orders, bad))


def _event_that_cannot_be_kept(outcome: Outcome) -> Outcome:
    bad = Draft(kind=EventKind.NOTE, data={"when": 1})
    return replace(outcome, events=(*outcome.events, replace(bad, actor=None)))


@pytest.mark.parametrize("spoil", [_order_that_cannot_be_kept, _event_that_cannot_be_kept])
async def test_when_one_statement_fails_nothing_of_the_opening_remains(
    desk: Incidents, store: Store, spoil: Callable[[Outcome], Outcome]
) -> None:
    with pytest.raises(Exception, match=r"."):
        await desk.open(spoil(opened()))
    assert await everything(store) == {"incidents": [], "timeline": [], "dues": [], "deliveries": []}


async def test_when_one_statement_fails_nothing_of_a_change_remains(desk: Incidents, store: Store) -> None:
    await desk.open(opened())
    before = await everything(store)

    def rule(incident: Incident, *_: object) -> Outcome:
        good = Outcome(
            incident=replace(incident, assigned_to="jan"), events=(Draft(kind=EventKind.ASSIGNED),), reason="assigned"
        )
        return _order_that_cannot_be_kept(good)

    with pytest.raises(Exception, match=r"."):
        await desk.change("acme-1", rule)
    assert await everything(store) == before
    assert (await desk.act("acme-1", Acknowledge(), actor=ANNA)).head_seq == 2, "and the store goes on working"


async def test_state_timeline_times_owed_and_outbox_are_written_together(
    desk: Incidents, store: Store, clock: ManualClock
) -> None:
    await desk.open(opened())
    kept = await everything(store)
    assert [row["state"] for row in kept["incidents"]] == ["open"]
    assert [row["kind"] for row in kept["timeline"]] == ["opened"]
    incident = await desk.get("acme-1")
    assert {(row["name"], row["at"]) for row in kept["dues"]} == {(due.name, due.at) for due in owed(incident, POLICY)}
    assert sorted((row["purpose"], row["notifier"], row["target"], row["state"]) for row in kept["deliveries"]) == [
        ("alert", "email", "email:oncall@acme.example", "pending"),
        ("alert", "slack", "slack:#pr-crisis", "pending"),
    ]
    clock.advance(timedelta(minutes=1))
    await desk.act("acme-1", Resolve(summary="over"), actor=ANNA)
    kept = await everything(store)
    assert kept["dues"] == [], "an ended incident owes nothing"
    assert [row["state"] for row in kept["incidents"]] == ["resolved"]
    assert [row["resolved_at"] for row in kept["incidents"]] == [NOON + timedelta(minutes=1)]
    assert Counter(row["purpose"] for row in kept["deliveries"]) == {"alert": 2, "resolved": 2, "edit": 1}


async def test_listeners_hear_of_what_was_kept_and_of_nothing_else(desk: Incidents) -> None:
    heard: list[str] = []
    desk.on_change(lambda: heard.append("changed"))
    await desk.open(opened())
    assert heard == ["changed"]
    with pytest.raises(Conflict):
        await desk.act("acme-1", Reopen(), actor=ANNA)
    assert heard == ["changed"]
    for minutes in range(1, 20):  # each look of the watch finds that it goes on
        await desk.sustain("acme-1", NOON + timedelta(minutes=minutes))
    assert heard == ["changed"], "nothing is due at another time, and nothing to be sent"
    assert (await desk.get("acme-1")).last_sustained_at == NOON + timedelta(minutes=19)
    await desk.act("acme-1", Acknowledge(), actor=ANNA)
    assert heard == ["changed"] * 2


async def test_what_goes_on_wakes_the_clock_where_something_is_due_by_it(store: Store, clock: ManualClock) -> None:
    desk = Incidents(store, clock, {"acme": a_policy(minor_wait=timedelta(minutes=5))})
    await desk.open(opened(a_policy(minor_wait=timedelta(minutes=5)), reading=a_reading(severity=Severity.MINOR)))
    heard: list[str] = []
    desk.on_change(lambda: heard.append("changed"))
    await desk.sustain("acme-1", NOON + timedelta(minutes=4))
    assert heard == []
    await desk.sustain("acme-1", NOON + timedelta(minutes=5))
    assert heard == ["changed"], "it has lasted: its first step is due"


# ── many at once ─────────────────────────────────────────────────────────────


async def test_of_many_who_acknowledge_at_once_one_wins_and_the_others_are_told_who(
    two_stores: tuple[Store, Store], clock: ManualClock
) -> None:
    desks = [Incidents(store, clock, {"acme": POLICY}) for store in two_stores]
    await desks[0].open(opened())
    outcomes = await asyncio.gather(
        *(desks[n % 2].act("acme-1", Acknowledge(), actor=f"user:u{n}") for n in range(8)), return_exceptions=True
    )
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, Incident)]
    losers = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert len(losers) == 7
    assert all(f"already acknowledged by {winner.acknowledged_by} " in str(loser) for loser in losers)
    events = await desks[1].timeline("acme-1")
    assert [event.actor for event in events if event.kind is EventKind.ACKNOWLEDGED] == [winner.acknowledged_by]
    assert await holds_together(desks[0], "acme-1")


async def test_notes_written_at_once_are_all_kept_in_one_unbroken_chain(
    two_stores: tuple[Store, Store], clock: ManualClock
) -> None:
    desks = [Incidents(store, clock, {"acme": POLICY}) for store in two_stores]
    await desks[0].open(opened())
    await asyncio.gather(*(desks[n % 2].act("acme-1", Note(text=str(n)), actor=ANNA) for n in range(20)))
    events = await desks[0].timeline("acme-1")
    assert sorted(int(event.data["text"]) for event in events[1:]) == list(range(20))
    assert [event.seq for event in events] == list(range(1, 22))
    assert await holds_together(desks[0], "acme-1")


# ── times owed ───────────────────────────────────────────────────────────────


async def test_nothing_falls_due_before_its_time(desk: Incidents, clock: ManualClock) -> None:
    await desk.open(opened())
    assert await desk.next_due() == NOON + timedelta(minutes=5)
    clock.set(NOON + timedelta(minutes=5, milliseconds=-1))
    assert await desk.fire_due() == 0
    clock.set(NOON + timedelta(minutes=5))
    assert await desk.fire_due() == 1
    assert await desk.fire_due() == 0
    assert await desk.next_due() == NOON + timedelta(minutes=50)
    escalated = (await desk.timeline("acme-1"))[-1]
    assert (escalated.kind, escalated.data) == (EventKind.ESCALATED, {"step": 2, "reason": "unacknowledged"})


async def test_each_thing_owed_is_done_once_however_many_look(
    two_stores: tuple[Store, Store], clock: ManualClock
) -> None:
    desks = [Incidents(store, clock, {"acme": POLICY}) for store in two_stores]
    await desks[0].open(opened())
    clock.set(NOON + timedelta(minutes=71))  # the step, and the first reply before, due and overdue
    done = await asyncio.gather(*(desks[n % 2].fire_due() for n in range(6)))
    assert sum(done) == 4
    events = await desks[0].timeline("acme-1")
    assert [(event.kind, event.data.get("when")) for event in events[1:]] == [
        (EventKind.ESCALATED, None),
        (EventKind.REMINDER, "before"),
        (EventKind.REMINDER, "due"),
        (EventKind.REMINDER, "overdue"),
    ]
    assert [event.data["n"] for event in events if event.kind is EventKind.REMINDER] == [1, 2, 3]
    assert await holds_together(desks[0], "acme-1")


async def test_nothing_owed_before_an_acknowledgement_is_done_after_it(desk: Incidents, clock: ManualClock) -> None:
    await desk.open(opened())
    clock.set(NOON + timedelta(minutes=5))
    await desk.act("acme-1", Acknowledge(), actor=ANNA)
    assert await desk.fire_due() == 0
    assert EventKind.ESCALATED not in [event.kind for event in await desk.timeline("acme-1")]


async def test_times_owed_are_rebuilt_from_the_incidents(desk: Incidents, store: Store) -> None:
    await desk.open(opened())
    await desk.open(opened(incident_id="acme-2", reading=a_reading(kind=IncidentKind.RISK)))
    await desk.act("acme-2", Resolve(summary="over"), actor=ANNA)
    good = sorted(await rows(store, dues), key=str)
    async with store.write() as connection:
        await connection.execute(sa.update(dues).where(dues.c.name == "step").values(at=NOON + timedelta(days=9)))
        await connection.execute(sa.delete(dues).where(dues.c.name == "word:due"))
        await connection.execute(sa.insert(dues).values(incident_id="acme-2", name="step", at=NOON))
        await connection.execute(sa.insert(dues).values(incident_id="gone", name="step", at=NOON))
    await desk.rewrite_dues()
    assert sorted(await rows(store, dues), key=str) == good


async def test_a_row_that_is_out_of_date_does_nothing_and_is_put_right(
    desk: Incidents, store: Store, clock: ManualClock
) -> None:
    await desk.open(opened())
    async with store.write() as connection:
        await connection.execute(sa.update(dues).where(dues.c.name == "step").values(at=NOON))
    assert await desk.fire_due() == 0
    assert await desk.next_due() == NOON + timedelta(minutes=5)
    assert clock.now() == NOON


async def test_an_incident_of_a_brand_no_longer_configured_holds_nobody_else_up(
    store: Store, clock: ManualClock
) -> None:
    before = Incidents(store, clock, {"acme": POLICY, "globex": POLICY})
    await before.open(opened(brand="globex", incident_id="globex-1"))
    await before.open(opened())
    after = Incidents(store, clock, {"acme": POLICY})
    clock.set(NOON + timedelta(minutes=5))
    assert await after.fire_due() == 1
    assert (await after.get("acme-1")).steps_done == 2
    assert (await after.get("globex-1")).steps_done == 1
    await after.act("globex-1", Acknowledge(), actor=ANNA)
    ended = await after.act("globex-1", Resolve(summary="The brand has left"), actor=ANNA)
    assert ended.state is IncidentState.RESOLVED
    asked_for = {row["target"] for row in await rows(store, deliveries) if row["incident_id"] == "globex-1"}
    assert asked_for == set(POLICY.ladder[0].targets), "what was called stays called, and nobody else is"


async def test_rewriting_times_owed_beside_others_who_act_loses_none(
    two_stores: tuple[Store, Store], clock: ManualClock
) -> None:
    desks = [Incidents(store, clock, {"acme": POLICY}) for store in two_stores]
    await desks[0].open(opened())
    kinds = [IncidentKind.RISK, IncidentKind.SHARE, IncidentKind.REACH, IncidentKind.BLIND]
    await asyncio.gather(
        *(desks[0].rewrite_dues() for _ in range(6)),
        *(desks[1].open(opened(incident_id=f"n-{kind}", reading=a_reading(kind=kind))) for kind in kinds),
        *(desks[n % 2].act("acme-1", PostUpdate(text=str(n), lang="en"), actor=ANNA) for n in range(6)),
    )
    kept = {(row["incident_id"], row["name"], row["at"]) for row in await rows(two_stores[0], dues)}
    should = {
        (incident.id, due.name, due.at) for incident in await desks[0].open_ones() for due in owed(incident, POLICY)
    }
    assert kept == should


# ── finding ──────────────────────────────────────────────────────────────────


async def test_pages_of_incidents_leave_none_out_though_many_opened_at_the_same_time(
    desk: Incidents, clock: ManualClock
) -> None:
    for n in range(7):
        if n == 4:
            clock.advance(timedelta(minutes=1))
        await desk.open(opened(incident_id=f"acme-{n}", now=clock.now()))
        await desk.act(f"acme-{n}", Resolve(summary="over"), actor=ANNA)
    found: list[str] = []
    while page := await desk.find(limit=2, before=found[-1] if found else None):
        found += [incident.id for incident in page]
    assert found == ["acme-6", "acme-5", "acme-4", "acme-3", "acme-2", "acme-1", "acme-0"]


async def test_finding_by_brand_and_state(store: Store, clock: ManualClock) -> None:
    desk = Incidents(store, clock, {"acme": POLICY, "globex": POLICY})
    await desk.open(opened())
    await desk.open(opened(brand="globex", incident_id="globex-1"))
    await desk.act("acme-1", Acknowledge(), actor=ANNA)
    assert [incident.id for incident in await desk.find(brand="globex")] == ["globex-1"]
    assert [incident.id for incident in await desk.find(state="acknowledged")] == ["acme-1"]
    assert await desk.find(brand="acme", state="open") == []


# ── one wave ─────────────────────────────────────────────────────────────────


async def test_another_detector_joins_once_also_after_a_restart(
    desk: Incidents, store: Store, clock: ManualClock
) -> None:
    incident = await desk.open(opened())
    share = a_reading(kind=IncidentKind.SHARE)
    await desk.join(incident, share)
    await desk.join(incident, share)
    restarted = Incidents(store, clock, {"acme": POLICY})
    await restarted.join(incident, share)
    await restarted.join(incident, a_reading(kind=IncidentKind.REACH))
    events = await restarted.timeline("acme-1")
    assert [event.data["kind"] for event in events if event.kind is EventKind.EVIDENCE] == ["share", "reach"]


async def test_what_joins_can_make_it_worse_and_never_better(desk: Incidents) -> None:
    incident = await desk.open(opened(reading=a_reading(kind=IncidentKind.REACH, severity=Severity.MINOR)))
    for severity, told in ((Severity.CRITICAL, 1), (Severity.MAJOR, 1), (Severity.CRITICAL, 1)):
        await desk.join(incident, a_reading(severity=severity))
        incident = await desk.get(incident.id)
        events = [event for event in await desk.timeline(incident.id) if event.kind is EventKind.SEVERITY]
        assert len(events) == told
    assert incident.severity is Severity.CRITICAL
    assert (events[0].data["from"], events[0].data["to"]) == ("minor", "critical")


async def test_the_time_at_which_evidence_held_never_goes_back(desk: Incidents) -> None:
    await desk.open(opened())
    later = NOON + timedelta(minutes=10)
    await desk.sustain("acme-1", later)
    incident = await desk.sustain("acme-1", NOON)
    assert incident.last_sustained_at == later
    assert incident.head_seq == 1, "this is no event"
