"""Slack Socket Mode: the same presses, forms and commands over a connection that we open ourselves.

For those without a public address. What arrives needs no signature: it comes over a connection
that Slack authenticated with the app token.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import Any

import structlog
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from config.schema import Slack
from daemon.clock import Clock
from daemon.errors import InputError
from daemon.web.slack_desk import SlackDesk
from notifiers.slack_api import bypasses_proxy

_REMEMBERED = 1000  # envelopes: Slack sends one again when our acknowledgement was lost
_LOOK = 1.0  # seconds between two looks at whether the connection stands
_log = structlog.get_logger()


class SocketMode:
    """Feeds a desk from Slack while `run` runs; the library reconnects by itself."""

    def __init__(self, settings: Slack, desk: SlackDesk, *, clock: Clock) -> None:
        if settings.app_token is None:
            msg = "notifiers.slack.app_token is not set"
            raise ValueError(msg)
        self._settings = settings
        self._token = settings.app_token
        self._desk = desk
        self._clock = clock
        self._seen: OrderedDict[str, None] = OrderedDict()
        self.connected = False

    async def run(self) -> None:
        """Listen until cancelled."""
        web = _web_client(self._settings)
        client = SocketModeClient(app_token=self._token.get_secret_value(), web_client=web, logger=_quiet_logger())
        client.proxy = web.proxy
        client.socket_mode_request_listeners.append(self._take)
        connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call] # the library's own
        try:
            while True:
                self._note(connected=await client.is_connected())
                await self._clock.sleep(_LOOK)
        finally:
            self.connected = False
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
            await _close(client)

    def _note(self, *, connected: bool) -> None:
        if connected != self.connected:
            self.connected = connected
            if connected:
                _log.info("slack_socket_connected")
            else:
                _log.warning("slack_socket_lost")

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Acknowledge at once what needs no answer; else within Slack's three seconds, with the answer."""
        if request.envelope_id in self._seen:
            await _acknowledge(client, request)
            return
        self._seen[request.envelope_id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        if request.type == "interactive" and request.payload.get("type") == "view_submission":
            await _acknowledge(client, request, await self._interaction(request.payload))
        elif request.type == "slash_commands":
            await _acknowledge(client, request, await self._desk.command(request.payload))
        else:
            await _acknowledge(client, request)
            if request.type == "interactive":
                await self._interaction(request.payload)

    async def _interaction(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        try:
            return await self._desk.interaction(payload)
        except InputError as error:
            _log.warning("slack_request_refused", reason=str(error))
            return None


async def _acknowledge(
    client: AsyncBaseSocketModeClient, request: SocketModeRequest, answer: dict[str, Any] | None = None
) -> None:
    await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=answer))


def _web_client(settings: Slack) -> AsyncWebClient:
    client = AsyncWebClient(base_url=settings.api_url, timeout=10, logger=_quiet_logger())
    if bypasses_proxy(settings.api_url):
        client.proxy = None
    return client


def _quiet_logger() -> logging.Logger:
    """The library logs every reconnection with its traceback; we say ourselves what matters."""
    logger = logging.getLogger("slack_sdk.socket_mode")
    logger.setLevel(logging.CRITICAL + 1)
    return logger


async def _close(client: SocketModeClient) -> None:
    """Close, and wait for the tasks that the library only cancels."""
    tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
    await client.close()  # type: ignore[no-untyped-call] # the library's own
    await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)
