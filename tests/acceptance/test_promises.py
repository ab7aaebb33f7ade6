"""What was promised to the public: one promise kept, one broken, as diaries in simulated time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from daemon.clock import ManualClock
from daemon.command import Acknowledge, KeepPromise, PostUpdate, Reopen, Resolve
from daemon.incidents import Incidents
from daemon.model import EventKind
from daemon.notice import Purpose
from daemon.store.engine import Store
from daemon.store.tables import deliveries
from daemon.timeline import verify
from tests.fakes.records import NOON, a_policy, opened

ANNA = "user:anna"
WARSAW = a_policy(timezone="Europe/Warsaw")  # in March an hour ahead of UTC
SHOWN = {EventKind.PROMISE_MADE, EventKind.PROMISE_KEPT, EventKind.PROMISE_BROKEN, EventKind.REMINDER}


def at(hour: int, minute: int = 0) -> datetime:
    """That time of the day, in UTC."""
    return NOON.replace(hour=hour, minute=minute)


class Desk:
    """An incident of noon, acknowledged at once, and the clock that runs beside it."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        self.incidents = Incidents(store, clock, {"acme": WARSAW})
        self._store, self._clock = store, clock

    async def begin(self) -> None:
        await self.incidents.open(opened(WARSAW))
        await self.incidents.act("acme-1", Acknowledge(), actor=ANNA)

    async def until(self, then: datetime) -> None:
        """Let time pass, doing everything that is owed at its time."""
        while (due := await self.incidents.next_due()) is not None and due <= then:
            self._clock.set(max(due, self._clock.now()))
            assert await self.incidents.fire_due() > 0
        self._clock.set(then)

    async def post(self, text: str, lang: str = "pl") -> None:
        await self.incidents.act("acme-1", PostUpdate(text=text, lang=lang, channel="facebook"), actor=ANNA)

    async def diary(self) -> list[tuple[str, str, str]]:
        """What became of promises: when, what, and the time meant; all in UTC."""
        events = await self.incidents.timeline("acme-1")
        incident = await self.incidents.get("acme-1")
        assert verify("acme-1", incident.head_seq, incident.head_hash, events) == []
        return [
            (f"{event.at:%H:%M}", _named(event.kind, event.data), event.data["due"][11:16])
            for event in events
            if event.kind in SHOWN
        ]

    async def told(self, purpose: Purpose) -> Iterator[str]:
        """Whom messages of that purpose go to."""
        query = sa.select(deliveries.c.target).where(deliveries.c.purpose == purpose.value)
        async with self._store.read() as connection:
            return iter((await connection.execute(query)).scalars().all())


def _named(kind: EventKind, data: dict[str, Any]) -> str:
    return f"{data['of']} {data['when']}" if kind is EventKind.REMINDER else kind.value


@pytest.fixture
async def desk(sqlite_store: Store, clock: ManualClock) -> Desk:
    made = Desk(sqlite_store, clock)
    await made.begin()
    return made


async def test_a_promise_kept(desk: Desk) -> None:
    # 13:10 in Warsaw: the first word, which names the next: 14:30 there is 13:30 in UTC
    await desk.until(at(12, 10))
    await desk.post("Przykro nam. Usuwamy awarię. Wrócimy o 14:30.")
    incident = await desk.incidents.get("acme-1")
    assert [promise.due for promise in incident.promises] == [at(13, 30)]
    assert incident.next_update_due == at(13, 30)

    # ten minutes before, those on call are reminded; five before, the word comes, and names the next
    await desk.until(at(13, 25))
    await desk.post("Działa już połowa łączy. Odezwiemy się do godziny 15:00.")
    await desk.until(at(13, 45))
    assert await desk.diary() == [
        ("12:10", "promise_made", "13:30"),
        ("13:20", "next_update before", "13:30"),
        ("13:25", "promise_kept", "13:30"),
        ("13:25", "promise_made", "14:00"),
    ]

    # the end is no word to the public: the promise stays, nobody is reminded, and it can still be said to be kept
    await desk.incidents.act("acme-1", Resolve(summary="A new router."), actor=ANNA)
    await desk.until(at(18))
    assert (await desk.diary())[4:] == []
    ended = await desk.incidents.get("acme-1")
    assert [promise.due for promise in ended.promises] == [at(14)]
    (end,) = [event for event in await desk.incidents.timeline("acme-1") if event.kind is EventKind.RESOLVED]
    assert end.data["promised"] == ["2026-03-02T14:00:00.000Z"]
    await desk.incidents.act("acme-1", KeepPromise(), actor=ANNA)
    assert (await desk.diary())[4:] == [("18:00", "promise_kept", "14:00")]
    kept = await desk.incidents.get("acme-1")
    assert (kept.promises, kept.next_update_due) == ((), None)
    assert set(await desk.told(Purpose.REMINDER)) == {"slack:#pr-crisis", "email:oncall@acme.example"}


async def test_what_was_promised_before_an_end_is_watched_again_when_it_is_reopened(desk: Desk) -> None:
    await desk.until(at(12, 10))
    await desk.post("Przykro nam. Wrócimy o 14:30, a potem odezwiemy się o 17:00.")
    await desk.until(at(12, 40))
    await desk.incidents.act("acme-1", Resolve(summary="A new router."), actor=ANNA)
    await desk.until(at(14))
    before = len(await desk.diary())
    await desk.incidents.act("acme-1", Reopen(), actor=ANNA)
    assert (await desk.diary())[before:] == [("14:00", "promise_broken", "13:30")], "its time has passed in silence"
    await desk.until(at(16, 30))
    told = [(when, what) for when, what, due in (await desk.diary())[before:] if due == "16:00" and "promise" in what]
    assert told == [
        ("15:50", "promise before"),
        ("16:00", "promise due"),
        ("16:00", "promise_broken"),
        ("16:10", "promise overdue"),
    ]


async def test_a_promise_broken(desk: Desk) -> None:
    # two times in one text: each stands for itself
    await desk.until(at(12, 30))
    await desk.post("Следующее сообщение будет в 15:00, затем вернёмся в 16:00.", "ru")
    assert [promise.due for promise in (await desk.incidents.get("acme-1")).promises] == [at(14), at(15)]

    # nobody says anything: reminded before and when due, broken a moment later, and the next step is called
    await desk.until(at(14, 20))
    assert await desk.diary() == [
        ("12:30", "promise_made", "14:00"),
        ("12:30", "promise_made", "15:00"),
        ("13:50", "next_update before", "14:00"),
        ("14:00", "next_update due", "14:00"),
        ("14:00", "promise_broken", "14:00"),
        ("14:10", "next_update overdue", "14:00"),
    ]
    calls = [e for e in await desk.incidents.timeline("acme-1") if e.kind is EventKind.ESCALATED]
    assert [(call.at, call.data["reason"]) for call in calls] == [(at(14, 10), "overdue")]
    assert "email:head@acme.example" in set(await desk.told(Purpose.ESCALATION))

    # a late word does not mend what is broken, but keeps the second one
    await desk.post("Łącza działają. Wrócimy o 18:00.")
    await desk.until(at(16))
    assert (await desk.diary())[6:] == [
        ("14:20", "promise_kept", "15:00"),
        ("14:20", "promise_made", "17:00"),
    ]


async def test_each_promise_of_a_text_is_reminded_of_to_the_end(desk: Desk) -> None:
    await desk.until(at(12, 30))
    await desk.post("Wrócimy o 15:00, potem odezwiemy się o 16:30.")
    await desk.until(at(14, 30))
    so_far = len(await desk.diary())
    await desk.until(at(18))
    assert (await desk.diary())[so_far:] == [
        ("15:20", "promise before", "15:30"),
        ("15:30", "promise due", "15:30"),
        ("15:30", "promise_broken", "15:30"),
        ("15:40", "promise overdue", "15:30"),
    ]


@pytest.mark.parametrize("late", [timedelta(0), timedelta(milliseconds=1)])
async def test_a_word_at_the_very_time_keeps_the_promise_and_one_after_it_does_not(
    desk: Desk, clock: ManualClock, late: timedelta
) -> None:
    await desk.until(at(12, 10))
    await desk.post("We are on it. Next update by 2:30 pm.", "en")
    await desk.until(at(13, 29))
    clock.set(datetime(2026, 3, 2, 13, 30, tzinfo=UTC) + late)
    await desk.post("Half of the lines work. Next update by 3:30 pm.", "en")
    settled = [what for _, what, due in await desk.diary() if due == "13:30" and what.startswith("promise_")]
    assert settled == ["promise_made", "promise_kept" if not late else "promise_broken"]
