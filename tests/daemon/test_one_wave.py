"""One wave is one incident, and a crowd is told apart from a campaign and from one angry author. In simulated time."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.clock import ManualClock
from daemon.model import EventKind, Incident
from daemon.store.engine import Store
from daemon.store.tables import deliveries
from tests.fakes.records import NOON
from tests.fakes.town import MINUTE, Town, configuration

COPY = "Acme oszukuje klientów, wszyscy odchodzimy dzisiaj do konkurencji, podaj dalej, it is bad"
CALLED = {"default": {"steps": [{"after": "0m", "notify": ["slack:#pr-crisis", "email:oncall@acme.example"]}]}}


@pytest.fixture(scope="module")
def learned_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that has learned a week of ordinary life."""
    file = tmp_path_factory.mktemp("learned") / "tocsin.db"

    async def learn() -> None:
        store = await Store.open(f"sqlite:///{file}")
        town = Town(store, ManualClock(NOON))
        async with town.awake(watching=False):
            await town.learn(NOON, timedelta(days=8))
            await town.watch.start()
            await town.watch.stop()
        await store.compact()
        await store.close()

    asyncio.run(learn())
    return file


@pytest.fixture
async def town(learned_file: Path, tmp_path: Path) -> AsyncIterator[Town]:
    shutil.copy(learned_file, tmp_path / "tocsin.db")
    store = await Store.open(f"sqlite:///{tmp_path / 'tocsin.db'}")
    town = Town(store, ManualClock(NOON + timedelta(seconds=55)), configuration(escalation=CALLED))
    async with town.awake():
        yield town
    await store.close()


async def the_only(town: Town) -> Incident:
    (incident,) = await town.look()
    return incident


async def posts(town: Town) -> list[tuple[str, str]]:
    """What was ordered for the thread beyond the alert."""
    async with town.store.read() as connection:
        rows = (await connection.execute(deliveries.select().where(deliveries.c.purpose == "update"))).mappings()
        return [(row["target"], bytes(row["detail"]).decode()) for row in rows]


async def test_the_wave_over_several_channels_is_one_incident_and_its_thread_hears_of_each_once(town: Town) -> None:
    await town.live(5 * MINUTE)
    await town.write(25, channel="facebook", over=MINUTE)
    first = await the_only(town)
    for channel in ("forum", "vk"):
        for _ in range(4):
            await town.live(4 * MINUTE)
            await town.write(20, channel=channel, over=MINUTE)
            await town.look()
    same = await the_only(town)
    assert same.id == first.id
    assert {"facebook", "forum", "vk"} <= set(same.evidence.channels)
    events = await town.incidents.timeline(same.id)
    spread = [event.data["reason"] for event in events if event.data.get("kind") == "channel"]
    assert [reason.split(":")[0] for reason in spread] == ["It has spread to forum", "It has spread to vk"]
    told = await posts(town)
    assert {target for target, _ in told} == {"slack:#pr-crisis"}
    assert sum("forum" in detail for _, detail in told) == 1


async def test_copies_of_one_text_by_many_accounts_are_called_coordinated(town: Town) -> None:
    await town.live(5 * MINUTE)
    await town.write(30, text=COPY, over=MINUTE)
    incident = await the_only(town)
    assert "mostly copies of one text" in incident.title
    assert "Coordinated: " in incident.evidence.reason
    opened = (await town.incidents.timeline(incident.id))[0]
    assert opened.kind is EventKind.OPENED
    assert "copies of one text" in opened.data["reason"]
    assert COPY not in str(opened.data)
    assert incident.evidence.copies >= 25


async def test_one_angry_author_opens_nothing_and_is_named_in_the_surge_of_others(town: Town) -> None:
    await town.live(5 * MINUTE)
    for n in range(10):
        await town.write(8, author="troll", text=f"{n} it is bad, so bad, and I am very angry")
    assert await town.look() == []
    await town.write(25)
    incident = await the_only(town)
    assert "One author wrote 80 of the " in incident.evidence.reason
    assert "mostly by one author" in incident.title


async def test_a_bump_is_watched_visibly_before_it_wakes_anyone(town: Town) -> None:
    await town.live(5 * MINUTE)
    assert town.watch.waiting("acme") is None
    await town.write(5)
    assert await town.look() == []
    waits = town.watch.waiting("acme")
    assert waits is not None
    assert waits.people is not None
    await town.write(waits.people)
    assert len(await town.look()) == 1, "as many more as it said have woken somebody"
    assert town.watch.waiting("acme") is None


async def called(town: Town) -> list[str]:
    """To whom alerts were ordered."""
    async with town.store.read() as connection:
        rows = (await connection.execute(deliveries.select().where(deliveries.c.purpose == "alert"))).all()
        return sorted(row.target for row in rows)


async def a_minor_one(town: Town) -> Incident:
    """As few people as make a minor incident."""
    for _ in range(20):
        await town.write(1)
        if found := await town.look():
            return found[0]
    raise AssertionError("no incident")


@pytest.fixture
async def patient_town(learned_file: Path, tmp_path: Path) -> AsyncIterator[Town]:
    """One in which a minor incident must last for five minutes before it calls anyone."""
    shutil.copy(learned_file, tmp_path / "tocsin.db")
    store = await Store.open(f"sqlite:///{tmp_path / 'tocsin.db'}")
    settings = configuration(escalation=CALLED, incidents={"minor_wait": "5m"}, detection={"false_alerts_per_year": 60})
    town = Town(store, ManualClock(NOON + timedelta(seconds=55)), settings)
    async with town.awake():
        yield town
    await store.close()


async def test_a_minor_bump_that_is_short_wakes_nobody(patient_town: Town) -> None:
    town = patient_town
    await town.live(5 * MINUTE)
    incident = await a_minor_one(town)
    assert (incident.severity.value, await called(town)) == ("minor", ["slack:#pr-crisis"]), "shown, and nobody woken"
    await town.live(2 * MINUTE, quiet=True)
    await town.live(60 * MINUTE, step=2 * MINUTE, quiet=True)
    await town.incidents.fire_due()
    assert ((await the_only(town)).state.value, await called(town)) == ("resolved", ["slack:#pr-crisis"])


async def test_a_minor_bump_that_lasts_wakes_somebody_then(patient_town: Town) -> None:
    town = patient_town
    await town.live(5 * MINUTE)
    incident = await a_minor_one(town)
    began = incident.opened_at
    while len(await called(town)) == 1:
        assert town.clock.now() - began < 10 * MINUTE
        town.clock.advance(MINUTE)
        await town.write(1)
        await town.look()
        await town.incidents.fire_due()
    grown = (await the_only(town)).severity.value != "minor"
    assert grown or town.clock.now() - began >= 5 * MINUTE
    assert await called(town) == ["email:oncall@acme.example", "slack:#pr-crisis"]
