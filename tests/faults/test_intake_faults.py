"""Mentions survive whatever happens to the daemon, the broker and the store: none lost, none counted twice."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from daemon.clock import SystemClock
from tests.fakes.broker import Broker
from tests.fakes.process import Daemon

CLOCK = SystemClock()
KILLS = int(os.environ.get("TOCSIN_KILLS", "3"))
TOPIC = "mentions/acme/facebook"


def mention(each: int) -> dict[str, Any]:
    at = CLOCK.now() - timedelta(seconds=each % 120)
    return {
        "id": f"m{each}",
        "brand": "acme",
        "channel": "facebook",
        "text": "Nie działa!",
        "published_at": at.isoformat(),
    }


class Ledger:
    """What the other side was told is safe."""

    def __init__(self) -> None:
        self.confirmed: set[str] = set()
        self.sent: set[str] = set()

    def check(self, daemon: Daemon) -> None:
        """Nothing confirmed is missing, nothing stranger is there, and each is counted once."""
        stored = daemon.ids()
        assert self.confirmed <= stored
        assert stored <= self.sent
        assert daemon.query("SELECT coalesce(sum(mentions), 0) FROM counts") == [(len(stored),)]
        assert daemon.query("SELECT sum(n) FROM tallies WHERE outcome = 'accepted'") == [(len(stored),)]


def payload(chance: random.Random, numbers: itertools.count[int], ledger: Ledger) -> tuple[bytes, set[str]]:
    """A message as the world sends them: one, several, some again, some bad."""
    fresh = [mention(next(numbers)) for _ in range(chance.choice((1, 1, 1, 3, 20)))]
    ids = {each["id"] for each in fresh}
    ledger.sent |= ids
    again = [mention(int(each[1:])) for each in sorted(ledger.sent)[:2]] if chance.random() < 0.3 else []
    bad: list[Any] = [{"id": 5}, None] if chance.random() < 0.2 else []
    items: list[Any] = [*fresh, *again, *bad]
    chance.shuffle(items)
    if chance.random() < 0.5:
        return "\n".join(json.dumps(item) for item in items).encode(), ids
    return json.dumps(items).encode(), ids


@contextlib.asynccontextmanager
async def traffic(broker: Broker, chance: random.Random, ledger: Ledger) -> AsyncIterator[None]:
    """Publish without pause, also while the broker is away."""
    numbers = itertools.count()
    stopping = asyncio.Event()

    async def publish() -> None:
        while not stopping.is_set():
            with contextlib.suppress(aiomqtt.MqttError):
                async with broker.client(timeout=2) as client:
                    while not stopping.is_set():
                        message, ids = payload(chance, numbers, ledger)
                        await client.publish(TOPIC, message, qos=1)
                        ledger.confirmed |= ids
                        await CLOCK.sleep(0.02)
            await CLOCK.sleep(0.1)

    task = asyncio.create_task(publish())
    try:
        yield
    finally:
        stopping.set()
        await task


@pytest.mark.parametrize("seed", [1])
async def test_killed_at_random_moments_it_loses_nothing_from_the_broker(tmp_path: Path, seed: int) -> None:
    chance, ledger = random.Random(seed), Ledger()
    async with Broker() as broker, Daemon(tmp_path, mqtt_port=broker.port) as daemon:
        async with traffic(broker, chance, ledger):
            for _ in range(KILLS):
                await CLOCK.sleep(chance.uniform(0.1, 2.0))
                await daemon.kill()
                await daemon.start()
                if chance.random() < 0.7:  # else it is killed again while it starts
                    await daemon.until_ready()
        await daemon.until(lambda: ledger.confirmed <= daemon.ids())
        ledger.check(daemon)
        assert await daemon.terminate() == 0


async def test_told_to_stop_under_load_it_ends_well_and_loses_nothing(tmp_path: Path) -> None:
    chance, ledger = random.Random(2), Ledger()
    async with Broker() as broker, Daemon(tmp_path, mqtt_port=broker.port) as daemon:
        async with traffic(broker, chance, ledger):
            for _ in range(2):
                await daemon.until(lambda: len(daemon.ids()) > 20)
                assert await daemon.terminate() == 0
                await daemon.start()
                await daemon.until_ready()
        await daemon.until(lambda: ledger.confirmed <= daemon.ids())
        ledger.check(daemon)


async def test_it_outlives_a_broker_that_comes_and_goes(tmp_path: Path) -> None:
    chance, ledger = random.Random(3), Ledger()
    async with Broker() as broker, Daemon(tmp_path, mqtt_port=broker.port) as daemon:
        async with traffic(broker, chance, ledger):
            for _ in range(2):
                await daemon.until(lambda: bool(ledger.confirmed))
                await broker.stop()

                async def is_blind() -> bool:
                    return await daemon.get_status("/readyz") == 503

                await daemon.until(is_blind)
                assert await daemon.get_status("/healthz") == 200
                await broker.start()
                await daemon.until_ready()
        await daemon.until(lambda: ledger.confirmed <= daemon.ids())
        ledger.check(daemon)
        assert daemon.query("SELECT count(*) >= 2, min(source), max(source) FROM gaps") == [(1, "mqtt", "mqtt")]
        await daemon.until(lambda: daemon.query("SELECT count(*) FROM gaps WHERE until IS NULL") == [(0,)])


async def test_killed_at_random_moments_what_was_answered_202_is_there(tmp_path: Path) -> None:
    chance, ledger = random.Random(4), Ledger()
    numbers = itertools.count()
    async with Daemon(tmp_path) as daemon:

        async def post() -> None:
            while True:
                batch = [mention(next(numbers)) for _ in range(chance.choice((1, 5, 50)))]
                ids = {each["id"] for each in batch}
                ledger.sent |= ids
                while await daemon.post(batch) != 202:  # the sender's half of the bargain: once more
                    await CLOCK.sleep(0.1)
                ledger.confirmed |= ids

        task = asyncio.create_task(post())
        for _ in range(KILLS):
            await CLOCK.sleep(chance.uniform(0.1, 1.0))
            await daemon.kill()
            await daemon.start()
            await daemon.until_ready()
        while not ledger.confirmed:  # on a busy machine it may not have lived long enough to answer once
            await CLOCK.sleep(0.1)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await CLOCK.sleep(0.2)  # what was on its way when the sender was stopped
        ledger.check(daemon)


async def test_a_store_locked_by_another_holds_it_up_and_no_more(tmp_path: Path) -> None:
    chance, ledger = random.Random(5), Ledger()
    async with Broker() as broker, Daemon(tmp_path, mqtt_port=broker.port) as daemon:
        async with traffic(broker, chance, ledger):
            await daemon.until(lambda: len(daemon.ids()) > 20)
            other = sqlite3.connect(daemon.database, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            await CLOCK.sleep(1.0)
            before = daemon.ids()
            await CLOCK.sleep(0.5)
            assert daemon.ids() == before
            assert await daemon.get_status("/healthz") == 200
            other.execute("ROLLBACK")
            other.close()
            await daemon.until(lambda: len(daemon.ids()) > len(before))
        await daemon.until(lambda: ledger.confirmed <= daemon.ids())
        ledger.check(daemon)
