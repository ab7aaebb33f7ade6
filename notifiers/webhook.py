"""Webhooks: the incident as signed JSON, in the manner of Standard Webhooks (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver

from config.schema import Webhook
from daemon.clock import Clock
from daemon.errors import ConfigError, DeliveryError
from daemon.model import Incident
from daemon.notice import Notice, Receipt
from notifiers.plain import one_line
from notifiers.webhook_target import ForbiddenAddress, public_socket

_ANSWER = 64 * 1024  # bytes read of an answer; a receiver has nothing more to tell
_CONNECT = 3.0  # seconds
_LONGEST = 3600.0  # seconds that a receiver may ask us to wait
_PREFIX = "whsec_"
_RETRYABLE = frozenset({408, 409, 425, 429})


class WebhookNotifier:
    """Posts notices to the URLs in ``[notifiers.webhook.NAME]``; a target is the name.

    ``view`` writes an incident as the API does. ``timeout``: seconds for one delivery.
    """

    name = "webhook"

    def __init__(
        self,
        settings: Mapping[str, Webhook],
        *,
        view: Callable[[Incident], dict[str, Any]],
        clock: Clock,
        timeout: float = 5.0,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._settings = settings
        self._keys = {name: _key(name, webhook) for name, webhook in settings.items()}
        self._view = view
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, _CONNECT))
        self._resolver = resolver
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def send(self, notice: Notice) -> Receipt:
        """Post the notice; its delivery id is the same over all attempts, for the receiver to know it by.

        Raises ``DeliveryError``.
        """
        webhook = self._settings.get(notice.target)
        if webhook is None:
            raise DeliveryError(
                f"no webhook named {one_line(notice.target, 80)}: expected a [notifiers.webhook.NAME] of that name",
                retryable=False,
            )
        body = json.dumps(self._payload(notice)).encode()  # in ASCII: takes any text
        timestamp = int(self._clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Tocsin",
            "Idempotency-Key": notice.delivery_id,
            "webhook-id": notice.delivery_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._keys[notice.target], notice.delivery_id, timestamp, body),
        }
        status = await self._post(notice.target, webhook, body, headers)
        return Receipt(ref={"webhook": notice.target, "delivery_id": notice.delivery_id, "status": str(status)})

    async def close(self) -> None:
        """Let go of connections."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    def _payload(self, notice: Notice) -> dict[str, Any]:
        reminder = notice.reminder
        return {
            "purpose": notice.purpose,
            "delivery_id": notice.delivery_id,
            "at": _time(notice.at),
            "step": notice.step,
            "brand_name": notice.brand_name,
            "page": notice.page,
            "note": notice.note,
            "note_by": notice.note_by,
            "reminder": None
            if reminder is None
            else {"of": reminder.of, "when": reminder.when, "due": _time(reminder.due), "n": reminder.n},
            "incident": self._view(notice.incident),
        } | ({"digest": [self._view(one.incident) for one in notice.digest]} if notice.digest else {})

    async def _post(self, name: str, webhook: Webhook, body: bytes, headers: dict[str, str]) -> int:
        where, session = f"webhook {name}", self._session(webhook.allow_private)
        try:
            async with session.post(webhook.url, data=body, headers=headers, allow_redirects=False) as answer:
                await answer.content.read(_ANSWER)
                status, wait = answer.status, answer.headers.get("Retry-After")
        except aiohttp.InvalidURL:
            raise DeliveryError(f"{where}: its url cannot be used, correct it", retryable=False) from None
        except aiohttp.ClientConnectorError as error:
            raise _unreached(where, error.os_error) from None
        except aiohttp.ConnectionTimeoutError:
            raise DeliveryError(f"{where}: no connection in time") from None
        except (aiohttp.ClientError, OSError) as error:
            lost = "no answer in time" if isinstance(error, TimeoutError) else "the connection was lost"
            raise DeliveryError(f"{where}: {lost}; it may have been taken", ambiguous=True) from None
        if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's own numbers
            raise _refused(where, status, self._seconds(wait))
        return status

    def _session(self, allow_private: bool) -> aiohttp.ClientSession:  # noqa: FBT001 - the setting of that name
        session = self._sessions.get(allow_private)
        if session is None:
            connector = aiohttp.TCPConnector(
                resolver=self._resolver, socket_factory=None if allow_private else public_socket
            )
            session = aiohttp.ClientSession(
                connector=connector,
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),  # nothing that a receiver says is kept
                read_bufsize=_ANSWER,
            )
            self._sessions[allow_private] = session
        return session

    def _seconds(self, wait: str | None) -> float | None:
        """``Retry-After``, whether it was given in seconds or as a date."""
        if wait is None:
            return None
        if wait.isascii() and wait.isdigit():
            return min(float(wait), _LONGEST)
        try:
            seconds = (parsedate_to_datetime(wait) - self._clock.now()).total_seconds()
        except (ValueError, TypeError):
            return None
        return min(max(seconds, 0.0), _LONGEST)


def signature(key: bytes, delivery_id: str, timestamp: int, body: bytes) -> str:
    """What the receiver computes again: HMAC-SHA256 over ``id.timestamp.body``, in Base64 after its version."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def _key(name: str, webhook: Webhook) -> bytes:
    """``whsec_`` and Base64, as Standard Webhooks has it, or else the secret's own characters."""
    secret = webhook.secret.get_secret_value()
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        raise ConfigError(f"notifiers.webhook.{name}.secret: expected Base64 after {_PREFIX}") from None


def _refused(where: str, status: int, wait: float | None) -> DeliveryError:
    if status == HTTPStatus.GONE:
        return DeliveryError(f"{where} answered 410: it is gone for good, remove it", retryable=False)
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own numbers
        return DeliveryError(
            f"{where} answered {status}: redirects are not followed, give its final url", retryable=False
        )
    again = status in _RETRYABLE or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return DeliveryError(f"{where} answered {status}", retryable=again, retry_after=wait if again else None)


def _unreached(where: str, error: OSError) -> DeliveryError:
    if isinstance(error, ForbiddenAddress):
        return DeliveryError(f"{where}: {error}; if it is meant to be, set allow_private = true", retryable=False)
    return DeliveryError(f"{where} cannot be reached: {one_line(str(error), 200)}")


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
