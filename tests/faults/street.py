"""A real daemon in a process of its own, with broker, mail and Slack around it, and a public that writes without pause.

All of these keep a ledger, so that what happened can be judged from outside, whatever became of the daemon.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import aiohttp
import aiomqtt
from msgspec.structs import replace

from daemon.clock import SystemClock
from daemon.demo.crowd import Crowd
from daemon.model import Mention
from tests.acceptance.harness import wire
from tests.fakes.broker import Broker
from tests.fakes.process import TOKEN, Daemon
from tests.fakes.slack import FakeSlack
from tests.fakes.smtp import MailServer

Json = dict[str, Any]
CLOCK = SystemClock()
EVERY = 0.25  # seconds between messages of the public
ANGRY = 4.0  # complaints in each while something is broken
STEPS = 3  # of the ladder
PEOPLE = """
[notifiers.slack]
bot_token = "{bot_token}"
signing_secret = "{signing_secret}"
api_url = "{api_url}"
[notifiers.email]
port = {mail}
sender = "tocsin@acme.example"
[[escalation.default.steps]]
after = "0s"
notify = ["slack:#pr-crisis", "email:oncall@acme.example"]
[[escalation.default.steps]]
after = "4s"
notify = ["slack:@U012AB3CD", "email:head@acme.example"]
[[escalation.default.steps]]
after = "2h"
notify = ["email:director@acme.example"]
[deadlines]
first_reply = "{word}"
remind_before = "4s"
overdue_after = "4s"
unacknowledge_after = "2h"
[deadlines.next_update]
critical = "{word}"
major = "{word}"
minor = "{word}"
[incidents]
resolve_after = "8s"
"""


def learn(folder: Path) -> Path:
    """Have `tocsin learn` learn some ordinary days, up to a few minutes ago; the database, to be copied."""
    now = CLOCK.now().replace(second=0, microsecond=0)
    mentions = Crowd(seed=5).history(now - timedelta(days=3), now - timedelta(minutes=3))
    lines = (json.dumps(wire(mention) | {"brand": "acme", "channel": mention.channel}) for mention in mentions)
    (folder / "history.ndjson").write_text("\n".join(lines), encoding="utf-8")
    with contextlib.closing(Daemon(folder)) as daemon:
        code, said = asyncio.run(daemon.command("learn", "--config", "FILE", str(folder / "history.ndjson")))
    assert code == 0, said
    return daemon.database


class Ledger:
    """What the public has sent, and what of it the broker has promised to deliver."""

    def __init__(self) -> None:
        self.sent: set[str] = set()
        self.confirmed: set[str] = set()
        self.duplicates = 0
        self.bad: set[str] = set()  # marks of confirmed messages that nobody can read


class Street:
    """``async with Street(folder, learned) as street``: everything runs, and the daemon is ready.

    ``word``: how soon the public is owed one; ``mail``: another mail server; ``more`` is added to the
    configuration, ``environ`` to the environment.
    """

    def __init__(
        self,
        folder: Path,
        learned: Path,
        *,
        seed: int,
        word: str = "2h",
        mail: MailServer | None = None,
        more: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.ledger = Ledger()
        self.broken = False
        self._learned = learned
        self._word = word
        self.mail = mail or MailServer()
        self._more = more
        self._environ = environ
        self._chance = random.Random(seed)
        self._crowd = Crowd(seed=seed)
        self._numbers = itertools.count()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.broker = await stack.enter_async_context(Broker())
            self.slack = await stack.enter_async_context(FakeSlack())
            await stack.enter_async_context(self.mail)
            people = PEOPLE.format(
                bot_token=self.slack.bot_token,
                signing_secret=self.slack.signing_secret,
                api_url=self.slack.api_url,
                mail=self.mail.port,
                word=self._word,
            )
            self.daemon = Daemon(
                self.folder, mqtt_port=self.broker.port, more=people + self._more, environ=self._environ
            )
            shutil.copy(self._learned, self.daemon.database)
            await stack.enter_async_context(self.daemon)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    # ── the public

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """While this lasts the public writes, also while the broker is away; about an outage while `broken`."""
        stopping = asyncio.Event()

        async def write() -> None:
            while not stopping.is_set():
                with contextlib.suppress(aiomqtt.MqttError):
                    async with self.broker.client(timeout=5) as client:
                        while not stopping.is_set():
                            await self._write(client)
                            await CLOCK.sleep(EVERY)
                await CLOCK.sleep(0.1)

        task = asyncio.create_task(write())
        try:
            yield
        finally:
            stopping.set()
            await task

    async def _write(self, client: aiomqtt.Client) -> None:
        """One message: a few mentions, now and then one again, now and then garbage."""
        now, chance = CLOCK.now(), self._chance
        said = self._crowd.minute(now.replace(second=0, microsecond=0), angry=ANGRY if self.broken else 0.0)
        fresh = [
            wire(replace(mention, published_at=now, author=f"author-{next(self._numbers)}", followers=None))
            | ({} if self.broken else {"sentiment": 0.5})
            for mention in said
        ]
        ids = {mention["id"] for mention in fresh}
        again = chance.sample(fresh, 1) if fresh and chance.random() < 0.2 else []
        topic = f"mentions/acme/{chance.choice(('facebook', 'x', 'forum'))}"
        self.ledger.sent |= ids
        await client.publish(topic, json.dumps([*fresh, *again]), qos=1)
        self.ledger.confirmed |= ids
        self.ledger.duplicates += len(again)
        if chance.random() < 0.1:
            mark = f"garbage-{next(self._numbers)}"
            await client.publish(topic, '{"id": "' + mark + '", "text": ', qos=1)
            self.ledger.bad.add(mark)

    def complaint(self) -> Mention:
        """Somebody's complaint about an outage, now."""
        minute = CLOCK.now().replace(second=0, microsecond=0)
        while not (written := self._crowd.minute(minute, angry=5.0)):
            pass
        return written[0]

    async def settled(self) -> None:
        """Wait until all that was confirmed is in the store, and nothing is left to send."""
        await self.daemon.until(lambda: self.ledger.confirmed <= self.daemon.ids(), 120)
        await self.daemon.until(lambda: self.ledger.bad <= self.rejected(), 120)
        await self.daemon.until(lambda: not self.unsent(), 120)

    # ── the people

    async def act(self, action: str, **body: Any) -> None:
        """Act on the only incident over the API, again and again until it is taken."""

        async def done() -> bool:
            incident = self.incident()
            url = f"http://127.0.0.1:{self.daemon.port}/api/v1/incidents/{incident['id']}/{action}"
            headers = {"Authorization": f"Bearer {TOKEN}"}
            try:
                async with aiohttp.ClientSession(headers=headers) as http, http.post(url, json=body) as answer:
                    return answer.status in {200, 409}  # 409: the answer to the first try was lost
            except aiohttp.ClientError:
                return False

        await self.daemon.until(done, 120)

    async def press(self, action: str) -> None:
        """Press a button in Slack, again and again until it is taken."""

        async def done() -> bool:
            base = f"http://127.0.0.1:{self.daemon.port}"
            try:
                return (await self.slack.hand.press(base, action, self.incident()["id"])).status == 200
            except aiohttp.ClientError:
                return False

        await self.daemon.until(done, 120)

    async def event(self, kind: str, *, after: int = 0, **data: Any) -> Json:
        """Wait for such an event of the only incident, and give it back."""

        def there() -> list[Json]:
            return [
                event for event in self.events(kind) if event["seq"] > after and data.items() <= event["data"].items()
            ]

        await self.daemon.until(lambda: bool(there()), 120)
        return there()[0]

    # ── what the database says, whether the daemon runs or not

    def incident(self) -> Json:
        """The only incident's record."""
        found = self.daemon.query("SELECT body FROM incidents")
        assert len(found) == 1, [json.loads(body)["title"] for (body,) in found]
        incident: Json = json.loads(found[0][0])
        return incident

    def events(self, *kinds: str) -> list[Json]:
        """The timeline, of these kinds."""
        rows = self.daemon.query(
            "SELECT incident_id, seq, at, kind, actor, data FROM timeline ORDER BY incident_id, seq"
        )
        names = ("incident", "seq", "at", "kind", "actor")
        events = [dict(zip(names, row, strict=False)) | {"data": json.loads(row[-1])} for row in rows]
        return [event for event in events if not kinds or event["kind"] in kinds]

    def unsent(self) -> list[Any]:
        """Deliveries that have come to no end."""
        return self.daemon.query("SELECT key, state FROM deliveries WHERE state IN ('pending', 'sending', 'uncertain')")

    def rejected(self) -> set[str]:
        """Marks of the garbage that was kept."""
        payloads = self.daemon.query("SELECT payload FROM rejected")
        return {mark.decode() for (payload,) in payloads for mark in re.findall(rb"garbage-\d+", payload)}
