"""The fields of a page's form."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from daemon.web.problems import ProblemError

_MOST: Final = 50  # fields of one form


async def form_fields(request: web.Request) -> dict[str, str]:
    """What was filled in, in UTF-8 and with plain ends of lines; nothing for another kind of body.

    Raises ``ProblemError``.
    """
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    try:
        body = (await request.read()).decode("ascii")
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST)
    except ValueError as error:
        raise ProblemError(422, "body: expected the fields of a form") from error
    return {name: value.replace("\r\n", "\n") for name, value in pairs}
