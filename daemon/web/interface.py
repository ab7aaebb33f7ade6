"""In which language a browser's user wants to be spoken to, as far as we speak it."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

SPOKEN: Final = ("en", "pl", "ru")  # the first where nothing else is asked for
_WISH = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,40})?\s*(?:;\s*[qQ]=([01](?:\.[0-9]{0,3})?)\s*)?")
_MOST = 1000  # characters of the header that are read


def interface_language(request: web.Request) -> str:
    """The one of ``SPOKEN`` that the request's ``Accept-Language`` likes best."""
    return preferred(request.headers.get("Accept-Language", ""))


def preferred(header: str) -> str:
    """The one of ``SPOKEN`` that an ``Accept-Language`` likes best, the first of equals (RFC 9110, section 12.5.4).

    >>> preferred("uk, ru-RU;q=0.8, en;q=0.5"), preferred("de"), preferred("pl;q=0, *")
    ('ru', 'en', 'en')
    """
    best, most = SPOKEN[0], 0.0
    for wish in header[:_MOST].split(","):
        match = _WISH.fullmatch(wish)
        if match is None or match[1].lower() not in SPOKEN:
            continue
        weight = 1.0 if match[2] is None else float(match[2])
        if weight > most:
            best, most = match[1].lower(), weight
    return best
