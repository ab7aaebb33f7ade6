"""For those who watch the watcher: health, readiness, metrics."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from typing import Final

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from daemon.errors import StoreError
from daemon.metrics import CONTENT_TYPE
from daemon.web.parts import PARTS
from daemon.web.responses import json_response

_PATIENCE: Final = 3.0  # seconds for the store to answer


async def get_health(request: web.Request) -> web.Response:
    """Alive: 200, or 503 where the store fails."""
    await _ask_store(request)
    health = request.app[PARTS].health
    return json_response(health.live(), status=200 if health.alive else 503)


async def get_ready(request: web.Request) -> web.Response:
    """Ready: 200 once every part works, subscribed and all; else 503."""
    await _ask_store(request)
    health = request.app[PARTS].health
    return json_response(health.ready(), status=200 if health.is_ready else 503)


async def get_metrics(request: web.Request) -> web.Response:
    """All figures in the text format of Prometheus; how many incidents are open is counted now."""
    parts = request.app[PARTS]
    with contextlib.suppress(StoreError, SQLAlchemyError, OSError):  # the other figures are worth having all the same
        parts.metrics.set_incidents_open(
            Counter((i.brand, i.kind) for i in await parts.incidents.open_ones() if not i.drill)
        )
    return web.Response(body=parts.metrics.expose(), headers={"Content-Type": CONTENT_TYPE})


async def _ask_store(request: web.Request) -> None:
    parts = request.app[PARTS]
    try:
        async with asyncio.timeout(_PATIENCE):
            kind = await parts.reads.check()
    except (StoreError, TimeoutError) as error:
        reason = str(error) or f"the store did not answer within {_PATIENCE:g} s"
        parts.health.set("store", False, reason)
    else:
        behind = parts.ingest.behind
        parts.health.set("store", not behind, "the store does not commit; mentions wait" if behind else kind)
