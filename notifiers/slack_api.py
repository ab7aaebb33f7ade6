"""Slack's Web API as Tocsin uses it: bounded in time, paced, and with errors that say what to do."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from config.schema import Slack
from daemon.clock import Clock
from daemon.errors import DeliveryError

TIMEOUT = 10.0  # seconds for one call, all in all
_CONNECT_TIMEOUT = 5.0
_PACE = 1.0  # seconds between two calls of one method to one channel: Slack's own limit for messages
_OK, _TOO_MANY, _SERVER_ERROR = 200, 429, 500

# What a person has to put right: trying again changes nothing.
_PERMANENT = {
    "account_inactive": "the app was removed from the workspace; install it again",
    "cannot_reply_to_message": "the thread takes no replies",
    "cant_update_message": "the message belongs to another app",
    "channel_not_found": "no such channel, or the app may not see it; check the name and invite the app",
    "edit_window_closed": "the workspace allows no edits any more",
    "ekm_access_denied": "the workspace's administrators suspended posting",
    "invalid_arguments": "Slack refused the arguments",
    "invalid_auth": "Slack refused the token; check notifiers.slack.bot_token",
    "invalid_blocks": "Slack refused the message's blocks",
    "invalid_blocks_format": "Slack refused the message's blocks",
    "is_archived": "the channel is archived; choose another",
    "message_not_found": "the message was deleted",
    "messages_tab_disabled": "the app's Messages tab is off; switch it on in App Home",
    "missing_scope": "the app lacks a scope; install it again from its manifest",
    "msg_blocks_too_long": "the message's blocks are too long",
    "msg_too_long": "the message is too long",
    "no_permission": "the app may not do this",
    "not_allowed_token_type": "the token is of the wrong kind; expected a bot token (xoxb-…)",
    "not_authed": "Slack received no token; check notifiers.slack.bot_token",
    "not_in_channel": "the app is not in the channel; invite it with /invite",
    "org_login_required": "the workspace is being moved to an organisation",
    "restricted_action": "the workspace's settings forbid the app to post there",
    "token_expired": "the token has expired; install the app again",
    "token_revoked": "the token was revoked; install the app again",
    "unknown_method": "the server does not know this method; check notifiers.slack.api_url",
    "user_not_found": "no such user",
}
_PERHAPS_DONE = {"fatal_error", "internal_error"}  # Slack: some of it may have succeeded


class SlackRefused(DeliveryError):
    """Slack answered ``ok: false``; ``code`` is its error code."""

    def __init__(self, method: str, code: str) -> None:
        advice = _PERMANENT.get(code)
        super().__init__(
            f"Slack refused {method}: {code}" + (f" ({advice})" if advice else ""),
            retryable=advice is None,
            ambiguous=code in _PERHAPS_DONE,
        )
        self.code = code


class SlackApi:
    """A client for one workspace; every call raises `DeliveryError` and nothing else."""

    def __init__(self, settings: Slack, *, clock: Clock, timeout: float = TIMEOUT) -> None:
        self._client = AsyncWebClient(
            token=settings.bot_token.get_secret_value(),
            base_url=settings.api_url,
            retry_handlers=[],  # the outbox tries again, after looking
            logger=_quiet_logger(),
        )
        if bypasses_proxy(settings.api_url):
            self._client.proxy = None
        self._timeout = timeout
        self._clock = clock
        self._turns: dict[tuple[str, str], asyncio.Lock] = {}
        self._next: dict[tuple[str, str], float] = {}

    @property
    def _web(self) -> AsyncWebClient:
        if self._client.session is None or self._client.session.closed:  # first use inside a running loop
            limits = aiohttp.ClientTimeout(total=self._timeout, connect=min(_CONNECT_TIMEOUT, self._timeout))
            self._client.session = aiohttp.ClientSession(timeout=limits)
        return self._client

    async def scopes(self) -> frozenset[str] | None:
        """What the token may do, or None where Slack does not say."""
        answer = await _answer("auth.test", self._web.auth_test())
        granted = answer.headers.get("x-oauth-scopes")
        return frozenset(granted.replace(" ", "").split(",")) if granted is not None else None

    async def post(self, channel: str, **message: Any) -> dict[str, Any]:
        """Post a message; not more than one a second in each channel."""
        await self._turn("chat.postMessage", channel)
        answer = await _call(
            "chat.postMessage",
            self._web.chat_postMessage(
                channel=channel, unfurl_links=False, unfurl_media=False, mrkdwn=False, link_names=False, **message
            ),
            writes=True,
        )
        self._next["chat.postMessage", str(answer.get("channel"))] = self._clock.monotonic() + _PACE
        return answer

    async def update(self, channel: str, ts: str, **message: Any) -> dict[str, Any]:
        """Edit a message; doing it twice does no harm, so no failure is ambiguous."""
        await self._turn("chat.update", channel)
        return await _call("chat.update", self._web.chat_update(channel=channel, ts=ts, **message))

    async def history(self, channel: str, *, oldest: float, cursor: str | None = None) -> dict[str, Any]:
        """A page of the channel's messages since ``oldest`` (Unix seconds), with metadata."""
        return await _call(
            "conversations.history",
            self._web.conversations_history(
                channel=channel, oldest=f"{oldest:.6f}", cursor=cursor, limit=200, include_all_metadata=True
            ),
        )

    async def replies(self, channel: str, ts: str, *, oldest: float = 0.0, cursor: str | None = None) -> dict[str, Any]:
        """A page of a thread since ``oldest`` (Unix seconds), with metadata."""
        return await _call(
            "conversations.replies",
            self._web.conversations_replies(
                channel=channel, ts=ts, oldest=f"{oldest:.6f}", cursor=cursor, limit=200, include_all_metadata=True
            ),
        )

    async def channels(self, *, cursor: str | None = None) -> dict[str, Any]:
        """A page of the workspace's channels."""
        return await _call(
            "conversations.list",
            self._web.conversations_list(
                cursor=cursor, limit=1000, exclude_archived=True, types="public_channel,private_channel"
            ),
        )

    async def open_direct(self, user: str) -> str:
        """The id of the direct conversation with ``user``."""
        answer = await _call("conversations.open", self._web.conversations_open(users=[user]))
        return str(answer["channel"]["id"])

    async def open_view(self, trigger_id: str, view: dict[str, Any]) -> None:
        """Show a modal to the person whose action gave ``trigger_id``."""
        await _call("views.open", self._web.views_open(trigger_id=trigger_id, view=view))

    async def update_view(self, view_id: str, view: dict[str, Any]) -> None:
        """Show another form in the modal that is open; what was typed into rows that stay is kept."""
        await _call("views.update", self._web.views_update(view_id=view_id, view=view))

    async def whisper(self, channel: str, user: str, text: str) -> None:
        """Post a message that only ``user`` sees."""
        await _call("chat.postEphemeral", self._web.chat_postEphemeral(channel=channel, user=user, text=text))

    async def upload(self, channel: str, thread_ts: str, png: bytes, *, name: str, title: str) -> None:
        """Put a picture into a thread."""
        await _call(
            "files.upload",
            self._web.files_upload_v2(
                channel=channel, thread_ts=thread_ts, file=png, filename=name, title=title, alt_txt=title
            ),
            writes=True,
        )

    async def answer(self, response_url: str, message: dict[str, Any]) -> None:
        """Post to the ``response_url`` of an interaction."""
        session = self._web.session
        assert session is not None  # noqa: S101 - made by _web
        try:
            proxy = None if bypasses_proxy(response_url) else self._client.proxy
            async with session.post(response_url, json=message, proxy=proxy, allow_redirects=False) as answer:
                if answer.status != _OK:
                    raise DeliveryError(f"Slack answered {answer.status} to an ephemeral reply", retryable=False)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DeliveryError(f"no answer to an ephemeral reply: {type(error).__name__}", retryable=False) from None

    async def close(self) -> None:
        """Let go of connections."""
        if self._client.session is not None:
            await self._client.session.close()

    async def _turn(self, method: str, channel: str) -> None:
        key = (method, channel)
        async with self._turns.setdefault(key, asyncio.Lock()):
            wait = self._next.get(key, 0.0) - self._clock.monotonic()
            if 0 < wait <= _PACE:
                await self._clock.sleep(wait)
            self._next[key] = self._clock.monotonic() + _PACE


async def _call(method: str, request: Awaitable[AsyncSlackResponse], *, writes: bool = False) -> dict[str, Any]:
    """What Slack answers; no answer to a request that ``writes`` is ambiguous."""
    answer = await _answer(method, request, writes=writes)
    if not isinstance(answer.data, dict):
        raise DeliveryError(f"no usable answer from Slack to {method}: expected a JSON object", ambiguous=writes)
    return answer.data


async def _answer(method: str, request: Awaitable[AsyncSlackResponse], *, writes: bool = False) -> AsyncSlackResponse:
    """Await ``request`` and translate what goes wrong."""
    try:
        return await request
    except SlackApiError as error:
        raise _refusal(method, error.response, writes=writes) from None
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise DeliveryError(f"cannot connect to Slack for {method}: {type(error).__name__}") from None
    except (aiohttp.ClientError, TimeoutError, OSError, SlackClientError) as error:
        raise DeliveryError(f"no answer from Slack to {method}: {type(error).__name__}", ambiguous=writes) from None
    except (AttributeError, TypeError, ValueError) as error:  # the library on a body that is no JSON object
        raise DeliveryError(
            f"no usable answer from Slack to {method}: {type(error).__name__}", ambiguous=writes
        ) from None


def _refusal(method: str, response: Any, *, writes: bool) -> DeliveryError:
    status = int(getattr(response, "status_code", None) or getattr(response, "status", None) or _SERVER_ERROR)
    if status == _TOO_MANY:
        wait = _seconds(response.headers.get("Retry-After"))
        return DeliveryError(f"Slack is limiting the rate of {method}", retry_after=wait)
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,80}", code):
        return SlackRefused(method, code)
    if _OK < status < _SERVER_ERROR:
        return DeliveryError(f"Slack answered {status} to {method}; check notifiers.slack.api_url", retryable=False)
    return DeliveryError(f"Slack answered {status} to {method} without an error code", ambiguous=writes)


def _quiet_logger() -> logging.Logger:
    """The library logs whole messages at debug level, and texts are never logged."""
    logger = logging.getLogger("slack_sdk.web")
    logger.setLevel(logging.WARNING)
    return logger


def _seconds(text: str | None) -> float:
    try:
        return max(float(text or "1"), 0.0)
    except ValueError:
        return 1.0


def bypasses_proxy(url: str) -> bool:
    """The library knows the proxy variables but not ``no_proxy``, nor that loopback needs no proxy."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host.startswith("127.") or host == "::1" or bool(getproxies() and proxy_bypass(host))
