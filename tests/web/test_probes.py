"""/healthz, /readyz and /metrics."""

from __future__ import annotations

import pytest

from daemon.errors import StoreError
from tests.fakes.site import Site


async def test_alive_before_it_is_ready(site: Site) -> None:
    alive = await site.call("GET", "/healthz", role=None)
    assert (alive.status, alive.json["status"]) == (200, "ok")
    waiting = await site.call("GET", "/readyz", role=None)
    assert (waiting.status, waiting.json["status"]) == (503, "failing")
    assert waiting.json["checks"]["mqtt"] == {"ok": False, "detail": "starting"}
    assert waiting.json["checks"]["store"] == {"ok": True, "detail": "sqlite"}
    site.parts.health.set("mqtt", True, "subscribed")
    site.parts.health.set("outbox", True, "0 waiting")
    ready = await site.call("GET", "/readyz", role=None)
    assert (ready.status, ready.json["status"]) == (200, "ok")


async def test_a_broker_that_is_away_makes_it_unready_but_not_dead(site: Site) -> None:
    site.parts.health.set("outbox", True, "0 waiting")
    site.parts.health.set("mqtt", False, "connection refused")
    assert (await site.call("GET", "/readyz", role=None)).status == 503
    alive = await site.call("GET", "/healthz", role=None)
    assert (alive.status, alive.json["checks"]["mqtt"]["detail"]) == (200, "connection refused")


async def test_a_store_that_does_not_answer_is_a_failure(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> str:
        raise StoreError("the store does not answer: disk I/O error")

    monkeypatch.setattr(site.parts.reads, "check", check)
    for path in ("/healthz", "/readyz"):
        answer = await site.call("GET", path, role=None)
        assert (answer.status, answer.json["status"]) == (503, "failing")
        assert "disk" in answer.json["checks"]["store"]["detail"]


async def test_metrics_count_what_came_in_under_bounded_names(site: Site) -> None:
    items = [
        {"id": "1", "brand": "acme", "channel": "x", "text": "bad"},
        {"id": "1", "brand": "acme", "channel": "x", "text": "bad"},
        {"id": "2", "brand": "made-up", "channel": "x", "text": "bad"},
    ]
    await site.call("POST", "/api/v1/mentions", json=items)
    await site.open_incident()
    answer = await site.call("GET", "/metrics", role=None)
    assert (answer.status, answer.content_type) == (200, "text/plain")
    lines = answer.text.splitlines()
    assert 'tocsin_mentions_total{brand="acme",outcome="accepted",source="http"} 1.0' in lines
    assert 'tocsin_mentions_total{brand="acme",outcome="duplicates",source="http"} 1.0' in lines
    assert 'tocsin_mentions_total{brand="other",outcome="rejected",source="http"} 1.0' in lines
    assert 'tocsin_incidents_open{brand="acme",kind="surge"} 1.0' in lines
    assert 'tocsin_incidents_open{brand="acme",kind="blind"} 0.0' in lines
    assert "made-up" not in answer.text


@pytest.mark.error_logs_expected
async def test_an_unforeseen_error_tells_strangers_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> bytes:
        raise RuntimeError("secret-detail")

    monkeypatch.setattr(site.parts.metrics, "expose", broken)
    answer = await site.call("GET", "/metrics", role=None)
    assert (answer.status, answer.content_type) == (500, "application/problem+json")
    assert "secret-detail" not in answer.text
