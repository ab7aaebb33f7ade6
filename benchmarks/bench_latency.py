"""From the publication of the mention that decides to Slack's receipt of the alert: 50 brands, 50 alerts.

A real mosquitto and a real daemon with its own store; Slack is the tests' workspace on loopback, so the
network to Slack is not in the figures. Run: python benchmarks/bench_latency.py
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import tempfile
from datetime import timedelta
from pathlib import Path

from config.schema import Config
from daemon.app import App
from daemon.clock import SystemClock
from daemon.learning import learn
from daemon.model import Mention
from daemon.store.engine import Store
from detectors.sentiment import load_model
from tests.fakes.broker import Broker
from tests.fakes.slack import FakeSlack

RUNS = 50
HISTORY = timedelta(days=3)
PER_HOUR = 6  # ordinary mentions of each brand
EVERY = 0.15  # seconds between two angry mentions
GIVE_UP = 60.0


async def main() -> None:
    """Measure, and print a table."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        async with Broker() as broker, FakeSlack() as slack:
            brands = [f"b{number:02}" for number in range(RUNS)]
            config = Config.model_validate(
                {
                    "brands": {brand: {"name": brand.upper(), "languages": ["pl"]} for brand in brands},
                    "sources": {"mqtt": {"port": broker.port}},
                    "store": {"url": f"sqlite:///{Path(folder) / 'bench.db'}"},
                    "web": {"port": 0, "secret_key": "0123456789abcdef"},
                    "notifiers": {"slack": {"bot_token": slack.bot_token, "api_url": slack.api_url}},
                    "escalation": {"default": {"steps": [{"after": "0m", "notify": ["slack:#pr-crisis"]}]}},
                }
            )
            await _teach(config, clock, brands)
            app = App(config, clock)
            running = asyncio.create_task(app.run())
            await app.started.wait()
            while not app.health.is_ready:
                await clock.sleep(0.1)
            latencies = []
            for brand in brands:
                latencies.append(await _one_alert(brand, app, broker, slack, clock))
                await clock.sleep(0.5)
            app.stop()
            await running
    ordered = sorted(latencies)
    print(f"{'runs':>6} {'median':>8} {'p99':>8} {'worst':>8}   seconds from publication to Slack's receipt")
    print(
        f"{len(ordered):>6} {statistics.median(ordered):>8.2f} {ordered[int(0.99 * (len(ordered) - 1))]:>8.2f}"
        f" {ordered[-1]:>8.2f}"
    )


async def _teach(config: Config, clock: SystemClock, brands: list[str]) -> None:
    chance = random.Random(1)
    now = clock.now()
    minutes = int(HISTORY / timedelta(minutes=1))
    history: list[Mention] = [
        Mention(
            brand=brand,
            id=f"h{number}",
            channel="facebook",
            text="Do której jest otwarty salon?" if chance.random() < 0.85 else "Fatalna obsługa, nie polecam.",
            published_at=now - timedelta(minutes=chance.uniform(30, minutes)),
            received_at=now,
            author=f"a{chance.randrange(10_000)}",
        )
        for brand in brands
        for number in range(minutes // 60 * PER_HOUR)
    ]
    store = await Store.open(config.store.url)
    try:
        history.sort(key=lambda mention: mention.published_at)
        await learn(config, clock, store, load_model(), history)
    finally:
        await store.close()


async def _one_alert(brand: str, app: App, broker: Broker, slack: FakeSlack, clock: SystemClock) -> float:
    published: dict[str, float] = {}
    seen = len(slack.top())

    async def anger() -> None:
        async with broker.client() as client:
            for number in range(int(GIVE_UP / EVERY)):
                mention = {"id": f"m{number}", "text": f"Internet nie działa! {number}", "author": f"{brand}-{number}"}
                published[mention["id"]] = clock.monotonic()
                await client.publish(f"mentions/{brand}/facebook", json.dumps(mention), qos=1)
                await clock.sleep(EVERY)

    writing = asyncio.create_task(anger())
    try:
        await slack.wait_for(lambda: len(slack.top()) > seen, seconds=GIVE_UP)
        received = clock.monotonic()
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    (incident,) = await app.incidents.find(brand=brand)
    return received - published[incident.evidence.deciding_mention or "m0"]


if __name__ == "__main__":
    asyncio.run(main())
