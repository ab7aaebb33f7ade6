"""Webhooks, against a real HTTP server."""

from __future__ import annotations

import base64
import hmac
import json
import socket
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from email.utils import format_datetime

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import SecretStr

from config.schema import Webhook
from daemon.clock import ManualClock
from daemon.errors import ConfigError, DeliveryError
from daemon.views import incident_view
from notifiers.webhook import WebhookNotifier, signature
from notifiers.webhook_target import is_public
from tests.fakes.webhook import WebhookServer
from tests.notifiers.contract import DELIVERY, NOW, SECRET, NotifierContract, every_purpose, incident, notice


class Names(AbstractResolver):
    """Every name leads to the same address."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - what aiohttp calls it with
    ) -> list[ResolveResult]:
        kind = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        return [
            ResolveResult(
                hostname=host, host=self.address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        """Nothing is held."""


def notifier_for(
    url: str,
    *,
    secret: str = SECRET,
    allow_private: bool = True,
    timeout: float = 2.0,
    resolver: AbstractResolver | None = None,
) -> WebhookNotifier:
    settings = {"crm": Webhook(url=url, secret=SecretStr(secret), allow_private=allow_private)}
    return WebhookNotifier(settings, view=incident_view, clock=ManualClock(NOW), timeout=timeout, resolver=resolver)


@pytest.fixture
async def server() -> AsyncIterator[WebhookServer]:
    async with WebhookServer() as receiver:
        yield receiver


@pytest.fixture
async def notifier(server: WebhookServer) -> AsyncIterator[WebhookNotifier]:
    made = notifier_for(server.url)
    yield made
    await made.close()


class WebhookSide:
    """The contract's view of a webhook."""

    target = "crm"

    def __init__(self, server: WebhookServer, notifier: WebhookNotifier) -> None:
        self.server, self.notifier = server, notifier

    async def arrived(self) -> Sequence[str]:
        return [f"{call.headers} {call.body.decode()}" for call in self.server.calls]

    async def go_down(self) -> None:
        await self.server.stop()


class TestContract(NotifierContract):
    """What holds for every notifier."""

    @pytest.fixture
    def side(self, server: WebhookServer, notifier: WebhookNotifier) -> WebhookSide:
        return WebhookSide(server, notifier)


async def test_the_incident_comes_as_the_api_tells_it(server: WebhookServer, notifier: WebhookNotifier) -> None:
    await notifier.send(notice(target="crm", note="Zażółć", note_by="user:anna"))
    (call,) = server.calls
    told = json.loads(call.body)
    assert call.headers["Content-Type"] == "application/json"
    assert told["incident"] == json.loads(json.dumps(incident_view(incident())))
    del told["incident"]
    assert told == {
        "purpose": "alert",
        "delivery_id": DELIVERY,
        "at": "2026-10-14T14:05:00.000Z",
        "step": 1,
        "brand_name": "Acme Mobile",
        "page": "http://127.0.0.1:8080/incidents/acme-20261014-1",
        "note": "Zażółć",
        "note_by": "user:anna",
        "reminder": None,
    }


async def test_a_reminder_says_of_what(server: WebhookServer, notifier: WebhookNotifier) -> None:
    reminder = every_purpose()[4]
    await notifier.send(notice(target="crm", purpose=reminder.purpose, reminder=reminder.reminder))
    assert json.loads(server.calls[0].body)["reminder"] == {
        "of": "next_update",
        "when": "overdue",
        "due": "2026-10-14T14:05:00.000Z",
        "n": 2,
    }


@pytest.mark.parametrize(
    ("secret", "key"),
    [("a plain secret", b"a plain secret"), ("whsec_" + base64.b64encode(b"\x00\xffkey").decode(), b"\x00\xffkey")],
)
async def test_the_receiver_can_check_who_wrote_it(server: WebhookServer, secret: str, key: bytes) -> None:
    notifier = notifier_for(server.url, secret=secret)
    await notifier.send(notice(target="crm"))
    await notifier.close()
    (call,) = server.calls
    assert call.headers["webhook-id"] == call.headers["Idempotency-Key"] == DELIVERY
    assert call.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    signed = f"{DELIVERY}.{int(NOW.timestamp())}.".encode() + call.body
    expected = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert call.headers["webhook-signature"] == f"v1,{expected}"


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    """Standard Webhooks' reference libraries test with these values."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_that_is_no_base64_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match=r"^notifiers\.webhook\.crm\.secret: expected Base64 after whsec_$"):
        notifier_for("https://acme.example", secret="whsec_ä")


async def test_an_unknown_name_is_said_so(notifier: WebhookNotifier) -> None:
    with pytest.raises(DeliveryError, match="no webhook named other") as caught:
        await notifier.send(notice(target="other"))
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("status", "retryable"),
    [
        (400, False),
        (401, False),
        (404, False),
        (408, True),
        (410, False),
        (422, False),
        (429, True),
        (500, True),
        (503, True),
    ],
)
async def test_answers_say_whether_to_try_again(
    server: WebhookServer, notifier: WebhookNotifier, status: int, *, retryable: bool
) -> None:
    server.status = status
    with pytest.raises(DeliveryError, match=f"answered {status}") as caught:
        await notifier.send(notice(target="crm"))
    assert caught.value.retryable is retryable
    assert not caught.value.ambiguous


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        ("999999999", 3600.0),
        ("soon", None),
        ("-5", None),
    ],
)
async def test_a_wait_asked_for_is_kept(
    server: WebhookServer, notifier: WebhookNotifier, header: str, seconds: float | None
) -> None:
    server.status, server.headers = 429, {"Retry-After": header}
    with pytest.raises(DeliveryError) as caught:
        await notifier.send(notice(target="crm"))
    assert caught.value.retry_after == seconds


async def test_a_redirect_is_not_followed(server: WebhookServer, notifier: WebhookNotifier) -> None:
    server.status, server.headers = 302, {"Location": f"http://{server.host}:{server.port}/elsewhere"}
    with pytest.raises(DeliveryError, match="redirects are not followed") as caught:
        await notifier.send(notice(target="crm"))
    assert not caught.value.retryable
    assert [call.path for call in server.calls] == ["/hook"]


async def test_a_long_answer_is_not_read_to_its_end(server: WebhookServer, notifier: WebhookNotifier) -> None:
    server.status, server.body = 200, b"x" * 20_000_000
    receipt = await notifier.send(notice(target="crm"))
    assert receipt.ref["status"] == "200"


async def test_no_answer_in_time_is_ambiguous(server: WebhookServer) -> None:
    server.hang = True
    notifier = notifier_for(server.url, timeout=0.2)
    with pytest.raises(DeliveryError, match="no answer in time") as caught:
        await notifier.send(notice(target="crm"))
    await notifier.close()
    assert (caught.value.ambiguous, caught.value.retryable) == (True, True)
    assert len(server.calls) == 1


async def test_a_lost_connection_is_ambiguous(server: WebhookServer, notifier: WebhookNotifier) -> None:
    server.drop = True
    with pytest.raises(DeliveryError, match="connection was lost") as caught:
        await notifier.send(notice(target="crm"))
    assert (caught.value.ambiguous, caught.value.retryable) == (True, True)


# ── where a webhook may lead ─────────────────────────────────────────────────

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - an address to refuse, not to listen on
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_of_no_public_host(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_of_public_hosts(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_that_leads_to_a_private_address_is_refused(address: str) -> None:
    notifier = notifier_for("http://innocent.example/hook", allow_private=False, resolver=Names(address))
    with pytest.raises(DeliveryError, match="not a public address; if it is meant to be, set allow_private") as caught:
        await notifier.send(notice(target="crm"))
    await notifier.close()
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "127.0.0.1.",
    ],
)
async def test_however_loopback_is_written_nothing_arrives(server: WebhookServer, host: str) -> None:
    notifier = notifier_for(f"http://{host}:{server.port}/hook", allow_private=False)
    with pytest.raises(DeliveryError):
        await notifier.send(notice(target="crm"))
    await notifier.close()
    assert server.calls == []


async def test_credentials_of_a_url_are_never_told(server: WebhookServer) -> None:
    await server.stop()
    notifier = notifier_for(f"http://user:{SECRET}@127.0.0.1:{server.port}/hook?token={SECRET}")
    with pytest.raises(DeliveryError) as caught:
        await notifier.send(notice(target="crm"))
    await notifier.close()
    assert SECRET not in str(caught.value)
