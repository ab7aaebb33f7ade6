"""One connection to a broker, with acknowledgement in our own hands.

aiomqtt acknowledges a message as soon as it has arrived, and what is then lost in a crash is lost
for good. This module alone knows how to keep it from that: `_take_over_acknowledgement` and
`Session.acknowledge` reach past aiomqtt 2.5.1 into paho, which has what is needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import cast

import aiomqtt
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from config.schema import MqttSource as Settings
from daemon.errors import TocsinError
from daemon.farewell import finish

SESSION_EXPIRY = 7 * 24 * 3600  # seconds for which the broker keeps what comes while we are away
RECEIVE_MAXIMUM = 256  # unacknowledged messages at once: what bounds our memory while the store is slow
MAX_UNACKNOWLEDGED_BYTES = 64 * 2**20  # beyond this, messages that nobody promised to keep (QoS 0) are let go
KEEPALIVE = 15  # seconds; a dead connection is noticed within about twice that
TIMEOUT = 10  # seconds for an answer of the broker
ENTER_WITHIN = 2.0  # seconds that a connection half made is waited for when stopping, so that it can be closed
_LOOK_AT = "check host, port, tls and ca_file of sources.mqtt"
_REFUSED = 128  # reason codes from here on are failures
_HINTS = {
    133: "choose another sources.mqtt.client_id",
    134: "check username and password of sources.mqtt",
    135: "check username and password of sources.mqtt, and what the broker allows this user",
    142: "another client connects with the same client_id; give each daemon its own",
}

_log = structlog.get_logger()
_library_log = logging.getLogger("daemon.sources.paho")
_library_log.setLevel(logging.CRITICAL)  # a broken connection is an error to paho; here it is said once, in our words


class MqttError(TocsinError):
    """The broker cannot be reached or does not let us in; says what to look at."""


class _Inbox(asyncio.Queue[aiomqtt.Message]):
    """Where aiomqtt puts what arrives. QoS 1 is bounded by the broker; QoS 0 is bounded here."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes = 0
        self._dropped = 0

    def put_nowait(self, item: aiomqtt.Message) -> None:
        """Take ``item``, unless it is of QoS 0 and far too much is waiting."""
        if item.qos == 0 and self._bytes > MAX_UNACKNOWLEDGED_BYTES:
            if self._dropped == 0:
                _log.warning("qos0_dropped", why="the store is behind; publish with QoS 1 to lose nothing")
            self._dropped += 1
            return
        self._bytes += len(item.payload)
        super().put_nowait(item)

    def get_nowait(self) -> aiomqtt.Message:
        """The next message."""
        item = super().get_nowait()
        self._bytes -= len(item.payload)
        if self._dropped and self.empty():
            _log.warning("qos0_dropped_in_all", messages=self._dropped)
            self._dropped = 0
        return item


class Session:
    """A connection that lives until the broker or the caller ends it."""

    def __init__(self, client: aiomqtt.Client, inbox: _Inbox, status_topic: str) -> None:
        self._client = client
        self._inbox = inbox
        self._status_topic = status_topic

    async def subscribe(self, topic: str) -> None:
        """Subscribe with QoS 1. Raises ``MqttError`` where the broker refuses."""
        with _explained():
            answers = await self._client.subscribe(topic, qos=1)
        _leave_if_cancelled()
        for answer in answers:
            code = answer.value if isinstance(answer, ReasonCode) else int(answer)
            if code >= _REFUSED:
                raise MqttError(
                    f"the broker refused the subscription to {topic} ({code}: {answer}); "
                    "allow the user of sources.mqtt to read it"
                )

    async def tell(self, status: str) -> None:
        """Publish our own state, retained."""
        with _explained():
            await self._client.publish(self._status_topic, status, qos=1, retain=True)
        _leave_if_cancelled()

    async def take(self, most: int) -> list[aiomqtt.Message]:
        """Wait for a message; return it with what else is here already, at most ``most`` in all.

        Raises ``MqttError`` when the connection is gone.
        """
        with _explained():
            taken = [await anext(self._client.messages)]
        while len(taken) < most and not self._inbox.empty():
            taken.append(self._inbox.get_nowait())
        return taken

    def acknowledge(self, messages: Sequence[aiomqtt.Message]) -> None:
        """Tell the broker, in their order, that ``messages`` of this very connection are safe.

        On a connection that has ended it does nothing: its message ids mean nothing elsewhere,
        and the broker sends them again.
        """
        paho = self._client._client  # noqa: SLF001 - aiomqtt has no acknowledgement of its own
        for message in messages:
            if message.qos > 0:
                paho.ack(message.mid, message.qos)


@contextlib.asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Session]:
    """Connect with a persistent session and our will in place; disconnect in the end.

    Raises ``MqttError`` where that fails.
    """
    inbox = _Inbox()
    status_topic = f"tocsin/{settings.client_id}/status"
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_EXPIRY
    properties.ReceiveMaximum = RECEIVE_MAXIMUM
    what = f"no connection to the broker at {settings.host}:{settings.port} ({_LOOK_AT})"
    with _explained(what):
        client = aiomqtt.Client(
            settings.host,
            settings.port,
            username=settings.username,
            password=settings.password.get_secret_value() if settings.password else None,
            identifier=settings.client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=False,
            properties=properties,
            keepalive=KEEPALIVE,
            timeout=TIMEOUT,
            logger=_library_log,
            will=aiomqtt.Will(status_topic, "offline", qos=1, retain=True),
            tls_context=ssl.create_default_context(cafile=settings.ca_file) if settings.tls else None,
            queue_type=cast("type[asyncio.Queue[aiomqtt.Message]]", _always(inbox)),
        )
    _take_over_acknowledgement(client)
    try:
        await finish(_enter(client, what), within=ENTER_WITHIN)
    except BaseException:
        _abandon(client)
        raise
    try:
        yield Session(client, inbox, status_topic)
    finally:
        # What goes wrong in leaving must not take the place of why we leave: a cancellation would be lost.
        with contextlib.suppress(aiomqtt.MqttError, OSError):
            await client.__aexit__(None, None, None)
        _hear_why_it_ended(client)
        _leave_if_cancelled()


async def _enter(client: aiomqtt.Client, what: str) -> None:
    with _explained(what):
        await client.__aenter__()


def _abandon(client: aiomqtt.Client) -> None:
    """Close a connection half made; aiomqtt would leave it open, and stumble over the answer it waited for."""
    client._connected = asyncio.get_running_loop().create_future()  # noqa: SLF001 - aiomqtt keeps it to itself
    client._client.disconnect()  # noqa: SLF001 - likewise


def _always(inbox: _Inbox) -> Callable[..., _Inbox]:
    """A stand-in for the queue's class: makes the one that we keep hold of."""

    def make(maxsize: int = 0) -> _Inbox:
        del maxsize  # never bounded: a full queue would only log, and lose
        return inbox

    return make


def _take_over_acknowledgement(client: aiomqtt.Client) -> None:
    client._client.manual_ack_set(True)  # noqa: SLF001 - aiomqtt 2.5.1 has no other way; before connecting


def _hear_why_it_ended(client: aiomqtt.Client) -> None:
    """Look at what ended the connection: asyncio reports an exception that nobody has looked at."""
    ended = client._disconnected  # noqa: SLF001 - aiomqtt keeps it to itself
    if ended.done() and not ended.cancelled():
        ended.exception()


@contextlib.contextmanager
def _explained(what: str = "the connection to the broker is lost") -> Iterator[None]:
    """Turn what aiomqtt, TLS and the network raise into one sentence for whoever runs this."""
    try:
        yield
    except (aiomqtt.MqttError, OSError) as error:
        _leave_if_cancelled()
        code = error.rc if isinstance(error, aiomqtt.MqttCodeError) else None
        if isinstance(code, ReasonCode) and code.value in _HINTS:
            raise MqttError(f"the broker says {code} ({code.value}): {_HINTS[code.value]}") from None
        raise MqttError(f"{what}: {error}") from None


def _leave_if_cancelled() -> None:
    """Be cancelled although aiomqtt went on.

    It waits with `asyncio.wait_for`, which up to Python 3.11 forgets a cancellation that comes together with the answer
    (https://github.com/python/cpython/issues/86296).
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
