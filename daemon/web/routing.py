"""What a served address is: the shape of the table in daemon.web.routes."""

from __future__ import annotations

from typing import Any

import msgspec

from daemon.web.auth import Access, Handler


class Query(msgspec.Struct, frozen=True):
    """A query parameter, as openapi.json describes it."""

    name: str
    description: str
    schema: dict[str, Any] = msgspec.field(default_factory=lambda: {"type": "string"})


class Doc(msgspec.Struct, frozen=True, kw_only=True):
    """What openapi.json says of a call beyond its address and role."""

    summary: str
    returns: Any = None  # type of the JSON answer
    status: int = 200
    body: Any = None  # type of the JSON body
    also_bodies: tuple[str, ...] = ()  # further content types of the body
    also_returns: tuple[str, ...] = ()  # further content types of the answer
    query: tuple[Query, ...] = ()
    also_status: tuple[int, ...] = ()  # further statuses with the same answer
    errors: tuple[int, ...] = ()  # beyond 401 and 403


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One address. A ``page`` answers people, anything else programs."""

    method: str
    path: str
    handler: Handler
    access: Access
    page: bool = False
    name: str | None = None
    doc: Doc | None = None


def call(method: str, path: str, handler: Handler, access: Access, doc: Doc) -> Route:
    """An address for programs."""
    return Route(method=method, path=path, handler=handler, access=access, doc=doc)


def page(method: str, path: str, handler: Handler, access: Access, name: str | None = None) -> Route:
    """An address for people."""
    return Route(method=method, path=path, handler=handler, access=access, page=True, name=name)
