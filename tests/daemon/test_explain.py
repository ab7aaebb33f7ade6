"""Why it alerted, and why it did not, by the numbers that everybody else is shown."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.clock import ManualClock
from daemon.command import FalseAlarm, Resolve
from daemon.errors import InputError, NotFound
from daemon.explain import Explainer
from daemon.explain_views import IncidentWhy, MomentView, ReadingView
from daemon.model import IncidentKind
from daemon.store.engine import Store
from daemon.views import evidence_view, format_time
from tests.fakes.records import NOON
from tests.fakes.town import MINUTE, Town

HOUR = timedelta(hours=1)
LEARNED = timedelta(days=4)


@pytest.fixture(scope="module")
def learned_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that has learned some days of ordinary life."""
    file = tmp_path_factory.mktemp("learned") / "tocsin.db"

    async def _learn() -> None:
        store = await Store.open(f"sqlite:///{file}")
        town = Town(store, ManualClock(NOON))
        async with town.awake(watching=False):
            await town.learn(NOON, LEARNED)
            await town.watch.start()
            await town.watch.stop()
        await store.compact()
        await store.close()

    asyncio.run(_learn())
    return file


@pytest.fixture
async def town(learned_file: Path, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Town]:
    shutil.copy(learned_file, tmp_path / "tocsin.db")
    store = await Store.open(f"sqlite:///{tmp_path / 'tocsin.db'}")
    made = Town(store, clock)
    async with made.awake():
        yield made
    await store.close()


@pytest.fixture
async def explainer(town: Town) -> AsyncIterator[Explainer]:
    made = Explainer(
        config=lambda: town.config, clock=town.clock, store=town.store, incidents=town.incidents, forecast=town.watch
    )
    yield made
    made.close()


def said(why: MomentView | IncidentWhy) -> dict[str, str]:
    """What is said of each thing."""
    texts: dict[str, str] = {}
    for reason in why.reasons:
        texts[reason.about] = f"{texts.get(reason.about, '')} {reason.text}".strip()
    return texts


def of_kind(moment: MomentView, kind: IncidentKind) -> ReadingView:
    return next(reading for reading in moment.readings if reading.kind is kind)


# ── an incident ──────────────────────────────────────────────────────────────


async def test_an_incident_is_explained_by_the_numbers_of_its_evidence(town: Town, explainer: Explainer) -> None:
    await town.live(10 * MINUTE, step=5 * MINUTE)
    await town.write(40, over=4 * MINUTE)
    (incident,) = await town.look()
    why = await explainer.incident(incident.id)
    evidence = evidence_view(incident.evidence)
    same = ("observed", "expected", "window_minutes", "distinct_authors", "false_alerts_per_year", "at")
    assert [getattr(why, name) for name in same] == [evidence[name] for name in same]
    reasons = said(why)
    assert evidence["reason"].rstrip(".") in reasons["evidence"]
    assert reasons["severity"].startswith(f"It is {incident.severity.value}, since 13:10 CET, because ")
    assert why.closes_at == format_time(town.clock.now() + 30 * MINUTE)
    assert "13:40 CET unless more comes" in reasons["end"]
    assert why.threshold_per_year == 3.0


async def test_what_joined_and_what_ended_it_is_told(town: Town, explainer: Explainer) -> None:
    await town.live(10 * MINUTE, step=5 * MINUTE)
    await town.write(1, followers=40_000_000, engagement=2_000_000)
    (incident,) = await town.look()
    why = await explainer.incident(incident.id)
    assert why.kind is IncidentKind.REACH
    assert why.readers == pytest.approx(42_000_000, rel=0.001)
    await town.live(20 * MINUTE, angry=6, step=2 * MINUTE)
    assert "a surge of negative mentions joined it: " in said(await explainer.incident(incident.id))["joined"]
    await town.incidents.act(incident.id, FalseAlarm(reason="a campaign"), actor="user:anna")
    why = await explainer.incident(incident.id)
    assert why.closes_at is None
    assert said(why)["end"].startswith("anna called it a false alarm at ")


async def test_nothing_ends_by_itself_while_blind(town: Town, explainer: Explainer) -> None:
    await town.live(10 * MINUTE, step=5 * MINUTE)
    await town.write(40, over=4 * MINUTE)
    await town.look()
    await town.watch.gaps.began("mqtt", town.clock.now(), "connection refused")
    for _ in range(3):
        await town.live(4 * MINUTE, quiet=True)
    whys = {one.kind: await explainer.incident(one.id) for one in await town.look()}
    assert "cannot end by itself while Tocsin is blind" in said(whys[IncidentKind.SURGE])["end"]
    assert whys[IncidentKind.SURGE].closes_at is None
    assert said(whys[IncidentKind.BLIND])["end"] == "It ends by itself when the source delivers again."
    moment = await explainer.moment("acme", town.clock.now())
    assert moment.verdict == "incident"
    assert "mqtt was not delivering from 13:10 CET and still is not" in said(moment)["blind"]


# ── a minute ─────────────────────────────────────────────────────────────────


async def test_the_minute_of_an_alert_gives_what_the_watch_saw(town: Town, explainer: Explainer) -> None:
    await town.live(10 * MINUTE, step=5 * MINUTE)
    await town.write(40, over=4 * MINUTE)
    (incident,) = await town.look()
    moment = await explainer.moment("acme", incident.opened_at)
    assert (moment.verdict, moment.incident_id) == ("incident", incident.id)
    reading, live = of_kind(moment, IncidentKind.SURGE), town.readings()[IncidentKind.SURGE]
    assert live is not None
    assert (reading.alerting, reading.observed) == (True, live.observed)
    assert reading.expected == pytest.approx(live.expected, rel=0.15)
    assert reading.text.endswith("this is rare enough.")


async def test_a_near_miss_says_how_many_more_would_have_alerted_and_they_do(town: Town, explainer: Explainer) -> None:
    await town.live(10 * MINUTE, step=5 * MINUTE)
    await town.write(3)
    assert await town.look() == []
    moment = await explainer.moment("acme", town.clock.now())
    short = of_kind(moment, IncidentKind.SURGE)
    assert moment.verdict == "quiet"
    assert not short.alerting
    assert short.more_people is not None
    assert 1 < short.more_people < 12
    assert f"about {short.more_people} more people writing negatively within" in short.text
    await town.write(short.more_people - 1)
    assert not of_kind(await explainer.moment("acme", town.clock.now()), IncidentKind.SURGE).alerting
    await town.write(1)
    assert of_kind(await explainer.moment("acme", town.clock.now()), IncidentKind.SURGE).alerting


async def test_the_past_is_told_with_nothing_known_of_what_came_after(town: Town, explainer: Explainer) -> None:
    await town.live(10 * MINUTE, step=5 * MINUTE)
    at = town.clock.now() - MINUTE
    before = await explainer.moment("acme", at)
    await town.live(MINUTE, quiet=True)
    await town.write(60, over=MINUTE / 2)
    await town.live(20 * MINUTE, angry=5, step=5 * MINUTE)
    assert (await explainer.moment("acme", at)).readings == before.readings
    fresh = Explainer(
        config=lambda: town.config, clock=town.clock, store=town.store, incidents=town.incidents, forecast=town.watch
    )
    assert (await fresh.moment("acme", at)).readings == before.readings, "as well without anything kept"
    fresh.close()


async def test_what_is_learned_later_changes_the_answer(town: Town, explainer: Explainer) -> None:
    at = NOON - timedelta(days=1)
    before = await explainer.moment("acme", at)
    await town.learn(NOON - LEARNED, timedelta(days=4), seed=21)
    assert (await explainer.moment("acme", at)).readings != before.readings


async def test_one_author_and_the_late_are_named_as_held_back(town: Town, explainer: Explainer) -> None:
    await town.live(10 * MINUTE, step=5 * MINUTE)
    await town.write(50, over=3 * MINUTE, author="troll")
    await town.write(60, published_at=town.clock.now() - 20 * MINUTE)
    await town.live(MINUTE, quiet=True)
    assert await town.look() == []
    reasons = said(await explainer.moment("acme", town.clock.now()))
    assert reasons["late"].startswith("60 negative mentions of that hour came over 15 minutes after")
    assert "whoever writes again within an hour counts once" in reasons["one_author"]


async def test_what_had_not_arrived_is_named(town: Town, explainer: Explainer) -> None:
    await town.live(10 * MINUTE, step=5 * MINUTE)
    at = town.clock.now()
    await town.live(5 * MINUTE, quiet=True)
    await town.write(30, published_at=at)
    moment = await explainer.moment("acme", at)
    assert moment.verdict == "held_back"
    assert said(moment)["unseen"].startswith("30 negative mentions of that hour had not arrived yet")


async def test_what_a_person_ended_is_why_nothing_came_back(town: Town, explainer: Explainer) -> None:
    await town.live(10 * MINUTE, step=5 * MINUTE)
    await town.write(40, over=4 * MINUTE)
    (incident,) = await town.look()
    await town.incidents.act(incident.id, Resolve(summary="told them"), actor="user:anna")
    await town.live(4 * MINUTE, angry=4)
    assert (await town.look())[0].state.ended
    moment = await explainer.moment("acme", town.clock.now())
    assert moment.verdict == "held_back"
    assert f"incident {incident.id} was about, which anna ended at" in said(moment)["ended_by_hand"]


async def test_a_blind_minute_is_no_calm(town: Town, explainer: Explainer) -> None:
    await town.live(10 * MINUTE, step=5 * MINUTE)
    await town.watch.gaps.add("mqtt", NOON + 4 * MINUTE, NOON + 8 * MINUTE, "away")
    moment = await explainer.moment("acme", NOON + 6 * MINUTE)
    assert moment.verdict == "blind"
    assert "mqtt was not delivering from 13:04 CET until 13:08 CET" in said(moment)["blind"]


@pytest.mark.usefixtures("town")
async def test_a_young_brand_says_so(explainer: Explainer) -> None:
    assert "knew the brand for 2 days only" in said(await explainer.moment("acme", NOON - LEARNED + 60 * HOUR))["young"]
    assert "Nothing had been written" in said(await explainer.moment("acme", NOON - timedelta(days=300)))["young"]


async def test_the_time_to_come_and_strangers_are_refused(town: Town, explainer: Explainer) -> None:
    with pytest.raises(InputError, match="at: expected a time that has passed"):
        await explainer.moment("acme", town.clock.now() + MINUTE)
    with pytest.raises(NotFound, match="no brand globex"):
        await explainer.moment("globex", town.clock.now())
    with pytest.raises(NotFound):
        await explainer.incident("nothing-1")


@pytest.mark.usefixtures("town")
async def test_the_loop_goes_on_while_the_past_is_recomputed(explainer: Explainer) -> None:
    asked = asyncio.ensure_future(explainer.moment("acme", NOON))
    turns = 0
    while not asked.done():
        await asyncio.wait({asked}, timeout=0.01)
        turns += 1
    assert turns > 10
    assert asked.result().at == format_time(NOON)
