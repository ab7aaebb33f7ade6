"""Incidents, outbox, notifier and buttons together, against a workspace that fails as Slack does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from config.schema import Config
from daemon.clock import SystemClock
from daemon.incidents import Incidents
from daemon.leases import Leases
from daemon.metrics import Metrics
from daemon.model import EventKind, Incident, IncidentKind, IncidentState, Reading, Severity
from daemon.outbox import Outbox
from daemon.replies.lint import warm
from daemon.response.incident import open_incident
from daemon.response.policy import Policy
from daemon.store.engine import Store
from daemon.store.links import UsedLinks
from daemon.web.slack import SlackDoor
from daemon.web.slack_desk import SlackDesk
from notifiers.slack import SlackNotifier
from notifiers.slack_api import SlackApi
from tests.fakes import slack_records as how
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_rules import actions, visible
from tests.notifiers.contract import evidence, incident

CLOCK = SystemClock()
CONFIG = Config.model_validate(
    {
        "brands": {"acme": {"name": "Acme Mobile", "languages": ["pl", "en"], "timezone": "Europe/Warsaw"}},
        "sources": {"http": {}},
        "store": {"url": "sqlite:///unused.db"},
        "web": {"secret_key": "0123456789abcdef-of-the-tests"},
        "escalation": {
            "default": {
                "steps": [
                    {"after": "0m", "notify": ["slack:#pr-crisis"]},
                    {"after": "5m", "notify": ["slack:@U012AB3CD"]},
                ]
            }
        },
    }
)
POLICY = Policy.of(CONFIG, "acme")


class Running:
    """What a test works with."""

    def __init__(self, incidents: Incidents, url: str) -> None:
        self.incidents = incidents
        self.url = url

    async def open(self) -> Incident:
        now = CLOCK.now()
        reading = Reading(
            kind=IncidentKind.SURGE,
            at=now,
            alerting=True,
            sustained=True,
            since=now,
            onset=now,
            severity=Severity.CRITICAL,
            observed=412,
            expected=3.1,
            window_minutes=15,
            false_alerts_per_year=0.0001,
            score=9.0,
            reason="412 where 3.1 are usual",
        )
        return await self.incidents.open(
            open_incident(
                incident_id="acme-1",
                brand="acme",
                title="internet, nie działa",
                reading=reading,
                evidence=evidence(at=now),
                replies=incident().holding_replies,
                now=now,
                policy=POLICY,
            )
        )


@asynccontextmanager
async def running(store: Store, slack: FakeSlack) -> AsyncIterator[Running]:
    """The parts of the daemon that Slack has to do with, over the given store."""
    settings = slack.settings()
    incidents = Incidents(store, CLOCK, {"acme": POLICY})
    notifier = SlackNotifier(settings, clock=CLOCK, api=SlackApi(settings, clock=CLOCK, timeout=0.5))
    api = SlackApi(settings, clock=CLOCK)
    desk = SlackDesk(settings, incidents=incidents, brands=lambda: CONFIG.brands, api=api, clock=CLOCK)
    door = SlackDoor(desk, signing_secret=slack.signing_secret, clock=CLOCK, used=UsedLinks(store, CLOCK))

    async def compose(about: Incident, _target: str, _delivery: str) -> dict[str, Any]:
        return {"brand_name": "Acme Mobile", "timezone": "Europe/Warsaw", "page": f"http://127.0.0.1/{about.id}"}

    leases = Leases(store=store, clock=CLOCK, incidents=incidents, node="tocsin-1")
    outbox = Outbox(
        clock=CLOCK,
        incidents=incidents,
        notifiers={"slack": notifier},
        compose=compose,
        metrics=Metrics(["acme"]),
        leases=leases,
    )
    await leases.recover()
    app = web.Application()
    for path, handler in door.routes.items():
        app.router.add_post(path, handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sending = asyncio.create_task(outbox.run())
    try:
        yield Running(incidents, f"http://127.0.0.1:{runner.addresses[0][1]}")
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await runner.cleanup()
        await desk.close()
        await api.close()
        await notifier.close()


@pytest.fixture(scope="module", autouse=True)
def _rules_are_read() -> None:
    """As a daemon that has been up for a while has them: on a busy machine reading them takes seconds."""
    warm(["pl"])


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as workspace:
        yield workspace


async def test_from_the_alert_to_the_end(sqlite_store: Store, slack: FakeSlack) -> None:
    async with running(sqlite_store, slack) as desk:
        await desk.open()
        (alert,) = await slack.wait_for(slack.top)
        assert "412" in visible(alert.blocks)

        await slack.hand.press(desk.url, "acknowledge", "acme-1")
        await slack.wait_for(lambda: "<@U012AB3CD> has it" in visible(alert.blocks))

        await slack.hand.press(desk.url, "post_update", "acme-1")
        await slack.hand.submit(desk.url, slack.views[0], {"text": "Usuwamy awarię. Wrócimy o 16:30.", "next": "30m"})
        update = (await slack.wait_for(lambda: slack.thread(alert)))[0]
        assert "Usuwamy awarię" in visible(update.blocks)

        await slack.hand.press(desk.url, "resolve", "acme-1")
        await slack.wait_for(lambda: set(actions(alert.blocks)) == {"reopen", "note", "promise_kept"})
        assert (await desk.incidents.get("acme-1")).state is IncidentState.RESOLVED
        here = CLOCK.now().astimezone(ZoneInfo("Europe/Warsaw"))
        over = here.replace(hour=16, minute=30, second=0, microsecond=0) <= here  # it is tomorrow's
        day = f"{here + timedelta(days=1):%-d %b} " if over else ""
        assert f"The public was promised another word by {day}16:30" in visible(alert.blocks)

        await slack.hand.press(desk.url, "promise_kept", actions(alert.blocks)["promise_kept"]["value"])
        await slack.wait_for(lambda: set(actions(alert.blocks)) == {"reopen", "note"})
        (kept,) = [one for one in await desk.incidents.timeline("acme-1") if one.kind is EventKind.PROMISE_KEPT]
        assert kept.actor.startswith("slack:")
    assert len(slack.top()) == 1


async def test_a_crowd_that_presses_at_once_has_one_winner(sqlite_store: Store, slack: FakeSlack) -> None:
    async with running(sqlite_store, slack) as desk:
        await desk.open()
        users = [f"U{n:09d}" for n in range(20)]
        await asyncio.gather(*(slack.hand.press(desk.url, "acknowledge", "acme-1", user=user) for user in users))
        events = await desk.incidents.timeline("acme-1")
        (winner,) = [event.actor for event in events if event.kind is EventKind.ACKNOWLEDGED]
        await slack.wait_for(lambda: len(slack.whispers) == 19)
        name = winner.removeprefix("slack:")
        assert all(f"<@{name}>" in whisper["text"] and whisper["user"] != name for whisper in slack.whispers)


async def test_whatever_a_crowd_presses_at_once_each_thing_happens_once(sqlite_store: Store, slack: FakeSlack) -> None:
    presses = ["acknowledge", "escalate", "snooze", "resolve", "false_alarm"]
    async with running(sqlite_store, slack) as desk:
        await desk.open()
        await asyncio.gather(
            *(
                slack.hand.press(desk.url, action, "acme-1", user=f"U{n:03d}{action[:3].upper()}")
                for n in range(4)
                for action in presses
            )
        )
        events = await desk.incidents.timeline("acme-1")
        kinds = [event.kind for event in events if event.actor != "tocsin"]
        assert len(kinds) == len(set(kinds)), kinds
        assert len({EventKind.RESOLVED, EventKind.FALSE_ALARM} & set(kinds)) == 1, "it ends once"
        assert kinds[-1] in {EventKind.RESOLVED, EventKind.FALSE_ALARM}, "nothing happens to it afterwards"
        last = events[-1].actor.removeprefix("slack:")
        await slack.wait_for(lambda: any(f"by <@{last}>" in whisper["text"] for whisper in slack.whispers))


async def test_a_second_person_agrees_under_the_alert(sqlite_store: Store, slack: FakeSlack) -> None:
    async with running(sqlite_store, slack) as desk:
        await desk.open()
        (alert,) = await slack.wait_for(slack.top)
        await slack.hand.press(desk.url, "post_update", "acme-1", user="U0ANNA")
        text = "Przykro nam. Każdy otrzyma rekompensatę. Wrócimy o 16:30."
        answer = await slack.hand.submit(desk.url, slack.views[0], {"text": text}, user="U0ANNA")
        assert "second person" in visible(answer.body["view"]["blocks"])
        agree = await slack.wait_for(lambda: actions(alert.blocks).get("approve"))
        assert text in visible(alert.blocks)
        await slack.hand.press(desk.url, "approve", agree["value"], user="U0ANNA")
        await slack.wait_for(lambda: slack.whispers)
        assert "a second person must approve it" in slack.whispers[0]["text"]
        await slack.hand.press(desk.url, "approve", agree["value"], user="U0BOB")
        await slack.wait_for(lambda: "approve" not in actions(alert.blocks))
        told = (await slack.wait_for(lambda: slack.thread(alert)))[0]
        assert text in visible(told.blocks)
        (choice,) = [one for one in actions(alert.blocks)["more"]["options"] if "promise_kept" in one["value"]]
        await slack.hand.press(desk.url, "more", choice["value"], user="U0BOB")
        kept = [event for event in await desk.incidents.timeline("acme-1") if event.kind is EventKind.PROMISE_KEPT]
        assert [event.actor for event in kept] == ["slack:U0BOB"]


@pytest.mark.parametrize("faults", [[how.answer_lost()], [how.hangs(accepted=True)], [how.answer_lost()] * 3])
async def test_a_lost_answer_makes_no_second_alert(
    sqlite_store: Store, slack: FakeSlack, faults: list[how.Fault]
) -> None:
    slack.fail("chat.postMessage", *faults)
    async with running(sqlite_store, slack) as desk:
        await desk.open()
        await _notified(desk)
    assert len(slack.top()) == 1


async def test_a_restart_in_the_middle_of_sending_makes_no_second_alert(sqlite_store: Store, slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", how.hangs(accepted=True))
    async with running(sqlite_store, slack) as desk:
        await desk.open()
        await slack.wait_for(slack.top)
    async with running(sqlite_store, slack) as desk:
        await _notified(desk)
    assert len(slack.top()) == 1


async def test_limits_and_outages_only_delay(sqlite_store: Store, slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", how.rate_limited(1), how.broken())
    async with running(sqlite_store, slack) as desk:
        await desk.open()
        await _notified(desk)
    assert len(slack.top()) == 1


async def _notified(running_: Running) -> None:
    async with asyncio.timeout(60):
        while not any(event.kind is EventKind.NOTIFIED for event in await running_.incidents.timeline("acme-1")):
            await CLOCK.sleep(0.05)
