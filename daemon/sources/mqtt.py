"""Mentions from an MQTT broker, acknowledged after they have been committed."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

import aiomqtt
import structlog

from config.schema import MqttSource as Settings
from daemon.clock import Clock
from daemon.errors import StoreError
from daemon.farewell import finish
from daemon.model import Mention, Rejection
from daemon.sources import mqtt_session
from daemon.sources.decode import SLUG_WORDS, decode_payload, is_slug, reject_payload
from daemon.sources.mqtt_session import MqttError, Session
from daemon.store.intake import Batch, Outcome

NAME = "mqtt"
MAX_PAYLOAD = 2**20  # bytes of one message
MAX_BATCH = 128  # messages in one commit
IN_A_THREAD = 2**18  # bytes of a batch that are decoded beside the loop, so that nothing waits for them
STOP_WITHIN = 4.0  # seconds that a commit under way is waited for when stopping
FAREWELL_WITHIN = 2.0  # seconds for saying that we are offline
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # seconds between attempts

_log = structlog.get_logger()


class Ingest(Protocol):
    """What a source asks of `daemon.ingest.Ingest`."""

    async def submit(self, batch: Batch, *, wait: bool = True) -> Outcome:
        """Return once everything in ``batch`` has been committed."""
        ...


class MqttSource:
    """Subscribes to ``{prefix}/{brand}/{channel}`` and hands on what comes.

    A message is acknowledged after ``ingest.submit`` has returned, which is after the commit.
    While the store is behind nothing is read on, so the broker keeps what comes. Reconnects by
    itself; what was not acknowledged then comes again, and ingest knows it by its id.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        brands: Collection[str],
        ingest: Ingest,
        clock: Clock,
        on_state: Callable[[bool, str], Awaitable[None] | None],
    ) -> None:
        """``on_state`` hears (True, …) once subscribed and (False, why) whenever that ends or fails."""
        self._settings = settings
        self._brands = brands
        self._ingest = ingest
        self._clock = clock
        self._on_state = on_state

    async def run(self) -> None:
        """Read until cancelled; then finish the batch in hand, say that we are offline, and leave."""
        failures = 0
        while True:
            try:
                async with mqtt_session.connect(self._settings) as session:
                    await self._subscribe(session)
                    failures = 0
                    await self._read(session)
            except MqttError as error:
                failures += 1
                pause = _pause(failures)
                _log.warning("mqtt_down", why=str(error), again_in=round(pause, 1))
                await self._say(str(error), up=False)
                await self._clock.sleep(pause)

    async def _subscribe(self, session: Session) -> None:
        settings = self._settings
        topic = f"{settings.prefix}/+/+"
        if settings.share_group:
            topic = f"$share/{settings.share_group}/{topic}"
        await session.subscribe(topic)
        await session.tell("online")
        _log.info("mqtt_subscribed", topic=topic)
        await self._say(f"subscribed to {topic} at {settings.host}:{settings.port}", up=True)

    async def _read(self, session: Session) -> None:
        try:
            while True:
                messages = await session.take(MAX_BATCH)
                await finish(self._commit(session, messages), within=STOP_WITHIN)
        except asyncio.CancelledError:
            with contextlib.suppress(MqttError, TimeoutError):
                async with asyncio.timeout(FAREWELL_WITHIN):
                    await session.tell("offline")
            raise

    async def _commit(self, session: Session, messages: Sequence[aiomqtt.Message]) -> None:
        received_at = self._clock.now()
        if sum(len(message.payload) for message in messages) < IN_A_THREAD:
            items = self._decode(messages, received_at)
        else:
            items = await asyncio.to_thread(self._decode, messages, received_at)
        if items:
            await self._submit(Batch(source=NAME, items=items))
        session.acknowledge(messages)

    async def _submit(self, batch: Batch) -> None:
        """Commit ``batch``, however long it takes the store to come back."""
        failures = 0
        while True:
            try:
                await self._ingest.submit(batch)
            except StoreError as error:
                failures += 1
                pause = _pause(failures)
                _log.error("mqtt_not_committed", why=str(error), again_in=round(pause, 1))
                await self._clock.sleep(pause)
            else:
                return

    def _decode(self, messages: Sequence[aiomqtt.Message], received_at: datetime) -> tuple[Mention | Rejection, ...]:
        return tuple(item for message in messages for item in self._items(message, received_at))

    def _items(self, message: aiomqtt.Message, received_at: datetime) -> Sequence[Mention | Rejection]:
        topic, payload = message.topic.value, message.payload
        if not payload:
            return ()

        def reject(reason: str, brand: str | None = None) -> Sequence[Rejection]:
            return (
                reject_payload(payload, source=NAME, topic=topic, brand=brand, received_at=received_at, reason=reason),
            )

        prefix = self._settings.prefix
        brand, _, channel = topic.removeprefix(f"{prefix}/").partition("/")
        if brand not in self._brands:
            return reject(f"topic: expected {prefix}/BRAND/CHANNEL with a configured brand, got {topic[:200]!a}")
        if not is_slug(channel):
            return reject(f"topic: expected {prefix}/{brand}/CHANNEL with {SLUG_WORDS}, got {topic[:200]!a}", brand)
        if len(payload) > MAX_PAYLOAD:
            return reject(f"payload: expected at most {MAX_PAYLOAD:,} bytes, got {len(payload):,}", brand)
        return decode_payload(
            payload,
            source=NAME,
            topic=topic,
            brand=brand,
            channel=channel,
            brands=self._brands,
            received_at=received_at,
        )

    async def _say(self, detail: str, *, up: bool) -> None:
        answer = self._on_state(up, detail)
        if inspect.isawaitable(answer):
            await answer


def _pause(failures: int) -> float:
    """Seconds to wait after so many failures in a row: doubling, bounded, and never the same for all."""
    longest: float = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, guards nothing
