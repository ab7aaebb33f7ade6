"""An evening at an invented mobile operator: four learned weeks, then an outage, in fast time."""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console

from config.schema import Config
from daemon import ports
from daemon.app import App
from daemon.clock import Clock, FastClock, SystemClock
from daemon.demo.crowd import BRAND, ZONE, Crowd, outage
from daemon.demo.narrator import Narrator
from daemon.errors import ConfigError
from daemon.ingest import Batch
from daemon.learning import learn
from daemon.model import EventKind, IncidentState
from daemon.store.engine import Store
from daemon.store.reads import Reads
from daemon.web.passwords import hash_password
from detectors.sentiment import load_model
from notifiers.console import ConsoleNotifier

_RATE = 120.0  # an hour in thirty seconds
_WEEKS = timedelta(weeks=4)
_BREAKS_AFTER = 8.0  # minutes into the evening
_ACKNOWLEDGED_AFTER = timedelta(minutes=7)
_ANSWERED_AFTER = timedelta(minutes=14)
_FEED_EVERY, _TELL_EVERY = 15.0, 300.0  # seconds of demo time
_LONGEST = timedelta(hours=4)


def settings(folder: Path, port: int, password: str, token: str) -> Config:
    """The demo's configuration: SQLite in a temporary folder, the terminal instead of Slack."""
    base = f"http://127.0.0.1:{port}"
    return Config.model_validate(
        {
            "brands": {
                BRAND: {
                    "name": "Fala Mobile",
                    "languages": ["pl", "ru", "en"],
                    "status_page": "https://fala.example/status",
                    "timezone": "Europe/Warsaw",
                }
            },
            "sources": {"http": {}},
            "store": {"url": f"sqlite:///{folder / 'demo.db'}"},
            "web": {
                "port": port,
                "base_url": base,
                "secret_key": secrets.token_hex(32),
                "users": [{"name": "demo", "password_hash": hash_password(password), "role": "admin"}],
                "tokens": [{"name": "anna", "token": token, "role": "responder"}],
            },
            "escalation": {
                "default": {
                    "steps": [
                        {"after": "0m", "notify": ["console:on-call"]},
                        {"after": "5m", "notify": ["console:head of PR"]},
                    ]
                }
            },
            "deadlines": {
                "first_reply": "20m",
                "remind_before": "8m",
                "overdue_after": "5m",
                "next_update": {"critical": "20m", "major": "20m", "minor": "20m"},
            },
            "incidents": {"resolve_after": "8m"},
        }
    )


async def play(console: Console, *, port: int = 0, stay: bool = True) -> None:
    """Play the story once; with ``stay`` keep the pages up until interrupted. Leaves nothing behind."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as name, _reserved(port) as kept:
        password, token = secrets.token_urlsafe(6), secrets.token_urlsafe(24)
        config = settings(Path(name), ports.number(kept), password, token)
        evening = (SystemClock().now() - timedelta(days=1)).astimezone(ZONE).replace(hour=18, minute=30, second=0)
        crowd = Crowd()
        await _learn(console, config, crowd, evening)
        if stopping.is_set():
            return
        clock = FastClock(evening, _RATE, waiting=True)
        app = App(config, clock, notifiers={"console": ConsoleNotifier(console)}, look_every=_FEED_EVERY)
        running = asyncio.create_task(app.run())
        started = asyncio.create_task(app.started.wait())
        await asyncio.wait({running, started}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            started.cancel()
            await running
            return
        clock.go()
        console.print(
            f"\nThe pages: [bold]{config.web.base_url}[/bold]  sign in as [bold]demo[/bold], password"
            f" [bold]{password}[/bold]\nFrom here on an hour takes {3600 / _RATE:.0f} seconds.\n"
        )
        story = asyncio.create_task(_Evening(console, app, crowd, clock, token).play(forever=stay))
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({story, stopped, running}, return_when=asyncio.FIRST_COMPLETED)
        for task in (story, stopped):
            task.cancel()
        ended = await asyncio.gather(story, return_exceptions=True)
        app.stop()
        await running
        failed = [error for error in ended if isinstance(error, Exception)]
        if failed:
            raise failed[0]


async def _learn(console: Console, config: Config, crowd: Crowd, evening: datetime) -> None:
    with console.status("Learning four ordinary weeks of Fala Mobile's customers …"):
        store = await Store.open(config.store.url)
        try:
            history = await asyncio.to_thread(lambda: list(crowd.history(evening - _WEEKS, evening)))
            clock: Clock = FastClock(evening, 1.0)
            learned = await learn(config, clock, store, load_model(), history)
        finally:
            await store.close()
    console.print(f"Learned {learned.accepted:,} mentions in Polish, Russian and English: the brand's own rhythm.")


class _Evening:
    """The public writes, one moderator answers, the narrator tells."""

    def __init__(self, console: Console, app: App, crowd: Crowd, clock: FastClock, token: str) -> None:
        self._app = app
        self._crowd = crowd
        self._clock = clock
        self._token = token
        self._console = console
        self._narrator = Narrator(console, incidents=app.incidents, reads=Reads(app.store), watch=app.watch)
        self._began = clock.now()
        self._fed = self._began.replace(second=0, microsecond=0)

    async def play(self, *, forever: bool) -> None:
        """From the calm before to the all-clear, and then on until cancelled."""
        async with asyncio.TaskGroup() as group:
            feeding = group.create_task(self._feed())
            await self._tell()
            self._console.print("\nThe story is over.", "The pages stay up until Ctrl-C." if forever else "")
            if not forever:
                feeding.cancel()

    async def _feed(self) -> None:
        """Every minute that has begun is written in full: the source is as quick as the clock."""
        while True:
            now = self._clock.now()
            mentions = []
            while self._fed + timedelta(minutes=1) <= now:
                minutes = (self._fed - self._began) / timedelta(minutes=1)
                mentions += self._crowd.minute(self._fed, angry=outage(minutes - _BREAKS_AFTER))
                self._fed += timedelta(minutes=1)
            if mentions:
                await self._app.ingest.submit(Batch(source="demo", items=tuple(mentions)))
            await self._clock.sleep(_FEED_EVERY)

    async def _tell(self) -> None:
        next_counts, answered, updated = self._began, False, False
        deadline = self._began + _LONGEST
        headers = {"Authorization": f"Bearer {self._token}"}
        async with aiohttp.ClientSession(f"http://127.0.0.1:{self._app.port}", headers=headers) as anna:
            while (now := self._clock.now()) < deadline:
                new = await self._narrator.events()
                if any(event.kind is EventKind.RESOLVED for event in new):
                    return
                if now >= next_counts:
                    await self._narrator.counts(now)
                    next_counts = now + timedelta(seconds=_TELL_EVERY)
                for incident in await self._app.incidents.find(brand=BRAND, limit=1):
                    address = f"/api/v1/incidents/{incident.id}"
                    if incident.state is IncidentState.OPEN and now - incident.opened_at >= _ACKNOWLEDGED_AFTER:
                        await _post(anna, f"{address}/acknowledge", {})
                    elif not answered and now - incident.opened_at >= _ANSWERED_AFTER:
                        answered = True
                        reply = next(reply for reply in incident.holding_replies if reply.lang == "pl")
                        body = {"text": reply.text, "lang": "pl", "channel": "facebook"}
                        await _post(anna, f"{address}/update", body)
                    elif answered and not updated and _soon(incident.next_update_due, now):
                        updated = True
                        body = {"text": _REPAIRED, "lang": "pl", "channel": "facebook"}
                        await _post(anna, f"{address}/update", body)
                await self._clock.sleep(_FEED_EVERY)


_REPAIRED = (
    "Sieć w większości miejsc znów działa. Przepraszamy za utrudnienia i dziękujemy za cierpliwość."
    " Odezwiemy się ponownie za dwie godziny."
)


def _soon(due: datetime | None, now: datetime) -> bool:
    return due is not None and due - now <= timedelta(minutes=3)


async def _post(client: aiohttp.ClientSession, address: str, body: dict[str, Any]) -> None:
    async with client.post(address, json=body) as answer:
        answer.raise_for_status()


def _reserved(port: int) -> socket.socket:
    """Ours while the past is learned."""
    try:
        return ports.reserve(port)
    except OSError as error:
        raise ConfigError(f"--port: cannot listen on 127.0.0.1:{port}: {error.strerror}") from error
