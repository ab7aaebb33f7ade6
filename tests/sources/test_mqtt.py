"""Mentions from a real mosquitto: nothing acknowledged before it is committed, nothing lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any
from unittest import mock

import aiomqtt
import pytest

from config.schema import MqttSource as Settings
from daemon.clock import SystemClock
from daemon.errors import StoreError
from daemon.model import Mention, Rejection
from daemon.sources import mqtt, mqtt_session
from daemon.sources.mqtt import MqttSource
from daemon.store.intake import Batch, Outcome
from tests.fakes.broker import Broker

TOPIC = "mentions/acme/facebook"


class Committed:
    """Stands in for ingest: keeps what it is given, when it is allowed to."""

    def __init__(self) -> None:
        self.items: list[Mention | Rejection] = []
        self.batches: list[Batch] = []
        self.open = asyncio.Event()
        self.open.set()
        self.offered = 0
        self.failures = 0

    async def submit(self, batch: Batch, *, wait: bool = True) -> Outcome:
        """Commit ``batch`` once `open` is set; fail first as often as `failures` says."""
        assert wait
        self.offered += len(batch.items)
        await self.open.wait()
        if self.failures:
            self.failures -= 1
            raise StoreError("disk full")
        self.batches.append(batch)
        self.items.extend(batch.items)
        return Outcome(accepted=len(batch.items), duplicates=0, rejected=0)

    @property
    def ids(self) -> list[str]:
        """Ids of the mentions committed, in order."""
        return [item.id for item in self.items if isinstance(item, Mention)]


class Running:
    """A source at work, and what it said of itself."""

    def __init__(self, **settings: Any) -> None:
        self.committed = Committed()
        self.states: list[tuple[bool, str]] = []
        self.source = MqttSource(
            Settings(**settings),
            brands={"acme"},
            ingest=self.committed,
            clock=SystemClock(),
            on_state=lambda up, detail: self.states.append((up, detail)),
        )
        self.task = asyncio.create_task(self.source.run())

    @property
    def up(self) -> bool:
        """What it said last."""
        return bool(self.states) and self.states[-1][0]

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until ``true`` holds; fails when the source ends or it takes too long."""
        async with asyncio.timeout(60):
            while not true():
                assert not self.task.done(), self.task
                await SystemClock().sleep(0.01)

    async def stop(self) -> None:
        """Stop as the daemon does."""
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    async with Broker() as broker:
        yield broker


@contextlib.asynccontextmanager
async def running(broker: Broker, **settings: Any) -> AsyncIterator[Running]:
    run = Running(port=broker.port, **settings)
    try:
        yield run
    finally:
        await run.stop()


def payload(*ids: object) -> str:
    items = [{"id": str(each), "text": "nie działa"} for each in ids]
    return json.dumps(items if len(items) > 1 else items[0])


async def status(broker: Broker, client_id: str = "tocsin-1") -> str:
    async with broker.client() as client, asyncio.timeout(60):
        await client.subscribe(f"tocsin/{client_id}/status", qos=1)
        message = await anext(client.messages)
        assert message.retain
        return bytes(message.payload).decode()


async def test_what_is_published_is_committed(broker: Broker) -> None:
    async with running(broker) as run:
        await run.until(lambda: run.up)
        await broker.publish(TOPIC, payload(1))
        await broker.publish("mentions/acme/vk", payload(2, 3), qos=0)
        await broker.publish("mentions/acme/x", payload(4) + "\n" + payload(5), qos=2)
        await run.until(lambda: len(run.committed.items) == 5)
        by_id = {item.id: item for item in run.committed.items if isinstance(item, Mention)}
        assert {each: item.channel for each, item in by_id.items()} == {
            "1": "facebook",
            "2": "vk",
            "3": "vk",
            "4": "x",
            "5": "x",
        }


async def test_a_retained_message_counts_too(broker: Broker) -> None:
    await broker.publish(TOPIC, payload("kept"), retain=True)
    async with running(broker) as run:
        await run.until(lambda: run.committed.ids == ["kept"])


async def test_what_came_while_away_is_read_in_order(broker: Broker) -> None:
    async with running(broker) as run:
        await run.until(lambda: run.up)
    for each in range(30):
        await broker.publish(TOPIC, payload(each))
    async with running(broker) as run:
        await run.until(lambda: len(run.committed.items) == 30)
        assert run.committed.ids == [str(each) for each in range(30)]


async def test_messages_that_wait_share_a_commit(broker: Broker) -> None:
    async with running(broker) as run:
        await run.until(lambda: run.up)
        run.committed.open.clear()
        await broker.publish(TOPIC, payload("first"))
        await run.until(lambda: run.committed.offered == 1)
        async with broker.client() as client:
            for each in range(mqtt.MAX_BATCH + 10):
                await client.publish(TOPIC, payload(each), qos=1)
        run.committed.open.set()
        await run.until(lambda: len(run.committed.items) == mqtt.MAX_BATCH + 11)
        assert len(run.committed.batches) < 10
        assert max(len(batch.items) for batch in run.committed.batches) <= mqtt.MAX_BATCH


async def test_nothing_is_acknowledged_before_its_commit(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source is stuck between receipt and commit: its successor gets the message again."""
    monkeypatch.setattr(mqtt, "STOP_WITHIN", 0.05)
    async with running(broker) as run:
        await run.until(lambda: run.up)
        await broker.publish(TOPIC, payload("done"))
        await run.until(lambda: run.committed.ids == ["done"])
        run.committed.open.clear()
        await broker.publish(TOPIC, payload("in hand"))
        await run.until(lambda: run.committed.offered == 2)
        async with running(broker) as successor:  # the broker drops the first for it: same client_id
            await successor.until(lambda: successor.committed.ids == ["in hand"])
            await run.stop()


async def test_what_is_acknowledged_does_not_come_again(broker: Broker) -> None:
    async with running(broker) as first:
        await first.until(lambda: first.up)
        await broker.publish(TOPIC, payload("one"))
        await first.until(lambda: first.committed.ids == ["one"])
    async with running(broker) as second:
        await second.until(lambda: second.up)
        await broker.publish(TOPIC, payload("two"))
        await second.until(lambda: second.committed.ids == ["two"])


@pytest.mark.error_logs_expected
async def test_a_store_that_fails_is_tried_again_and_loses_nothing(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "FIRST_PAUSE", 0.01)
    async with running(broker) as run:
        await run.until(lambda: run.up)
        run.committed.failures = 3
        await broker.publish(TOPIC, payload(1))
        await broker.publish(TOPIC, payload(2))
        await run.until(lambda: run.committed.ids == ["1", "2"])


async def test_it_comes_back_when_the_broker_does(broker: Broker) -> None:
    async with running(broker) as run:
        await run.until(lambda: run.up)
        await broker.stop()
        await run.until(lambda: not run.up)
        await broker.start()
        await run.until(lambda: run.up)
        await broker.publish(TOPIC, payload("after"))
        await run.until(lambda: run.committed.ids == ["after"])


async def test_it_waits_for_a_broker_that_is_not_there_yet(broker: Broker) -> None:
    await broker.stop()
    async with running(broker) as run:
        await run.until(lambda: bool(run.states))
        assert not run.up
        assert "sources.mqtt" in run.states[0][1]
        await broker.start()
        await run.until(lambda: run.up)


async def test_a_commit_that_ends_after_the_connection_acknowledges_nothing_elsewhere(broker: Broker) -> None:
    async with running(broker) as run:
        await run.until(lambda: run.up)
        run.committed.open.clear()
        await broker.publish(TOPIC, payload("old"))
        await run.until(lambda: run.committed.offered == 1)
        await broker.restart()
        await broker.publish(TOPIC, payload("new"))
        run.committed.open.set()
        await run.until(lambda: "new" in run.committed.ids)
        assert run.committed.ids == ["old", "old", "new"]  # twice: ingest knows it by its id


async def test_a_broker_killed_loses_nothing_it_had_confirmed() -> None:
    async with Broker(strict=True) as broker, running(broker) as run:
        await run.until(lambda: run.up)
        run.committed.open.clear()
        for each in range(5):
            await broker.publish(TOPIC, payload(each))
        await broker.kill()
        run.committed.open.set()
        await broker.start()
        await run.until(lambda: set(run.committed.ids) == {"0", "1", "2", "3", "4"})


# ── what is wrong is kept, and blocks nothing ────────────────────────────────


async def test_one_mebibyte_is_read_and_more_is_one_rejection(broker: Broker) -> None:
    fits = payload(1).ljust(mqtt.MAX_PAYLOAD)
    async with running(broker) as run:
        await run.until(lambda: run.up)
        await broker.publish(TOPIC, fits)
        await broker.publish(TOPIC, fits + " ")
        await broker.publish(TOPIC, b"x" * (12 * 2**20))
        await broker.publish(TOPIC, payload(2))
        await run.until(lambda: len(run.committed.items) == 4)
        first, over, far_over, last = run.committed.items
        assert isinstance(first, Mention)
        assert isinstance(over, Rejection)
        assert isinstance(far_over, Rejection)
        assert isinstance(last, Mention)
        assert over.reason == "payload: expected at most 1,048,576 bytes, got 1,048,577"
        assert (over.topic, over.brand, over.index, len(over.payload)) == (TOPIC, "acme", None, 1024)


@pytest.mark.parametrize(
    ("topic", "says"),
    [
        ("mentions/other/x", "configured brand"),
        ("mentions/ACME/x", "configured brand"),
        ("mentions/аcme/x", "configured brand"),  # a Cyrillic letter
        ("mentions//x", "configured brand"),
        ("mentions/acme/", "slug"),
        ("mentions/acme/Facebook", "slug"),
        ("mentions/acme/\u202e\u2028", "slug"),
    ],
)
async def test_a_topic_that_names_nothing_is_kept_once_and_done_with(broker: Broker, topic: str, says: str) -> None:
    async with running(broker) as run:
        await run.until(lambda: run.up)
        await broker.publish(topic, payload(1, 2))
        await broker.publish(TOPIC, payload(3))
        await run.until(lambda: run.committed.ids == ["3"])
        rejected = run.committed.items[0]
        assert isinstance(rejected, Rejection)
        assert rejected.reason.startswith("topic: ")
        assert says in rejected.reason
        assert rejected.reason.isprintable()
        assert rejected.topic == topic
    async with running(broker) as run:
        await run.until(lambda: run.up)
        await broker.publish(TOPIC, payload(4))
        await run.until(lambda: run.committed.ids == ["4"])
        assert len(run.committed.items) == 1


async def test_empty_messages_are_acknowledged_and_nothing_else(broker: Broker) -> None:
    async with running(broker) as run:
        await run.until(lambda: run.up)
        for nothing in ("", "[]", "\n"):
            await broker.publish(TOPIC, nothing)
        await broker.publish("mentions/other/x", "")
        await broker.publish(TOPIC, payload(1))
        await run.until(lambda: run.committed.ids == ["1"])
        assert len(run.committed.items) == 1


# ── several at work, and who may ─────────────────────────────────────────────


async def test_two_daemons_share_the_work(broker: Broker) -> None:
    async with (
        running(broker, client_id="a", share_group="g") as one,
        running(broker, client_id="b", share_group="g") as two,
    ):
        await one.until(lambda: one.up and two.up)
        for each in range(40):
            await broker.publish(TOPIC, payload(each))
        await one.until(lambda: len(one.committed.ids) + len(two.committed.ids) == 40)
        assert one.committed.ids
        assert two.committed.ids
        assert {*one.committed.ids, *two.committed.ids} == {str(each) for each in range(40)}


async def test_its_state_is_published_and_kept(broker: Broker) -> None:
    async with running(broker, client_id="desk-1") as run:
        await run.until(lambda: run.up)
        assert await status(broker, "desk-1") == "online"
    assert await status(broker, "desk-1") == "offline"


async def test_its_will_says_that_it_is_gone(broker: Broker) -> None:
    with contextlib.suppress(mqtt_session.MqttError):
        async with mqtt_session.connect(Settings(port=broker.port)) as session:
            await session.tell("online")
            assert await status(broker) == "online"
            line = session._client._client.socket()  # noqa: SLF001 - to cut it, as a crash does
            assert isinstance(line, socket.socket)
            line.shutdown(socket.SHUT_RDWR)
            await session.take(1)
    assert await status(broker) == "offline"


async def test_stopping_finishes_the_batch_in_hand(broker: Broker) -> None:
    async with running(broker) as run:
        await run.until(lambda: run.up)
        run.committed.open.clear()
        await broker.publish(TOPIC, payload(1))
        await run.until(lambda: run.committed.offered == 1)
        run.task.cancel()
        await SystemClock().sleep(0.05)
        run.committed.open.set()
        with pytest.raises(asyncio.CancelledError):
            await run.task
        assert run.committed.ids == ["1"]
    async with running(broker) as run:  # and it was acknowledged
        await run.until(lambda: run.up)
        await broker.publish(TOPIC, payload(2))
        await run.until(lambda: run.committed.ids == ["2"])


async def test_stopping_does_not_wait_for_ever_for_the_store(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "STOP_WITHIN", 0.05)
    async with running(broker) as run:
        await run.until(lambda: run.up)
        run.committed.open.clear()
        await broker.publish(TOPIC, payload(1))
        await run.until(lambda: run.committed.offered == 1)
        await run.stop()
        assert run.task.cancelled()
    async with running(broker) as run:
        await run.until(lambda: run.committed.ids == ["1"])


@pytest.mark.error_logs_expected  # asyncio's, where the line breaks just as aiomqtt is about to write
@pytest.mark.parametrize("gone", ["frozen", "killed"])
async def test_stopping_does_not_need_the_broker(broker: Broker, monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    monkeypatch.setattr(mqtt, "FAREWELL_WITHIN", 0.1)
    async with running(broker) as run:
        await run.until(lambda: run.up)
        if gone == "killed":
            await asyncio.gather(broker.kill(), run.stop())
        else:
            with broker.frozen():
                await run.stop()
        assert run.task.cancelled()


async def test_a_password_is_asked_for_and_a_wrong_one_said_plainly() -> None:
    async with Broker(passwords={"tocsin": "right"}) as broker:
        async with running(broker, username="tocsin", password="right") as run:
            await run.until(lambda: run.up)
        async with running(broker, username="tocsin", password="wrong-secret") as run:
            await run.until(lambda: bool(run.states))
            up, detail = run.states[0]
            assert not up
            assert "username and password of sources.mqtt" in detail
            assert "wrong-secret" not in detail


async def test_a_refused_subscription_is_said_plainly_and_tried_again() -> None:
    attempts = 0

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal attempts
        attempts += 1
        await reader.read(1000)  # CONNECT
        writer.write(bytes([0x20, 3, 0, 0, 0]))  # CONNACK: welcome
        subscribe = await reader.read(1000)
        writer.write(bytes([0x90, 4, *subscribe[2:4], 0, 0x87]))  # SUBACK: not authorized
        await reader.read(1000)
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        run = Running(port=server.sockets[0].getsockname()[1])
        await run.until(lambda: len(run.states) > 1)
        await run.stop()
    assert attempts > 1
    up, detail = run.states[0]
    assert not up
    assert "refused the subscription to mentions/+/+" in detail
    assert "135" in detail


@pytest.mark.parametrize("connack", [bytes([0x20, 3, 0, 0, 0]), b""])
async def test_a_stop_at_any_moment_of_connecting_leaves_no_connection_behind(
    connack: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_session, "ENTER_WITHIN", 0.05)
    opened = closed = 0

    async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened, closed
        opened += 1
        while await reader.read(1000):
            writer.write(connack)
        writer.close()
        closed += 1

    async with await asyncio.start_server(welcome, "127.0.0.1", 0) as server, asyncio.timeout(60):
        for moment in range(20):
            run = Running(port=server.sockets[0].getsockname()[1])
            for _ in range(moment):
                await SystemClock().sleep(0.0002)
            await run.stop()
        while closed < opened:
            await SystemClock().sleep(0.01)
    assert opened


@pytest.mark.parametrize("answered", [None, aiomqtt.MqttError("no")])
async def test_a_cancellation_that_comes_with_the_answer_is_kept(answered: Exception | None) -> None:
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    class Answered:
        async def publish(self, *_: object, **__: object) -> None:
            await asyncio.wait_for(answer, 10)

    session = mqtt_session.Session(Answered(), mqtt_session._Inbox(), TOPIC)  # type: ignore[arg-type]  # noqa: SLF001 - a stand-in for aiomqtt's
    task = asyncio.create_task(session.tell("online"))
    await SystemClock().sleep(0)
    if answered is None:
        answer.set_result(None)
    else:
        answer.set_exception(answered)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("at", ["connecting", "leaving"])
async def test_a_cancellation_that_comes_with_a_connection_or_its_end_is_kept(
    at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the broker is left in good order all the same."""
    stages = ("connecting", "leaving")
    answers = {each: asyncio.get_running_loop().create_future() for each in stages}
    reached = {each: asyncio.Event() for each in stages}
    paho = mock.Mock()

    class Answered:
        def __init__(self, *_: object, **__: object) -> None:
            self._client = paho
            self._disconnected: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def __aenter__(self) -> None:
            reached["connecting"].set()
            await asyncio.wait_for(answers["connecting"], 10)

        async def __aexit__(self, *_: object) -> None:
            reached["leaving"].set()
            await asyncio.wait_for(answers["leaving"], 10)

    async def come_and_go() -> None:
        async with mqtt_session.connect(Settings()):
            pass

    monkeypatch.setattr(aiomqtt, "Client", Answered)
    task = asyncio.create_task(come_and_go())
    for each in stages[: stages.index(at) + 1]:
        await reached[each].wait()
        answers[each].set_result(None)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert paho.disconnect.called == (at == "connecting")


# ── the reach past aiomqtt ───────────────────────────────────────────────────


async def test_what_we_reach_for_in_aiomqtt_is_there(broker: Broker) -> None:
    """Fails when another aiomqtt or paho no longer has what `Session` needs."""
    async with mqtt_session.connect(Settings(port=broker.port)) as session:
        paho = session._client._client  # noqa: SLF001 - the very thing that is tested
        assert paho._manual_ack is True  # noqa: SLF001 - likewise
        assert callable(paho.ack)
        assert session._client._queue is session._inbox  # noqa: SLF001 - likewise
        assert isinstance(session._client._connected, asyncio.Future)  # noqa: SLF001 - likewise
        assert isinstance(session._client._disconnected, asyncio.Future)  # noqa: SLF001 - likewise


def test_messages_without_a_promise_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_session, "MAX_UNACKNOWLEDGED_BYTES", 100)
    inbox = mqtt_session._Inbox()  # noqa: SLF001 - private, and the one bound on QoS 0
    for qos in (0, 0, 1, 0, 1):
        inbox.put_nowait(aiomqtt.Message(TOPIC, b"x" * 60, qos, retain=False, mid=1, properties=None))
    assert [inbox.get_nowait().qos for _ in range(inbox.qsize())] == [0, 0, 1, 1]
