"""Whoever acts is shown by name, by whatever door they came; the API alone keeps to ids."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.schema import Config
from daemon.clock import ManualClock
from daemon.command import Acknowledge, AddFact, Assign, Command, KeepPromise, Note, PostUpdate, ProposeUpdate, Snooze
from daemon.store.engine import Store
from daemon.web.slack_acts import Turns
from daemon.web.slack_answers import outcome_of
from daemon.web.slack_commands import Commands
from daemon.web.slack_updates import Updates
from tests.fakes.site import Site, configuration, served

NAME, SLACK, MAIL = "Anna Kowalska", "U012AB3CD", "anna@acme.example"
ANNA = {"name": NAME, "targets": [f"slack:@{SLACK}", f"email:{MAIL}"]}
ACTORS = (f"slack:{SLACK}", f"email:{MAIL}", "user:anna")
BOUND = PostUpdate(text="We apologise.", lang="en")
DONE: tuple[Command, ...] = (
    Acknowledge(),
    Assign(to=f"slack:{SLACK}"),
    AddFact(fact="A fibre was cut."),
    PostUpdate(text="We are on it. Next update within 2 hours.", lang="en", channel="x"),
    KeepPromise(),
    ProposeUpdate(update=BOUND, parts=("apology",)),
    Note(text="Jan drives there."),
)
PAGES = (
    "/brands",
    "/incidents",
    "/incidents/acme-surge-1",
    "/incidents/acme-surge-1/handover",
    "/incidents/acme-surge-1/report",
    "/api/v1/incidents/acme-surge-1/handover",
    "/api/v1/incidents/acme-surge-1/report?format=md",
)


@pytest.fixture
async def named(empty_store: Store, clock: ManualClock) -> AsyncIterator[Site]:
    """A site whose configuration knows Anna."""
    settings = Config.model_validate(configuration().model_dump() | {"people": {"anna": ANNA}})
    async with served(empty_store, clock, config=settings) as site:
        yield site


@pytest.mark.parametrize("actor", ACTORS)
async def test_every_page_and_file_tells_the_name(named: Site, actor: str) -> None:
    await named.open_incident()
    browser = await named.signed_in()
    for command in DONE:
        await named.parts.incidents.act("acme-surge-1", command, actor=actor)
    for path in PAGES:
        answer = await named.visit(browser, path)
        assert answer.status == 200, path
        assert NAME in answer.text.replace("\\", ""), path
        assert not [raw for raw in (actor, SLACK, MAIL) if raw in answer.text.replace("\\", "")], path


async def test_who_ended_it_or_snoozed_it_is_named_too(named: Site) -> None:
    await named.open_incident()
    browser = await named.signed_in()
    await named.parts.incidents.act("acme-surge-1", Snooze(seconds=600), actor=f"slack:{SLACK}")
    await named.call("POST", "/api/v1/incidents/acme-surge-1/resolve", json={"summary": "A router."})
    page = await named.visit(browser, "/incidents/acme-surge-1/report")
    assert f"{NAME} snoozed it" in page.text
    assert "Ended by admin-bot." in page.text


async def test_a_silence_says_by_whom(named: Site) -> None:
    browser = await named.signed_in("responder")
    fields = {"reason": "Works", "for": "2h", "csrf_token": (await named.visit(browser, "/oncall")).csrf}
    assert (await named.visit(browser, "/oncall/silences", method="POST", data=fields)).status == 303
    page = await named.visit(browser, "/oncall")
    assert "· by responder" in page.text
    assert "user:responder" not in page.text


async def test_a_silence_is_told_by_the_clock_of_its_brand(named: Site) -> None:
    for brand in ("acme", None):
        about = {"brand": brand} if brand else {}
        answer = await named.call("POST", "/api/v1/silences", json={"reason": "Works", "for": "2h", **about})
        assert answer.status == 201
    page = (await named.visit(await named.signed_in(), "/oncall")).text
    ends = named.clock.now() + timedelta(hours=2)
    assert f"until {ends.astimezone(ZoneInfo('Europe/Warsaw')):%H:%M} Europe/Warsaw" in page
    assert f"until {ends:%H:%M} UTC" in page, "one for every brand is nobody's"


async def test_who_comes_second_reads_who_was_first(named: Site) -> None:
    await named.open_incident()
    incidents = named.parts.incidents
    await incidents.act("acme-surge-1", Acknowledge(), actor=f"email:{MAIL}")
    browser = await named.signed_in()
    fields = {"csrf_token": (await named.visit(browser, "/incidents/acme-surge-1")).csrf}
    late = await named.visit(browser, "/incidents/acme-surge-1/acknowledge", method="POST", data=fields)
    assert late.status == 409
    assert f"already acknowledged by {NAME} at" in late.text


@pytest.mark.parametrize("actor", ACTORS)
async def test_slack_mentions_its_members_and_names_the_others(named: Site, actor: str) -> None:
    await named.open_incident()
    incidents, brands = named.parts.incidents, named.parts.config.brands
    for command in DONE:
        await incidents.act("acme-surge-1", command, actor=actor)
    api: Any = None  # no form is shown here
    turns = Turns(incidents, named.clock)
    updates = Updates(incidents, turns, brands=lambda: brands, api=api, clock=named.clock)
    commands = Commands(incidents, turns, updates, brands=lambda: brands, clock=named.clock)
    names = incidents.policies["acme"].roster.names
    wanted = f"<@{SLACK}>" if actor.startswith("slack:") else NAME
    for typed in ("", "facts", "handover", "ack acme-surge-1"):
        said = await outcome_of(commands.do(typed, lambda: "slack:U0BOB"), markup=True, names=names)
        told = json.dumps([said.text, said.blocks], ensure_ascii=False)
        assert wanted in told, typed
        assert f'"{actor}' not in told.replace(" ", '"'), typed


async def test_the_api_keeps_to_the_ids_that_programs_know(named: Site) -> None:
    await named.open_incident()
    await named.parts.incidents.act("acme-surge-1", Acknowledge(), actor=f"slack:{SLACK}")
    answer = await named.call("GET", "/api/v1/incidents/acme-surge-1")
    assert answer.json["acknowledged_by"] == f"slack:{SLACK}"
    report = (await named.call("GET", "/api/v1/incidents/acme-surge-1/report")).json
    assert report["names"] == {f"slack:{SLACK}": NAME}
