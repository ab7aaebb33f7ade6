"""The public's clocks in the running daemon: who waited how long, over five days of simulated time."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from config.load import load
from daemon.app import App
from daemon.clock import SystemClock
from daemon.views import format_time

TOKEN = secrets.token_hex(16)
OWN = "fala_pomoc"
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
CONFIG = """
[brands.fala]
name = "Fala Mobile"
languages = ["pl"]
own_authors = ["fala_pomoc"]
[sources.http]
[store]
url = "sqlite:///{folder}/tocsin.db"
[web]
port = 0
secret_key = "{secret}"
[[web.tokens]]
name = "anna"
token = "{token}"
role = "admin"
"""


class LeapingClock(SystemClock):
    """The machine's clock, that leaps forward when told to."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The present, with all leaps."""
        return super().now() + self._ahead

    def wall(self, at: datetime) -> datetime:
        """The real time at which ``at`` is reached."""
        return at - self._ahead

    def leap(self, by: timedelta) -> None:
        """So much time has passed."""
        self._ahead += by


class Desk:
    """A running daemon, those who write to it, and those who answer."""

    def __init__(self, clock: LeapingClock, http: aiohttp.ClientSession) -> None:
        self.clock = clock
        self._http = http

    async def write(self, mention_id: str, text: str, *, channel: str = "facebook", **more: Any) -> None:
        at = format_time(self.clock.now())
        body = {"id": mention_id, "brand": "fala", "channel": channel, "text": text, "published_at": at, **more}
        async with self._http.post("/api/v1/mentions", json={"author": f"by-{mention_id}"} | body) as answer:
            assert answer.status == 202, await answer.text()

    async def answer(self, mention_id: str, thread: str, *, channel: str = "facebook") -> None:
        await self.write(mention_id, "Odpowiadamy.", channel=channel, thread=thread, author=OWN)

    async def post(self, path: str, **body: Any) -> None:
        async with self._http.post(path, json=body) as answer:
            assert answer.status == 200, await answer.text()

    async def get(self, path: str) -> Any:
        async with self._http.get(path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json() if answer.content_type == "application/json" else await answer.text()

    async def opened(self) -> str:
        """The id of the first incident, as soon as there is one."""
        async with asyncio.timeout(60):
            while not (found := (await self.get("/api/v1/incidents"))["incidents"]):
                await SystemClock().sleep(0.1)
        return str(found[-1]["id"])


@pytest.fixture
async def desk(tmp_path: Path) -> Any:
    file = tmp_path / "tocsin.toml"
    file.write_text(CONFIG.format(folder=tmp_path, secret=secrets.token_hex(16), token=TOKEN))
    clock = LeapingClock()
    app = App(load(file, {}), clock)
    running = asyncio.create_task(app.run())
    started = asyncio.create_task(app.started.wait())
    await asyncio.wait({running, started}, return_when=asyncio.FIRST_COMPLETED)
    async with aiohttp.ClientSession(
        f"http://127.0.0.1:{app.port}", headers={"Authorization": f"Bearer {TOKEN}"}
    ) as http:
        yield Desk(clock, http)
    app.stop()
    await running


async def test_every_class_of_mention_has_its_own_clock(desk: Desk) -> None:
    # a product question each on two posts, a complaint each on two more, two mails, and somebody on a forum
    await desk.write("q1", "Kiedy znów będzie działać aplikacja?", thread="p1")
    await desk.write("q2", "Jak włączyć roaming?", thread="p2")
    await desk.write("m1", "Znowu brak zasięgu.", thread="p3")
    await desk.write("m2", "Okropna obsługa.", thread="p4")
    await desk.write("e1", "Proszę o fakturę.", channel="email")
    await desk.write("e2", "Proszę o umowę.", channel="email")
    await desk.write("f1", "Czy ktoś tu odpowiada?", channel="forum", thread="t1")
    for who in range(6):
        await desk.write(f"r{who}", "Po waszym jogurcie zatrucie, dziecko trafiło do szpitala!", channel="x")
    incident = await desk.opened()

    # limits: a question 1 h, the first word of a crisis 60 min, a message 3 h, a mail 48 h
    desk.clock.leap(50 * MINUTE)
    await desk.answer("a1", "p1")
    await desk.post(
        f"/api/v1/incidents/{incident}/update", text="Sprawdzamy to. Wrócimy o 23:50.", lang="pl", channel="x"
    )
    desk.clock.leap(20 * MINUTE)
    await desk.answer("a2", "p2")
    desk.clock.leap(HOUR)
    await desk.answer("a3", "p3")
    desk.clock.leap(HOUR)
    await desk.answer("a4", "p4")
    desk.clock.leap(40 * HOUR)
    await desk.answer("a5", "e1", channel="email")
    desk.clock.leap(10 * HOUR)
    await desk.answer("a6", "e2", channel="email")
    desk.clock.leap(60 * HOUR)

    now = desk.clock.now()
    period = f"from={format_time(now - timedelta(days=6))}&to={format_time(now)}".replace("+", "%2B")
    clocks = (await desk.get(f"/api/v1/report?{period}"))["clocks"]
    told = {
        (row["class"], row["channel"]): (
            row["asked"],
            row["answered"],
            row["share_within"],
            row["limit_seconds"] / 3600,
        )
        for row in clocks["figures"]
        if row["channel"] != "x"
    }
    assert told == {
        ("product_question", "facebook"): (2, 2, 0.5, 1),
        ("addressed", "facebook"): (2, 2, 0.5, 3),
        ("email", "email"): (2, 2, 0.5, 48),
        ("product_question", "forum"): (1, 0, 0.0, 1),
        ("first_word", None): (1, 1, 1.0, 1),
    }
    (dead,) = (one for one in clocks["dead_channels"] if one["channel"] == "forum")
    assert (dead["unanswered"], dead["last_answer"]) == (1, None)
    page = await desk.get(f"/api/v1/report?{period}&format=md")
    assert "## Channels nobody answers" in page
    assert "forum" in page
