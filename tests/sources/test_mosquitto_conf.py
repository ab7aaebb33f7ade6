"""The broker that we show is a broker that works."""

from __future__ import annotations

import asyncio
import re
from importlib import resources

from config.schema import MqttSource as Settings
from daemon.sources import mqtt_session
from tests.fakes.broker import Broker

EXAMPLE = (resources.files("config") / "mosquitto.conf").read_text(encoding="utf-8")
ACL = "\n".join(re.findall(r"(?m)^# ((?:user|topic|pattern) .*)$", EXAMPLE))
PASSWORDS = {"tocsin": "t", "acme": "a", "globex": "g"}


async def received(broker: Broker, expected: int, **settings: str) -> list[str]:
    """What the daemon's session is given until ``expected`` messages are here, and in the moment after."""
    messages: list[str] = []
    async with mqtt_session.connect(Settings.model_validate({"port": broker.port} | settings)) as session:
        await session.subscribe("mentions/+/+")
        await session.tell("online")
        try:
            while True:
                async with asyncio.timeout(60 if len(messages) < expected else 0.5):
                    taken = await session.take(10)
                messages += [message.topic.value for message in taken]
                session.acknowledge(taken)
        except TimeoutError:
            return messages


async def test_it_runs_and_keeps_what_comes_while_nobody_reads() -> None:
    async with Broker(configuration=EXAMPLE) as broker:
        assert await received(broker, 0) == []
        async with broker.client() as client:
            for _ in range(1_200):  # more than the stock limit
                await client.publish("mentions/acme/x", "{}", qos=1)
        await broker.restart()
        assert len(await received(broker, 1_200)) == 1_200
        assert "Error" not in broker.log


async def test_its_access_list_lets_each_publisher_write_its_own_brand_alone() -> None:
    assert "pattern write" in ACL
    async with Broker(configuration=EXAMPLE, passwords=PASSWORDS, acl=ACL) as broker:
        assert await received(broker, 0, username="tocsin", password="t") == []
        await broker.publish("mentions/acme/x", "{}", username="acme", password="a")
        await broker.publish("mentions/globex/x", "{}", username="acme", password="a")
        await broker.publish("mentions/globex/vk", "{}", username="globex", password="g")
        await broker.publish("tocsin/tocsin-1/status", "offline", username="acme", password="a")
        assert await received(broker, 2, username="tocsin", password="t") == ["mentions/acme/x", "mentions/globex/vk"]
