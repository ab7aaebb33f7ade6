"""How many mentions a second one process takes in, beside a bare aiomqtt consumer of the same messages.

Each consumer drains the same backlog from a real mosquitto on loopback: first it subscribes with a
persistent session and leaves, then the messages are published, then the clock runs until all are in.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from rich.console import Console
from rich.table import Table

from config.schema import MqttSource as Settings
from daemon.clock import SystemClock
from daemon.ingest import Ingest
from daemon.metrics import Metrics
from daemon.model import Mention
from daemon.sources.decode import decode_payload
from daemon.sources.mqtt import MqttSource
from daemon.sources.mqtt_session import RECEIVE_MAXIMUM, SESSION_EXPIRY
from daemon.store.engine import Store
from daemon.store.intake import Batch, Outcome
from detectors.sentiment import load_model
from tests.fakes.broker import Broker

TOPIC = "mentions/acme/facebook"
CLOCK = SystemClock()
TEXTS = (
    "Internet nie działa od rana, kiedy to naprawicie?",
    "Dziękuję za szybką pomoc na infolinii, wszystko już działa.",
    "Связи нет второй час, в поддержку не дозвониться",
    "Спасибо, всё заработало!",
    "No signal in the whole city and nobody answers the phone. Third time this month!",
    "When does the new tariff start? I could not find it on your page.",
)
Consume = Callable[[Broker, int], Awaitable[float]]


def messages(count: int, size: int, round_: int) -> list[bytes]:
    """``count`` payloads of ``size`` mentions each, every id its own."""
    chance = random.Random(round_)
    now = CLOCK.now() - timedelta(minutes=2)
    payloads = []
    for each in range(count):
        mentions = [
            {
                "id": f"{size}-{round_}-{each}-{inner}",
                "text": f"{chance.choice(TEXTS)} {chance.randrange(10**6)}",
                "published_at": (now + timedelta(seconds=chance.randrange(100))).isoformat(),
                "author": f"u{chance.randrange(10**5)}",
                "author_name": "Jan K.",
                "url": f"https://social.example/{each}/{inner}",
                "followers": chance.randrange(5_000),
            }
            for inner in range(size)
        ]
        payloads.append(json.dumps(mentions if size > 1 else mentions[0], ensure_ascii=False).encode())
    return payloads


async def backlog(broker: Broker, payloads: list[bytes]) -> None:
    """Publish all, a few hundred at a time."""
    async with broker.client(max_inflight_messages=500) as client:
        client.pending_calls_threshold = 1_000
        for start in range(0, len(payloads), 500):
            await asyncio.gather(*(client.publish(TOPIC, each, qos=1) for each in payloads[start : start + 500]))


def session(broker: Broker, name: str) -> AbstractAsyncContextManager[aiomqtt.Client]:
    """A plain aiomqtt client with a session that stays."""
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_EXPIRY
    properties.ReceiveMaximum = RECEIVE_MAXIMUM
    return broker.client(identifier=name, clean_start=False, properties=properties)


# ── the consumers: seconds for what waits ────────────────────────────────────


async def bare(broker: Broker, expected: int) -> float:
    """A loop over aiomqtt's messages: acknowledged on arrival, not even looked at."""
    started = CLOCK.monotonic()
    async with session(broker, "tocsin-1") as client:
        await client.subscribe("mentions/+/+", qos=1)
        seen = 0
        async for _ in client.messages:
            seen += 1
            if seen == expected:
                break
        return CLOCK.monotonic() - started


class Counting:
    """Passes batches on, or nowhere; knows when all are in."""

    def __init__(self, expected: int, inner: Ingest | None) -> None:
        self.left = expected
        self.done = asyncio.Event()
        self._inner = inner

    async def submit(self, batch: Batch, *, wait: bool = True) -> Outcome:
        """Hand on and count."""
        nothing = Outcome(accepted=len(batch.items), duplicates=0, rejected=0)
        outcome = await self._inner.submit(batch, wait=wait) if self._inner else nothing
        self.left -= outcome.accepted
        if self.left <= 0:
            self.done.set()
        return outcome


async def _ours(broker: Broker, mentions: int, ingest: Ingest | None) -> float:
    counting = Counting(mentions, ingest)
    source = MqttSource(
        Settings(port=broker.port), brands={"acme"}, ingest=counting, clock=CLOCK, on_state=lambda *_: None
    )
    started = CLOCK.monotonic()
    task = asyncio.create_task(source.run())
    await counting.done.wait()
    seconds = CLOCK.monotonic() - started
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return seconds


@contextlib.asynccontextmanager
async def whole_ingest(folder: Path) -> AsyncIterator[Ingest]:
    """Text model and SQLite, as `tocsin run` has them."""
    store = await Store.open(f"sqlite:///{folder}/bench.db")
    ingest = Ingest(
        store=store,
        clock=CLOCK,
        model=load_model(),
        metrics=Metrics(["acme"]),
        late_after=timedelta(minutes=15),
    )
    task = asyncio.create_task(ingest.run())
    try:
        yield ingest
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await store.close()


# ── the parts alone ──────────────────────────────────────────────────────────


def decode_all(payloads: list[bytes]) -> list[Mention]:
    """Bytes to mentions."""
    now = datetime(2030, 1, 1, tzinfo=UTC)
    items = []
    for payload in payloads:
        items += decode_payload(
            payload, source="mqtt", topic=TOPIC, brand="acme", channel="facebook", brands={"acme"}, received_at=now
        )
    return [item for item in items if isinstance(item, Mention)]


def parts_alone(payloads: list[bytes]) -> dict[str, float]:
    """Mentions a second through the decoder and through the text model."""
    model = load_model()
    started = CLOCK.monotonic()
    mentions = decode_all(payloads)
    decoded = CLOCK.monotonic()
    for start in range(0, len(mentions), 500):
        part = mentions[start : start + 500]
        model.read([mention.text for mention in part], [None] * len(part))
    read = CLOCK.monotonic()
    return {
        "decoding alone": len(mentions) / (decoded - started),
        "text model alone": len(mentions) / (read - decoded),
    }


async def measure(count: int, size: int, rounds: int) -> dict[str, list[float]]:
    """Mentions a second of every consumer, one figure a round; they take turns within each."""
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with Broker() as broker, whole_ingest(Path(folder)) as ingest:
            consumers: dict[str, Callable[[], Awaitable[float]]] = {
                "bare aiomqtt, acknowledged unseen": lambda: bare(broker, count),
                "our source, nothing behind it": lambda: _ours(broker, count * size, None),
                "whole: decode, text model, SQLite, acknowledge": lambda: _ours(broker, count * size, ingest),
            }
            for round_ in range(rounds):
                payloads = messages(count, size, round_)
                for name, consume in consumers.items():
                    async with session(broker, "tocsin-1") as client:
                        await client.subscribe("mentions/+/+", qos=1)
                    await backlog(broker, payloads)
                    rates.setdefault(name, []).append(count * size / await consume())
                for name, rate in parts_alone(payloads).items():
                    rates.setdefault(name, []).append(rate)
    return rates


async def main() -> None:
    """Measure single mentions and payloads of a hundred, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=5_000, help="single-mention messages in a round")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    structlog.configure(processors=[_drop])
    for size, count in ((1, arguments.messages), (100, max(arguments.messages // 25, 1))):
        rates = await measure(count, size, arguments.rounds)
        reference = statistics.median(next(iter(rates.values())))
        table = Table(title=f"{count:,} messages of {size} mention{'s' * (size > 1)}, median of {arguments.rounds}")
        for column in ("", "mentions/s", "lowest", "highest", "of bare"):
            table.add_column(column, justify="left" if not column else "right")
        for name, figures in rates.items():
            median = statistics.median(figures)
            table.add_row(
                name, f"{median:,.0f}", f"{min(figures):,.0f}", f"{max(figures):,.0f}", f"{median / reference:.2f}"
            )
        Console().print(table)


def _drop(*_: object) -> str:
    raise structlog.DropEvent


if __name__ == "__main__":
    asyncio.run(main())
