"""Answers in JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web


def json_response(data: Any, *, status: int = 200) -> web.Response:
    """``data`` as application/json."""
    return web.Response(status=status, body=msgspec.json.encode(data), content_type="application/json")


def text_response(text: str, content_type: str, filename: str | None = None) -> web.Response:
    """``text`` in UTF-8; with ``filename`` (letters, digits, ``-`` and ``.``) to be saved rather than shown."""
    headers = {} if filename is None else {"Content-Disposition": f'attachment; filename="{filename}"'}
    return web.Response(text=text, content_type=content_type, charset="utf-8", headers=headers)
