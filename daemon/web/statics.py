"""The style sheet, the script and the icon: small, ours, and named by their content."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

from aiohttp import web

_TYPES: Final = {"app.css": "text/css", "app.js": "text/javascript", "icon.svg": "image/svg+xml"}


@cache
def _content(name: str) -> bytes:
    return (files("daemon.web") / "static" / name).read_bytes()


@cache
def address(name: str) -> str:
    """Where a page finds ``name``: another address whenever its content changes."""
    return f"/static/{name}?v={hashlib.sha256(_content(name)).hexdigest()[:12]}"


async def get_static(request: web.Request) -> web.Response:
    """One of the files."""
    name = request.match_info["name"]
    if name not in _TYPES:
        raise web.HTTPNotFound
    return web.Response(
        body=_content(name),
        content_type=_TYPES[name],
        charset="utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
