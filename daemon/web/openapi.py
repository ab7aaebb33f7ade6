"""openapi.json: OpenAPI 3.1, written from the route table and the types of the bodies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import msgspec
from aiohttp import web

from daemon.web.auth import Access
from daemon.web.problems import Problem
from daemon.web.responses import json_response
from daemon.web.routing import Doc, Route

OPENAPI: web.AppKey[dict[str, Any]] = web.AppKey("openapi", dict)

_PARAMETER = re.compile(r"\{(?P<name>\w+)(?::(?P<pattern>(?:[^{}]|\{[^{}]*\})+))?\}")
_REF = "#/components/schemas/{name}"


async def get_openapi(request: web.Request) -> web.Response:
    """This description."""
    return json_response(request.app[OPENAPI])


def describe(routes: Sequence[Route]) -> dict[str, Any]:
    """The OpenAPI document of ``routes``."""
    documented = [(route, route.doc) for route in routes if route.doc is not None]
    types = [kind for _, doc in documented for kind in (doc.body, doc.returns) if kind is not None] + [Problem]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    by_type = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route, doc in documented:
        path = _PARAMETER.sub(r"{\g<name>}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, doc, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tocsin",
            "version": version("tocsin"),
            "description": "Notices that public anger at a brand is rising, and gets the right people answering.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "tocsin",
                    "description": "a signed-in page; anything but GET needs the header X-CSRF-Token, too",
                },
            },
        },
    }


def _operation(route: Route, doc: Doc, by_type: dict[str, Any]) -> dict[str, Any]:
    open_to_all = route.access is Access.OPEN
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": doc.summary,
        "description": "Open to all." if open_to_all else f"Needs the role `{route.access.value}`.",
        "security": [] if open_to_all else [{"token": []}, {"session": []}],
        "parameters": [*_path_parameters(route.path), *_query_parameters(doc)],
        "responses": _responses(doc, by_type, open_to_all=open_to_all),
    }
    if doc.body is not None:
        content = {"application/json": {"schema": by_type[repr(doc.body)]}}
        content |= {kind: {"schema": {"type": "string"}} for kind in doc.also_bodies}
        operation["requestBody"] = {"content": content, "required": _is_required(doc.body)}
    return operation


def _responses(doc: Doc, by_type: dict[str, Any], *, open_to_all: bool) -> dict[str, Any]:
    content = {} if doc.returns is None else {"application/json": {"schema": by_type[repr(doc.returns)]}}
    content |= {kind: {"schema": {"type": "string"}} for kind in doc.also_returns}
    responses: dict[str, Any] = {
        str(status): {"description": HTTPStatus(status).phrase, "content": content}
        for status in (doc.status, *doc.also_status)
    }
    problem = {"application/problem+json": {"schema": by_type[repr(Problem)]}}
    for status in (*(() if open_to_all else (401, 403)), *doc.errors):
        responses[str(status)] = {"description": HTTPStatus(status).phrase, "content": problem}
    return responses


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": match["name"],
            "in": "path",
            "required": True,
            "schema": {"type": "string"} | ({"pattern": f"^{match['pattern']}$"} if match["pattern"] else {}),
        }
        for match in _PARAMETER.finditer(path)
    ]


def _query_parameters(doc: Doc) -> list[dict[str, Any]]:
    return [
        {"name": query.name, "in": "query", "description": query.description, "schema": query.schema}
        for query in doc.query
    ]


def _operation_id(route: Route) -> str:
    path = _PARAMETER.sub(r"by_\g<name>" if route.path.endswith("}") else "", route.path)
    return "_".join([route.method.lower(), *re.findall(r"[a-z_]+", path.removeprefix("/api/v1"))])


def _is_required(body: Any) -> bool:
    """Whether leaving the body out is a fault."""
    if not (isinstance(body, type) and issubclass(body, msgspec.Struct)):
        return True
    return any(field.required for field in msgspec.structs.fields(body))
