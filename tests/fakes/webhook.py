"""A receiver of webhooks on a loopback port, that can be told to misbehave."""

from __future__ import annotations

import asyncio
from typing import NamedTuple, Self

from aiohttp import web


class Call(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


class WebhookServer:
    """Keeps what is posted to it. Its answer may be changed at any time.

    ``status`` and ``headers`` are answered. ``hang``: take the request, answer nothing.
    ``drop``: take it and hang up. ``body``: what the answer says.
    """

    def __init__(self) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.calls: list[Call] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.body = b""
        self.hang = False
        self.drop = False
        self._over = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://{self.host}:{self.port}/hook"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, 0)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Hang up and listen no longer."""
        self._over.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _take(self, request: web.Request) -> web.Response:
        self.calls.append(Call(request.path, dict(request.headers), await request.read()))
        if self.hang:
            await self._over.wait()
        if self.drop and request.transport is not None:
            request.transport.close()
        return web.Response(status=self.status, headers=self.headers, body=self.body)
