"""`tocsin explain` asks a running daemon, and prints what it says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.commands.conftest import Run

WHY: dict[str, Any] = {
    "incident_id": "01JD8Q",
    "kind": "surge",
    "severity": "critical",
    "state": "open",
    "at": "2026-03-02T12:00:00.000Z",
    "observed": 412,
    "expected": 3.1,
    "window_minutes": 15,
    "distinct_authors": 388,
    "share": 0.75,
    "readers": 42_000_000,
    "false_alerts_per_year": 0.0001,
    "threshold_per_year": 3.0,
    "reasons": [{"about": "end", "text": "anna\x1b[2J ended it."}],
}
MOMENT: dict[str, Any] = {
    "brand": "acme",
    "at": "2026-03-02T12:00:00.000Z",
    "summary": "Nothing alerted.",
    "readings": [{"kind": "surge", "text": "4 people wrote negatively."}],
    "reasons": [{"about": "late", "text": "6 negative mentions came late."}],
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, object]]]:
    """What was asked of the daemon."""
    calls: list[tuple[str, dict[str, object]]] = []

    def one_call(url: str, token: str, method: str, path: str, **query: object) -> dict[str, Any]:
        assert (url, token, method) == ("http://127.0.0.1:8080", "secret", "get")
        calls.append((path, query))
        return MOMENT if "brands" in path else WHY

    monkeypatch.setattr("daemon.client.one_call", one_call)
    monkeypatch.setenv("TOCSIN_TOKEN", "secret")
    monkeypatch.delenv("TOCSIN_URL", raising=False)
    return calls


def test_an_incident(run: Run, asked: list[tuple[str, dict[str, object]]]) -> None:
    result = run("explain", "01JD8Q")
    assert (result.status, result.err) == (0, "")
    assert asked == [("/api/v1/incidents/01JD8Q/explain", {})]
    for words in (
        "412 mentions by 388 people within 15 min, expected 3.1",
        "75% of those who wrote",
        "up to 42,000,000 readers",
        "0.0001 as strong; alerts at 3 or fewer",
        r"anna\u001b[2J ended it.",
    ):
        assert words in result.out


def test_a_brand_and_a_time(run: Run, asked: list[tuple[str, dict[str, object]]]) -> None:
    result = run("explain", "acme", "2026-03-03T18:00+01:00")
    assert (result.status, result.err) == (0, "")
    assert asked == [("/api/v1/brands/acme/explain", {"at": "2026-03-03T18:00+01:00"})]
    assert result.out.splitlines()[:2] == ["acme  2026-03-02 12:00Z", "Nothing alerted."]
    assert "surge: 4 people wrote negatively." in result.out
    assert "6 negative mentions came late." in result.out


@pytest.mark.usefixtures("asked")
def test_as_json(run: Run) -> None:
    assert json.loads(run("explain", "01JD8Q", "--json").out) == WHY


def test_without_anything_to_explain(run: Run) -> None:
    assert run("explain").status == 2
