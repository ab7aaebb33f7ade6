"""The web application: the route table, guarded, with one way for errors out."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from typing import Final

import structlog
from aiohttp import web
from aiohttp.http import HttpProcessingError

from daemon.web.auth import SAFE_METHODS, Access, Handler, authorise, setup_sessions
from daemon.web.html import render_problem, setup_templates
from daemon.web.openapi import OPENAPI, describe
from daemon.web.parts import PARTS, Parts
from daemon.web.passwords import Doorkeeper
from daemon.web.pictures import PICTURES, Pictures
from daemon.web.problems import ProblemError, as_problem, for_program, problem_response, route_of
from daemon.web.routes import API_ROUTES, PAGE_ROUTES
from daemon.web.routing import Route
from daemon.web.signing import DOORKEEPER

log = structlog.get_logger()

MAX_BODY: Final = 16 * 2**20
_MAX_FORM: Final = 256 * 2**10  # of a page's form
_TABLE: web.AppKey[dict[web.AbstractRoute, Route]] = web.AppKey("table", dict)

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Server": "tocsin",
}


def make_app(parts: Parts, signed: Mapping[str, Handler] | None = None) -> web.Application:
    """The application over ``parts``.

    ``signed``: further addresses for POST whose handlers check a signature of their own over the
    raw body, such as ``/slack/interactions``.
    """
    _accept_plain_keys()
    app = web.Application(middlewares=[_bound], client_max_size=MAX_BODY)
    app[PARTS] = parts
    app[DOORKEEPER] = Doorkeeper(parts.clock)
    app[PICTURES] = Pictures(parts)
    app[OPENAPI] = describe(API_ROUTES)
    app[_TABLE] = {}
    setup_sessions(app, parts.config.web)
    app.middlewares.extend((_answer_errors, _guard))
    for route in (*API_ROUTES, *PAGE_ROUTES):
        _add(app, route)
    for path, handler in (signed or {}).items():
        _add(app, Route(method="POST", path=path, handler=handler, access=Access.SIGNED))
    setup_templates(app)
    app.on_response_prepare.append(_harden)
    return app


def make_runner(app: web.Application) -> web.AppRunner:
    """What serves ``app``: nothing is unpacked, and no address logged, for those of signed links are secrets."""
    wire = logging.getLogger("daemon.web.wire")
    wire.addFilter(_no_garbage)
    return web.AppRunner(app, access_log=None, auto_decompress=False, logger=wire, shutdown_timeout=2.0)


def _no_garbage(record: logging.LogRecord) -> bool:
    """Whether a message of the HTTP parser is worth logging: that strangers send garbage is no error of ours."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


def _accept_plain_keys() -> None:
    """Two libraries still keep their things under plain strings; aiohttp would say so at the first request."""
    warnings.filterwarnings("ignore", category=web.NotAppKeyWarning, module=r"aiohttp_(session|jinja2)")


def table(app: web.Application) -> tuple[Route, ...]:
    """Every route that is served, for the tests of who may call what."""
    return tuple({id(route): route for route in app[_TABLE].values()}.values())


def _add(app: web.Application, route: Route) -> None:
    resource = app.router.add_resource(route.path, name=route.name)
    app[_TABLE][resource.add_route(route.method, route.handler)] = route
    if route.method == "GET":
        app[_TABLE][resource.add_route("HEAD", route.handler)] = route


@web.middleware
async def _bound(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Bound what is read: no compressed bodies, and small forms. Before all else, as it makes another request."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        refusal = ProblemError(415, "send the body as it is, without Content-Encoding", {"Accept-Encoding": "identity"})
        return problem_response(refusal)
    route = request.app[_TABLE].get(request.match_info.route)
    if route is not None and route.page and request.method not in SAFE_METHODS:
        request = request.clone(client_max_size=_MAX_FORM)
    return await handler(request)


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Nobody gets further without the right to."""
    route = request.app[_TABLE].get(request.match_info.route)
    if route is None:
        if request.match_info.http_exception is not None:
            raise request.match_info.http_exception
        raise ProblemError(403, "this address is closed")
    await authorise(request, route.access, page=route.page)
    return await handler(request)


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into an answer for whoever asked."""
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except Exception as error:  # noqa: BLE001 - the last place where an error can become an answer
        problem = as_problem(error, request)
        log.debug("request_refused", route=route_of(request), status=problem.status)
        if for_program(request):
            return problem_response(problem)
        return await render_problem(request, problem)


async def _harden(request: web.Request, response: web.StreamResponse) -> None:
    """Headers that keep browsers from being used against us."""
    own = response.headers.get("Content-Security-Policy")  # of a page that is complete in itself
    response.headers.update(_HEADERS if own is None else _HEADERS | {"Content-Security-Policy": own})
    response.headers.setdefault("Cache-Control", "no-store")
    if request.app[PARTS].config.web.base_url.startswith("https:"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
