"""Pages out of templates: everything is escaped, and what others wrote cannot reorder or hide."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import aiohttp_jinja2
import jinja2
from aiohttp import web
from aiohttp_session import get_session

from daemon.people import names_of, who
from daemon.views import format_time
from daemon.web import statics, words
from daemon.web.auth import PRINCIPAL, Access, allows, csrf_token
from daemon.web.parts import PARTS
from daemon.web.problems import ProblemError
from notifiers.plain import many_lines, one_line


def setup_templates(app: web.Application) -> None:
    """Load the templates."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(str(files("daemon.web") / "templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"line": one_line, "lines": many_lines, "link": web_link, "iso": format_time}
    environment.globals |= {"static": statics.address, "words": words, "url": _url(app), "clock_time": clock_time}


def _url(app: web.Application) -> Any:
    def url(name: str, /, **parts: str) -> str:
        return str(app.router[name].url_for(**parts))

    return url


def web_link(address: str | None) -> str | None:
    """``address`` where it is one that a browser may safely follow.

    >>> web_link("https://x.example/1"), web_link("javascript:alert(1)")
    ('https://x.example/1', None)
    """
    try:
        parsed = urlsplit(address or "")
    except ValueError:
        return None
    return address if parsed.scheme in {"http", "https"} and parsed.netloc else None


def clock_time(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """The time of day in ``zone``, with the day where it is not that of ``now``."""
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local.day} {local:%b %H:%M}"


async def render(request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
    """``template`` with what every page shows: who is signed in, and what they were just told."""
    principal, names = request.get(PRINCIPAL), names_of(request.app[PARTS].config.people)
    session = await get_session(request)
    flash = session.pop("flash", None) if "flash" in session else None
    context = {
        "principal": principal,
        "may_act": principal is not None and allows(Access.RESPONDER, principal.role),
        "csrf": await csrf_token(request) if principal is not None or context.pop("form", False) else "",
        "flash": flash,
        "now": request.app[PARTS].clock.now(),
        "names": names,
        "who": partial(who, names=names),
    } | context
    return aiohttp_jinja2.render_template(template, request, context, status=status)


async def render_problem(request: web.Request, problem: ProblemError) -> web.Response:
    """An error as a page that says what to do next."""
    response = await render(
        request,
        "error.html",
        status=problem.status,
        title=HTTPStatus(problem.status).phrase,
        detail=problem.detail,
    )
    response.headers.update(problem.headers)
    return response
