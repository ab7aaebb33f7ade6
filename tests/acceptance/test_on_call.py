"""Who is called, from the outside: a real daemon, its API, Slack and mail; a restart in the middle."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import aiohttp

from config.load import load
from daemon.app import App
from daemon.clock import FastClock, SystemClock
from daemon.model import Severity
from daemon.response.incident import open_incident
from daemon.views import format_time
from tests.fakes.records import a_reading, an_evidence
from tests.fakes.slack import FakeSlack
from tests.fakes.smtp import MailServer

RATE = 60.0  # a minute in a second
TOKEN = secrets.token_hex(16)
ANNA, BORIS = "U012ANNA00", "U012BORIS0"

_CONFIG = """
[brands.fala]
name = "Fala Mobile"
languages = ["pl"]
[sources.http]
[store]
url = "{store}"
[web]
port = 0
secret_key = "{secret}"
[[web.tokens]]
name = "anna"
token = "{token}"
role = "admin"
[notifiers.slack]
bot_token = "{bot_token}"
api_url = "{api_url}"
[notifiers.email]
port = {mail}
sender = "tocsin@fala.example"
[people.anna]
targets = ["slack:@{anna}", "email:anna@fala.example"]
[people.boris]
name = "Boris"
targets = ["slack:@{boris}", "email:boris@fala.example"]
[oncall.pr]
members = ["anna"]
calendar = "duty.ics"
[[escalation.default.steps]]
after = "0m"
notify = ["slack:#pr-crisis", "oncall:pr"]
[[escalation.default.steps]]
after = "30m"
notify = ["email:head@fala.example"]
"""


class Town:
    """The daemon and what is around it. Boris has duty today, says the calendar."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FastClock(SystemClock().now(), RATE)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.slack = await self._stack.enter_async_context(FakeSlack(clock=self.clock))
        self.mail = await self._stack.enter_async_context(MailServer())
        begin, end = (self.clock.now() + timedelta(days=days) for days in (-1, 2))
        event = [f"DTSTART:{begin:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}", "SUMMARY:Boris ma dyżur"]
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z"]
        calendar = "\r\n".join([*lines, *event, "END:VEVENT", "END:VCALENDAR", ""])
        (self.folder / "duty.ics").write_bytes(calendar.encode())
        text = _CONFIG.format(
            store=f"sqlite:///{self.folder / 'tocsin.db'}",
            secret=secrets.token_hex(16),
            token=TOKEN,
            bot_token=self.slack.bot_token,
            api_url=self.slack.api_url,
            mail=self.mail.port,
            anna=ANNA,
            boris=BORIS,
        )
        (self.folder / "tocsin.toml").write_text(text)
        self.config = load(self.folder / "tocsin.toml", {})
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        await self._stack.aclose()

    async def start(self) -> None:
        self.app = App(self.config, self.clock)
        self._running = asyncio.create_task(self.app.run())
        started = asyncio.create_task(self.app.started.wait())
        await asyncio.wait({self._running, started}, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            started.cancel()
            await self._running
        base = f"http://127.0.0.1:{self.app.port}"
        self.api = aiohttp.ClientSession(base, headers={"Authorization": f"Bearer {TOKEN}"})

    async def stop(self) -> None:
        await self.api.close()
        self.app.stop()
        await self._running

    async def call(self, method: str, path: str, **body: Any) -> Any:
        async with self.api.request(method, path, json=body or None) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def crisis(self, incident_id: str) -> str:
        """A surge that is not critical, as the watch opens one."""
        now = self.clock.now()
        outcome = open_incident(
            incident_id=incident_id,
            brand="fala",
            title="Fala Mobile: many complain",
            reading=a_reading(at=now, since=now, onset=now, severity=Severity.MAJOR),
            evidence=an_evidence(at=now, examples=()),
            replies=(),
            now=now,
            policy=self.app.incidents.policies["fala"],
        )
        return (await self.app.incidents.open(outcome)).id

    async def notified(self, incident_id: str, *, count: int) -> list[str]:
        """Who was told of an incident, once so many were."""
        give_up = self.clock.now() + timedelta(minutes=60)
        while True:
            events = (await self.call("GET", f"/api/v1/incidents/{incident_id}/timeline"))["events"]
            targets = [event["data"]["target"] for event in events if event["kind"] == "notified"]
            if len(targets) >= count:
                return sorted(targets)
            assert self.clock.now() < give_up, events
            await self.clock.sleep(6)


FIRST = sorted(["slack:#pr-crisis", f"slack:@{BORIS}", "email:boris@fala.example"])


async def test_a_drill_and_a_silence_call_who_is_on_call_and_nobody_else(tmp_path: Path) -> None:
    async with Town(tmp_path) as town:
        # the calendar says that Boris has duty
        (duty,) = (await town.call("GET", "/api/v1/oncall"))["oncall"]
        assert (duty["now"]["name"], duty["next"]["who"]) == ("Boris", "anna")

        # a drill calls him by all his ways, and says in each that it is one
        drill = await town.call("POST", "/api/v1/drills", brand="fala", severity="critical")
        assert await town.notified(drill["id"], count=3) == FIRST
        assert all("DRILL" in message.text for message in town.slack.top())
        assert ["DRILL" in str(mail.message["Subject"]) for mail in town.mail.messages] == [True]
        await town.call("POST", f"/api/v1/incidents/{drill['id']}/acknowledge")

        # it is silent for a while: what opens is listed, and calls nobody, also after a restart
        silence = await town.call("POST", "/api/v1/silences", reason="moving house", **{"for": "2h"})
        over, going_on = await town.crisis("fala-1"), None
        await town.call("POST", f"/api/v1/incidents/{over}/resolve", summary="It was nothing.")
        await town.stop()
        await town.start()
        going_on = await town.crisis("fala-2")
        await town.clock.sleep(5 * 60)
        shown = {one["id"]: one for one in (await town.call("GET", "/api/v1/silences"))["silences"]}
        assert set(shown[silence["id"]]["hidden"]) == {over, going_on}
        assert len(town.mail.messages) == 1

        # it ends: the ladder of the one begins, and of the other people hear what was
        await town.call("DELETE", f"/api/v1/silences/{silence['id']}")
        assert await town.notified(over, count=3) == FIRST
        assert await town.notified(going_on, count=3) == FIRST
        await town.call("POST", f"/api/v1/incidents/{going_on}/acknowledge")
        assert "head@fala.example" not in {to for mail in town.mail.messages for to in mail.recipients}
        until = format_time(town.clock.now())
        report = await town.call(
            "GET", f"/api/v1/report?from={format_time(town.clock.now() - timedelta(days=1))}&to={until}"
        )
        assert report["incidents"]["opened"] == 2, "the drill is in no figure"
