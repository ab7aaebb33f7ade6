"""openapi.json is valid, complete, and true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.fakes.site import Site


async def document(site: Site) -> dict[str, Any]:
    answer = await site.call("GET", "/openapi.json", role=None)
    assert answer.status == 200
    described: dict[str, Any] = answer.json
    return described


async def test_the_document_is_valid(site: Site) -> None:
    described = await document(site)
    assert described["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(described).validate()


async def test_every_call_of_the_api_is_described_with_its_role(site: Site) -> None:
    described = await document(site)
    for route in site.routes:
        if route.page or route.path.startswith("/slack/"):
            continue
        operation = next(
            operations[route.method.lower()]
            for path, operations in described["paths"].items()
            if path.count("/") == route.path.count("/")
            and route.method.lower() in operations
            and all(b.startswith("{") or a == b for a, b in zip(route.path.split("/"), path.split("/"), strict=True))
        )
        assert route.access.value in operation["description"] or operation["security"] == []
        assert operation["summary"]
    assert "/api/v1/incidents/{id}/false-alarm" in described["paths"]
    assert described["paths"]["/api/v1/mentions"]["post"]["requestBody"]["content"].keys() == {
        "application/json",
        "application/x-ndjson",
    }


async def test_names_of_operations_are_unique(site: Site) -> None:
    names = [operation["operationId"] for operation in _operations(await document(site))]
    assert len(names) == len(set(names))


def _operations(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in described["paths"].values():
        yield from operations.values()


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/api/v1/brands", "/api/v1/brands"),
        ("/api/v1/brands/acme/series?step=1h", "/api/v1/brands/{brand}/series"),
        ("/api/v1/incidents", "/api/v1/incidents"),
        ("/api/v1/incidents/acme-surge-1", "/api/v1/incidents/{id}"),
        ("/api/v1/incidents/acme-surge-1/timeline", "/api/v1/incidents/{id}/timeline"),
        ("/api/v1/incidents/acme-surge-1/facts", "/api/v1/incidents/{id}/facts"),
        ("/api/v1/incidents/nothing", "/api/v1/incidents/{id}"),
        ("/api/v1/rejected", "/api/v1/rejected"),
        ("/api/v1/report", "/api/v1/report"),
        ("/healthz", "/healthz"),
        ("/readyz", "/readyz"),
    ],
)
async def test_answers_are_as_described(site: Site, path: str, template: str) -> None:
    await site.call("POST", "/api/v1/mentions", json=[{"id": "1", "brand": "acme", "channel": "x", "text": "bad"}, {}])
    incident = await site.open_incident()
    body = {"text": "We are on it.", "lang": "en", "next_update_in": "30m"}
    await site.call("POST", f"/api/v1/incidents/{incident.id}/update", json=body)
    site.clock.advance(timedelta(minutes=1))
    answer = await site.call("GET", path)
    described = await document(site)
    content = described["paths"][template]["get"]["responses"][str(answer.status)]["content"]
    _validate(described, content[answer.content_type]["schema"], answer.json)


async def test_what_is_described_as_posted_is_taken(site: Site) -> None:
    described = await document(site)
    body = {"id": "1", "brand": "acme", "channel": "x", "text": "bad", "sentiment": -1, "followers": 3}
    operation = described["paths"]["/api/v1/mentions"]["post"]
    _validate(described, operation["requestBody"]["content"]["application/json"]["schema"], body)
    answer = await site.call("POST", "/api/v1/mentions", json=body)
    _validate(described, operation["responses"]["202"]["content"]["application/json"]["schema"], answer.json)


def _validate(described: dict[str, Any], schema: dict[str, Any], body: object) -> None:
    resource = DRAFT202012.create_resource(described)
    registry: Registry[Any] = Registry().with_resource("urn:openapi", resource)
    absolute = _absolute(schema)
    Draft202012Validator(absolute, registry=registry).validate(body)


def _absolute(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: f"urn:openapi{value}" if key == "$ref" else _absolute(value) for key, value in schema.items()}
    return [_absolute(item) for item in schema] if isinstance(schema, list) else schema
