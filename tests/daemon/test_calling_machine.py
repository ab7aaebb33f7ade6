"""Whatever happens in which order, and however often the daemon dies: who is to be called is, once, and nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from daemon.command import Acknowledge, Command, Reopen, Resolve, Snooze
from daemon.errors import Conflict
from daemon.incidents import Incidents
from daemon.model import Incident, IncidentState, Severity
from daemon.notice import Notice, Purpose
from daemon.oncall.holding import CALLS, Person
from daemon.oncall.roster import Roster
from daemon.oncall.rota import Rota
from daemon.oncall.silence import Silence
from daemon.oncall.windows import Window
from daemon.response import incident as rules
from daemon.response.ladder import next_step_at
from daemon.response.policy import Policy, Step
from daemon.store.engine import Store
from daemon.store.tables import deliveries
from daemon.timeline import verify
from tests.fakes.post import Post
from tests.fakes.records import a_policy, a_reading, opened
from tests.fakes.stepped import SteppedClock

WARSAW = "Europe/Warsaw"
EVENING = datetime(2026, 10, 24, 18, 0, tzinfo=UTC)  # 20:00; in the night an hour comes twice
MINUTE = timedelta(minutes=1)
NIGHT = Window(timezone=WARSAW, begins=time(22, 0), ends=time(7, 0))
ANNA = Person(
    key="anna",
    name="Anna",
    targets=("slack:@UANNA000", "email:anna@x"),
    timezone=WARSAW,
    quiet=NIGHT,
    breaks=(Severity.MAJOR, Severity.CRITICAL),
    night=NIGHT,
    alerts=2,
)
ROSTER = Roster(
    people={"anna": ANNA, "boris": Person(key="boris", name="Boris", targets=("slack:@UBORIS00",))},
    rotas={
        "pr": Rota(timezone=WARSAW, members=("anna", "boris"), days=1, handover=time(9, 0), first=date(2026, 10, 24))
    },
    silences=(
        Silence(
            id="s",
            reason="maintenance",
            ends=datetime(2026, 11, 1, tzinfo=UTC),
            window=Window(timezone=WARSAW, begins=time(2, 30), ends=time(3, 30)),
            brand="globex",
        ),
    ),
)


def steps(*rungs: tuple[int, tuple[str, ...]]) -> tuple[Step, ...]:
    return tuple(Step(after=minutes * MINUTE, targets=targets) for minutes, targets in rungs)


FIRST, HEAD, CHIEF = ("slack:#pr", "oncall:pr"), ("slack:@UHEAD000",), ("slack:@UCHIEF00",)
POLICY: Policy = a_policy(
    ladder=steps((0, FIRST), (5, HEAD), (20, FIRST), (25, HEAD)),
    ladders={Severity.CRITICAL: steps((0, (*FIRST, *CHIEF)), (2, HEAD), (10, CHIEF))},
    roster=ROSTER,
)
BRANDS = ("acme", "globex", "initech")
brands = st.sampled_from(BRANDS)


class Calling(RuleBasedStateMachine):
    """A few days of three brands, with an outbox that works in the order of time."""

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = SteppedClock(EVENING)
        self.store = self.run(Store.open(f"sqlite:///{Path(self.folder.name) / 'x.db'}"))
        self.sent: list[tuple[datetime, Notice]] = []
        self.held: set[str] = set()
        self.number = 0
        self.wake()

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        try:
            self.pass_time(3 * 24 * 60)
            self.run(self.nothing_is_lost())
        finally:
            self.run(self.store.close())
            self.loop.close()
            self.folder.cleanup()

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def wake(self) -> None:
        """The daemon begins, for the first time or again."""

        async def begin() -> tuple[Incidents, Post]:
            desk = Incidents(self.store, self.clock, dict.fromkeys(BRANDS, POLICY))
            return desk, Post(self.store, self.clock, desk)

        self.desk, self.post = self.run(begin())

    # ── what happens

    @rule(brand=brands, severity=st.sampled_from(Severity))
    def crisis(self, brand: str, severity: Severity) -> None:
        self.number += 1
        outcome = opened(
            POLICY,
            now=self.clock.now(),
            incident_id=f"{brand}-{self.number}",
            brand=brand,
            reading=a_reading(severity=severity),
        )
        with contextlib.suppress(Conflict):
            self.run(self.desk.open(outcome))
        self.settle()

    @rule(minutes=st.integers(1, 700))
    def pass_time(self, minutes: int) -> None:
        until = self.clock.now() + minutes * MINUTE
        while self.clock.now() < until:
            due = self.run(self.next_thing(until))
            self.clock.set(max(self.clock.now() + timedelta(milliseconds=1), due))
            self.settle()

    @rule(brand=brands, who=st.sampled_from(("user:x", "slack:UANNA000")), how=st.integers(0, 3))
    def act(self, brand: str, who: str, how: int) -> None:
        command: Command = (Acknowledge(), Resolve(summary="x"), Snooze(seconds=2400), Reopen())[how]
        for incident in self.of(brand)[-1:]:
            with contextlib.suppress(Conflict):
                self.run(self.desk.act(incident.id, command, actor=who))
        self.settle()

    @rule(brand=brands)
    def worsen(self, brand: str) -> None:
        worse = a_reading(severity=Severity.CRITICAL)
        for incident in self.of(brand):
            if not incident.state.ended:
                self.run(self.desk.change(incident.id, lambda found, _now, _policy: rules.worsen(found, worse)))
        self.settle()

    @precondition(lambda self: self.number > 0)
    @rule(in_mid_air=st.booleans())
    def die(self, in_mid_air: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        """Killed, perhaps between taking messages and sending them."""
        if in_mid_air:
            self.clock.advance(timedelta(milliseconds=1))
            self.run(self.desk.fire_due())
            for name in ("slack", "email"):
                self.run(self.post.leases.take(name, 8, ()))
        self.wake()
        self.run(self.post.leases.recover())
        self.run(self.desk.rewrite_dues())
        self.settle()

    # ── the works

    def of(self, brand: str) -> list[Incident]:
        found: list[Incident] = self.run(self.desk.find(brand=brand))
        return found[::-1]

    async def next_thing(self, until: datetime) -> datetime:
        waiting = sa.select(sa.func.min(deliveries.c.due_at)).where(deliveries.c.state == "pending")
        async with self.store.read() as connection:
            held = (
                await connection.execute(waiting.where(deliveries.c.due_at > self.clock.now()))
            ).scalar_one_or_none()
        return min(at for at in (until, held, await self.desk.next_due()) if at is not None)

    def settle(self) -> None:
        self.run(self.do_what_is_due())

    async def do_what_is_due(self) -> None:
        await self.desk.fire_due()
        async with self.store.read() as connection:
            rows = await connection.execute(
                sa.select(deliveries.c.id, deliveries.c.purpose).where(deliveries.c.held.is_not(None))
            )
            self.held |= {delivery for delivery, purpose in rows if Purpose(purpose) in CALLS}
        while True:
            before = len(self.sent)
            for name, carrier in self.post.carriers.items():
                leases, _ = await self.post.leases.take(name, 8, ())
                for lease in leases:
                    await self.post.outbox._send(name, lease)  # noqa: SLF001 - its own way, without its endless loop
                self.sent += [(self.clock.now(), notice) for notice in carrier.taken]
                carrier.taken.clear()
            if len(self.sent) == before:
                return

    # ── what always holds

    @invariant()
    def nothing_goes_out_twice(self) -> None:
        counts = Counter(notice.delivery_id for _, notice in getattr(self, "sent", ()) if notice.purpose in CALLS)
        assert all(count == 1 for count in counts.values())

    @invariant()
    def nobody_is_called_about_what_somebody_has(self) -> None:
        for _, notice in getattr(self, "sent", ()):
            if notice.purpose in CALLS and not notice.digest:
                overdue = notice.incident.overdue_escalated
                assert notice.incident.state is IncidentState.OPEN or overdue, notice

    @invariant()
    def who_sleeps_is_left_alone(self) -> None:
        nights: Counter[datetime] = Counter()
        for at, notice in getattr(self, "sent", ()):
            night = NIGHT.around(at)
            theirs = notice.target == "@UANNA000" and notice.purpose in CALLS
            if night is None or not theirs or ANNA.works_on(notice.incident):
                continue
            assert not notice.digest
            assert notice.incident.severity is not Severity.MINOR
            if notice.incident.severity is Severity.MAJOR:
                nights[night[0]] += 1
        assert all(count <= ANNA.alerts for count in nights.values())

    @invariant()
    def every_step_is_taken_at_its_time(self) -> None:
        for incident in self.run(self.desk.open_ones()) if hasattr(self, "desk") else ():
            if incident.state is IncidentState.OPEN:
                due = next_step_at(incident, POLICY)
                assert due is None or due > self.clock.now()

    async def nothing_is_lost(self) -> None:
        async with self.store.read() as connection:
            rows = (await connection.execute(sa.select(deliveries))).mappings().all()
        calls = [row for row in rows if row["state"] == "sent" and Purpose(row["purpose"]) in CALLS]
        for row in rows:
            if row["id"] in self.held:  # was told, or a later call about the same was
                overtaken = row["error"] == "ladder_restarted" and any(
                    (call["incident_id"], call["target"]) == (row["incident_id"], row["target"])
                    and call["finished_at"] >= row["finished_at"]
                    for call in calls
                )
                assert row["state"] == "sent" or overtaken, dict(row)
        for row in rows:
            assert row["state"] in {"sent", "cancelled"}, dict(row)
            if row["state"] == "cancelled" and Purpose(row["purpose"]) in CALLS:
                assert row["error"] in {
                    "acknowledged",
                    "snoozed",
                    "incident_ended",
                    "ladder_restarted",
                    "public_word_given",
                }
        for incident in await self.desk.find(limit=500):
            events = await self.desk.timeline(incident.id)
            assert verify(incident.id, incident.head_seq, incident.head_hash, events) == []
            assert not incident.hushed
            for step in {event.data["step"] for event in events if event.kind.value == "escalated"}:
                assert step >= 2


Calling.TestCase.settings = settings(
    max_examples=8, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
test_calling = Calling.TestCase


def test_held_calls_of_a_ladder_that_began_anew_are_told_by_its_last() -> None:
    night = Calling()
    night.begin()
    night.pass_time(minutes=193)
    night.crisis(brand="globex", severity=Severity.MINOR)
    night.act(brand="globex", how=0, who="user:x")
    night.die(in_mid_air=False)
    night.teardown()
