"""Errors as people and programs should see them: a page for browsers, problem+json for the API (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
import structlog
from aiohttp import ClientError, web
from sqlalchemy.exc import SQLAlchemyError

from daemon.errors import Conflict, InputError, NotFound, StoreBehind, StoreError, TocsinError
from daemon.web.interface import interface_language

log = structlog.get_logger()

_PROGRAM_PATHS = ("/api/", "/slack/", "/openapi.json", "/healthz", "/readyz", "/metrics")


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error answer of the API."""

    title: str
    status: int
    detail: str


class ProblemError(Exception):
    """Ends a request with ``status`` and one line that says what to do."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


_STATUS: dict[type[TocsinError], int] = {NotFound: 404, Conflict: 409, InputError: 422}


def as_problem(error: Exception, request: web.Request) -> ProblemError:
    """The answer that ``error`` deserves; what nobody foresaw is logged and tells strangers nothing."""
    match error:
        case ProblemError():
            return error
        case web.HTTPException() | ConnectionResetError() | ClientError():
            return _http_problem(error, request)
        case NotFound() | Conflict() | InputError():
            detail = error.told(interface_language(request)) if isinstance(error, Conflict) else str(error)
            return ProblemError(next(status for kind, status in _STATUS.items() if isinstance(error, kind)), detail)
        case StoreBehind():
            return ProblemError(503, str(error), {"Retry-After": str(error.retry_after)})
        case StoreError() | SQLAlchemyError() | OSError():
            log.error("store_failed", route=route_of(request), reason=type(error).__name__)
            return ProblemError(503, "the store does not answer; try again", {"Retry-After": "5"})
        case _:
            log.error("request_failed", route=route_of(request), exc_info=error)
            return ProblemError(500, "something went wrong on our side; it has been logged")


def _http_problem(error: web.HTTPException | ConnectionResetError | ClientError, request: web.Request) -> ProblemError:
    match error:
        case web.HTTPRequestEntityTooLarge():
            return ProblemError(413, f"the body is over {_size(request.client_max_size)}; send it in parts")
        case web.HTTPNotFound():
            return ProblemError(404, "there is nothing at this address")
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            return ProblemError(405, f"use {allowed} at this address", {"Allow": allowed})
        case web.HTTPException():
            return ProblemError(error.status, error.reason)
        case _:
            return ProblemError(400, "the connection ended before the body did")  # nobody is there to read it


def _size(n: int) -> str:
    return f"{n // 2**20} MiB" if n >= 2**20 else f"{n // 2**10} KiB"


def route_of(request: web.Request) -> str:
    """The route's pattern, for logs: an address itself may hold a secret."""
    resource = request.match_info.route.resource
    return f"{request.method} {resource.canonical}" if resource is not None else request.method


def for_program(request: web.Request) -> bool:
    """Whether whoever asks wants problem+json rather than a page."""
    return request.path.startswith(_PROGRAM_PATHS) or "text/html" not in request.headers.get("Accept", "")


def problem_response(problem: ProblemError) -> web.Response:
    """``problem`` as application/problem+json."""
    body = Problem(title=HTTPStatus(problem.status).phrase, status=problem.status, detail=problem.detail)
    return web.Response(
        status=problem.status,
        body=msgspec.json.encode(body),
        content_type="application/problem+json",
        headers=problem.headers,
    )
