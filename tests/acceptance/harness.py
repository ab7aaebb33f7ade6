"""A brand, its public and its people around a real daemon: real broker, mail server and sockets, fast clock."""

from __future__ import annotations

import asyncio
import inspect
import json
import secrets
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import aiohttp
import aiomqtt
import msgspec

from config.load import load
from daemon.app import App
from daemon.clock import FastClock, SystemClock
from daemon.demo.crowd import BRAND, Crowd
from daemon.learning import learn
from daemon.model import Mention
from daemon.sources.files import read_mentions
from daemon.store.engine import Store
from daemon.views import format_time, parse_time
from detectors.sentiment import load_model
from tests.fakes.broker import Broker
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_hand import Answer
from tests.fakes.smtp import MailServer, Received

Json = dict[str, Any]
RATE = 45.0  # not a minute in a second: a busy machine must keep up
TOKEN = secrets.token_hex(16)
_MINUTE = timedelta(minutes=1)

_CONFIG = """
[brands.{brand}]
name = "Fala Mobile"
languages = ["pl", "ru", "en"]
status_page = "https://fala.example/status"
timezone = "Europe/Warsaw"
[sources.mqtt]
port = {broker}
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
signing_secret = "{signing_secret}"
api_url = "{api_url}"
[notifiers.email]
port = {mail}
sender = "tocsin@fala.example"
[[escalation.default.steps]]
after = "0m"
notify = ["slack:#pr-crisis", "email:oncall@fala.example"]
[[escalation.default.steps]]
after = "5m"
notify = ["slack:@U012AB3CD", "email:head@fala.example"]
[deadlines]
first_reply = "20m"
remind_before = "8m"
overdue_after = "10m"
unacknowledge_after = "2h"
[deadlines.next_update]
critical = "20m"
major = "20m"
minor = "20m"
[incidents]
resolve_after = "10m"
"""


def wire(mention: Mention) -> Json:
    """A mention as somebody sends it."""
    sent = {
        name: value
        for name, value in msgspec.structs.asdict(mention).items()
        if value is not None and name not in {"brand", "channel", "received_at", "clamped"}
    }
    return sent | {"published_at": format_time(mention.published_at)}


class Town:
    """Everything around the daemon, and the daemon. ``by``: how the public's words come in."""

    def __init__(self, folder: Path, *, by: str, store_url: str, weeks: float = 2.0) -> None:
        self.folder = folder
        self.by = by
        self._store_url = store_url
        self._weeks = weeks
        self.crowd = Crowd(seed=11)
        self.clock = FastClock(SystemClock().now(), RATE, waiting=True)
        self.sent: list[Mention] = []
        self._stack = AsyncExitStack()
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.broker = await self._stack.enter_async_context(Broker())
        self.slack = await self._stack.enter_async_context(FakeSlack(clock=self.clock))
        self.mail = await self._stack.enter_async_context(MailServer())
        file = self.folder / "tocsin.toml"
        file.write_text(
            _CONFIG.format(
                brand=BRAND,
                broker=self.broker.port,
                store=self._store_url,
                secret=secrets.token_hex(16),
                token=TOKEN,
                bot_token=self.slack.bot_token,
                signing_secret=self.slack.signing_secret,
                api_url=self.slack.api_url,
                mail=self.mail.port,
            )
        )
        self.config = load(file, {})
        await self._learn()
        self.written = self.clock.now().replace(second=0, microsecond=0) + _MINUTE
        await self.start()
        self.clock.go()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        await self._stack.aclose()

    async def _learn(self) -> None:
        """Two ordinary weeks, from a file, as `tocsin learn` does."""
        now = self.clock.now()
        history = self.folder / "history.ndjson"
        begin = (now - timedelta(weeks=self._weeks)).replace(second=0, microsecond=0)
        lines = (
            json.dumps(wire(mention) | {"brand": BRAND, "channel": mention.channel}, ensure_ascii=False)
            for mention in self.crowd.history(begin, now.replace(second=0, microsecond=0))
        )
        history.write_text("\n".join(lines), encoding="utf-8")
        store = await Store.open(self.config.store.url)
        try:
            read = read_mentions(history, brands=self.config.brands, received_at=now)
            self.learned = await learn(self.config, self.clock, store, load_model(), read)
        finally:
            await store.close()

    # ── the daemon

    async def start(self) -> None:
        """Start the daemon and wait until it is ready."""
        self.app = App(self.config, self.clock)
        self._running = asyncio.create_task(self.app.run())
        started = asyncio.create_task(self.app.started.wait())
        await asyncio.wait({self._running, started}, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            started.cancel()
            await self._running
        self.base = f"http://127.0.0.1:{self.app.port}"
        self.api = aiohttp.ClientSession(self.base, headers={"Authorization": f"Bearer {TOKEN}"})
        await self.until(self._ready)

    async def stop(self) -> None:
        """End the daemon in good order."""
        if self._running is not None:
            await self.api.close()
            self.app.stop()
            await self._running
            self._running = None

    async def _ready(self) -> bool:
        async with self.api.get("/readyz") as answer:
            return answer.status == 200

    # ── time and the public

    async def until(self, holds: Callable[[], Any], *, minutes: float = 90.0) -> Any:
        """Wait until ``holds()``, or what it gives to await, is true: so many minutes of the town's time at most."""
        end = self.clock.now() + timedelta(minutes=minutes)
        while not (value := await _value(holds())):
            assert self.clock.now() < end, f"not within {minutes} minutes: {holds}"
            await self.clock.sleep(6)
        return value

    async def public_writes(self, *, enough: asyncio.Event, angry: Callable[[float], float]) -> None:
        """The public writes on until it is ``enough``; ``angry``: how many more a minute, by minutes from now."""
        began = self.written
        while not enough.is_set():
            while self.written + _MINUTE <= self.clock.now():
                minutes = (self.written - began) / _MINUTE
                await self.send(self.crowd.minute(self.written, angry=angry(minutes)))
                self.written += _MINUTE
            await self.clock.sleep(10)

    async def send(self, mentions: Sequence[Mention]) -> None:
        """Hand mentions in, by channel, the way this town does."""
        self.sent += mentions
        if self.by == "http":
            if mentions:
                body = [wire(mention) | {"brand": BRAND, "channel": mention.channel} for mention in mentions]
                async with self.api.post("/api/v1/mentions", json=body) as answer:
                    assert answer.status == 202, await answer.text()
            return
        async with self.broker.client() as client:
            for mention in mentions:
                await self.publish(client, mention)

    @staticmethod
    async def publish(client: aiomqtt.Client, mention: Mention) -> None:
        """Publish one mention and wait until the broker has it."""
        await client.publish(f"mentions/{BRAND}/{mention.channel}", json.dumps(wire(mention)), qos=1)

    # ── what can be seen from outside

    async def get(self, path: str) -> Any:
        """A JSON answer of the API."""
        async with self.api.get(path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def incidents(self) -> list[Json]:
        """Newest first."""
        found: list[Json] = (await self.get("/api/v1/incidents"))["incidents"]
        return found

    async def incident(self) -> Json:
        """The only one."""
        found = await self.incidents()
        assert len(found) == 1, [incident["title"] for incident in found]
        return found[0]

    async def events(self, *kinds: str) -> list[Json]:
        """The only incident's timeline, of these kinds."""
        incident = await self.incident()
        events: list[Json] = (await self.get(f"/api/v1/incidents/{incident['id']}/timeline"))["events"]
        return [event for event in events if not kinds or event["kind"] in kinds]

    async def event(self, kind: str, **data: Any) -> Json:
        """Wait for an event of this kind with this data."""

        async def there() -> Json | None:
            if not await self.incidents():
                return None
            return next((event for event in await self.events(kind) if data.items() <= event["data"].items()), None)

        found: Json = await self.until(there)
        return found

    async def act(self, action: str, **body: Any) -> tuple[int, Json]:
        """Act on the only incident over the API."""
        incident = await self.incident()
        async with self.api.post(f"/api/v1/incidents/{incident['id']}/{action}", json=body) as answer:
            return answer.status, await answer.json()

    async def press(self, action: str, value: str, *, user: str = "U012AB3CD") -> Answer:
        """Press a button in Slack."""
        return await self.slack.hand.press(self.base, action, value, user=user)

    def mails(self, kind: str, to: str | None = None) -> list[Received]:
        """Mails of one kind."""
        return [
            mail
            for mail in self.mail.messages
            if mail.message["X-Tocsin-Kind"] == kind and (to is None or to in mail.recipients)
        ]


async def _value(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


def minutes_between(first: str, second: str) -> float:
    """From one of the API's times to another."""
    return (parse_time(second) - parse_time(first)) / _MINUTE
