"""POST /api/v1/mentions: a body in, an answer after the commit."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from daemon.errors import StoreBehind
from daemon.model import Mention, Rejection
from daemon.sources.decode import decode_payload
from daemon.sources.lexical import Form
from daemon.store.intake import Batch
from daemon.web.parts import PARTS
from daemon.web.responses import json_response

SOURCE: Final = "http"
_PATIENCE: Final = 30.0  # seconds for the commit
_LARGE: Final = 128 * 1024  # bytes; decoding more would hold up everybody else


async def post_mentions(request: web.Request) -> web.Response:
    """Take one object, an array or NDJSON; items that cannot be used are named, and kept."""
    parts = request.app[PARTS]
    body = await request.read()
    form: Form = "ndjson" if request.content_type == "application/x-ndjson" else "auto"

    def decode() -> list[Mention | Rejection]:
        return decode_payload(
            body,
            source=SOURCE,
            topic=None,
            brand=None,
            channel=None,
            brands=parts.config.brands,
            received_at=parts.clock.now(),
            form=form,
        )

    items = await asyncio.to_thread(decode) if len(body) > _LARGE else decode()
    try:
        async with asyncio.timeout(_PATIENCE):
            outcome = await parts.ingest.submit(Batch(source=SOURCE, items=tuple(items)), wait=False)
    except TimeoutError:
        raise StoreBehind from None  # what is committed later all the same is a duplicate next time
    rejected = [{"index": item.index or 0, "error": item.reason} for item in items if isinstance(item, Rejection)]
    return json_response(
        {"accepted": outcome.accepted, "duplicates": outcome.duplicates, "rejected": rejected}, status=202
    )
