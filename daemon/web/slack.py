"""Slack's requests to us: taken only with its signature over the raw body, recent and not seen before."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from slack_sdk.signature import Clock as UnixClock
from slack_sdk.signature import SignatureVerifier

from daemon.clock import Clock
from daemon.errors import InputError
from daemon.web.problems import ProblemError, problem_response
from daemon.web.slack_desk import SlackDesk

MAX_BODY: Final = 2**20  # Slack's own are a few KiB
_REMEMBERED: Final = timedelta(minutes=11)  # the window is five minutes to either side
_log = structlog.get_logger()


class Used(Protocol):
    """Remembers signatures beyond a restart: ``daemon.store.links.UsedLinks``."""

    async def contains(self, nonce: str) -> bool:
        """Whether it was used."""
        ...

    async def add(self, nonce: str) -> None:
        """It is used now."""
        ...


class SlackDoor:
    """Lets in what Slack signed, once, and passes it to the desk."""

    def __init__(self, desk: SlackDesk, *, signing_secret: str, clock: Clock, used: Used | None = None) -> None:
        self._desk = desk
        self._clock = clock
        self._verifier = SignatureVerifier(signing_secret, clock=_RealTime(clock))
        self._seen: OrderedDict[str, datetime] = OrderedDict()
        self._used = used

    @property
    def routes(self) -> Mapping[str, Handler]:
        """The addresses that Slack posts to, for `daemon.web.app.make_app`."""
        return {"/slack/interactions": self.interactions, "/slack/commands": self.commands}

    async def interactions(self, request: web.Request) -> web.StreamResponse:
        """Buttons and forms."""
        form = await self._form(request)
        if isinstance(form, web.Response):
            return form
        try:
            payload = json.loads(form.get("payload", ""))
        except ValueError:
            payload = None
        if not isinstance(payload, dict):
            return problem_response(ProblemError(422, "payload: expected a JSON object"))
        try:
            answer = await self._desk.interaction(payload)
        except InputError as error:
            return problem_response(ProblemError(422, str(error)))
        return web.json_response(answer) if answer is not None else web.Response()

    async def commands(self, request: web.Request) -> web.StreamResponse:
        """``/tocsin``."""
        form = await self._form(request)
        if isinstance(form, web.Response):
            return form
        return web.Response() if form.get("ssl_check") == "1" else web.json_response(await self._desk.command(form))

    async def _form(self, request: web.Request) -> dict[str, str] | web.Response:
        """The form's fields, or the refusal."""
        if (request.content_length or 0) > MAX_BODY:
            return problem_response(ProblemError(413, "expected at most 1 MiB"))
        body = await request.read()
        reason = await self._refusal(request, body)
        if reason is not None:
            _log.warning("slack_request_refused", reason=reason)
            return problem_response(ProblemError(401, f"not from Slack: {reason}"))
        return dict(parse_qsl(body.decode(), keep_blank_values=True))

    async def _refusal(self, request: web.Request, body: bytes) -> str | None:
        signature = request.headers.get("X-Slack-Signature")
        timestamp = request.headers.get("X-Slack-Request-Timestamp")
        if signature is None or timestamp is None:
            return "no signature"
        try:
            valid = self._verifier.is_valid(body, timestamp, signature)
        except (TypeError, ValueError):  # a timestamp that is no number, letters beyond ASCII, bytes that are no text
            valid = False
        if not valid:
            return "wrong or outdated signature"
        return "seen before" if await self._seen_before(signature) else None

    async def _seen_before(self, signature: str) -> bool:
        now = self._clock.now()
        while self._seen and next(iter(self._seen.values())) < now - _REMEMBERED:
            self._seen.popitem(last=False)
        if signature in self._seen:
            return True
        self._seen[signature] = now
        if self._used is None:
            return False
        nonce = signature.removeprefix("v0=")
        if await self._used.contains(nonce):
            return True
        await self._used.add(nonce)
        return False


class _RealTime(UnixClock):
    """Slack signs by the real time, whatever time we simulate."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.wall(self._clock.now()).timestamp()
