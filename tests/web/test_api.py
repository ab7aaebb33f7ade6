"""Reading and acting through the API."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from daemon.model import IncidentKind, Severity
from daemon.store.tables import corrections, gaps, mentions
from daemon.timeline import verify
from daemon.views import format_time
from tests.fakes.site import Site

ACTIONS: dict[str, dict[str, Any]] = {
    "acknowledge": {},
    "assign": {"to": "anna"},
    "snooze": {"for": "30m"},
    "update": {"text": "We are on it.", "lang": "en", "next_update_in": "45m"},
    "note": {"text": "called the NOC"},
    "resolve": {"summary": "a router"},
    "false-alarm": {"reason": "a concert"},
}


async def post(site: Site, incident: str, action: str, body: object = None, role: str = "responder") -> Any:
    kw: dict[str, Any] = {} if body is None else {"json": body}
    return await site.call("POST", f"/api/v1/incidents/{incident}/{action}", role=role, **kw)


# ── brands and series


async def test_brands_tell_their_state_and_rates(site: Site) -> None:
    items = [{"id": str(n), "brand": "globex", "channel": "x", "text": "so bad"} for n in range(9)]
    await site.call("POST", "/api/v1/mentions", json=items)
    incident = await site.open_incident()
    answer = await site.call("GET", "/api/v1/brands", role="viewer")
    assert answer.json == {
        "brands": [
            {
                "brand": "acme",
                "name": "Acme Mobile",
                "state": "crisis",
                "negative_rate": 0.0,
                "expected_rate": 3.0,
                "incident_id": incident.id,
            },
            {
                "brand": "globex",
                "name": "Globex",
                "state": "watch",
                "negative_rate": 9.0,
                "expected_rate": 3.0,
                "incident_id": None,
            },
        ]
    }


async def test_a_blind_source_makes_a_calm_brand_blind(site: Site) -> None:
    async with site.store.write() as connection:
        await connection.execute(
            sa.insert(gaps).values(source="mqtt", since=site.clock.now() - timedelta(minutes=2), reason="broker away")
        )
    states = {b["brand"]: b["state"] for b in (await site.call("GET", "/api/v1/brands")).json["brands"]}
    assert states == {"acme": "blind", "globex": "blind"}
    await site.open_incident(kind=IncidentKind.BLIND, severity=Severity.MINOR)
    await site.open_incident()
    states = {b["brand"]: b["state"] for b in (await site.call("GET", "/api/v1/brands")).json["brands"]}
    assert states == {"acme": "crisis", "globex": "blind"}


async def test_a_series_has_every_step_and_knows_what_it_cannot_know(site: Site) -> None:
    now = site.clock.now()
    items = [
        {"id": "a", "brand": "acme", "channel": "x", "text": "bad", "published_at": format_time(now)},
        {"id": "b", "brand": "acme", "channel": "x", "text": "fine", "published_at": format_time(now)},
        {
            "id": "c",
            "brand": "acme",
            "channel": "x",
            "text": "bad",
            "published_at": format_time(now - timedelta(minutes=7)),
        },
    ]
    await site.call("POST", "/api/v1/mentions", json=items)
    async with site.store.write() as connection:
        await connection.execute(
            sa.insert(gaps).values(
                source="mqtt",
                since=now - timedelta(minutes=14),
                until=now - timedelta(minutes=11),
                reason="broker away",
            )
        )
    site.clock.advance(timedelta(minutes=2))
    answer = await site.call(
        "GET",
        "/api/v1/brands/acme/series",
        role="viewer",
        params={
            "from": format_time(now - timedelta(minutes=20)),
            "to": format_time(now + timedelta(hours=1)),
            "step": "5m",
        },
    )
    points = answer.json["points"]
    assert [point["at"][11:16] for point in points] == ["11:40", "11:45", "11:50", "11:55", "12:00"]
    assert [(point["mentions"], point["negative"]) for point in points] == [(0, 0), (0, 0), (1, 1), (0, 0), (2, 1)]
    assert [point["covered"] for point in points] == [True, False, True, True, True]
    assert (points[0]["expected"], points[0]["low"], points[0]["high"]) == (0.25, 0.0, 0.5)


async def test_a_series_by_default_is_of_the_last_day(site: Site) -> None:
    points = (await site.call("GET", "/api/v1/brands/acme/series")).json["points"]
    assert points[0]["at"] == format_time(site.clock.now() - timedelta(hours=24))
    assert 100 < len(points) <= 500


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"step": "30s"}, "step"),
        ({"step": "5"}, "step"),
        ({"step": "1m", "from": "2020-01-01T00:00:00Z"}, "step"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-03-02T12:00:00"}, "from"),
        ({"to": "2026-03-02"}, "to"),
        ({"from": "2026-03-02T12:00:00Z", "to": "2026-03-02T12:00:00Z"}, "from"),
        ({"from": "9999-12-31T23:59:59-12:00"}, "from"),
    ],
)
async def test_a_wrong_parameter_of_a_series_is_named(site: Site, params: dict[str, str], named: str) -> None:
    answer = await site.call("GET", "/api/v1/brands/acme/series", params=params)
    assert (answer.status, answer.json["detail"].split(":")[0]) == (422, named)


async def test_a_series_of_an_unknown_brand_is_not_found(site: Site) -> None:
    assert (await site.call("GET", "/api/v1/brands/initech/series")).status == 404


# ── incidents


async def test_an_incident_is_told_as_it_is(site: Site) -> None:
    opened = await site.open_incident()
    answer = await site.call("GET", f"/api/v1/incidents/{opened.id}", role="viewer")
    view = answer.json
    assert (view["id"], view["kind"], view["severity"], view["state"]) == (opened.id, "surge", "critical", "open")
    assert view["opened_at"] == "2026-03-02T12:00:00.000Z"
    assert view["next_update_due"] == "2026-03-02T13:00:00.000Z"
    assert view["evidence"]["observed"] == sum(view["evidence"]["channels"].values())
    assert view["holding_replies"][0]["lang"] == "pl"
    assert view["timeline_head"] == {"seq": opened.head_seq, "hash": opened.head_hash}


async def test_incidents_are_listed_newest_first_and_by_the_page(site: Site) -> None:
    for number in range(5):
        site.clock.advance(timedelta(minutes=1))
        await site.open_incident("acme" if number % 2 else "globex", id=f"i-{number}")
        await post(site, f"i-{number}", "resolve", {"summary": "over"})
    ids = [i["id"] for i in (await site.call("GET", "/api/v1/incidents", role="viewer")).json["incidents"]]
    assert ids == ["i-4", "i-3", "i-2", "i-1", "i-0"]
    paged = (await site.call("GET", "/api/v1/incidents?limit=2&before=i-3")).json["incidents"]
    assert [i["id"] for i in paged] == ["i-2", "i-1"]
    of_brand = (await site.call("GET", "/api/v1/incidents?brand=acme&state=resolved")).json["incidents"]
    assert [i["id"] for i in of_brand] == ["i-3", "i-1"]
    assert (await site.call("GET", "/api/v1/incidents?state=open")).json == {"incidents": []}


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ("state=calm", 422, "state"),
        ("brand=A%20CME", 422, "brand"),
        ("limit=0", 422, "limit"),
        ("limit=many", 422, "limit"),
        ("limit=-1", 422, "limit"),
        ("before='; drop table incidents; --", 422, "before"),
        ("before=gone", 404, "no incident 'gone'"),
    ],
)
async def test_a_wrong_parameter_of_the_list_is_named(site: Site, query: str, status: int, named: str) -> None:
    answer = await site.call("GET", f"/api/v1/incidents?{query}")
    assert (answer.status, answer.json["detail"].split(":")[0]) == (status, named)


@pytest.mark.parametrize("path", ["/api/v1/incidents/nothing", "/api/v1/incidents/nothing/timeline"])
async def test_an_unknown_incident_is_not_found(site: Site, path: str) -> None:
    answer = await site.call("GET", path)
    assert (answer.status, answer.content_type, answer.json["title"]) == (404, "application/problem+json", "Not Found")


# ── acting


@pytest.mark.parametrize("action", ACTIONS)
async def test_every_action_acts_and_says_by_whom(site: Site, action: str) -> None:
    incident = await site.open_incident()
    answer = await post(site, incident.id, action, ACTIONS[action])
    assert answer.status == 200, answer.text
    assert answer.json["timeline_head"]["seq"] > incident.head_seq
    events = (await site.call("GET", f"/api/v1/incidents/{incident.id}/timeline")).json["events"]
    assert events[-1]["actor"] == "token:responder-bot"
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


async def test_the_states_follow_the_actions(site: Site) -> None:
    incident = await site.open_incident()
    acknowledged = await post(site, incident.id, "acknowledge")
    assert (acknowledged.json["state"], acknowledged.json["acknowledged_by"]) == ("acknowledged", "token:responder-bot")
    twice = await post(site, incident.id, "acknowledge", role="admin")
    assert twice.status == 409
    assert "responder-bot" in twice.json["detail"]
    updated = await post(site, incident.id, "update", ACTIONS["update"])
    assert updated.json["next_update_due"] == "2026-03-02T12:45:00.000Z"
    assert (await post(site, incident.id, "reopen")).status == 409
    ended = await post(site, incident.id, "false-alarm", ACTIONS["false-alarm"])
    assert (ended.json["state"], ended.json["resolved_at"]) == ("false_alarm", "2026-03-02T12:00:00.000Z")
    for action, body in ACTIONS.items():
        answer = await post(site, incident.id, action, body)
        assert answer.status == (200 if action == "note" else 409), action
    assert (await post(site, incident.id, "escalate")).status == 409
    assert (await post(site, incident.id, "reopen")).json["state"] == "open"


@pytest.mark.parametrize(
    ("action", "body", "named"),
    [
        ("assign", {}, "to"),
        ("assign", {"to": 5}, "to"),
        ("assign", {"to": "  "}, "to"),
        ("assign", {"to": "a\nb"}, "to"),
        ("snooze", {"for": "soon"}, "for"),
        ("snooze", {"for": "0m"}, "for"),
        ("snooze", {"for": 30}, "for"),
        ("snooze", {"for": "999999999d"}, "for"),
        ("update", {"lang": "en"}, "text"),
        ("update", {"text": "x", "lang": "english"}, "lang"),
        ("update", {"text": "x", "lang": "en", "channel": "My Space"}, "channel"),
        ("update", {"text": "x", "lang": "en", "next_update_in": "tomorrow"}, "next_update_in"),
        ("update", {"text": "x" * 20_001, "lang": "en"}, "text"),
        ("update", {"text": "x", "lang": "en", "next": "30m"}, "next"),
        ("note", {"text": "a\0b"}, "text"),
        ("note", [], "body"),
        ("note", "text", "body"),
        ("resolve", {}, "summary"),
        ("false-alarm", {"reason": None}, "reason"),
        ("acknowledge", {"why": "x"}, "why"),
    ],
)
async def test_a_wrong_body_names_its_field_and_changes_nothing(
    site: Site, action: str, body: object, named: str
) -> None:
    incident = await site.open_incident()
    answer = await post(site, incident.id, action, body)
    assert (answer.status, answer.json["detail"].split(":")[0]) == (422, named), answer.text
    assert (await site.parts.incidents.get(incident.id)).head_seq == incident.head_seq


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 10_000, b'{"text": "\\ud800"}', b"nonsense"])
async def test_a_body_that_is_no_json_is_refused(site: Site, body: bytes) -> None:
    incident = await site.open_incident()
    answer = await site.call("POST", f"/api/v1/incidents/{incident.id}/note", data=body)
    assert (answer.status, answer.json["detail"].split(":")[0]) == (422, "body")


async def test_an_unknown_incident_or_action_is_not_found(site: Site) -> None:
    incident = await site.open_incident()
    assert (await post(site, "nothing", "acknowledge")).status == 404
    assert (await post(site, incident.id, "explode")).status == 404
    assert (await post(site, "x" * 41, "acknowledge")).status == 404


# ── timeline


async def test_the_chain_that_is_delivered_verifies(site: Site) -> None:
    incident = await site.open_incident()
    for action, body in ACTIONS.items():
        await post(site, incident.id, action, body)
    events = await site.parts.incidents.timeline(incident.id)
    head = (await site.parts.incidents.get(incident.id)).head_hash
    assert verify(incident.id, len(events), head, events) == []
    delivered = (await site.call("GET", f"/api/v1/incidents/{incident.id}/timeline")).json["events"]
    assert delivered[-1]["hash"] == head


async def test_a_timeline_can_be_kept_as_a_table(site: Site) -> None:
    incident = await site.open_incident(title="=cmd|' /C calc'!A0")
    await post(site, incident.id, "note", {"text": "=HYPERLINK(1) | <b>"})
    path = f"/api/v1/incidents/{incident.id}/timeline"
    table = await site.call("GET", f"{path}?format=csv", role="viewer")
    assert (table.content_type, table.headers["Content-Disposition"]) == (
        "text/csv",
        f'attachment; filename="{incident.id}.csv"',
    )
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["kind"] for row in rows] == ["opened", "note"]
    assert json.loads(rows[1]["data"]) == {"text": "=HYPERLINK(1) | <b>"}
    page = await site.call("GET", f"{path}?format=md", role="viewer")
    assert page.content_type == "text/markdown"
    assert "<b>" not in page.text
    assert "| 2 |" in page.text
    assert (await site.call("GET", f"{path}?format=pdf")).status == 422


# ── corrections, rejections, report


@pytest.mark.parametrize(
    ("sentiment", "kept"), [("neutral", "neutral"), (-0.5, "negative"), (0, "neutral"), (1, "positive")]
)
async def test_a_correction_is_kept_for_learning(site: Site, sentiment: object, kept: str) -> None:
    await site.call(
        "POST", "/api/v1/mentions", json={"id": "a/b c%2F?ż", "brand": "acme", "channel": "x", "text": "bad"}
    )
    path = "/api/v1/mentions/acme/a%2Fb%20c%252F%3F%C5%BC/correct"
    answer = await site.call("POST", path, role="responder", json={"sentiment": sentiment})
    assert (answer.status, answer.json) == (200, {"brand": "acme", "id": "a/b c%2F?ż", "sentiment": kept})
    async with site.store.read() as connection:
        row = (await connection.execute(sa.select(corrections))).mappings().one()
        marked = (await connection.execute(sa.select(mentions.c.corrected))).scalar_one()
    assert (row["sentiment"], row["actor"], row["mention_id"], marked) == (
        kept,
        "token:responder-bot",
        "a/b c%2F?ż",
        kept,
    )


@pytest.mark.parametrize("body", [{}, {"sentiment": "bad"}, {"sentiment": 2}, {"sentiment": None}])
async def test_a_wrong_correction_names_its_field(site: Site, body: object) -> None:
    answer = await site.call("POST", "/api/v1/mentions/acme/1/correct", json=body)
    assert (answer.status, answer.json["detail"].split(":")[0]) == (422, "sentiment")


async def test_a_correction_of_nothing_is_not_found(site: Site) -> None:
    answer = await site.call("POST", "/api/v1/mentions/acme/none/correct", json={"sentiment": "neutral"})
    assert answer.status == 404


async def test_rejections_are_listed_newest_first_and_by_the_page(site: Site) -> None:
    for number in range(3):
        await site.call("POST", "/api/v1/mentions", json=[{"id": f"{number}", "brand": "acme"}, {"brand": "acme"}])
    everything = (await site.call("GET", "/api/v1/rejected", role="viewer")).json["rejected"]
    assert len(everything) == 6
    assert [item["index"] for item in everything[:2]] == [1, 0]
    assert set(everything[0]) == {"id", "at", "source", "topic", "brand", "index", "reason", "payload"}
    assert (everything[0]["brand"], everything[0]["source"], everything[0]["topic"]) == ("acme", "http", None)
    paged = (await site.call("GET", f"/api/v1/rejected?limit=2&before={everything[1]['id']}")).json["rejected"]
    assert [item["id"] for item in paged] == [everything[2]["id"], everything[3]["id"]]
    assert (await site.call("GET", "/api/v1/rejected?before=x")).status == 422
    assert len((await site.call("GET", "/api/v1/rejected?limit=100000")).json["rejected"]) == 6


async def test_the_report_adds_up(site: Site) -> None:
    now = site.clock.now()
    old = format_time(now - timedelta(hours=3))
    ahead = format_time(now + timedelta(hours=3))
    items = [
        {"id": "1", "brand": "acme", "channel": "x", "text": "bad"},
        {"id": "1", "brand": "acme", "channel": "x", "text": "bad"},
        {"id": "2", "brand": "acme", "channel": "x", "text": "bad", "published_at": old},
        {"id": "3", "brand": "globex", "channel": "x", "text": "bad", "published_at": ahead},
        {"id": "4", "brand": "globex"},
    ]
    await site.call("POST", "/api/v1/mentions", json=items)
    incident = await site.open_incident()
    site.clock.advance(timedelta(minutes=4))
    await post(site, incident.id, "acknowledge")
    site.clock.advance(timedelta(minutes=6))
    await post(site, incident.id, "update", ACTIONS["update"])
    site.clock.advance(timedelta(minutes=20))
    await post(site, incident.id, "resolve", ACTIONS["resolve"])
    report = (await site.call("GET", "/api/v1/report", role="viewer")).json
    assert report["mentions"] == {"accepted": 3, "duplicates": 1, "rejected": 1, "late": 1, "clamped": 1}
    assert report["brands"]["acme"] == {"accepted": 2, "duplicates": 1, "rejected": 0, "late": 1, "clamped": 0}
    assert report["incidents"] == {
        "opened": 1,
        "resolved": 1,
        "false_alarms": 0,
        "still_open": 0,
        "by_kind": {"surge": 1},
        "by_severity": {"critical": 1},
    }
    assert report["response"] == {
        "acknowledged_after": 240.0,
        "first_reply_after": 600.0,
        "resolved_after": 1800.0,
    }
    assert report["promises"]["promise_made"] == 1
    assert report["to"] == format_time(site.clock.now())
    earlier = {"from": "2026-02-01T00:00:00Z", "to": "2026-02-02T00:00:00+01:00"}
    nothing = (await site.call("GET", "/api/v1/report", params=earlier)).json
    assert (nothing["from"], nothing["to"]) == ("2026-02-01T00:00:00.000Z", "2026-02-01T23:00:00.000Z")
    assert nothing["mentions"] == {"accepted": 0, "duplicates": 0, "rejected": 0, "late": 0, "clamped": 0}
    assert nothing["response"] == {"acknowledged_after": None, "first_reply_after": None, "resolved_after": None}
