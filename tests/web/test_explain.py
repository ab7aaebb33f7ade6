"""The calls that explain, and the page that says the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.views import format_time
from tests.fakes.site import Site


async def test_an_incident_is_explained(site: Site) -> None:
    incident = await site.open_incident()
    answer = await site.call("GET", f"/api/v1/incidents/{incident.id}/explain", role="viewer")
    assert answer.status == 200
    evidence = (await site.call("GET", f"/api/v1/incidents/{incident.id}")).json["evidence"]
    shared = answer.json.keys() & evidence.keys()
    assert shared >= {"at", "observed", "expected", "window_minutes", "distinct_authors", "false_alerts_per_year"}
    assert {name: answer.json[name] for name in shared} == {name: evidence[name] for name in shared}
    assert [reason["about"] for reason in answer.json["reasons"]] == ["evidence", "severity", "end"]


async def test_a_minute_is_explained(site: Site) -> None:
    at = site.clock.now()
    posted = [{"id": f"m{n}", "brand": "acme", "channel": "x", "text": "bad"} for n in range(3)]
    assert (await site.call("POST", "/api/v1/mentions", json=posted)).status == 202
    answer = await site.call("GET", "/api/v1/brands/acme/explain", role="viewer", params={"at": format_time(at)})
    assert answer.status == 200
    assert (answer.json["verdict"], answer.json["incident_id"]) == ("quiet", None)
    assert answer.json["at"] == format_time(at)
    assert answer.json["last_hour"]["negative_authors"] == 3
    assert {reading["kind"] for reading in answer.json["readings"]} == {"surge", "share", "reach", "risk", "blind"}


@pytest.mark.parametrize("given", [{}, {"at": ""}, {"at": "tuesday"}, {"at": "2026-03-02T12:00:00"}])
async def test_a_time_is_asked_for(site: Site, given: dict[str, str]) -> None:
    answer = await site.call("GET", "/api/v1/brands/acme/explain", params=given)
    assert answer.status == 422
    assert answer.json["detail"].startswith("at: ")


async def test_what_is_not_there_cannot_be_explained(site: Site) -> None:
    now = site.clock.now()
    later = await site.call(
        "GET", "/api/v1/brands/acme/explain", params={"at": format_time(now + timedelta(seconds=1))}
    )
    assert (later.status, later.json["detail"]) == (422, "at: expected a time that has passed")
    at = {"at": format_time(now)}
    assert (await site.call("GET", "/api/v1/brands/initech/explain", params=at)).status == 404
    assert (await site.call("GET", "/api/v1/incidents/nothing-1/explain")).status == 404


async def test_the_page_says_the_same(site: Site) -> None:
    incident = await site.open_incident()
    told = (await site.call("GET", f"/api/v1/incidents/{incident.id}/explain")).json["reasons"]
    page = await site.visit(await site.signed_in("viewer"), f"/incidents/{incident.id}")
    assert page.status == 200
    assert "<summary>Why it is critical, and what ends it</summary>" in page.text
    for reason in told:
        if reason["about"] != "evidence":
            assert reason["text"] in page.text
    assert page.text.count("412 authors in 15 minutes where 3.1 are usual") >= 1
