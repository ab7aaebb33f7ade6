"""`tocsin incidents`, against a server that answers as the API does."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from tests.commands.conftest import Run

INCIDENT: dict[str, Any] = {
    "id": "01JD8Q",
    "brand": "acme",
    "kind": "surge",
    "severity": "critical",
    "state": "open",
    "title": "Acme Mobile: outage",
    "opened_at": "2026-03-02T12:00:00.000Z",
    "onset_at": "2026-03-02T11:52:00.000Z",
    "acknowledged_at": None,
    "acknowledged_by": None,
    "assigned_to": None,
    "resolved_at": None,
    "snoozed_until": None,
    "next_update_due": "2026-03-02T13:00:00.000Z",
    "promise": None,
    "timeline_head": {"seq": 1, "hash": "00"},
    "evidence": {
        "observed": 412,
        "expected": 3.1,
        "window_minutes": 15,
        "channels": {"x": 111, "facebook": 301},
        "languages": {"pl": 412},
        "terms": ["internet", "nie działa"],
        "examples": [{"id": "1", "text": "nie działa\x1b[2J\u202e", "published_at": "2026-03-02T11:59:00.000Z"}],
    },
    "holding_replies": [
        {"lang": "pl", "visibility": "public", "text": "Przepraszamy [bold]wszystkich[/bold].\nZespół"}
    ],
}
FACT = {"n": 1, "fact": "a fibre\x1b[2J", "at": "2026-03-02T12:00:00.000Z", "confirmed_by": "jan", "source": None}
EVENT = {"seq": 1, "at": "2026-03-02T12:00:00.000Z", "kind": "opened", "actor": "tocsin", "data": {}, "hash": "00"}


class Api:
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.refuse: tuple[int, str] | None = None
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:  # noqa: PLR0911 - one for each address
        """Answer any call."""
        body = await request.json() if request.can_read_body else dict(request.query)
        self.asked.append((request.method, request.path.removeprefix("/api/v1/incidents"), body))
        if request.headers["Authorization"] != "Bearer secret":
            return web.json_response({"title": "Unauthorized"}, status=401)
        if self.refuse is not None:
            status, detail = self.refuse
            return web.json_response({"detail": detail}, status=status, content_type="application/problem+json")
        if request.path.endswith("/handover"):
            return web.Response(text="# Note\n\n- a\x1b[2J\n", content_type="text/markdown")
        if request.path == "/api/v1/report":
            return web.Response(text="# Report\x1b[2J\n", content_type="text/markdown")
        if request.path.endswith("/report"):
            return web.Response(text="a\x1b[2J,b\r\n", content_type="text/csv")
        if request.path.endswith("/facts"):
            return web.json_response({"facts": [FACT]})
        if request.path.endswith("/timeline"):
            return web.json_response({"events": [EVENT]})
        return web.json_response({"incidents": [INCIDENT]} if request.path.endswith("/incidents") else INCIDENT)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """A server on a loop of its own: the command has another."""
    served, loop, started = Api(), asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def _serve() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", served.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        served.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        started.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(_serve(),))
    thread.start()
    assert started.wait(30)
    monkeypatch.setenv("TOCSIN_URL", f"{served.url}/")
    monkeypatch.setenv("TOCSIN_TOKEN", "secret")
    try:
        yield served
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def test_a_list_is_a_table(run: Run, api: Api) -> None:
    result = run("incidents", "list", "--brand", "acme", "--limit", "5")
    assert result.status == 0
    assert api.asked == [("GET", "", {"brand": "acme", "limit": "5"})]
    headings, row = result.out.splitlines()
    assert headings.split() == ["id", "opened", "brand", "kind", "severity", "state", "title"]
    assert " ".join(row.split()) == "01JD8Q 2026-03-02 12:00Z acme surge critical open Acme Mobile: outage"


def test_a_list_as_json_is_what_the_api_answered(run: Run, api: Api) -> None:
    result = run("incidents", "list", "--json")
    assert json.loads(result.out) == {"incidents": [INCIDENT]}
    assert len(api.asked) == 1
    assert "\x1b" not in result.out


def test_an_incident_is_shown_with_all_that_is_known_and_cannot_steer_the_terminal(run: Run, api: Api) -> None:
    result = run("incidents", "show", "01JD8Q")
    assert [path for _, path, _ in api.asked] == ["/01JD8Q", "/01JD8Q/timeline"]
    for words in ("412 in 15 min, expected 3.1", "facebook 301, x 111", "nie działa\\u001b[2J\\u202e", "next word due"):
        assert words in result.out
    assert "[pl, public] Przepraszamy [bold]wszystkich[/bold].\n    Zespół" in result.out
    assert "\x1b" not in result.out


@pytest.mark.parametrize(
    ("arguments", "action", "body"),
    [
        (["ack"], "acknowledge", {}),
        (["assign", "anna"], "assign", {"to": "anna"}),
        (["snooze", "30m"], "snooze", {"for": "30m"}),
        (["escalate"], "escalate", {}),
        (["update", "--lang", "pl", "Pracujemy."], "update", {"text": "Pracujemy.", "lang": "pl"}),
        (
            ["update", "--lang", "pl", "--channel", "x", "--next", "1h", "T"],
            "update",
            {"text": "T", "lang": "pl", "channel": "x", "next_update_in": "1h"},
        ),
        (["note", "a fibre"], "note", {"text": "a fibre"}),
        (["resolve", "mended"], "resolve", {"summary": "mended"}),
        (["false-alarm", "a joke"], "false-alarm", {"reason": "a joke"}),
        (["reopen"], "reopen", {}),
        (["approve"], "approve", {}),
        (["keep-promise"], "keep-promise", {}),
    ],
)
def test_every_action_is_posted(run: Run, api: Api, arguments: list[str], action: str, body: dict[str, str]) -> None:
    name, *rest = arguments
    result = run("incidents", name, "01JD8Q", *rest)
    assert (result.status, result.err) == (0, "")
    assert api.asked == [("POST", f"/01JD8Q/{action}", body)]
    assert "01JD8Q" in result.out


def test_a_fact_is_posted_and_the_sheet_printed(run: Run, api: Api) -> None:
    result = run("incidents", "fact", "01JD8Q", "a fibre", "--source", "NOC", "--replaces", "2")
    assert api.asked == [("POST", "/01JD8Q/facts", {"fact": "a fibre", "source": "NOC", "replaces": 2})]
    assert result.out == "1. a fibre\\u001b[2J (2026-03-02T12:00:00.000Z, confirmed by jan)\n"


def test_the_hand_over_is_printed_as_it_is_and_cannot_steer_the_terminal(run: Run, api: Api) -> None:
    result = run("incidents", "handover", "01JD8Q", "--lang", "pl")
    assert api.asked == [("GET", "/01JD8Q/handover", {"lang": "pl"})]
    assert result.out == "# Note\n\n- a\\u001b[2J\n"


def test_an_id_cannot_lead_elsewhere(run: Run, api: Api) -> None:
    run("incidents", "ack", "../brands?x=")
    assert api.asked == [("POST", "/../brands?x=/acknowledge", {})]


@pytest.mark.parametrize(
    ("status", "detail", "line"),
    [
        (409, "acknowledged already by user:anna", "tocsin: acknowledged already by user:anna\n"),
        (404, "no incident 01JD8Q", "tocsin: no incident 01JD8Q\n"),
        (422, "for: expected a duration", "tocsin: for: expected a duration\n"),
        (403, "responder is needed", "tocsin: the token's role may not do this: responder is needed\n"),
        (500, "", "tocsin: the daemon answered 500\n"),
    ],
)
def test_a_refusal_is_told_in_one_line(run: Run, api: Api, status: int, detail: str, line: str) -> None:
    api.refuse = (status, detail)
    result = run("incidents", "ack", "01JD8Q")
    assert (result.status, result.out, result.err) == (1, "", line)


def test_a_wrong_token_is_told(run: Run, api: Api) -> None:
    result = run("incidents", "list", "--token", "wrong")
    assert api.asked
    assert (result.status, result.err) == (1, "tocsin: the token is not known there; check TOCSIN_TOKEN\n")


def test_without_a_token_nothing_is_asked(run: Run, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_TOKEN")
    result = run("incidents", "list")
    assert result.status == 2
    assert result.err == "tocsin: No token: set TOCSIN_TOKEN or give --token; see `tocsin incidents list --help`\n"
    assert api.asked == []


def test_a_daemon_that_is_not_there_is_told(run: Run) -> None:
    result = run("incidents", "list", "--token", "x", "--url", "http://127.0.0.1:9")
    assert result.status == 1
    assert result.err == ("tocsin: http://127.0.0.1:9 does not answer (ClientConnectorError); is the daemon running?\n")


def test_a_report_is_printed_in_the_form_that_is_asked_for(run: Run, api: Api) -> None:
    result = run("incidents", "report", "01JD8Q", "--format", "csv")
    assert (result.status, result.out) == (0, "a\\u001b[2J,b\r\n")
    assert api.asked == [("GET", "/01JD8Q/report", {"format": "csv"})]


def test_the_report_of_a_month_is_printed(run: Run, api: Api) -> None:
    result = run("report", "--month", "2026-10")
    assert (result.status, result.out) == (0, "# Report\\u001b[2J\n")
    assert api.asked == [("GET", "/api/v1/report", {"format": "md", "month": "2026-10"})]


def test_a_drill_is_begun_and_shown(run: Run, api: Api) -> None:
    result = run("drill", "acme", "--severity", "critical")
    assert (result.status, api.asked) == (0, [("POST", "/api/v1/drills", {"brand": "acme", "severity": "critical"})])
    assert "01JD8Q" in result.out
    assert json.loads(run("drill", "acme", "--json").out) == INCIDENT


def test_a_drill_of_another_severity_is_no_usage(run: Run, api: Api) -> None:
    assert run("drill", "acme", "--severity", "grave").status == 2
    assert api.asked == []
