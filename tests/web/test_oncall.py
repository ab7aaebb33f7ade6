"""Who is on call, silences and drills, over the API and on the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from config.schema import Config
from daemon.clock import ManualClock
from daemon.model import EventKind, Severity
from daemon.store.engine import Store
from daemon.views import format_time
from tests.fakes.site import Site, configuration, served

HOUR = timedelta(hours=1)


def settings() -> Config:
    config = configuration().model_dump(mode="json", exclude={"store", "web", "notifiers"})
    return Config.model_validate(
        configuration().model_dump()
        | {
            "people": {
                "anna": {"name": "Anna Kowalska", "targets": ["console:anna"]},
                "boris": {"targets": ["console:boris"]},
            },
            "oncall": {"pr": {"members": ["anna", "boris"], "since": "2026-03-02", "timezone": "Europe/Warsaw"}},
            "escalation": {"default": {"steps": [{"after": "0m", "notify": ["oncall:pr"]}]}},
            "silences": {
                "recurring": [
                    {"name": "sundays", "days": ["sunday"], "begins": "02:00", "ends": "04:00", "reason": "maintenance"}
                    | {"until": "2027-01-01T00:00:00Z"}
                ]
            },
            "brands": config["brands"],
        }
    )


@pytest.fixture
async def duty(empty_store: Store, clock: ManualClock) -> AsyncIterator[Site]:
    """The web part with people on call. It is Monday noon, 13:00 in Warsaw."""
    async with served(empty_store, clock, config=settings()) as site:
        yield site


async def silence(site: Site, **body: Any) -> dict[str, Any]:
    answer = await site.call(
        "POST", "/api/v1/silences", role="responder", json={"reason": "moving", "for": "2h"} | body
    )
    assert answer.status == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


async def listed(site: Site) -> dict[str, Any]:
    found = (await site.call("GET", "/api/v1/silences", role="viewer")).json["silences"]
    return {one["id"]: one for one in found}


async def test_who_is_on_call_now_and_who_then(duty: Site) -> None:
    answer = await duty.call("GET", "/api/v1/oncall", role="viewer")
    assert answer.json == {
        "oncall": [
            {
                "rota": "pr",
                "timezone": "Europe/Warsaw",
                "now": {
                    "who": "anna",
                    "name": "Anna Kowalska",
                    "begins": "2026-03-02T08:00:00.000Z",
                    "ends": "2026-03-09T08:00:00.000Z",
                },
                "next": {
                    "who": "boris",
                    "name": "boris",
                    "begins": "2026-03-09T08:00:00.000Z",
                    "ends": "2026-03-16T08:00:00.000Z",
                },
            }
        ]
    }


async def test_the_page_tells_who_and_lets_responders_alone_silence(duty: Site) -> None:
    responder, viewer = await duty.signed_in("responder"), await duty.signed_in("viewer")
    page = await duty.visit(responder, "/oncall")
    assert "Anna Kowalska" in page.text
    assert "9 Mar 09:00" in page.text
    assert "Call nobody for a while" in page.text
    assert "Call nobody for a while" not in (await duty.visit(viewer, "/oncall")).text


async def test_a_silence_hides_what_opens_in_it_and_is_shown_with_it(duty: Site) -> None:
    made = await silence(duty, brand="acme")
    assert (made["kind"], made["active"], made["by"]) == ("once", True, "token:responder-bot")
    incident = await duty.open_incident(severity=Severity.MAJOR)
    assert incident.hidden_by == (made["id"],)
    shown = await listed(duty)
    assert shown[made["id"]]["hidden"] == [incident.id]
    assert (shown["sundays"]["kind"], shown["sundays"]["daily"]) == ("recurring", "sunday 02:00 to 04:00 UTC")
    answer = await duty.call("GET", f"/api/v1/incidents/{incident.id}")
    assert answer.json["hidden_by"] == [made["id"]]
    page = await duty.visit(await duty.signed_in("viewer"), f"/incidents/{incident.id}")
    assert "Nobody is called" in page.text


async def test_an_ended_silence_lets_the_ladder_begin(duty: Site) -> None:
    made = await silence(duty)
    incident = await duty.open_incident(severity=Severity.MAJOR)
    assert incident.steps_done == 0
    answer = await duty.call("DELETE", f"/api/v1/silences/{made['id']}", role="responder")
    assert (answer.status, answer.json["active"], answer.json["hidden"]) == (200, False, [incident.id])
    await duty.parts.incidents.fire_due()
    assert (await duty.parts.incidents.get(incident.id)).called == {"console:anna": 1}
    again = await duty.call("DELETE", f"/api/v1/silences/{made['id']}", role="responder")
    assert (again.status, again.json["detail"]) == (409, "it is over")


async def test_what_is_critical_is_called_about_in_a_silence(duty: Site) -> None:
    await silence(duty)
    assert (await duty.open_incident(severity=Severity.CRITICAL)).steps_done == 1


async def test_silences_are_kept_over_a_restart(duty: Site, clock: ManualClock) -> None:
    made = await silence(duty)
    async with served(duty.store, clock, config=settings()) as again:
        assert made["id"] in await listed(again)
        assert (await again.open_incident("globex", severity=Severity.MINOR)).hidden_by == (made["id"],)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"reason": ""}, "reason"),
        ({"for": None}, "ends: expected either"),
        ({"ends": "2026-03-02T14:00:00Z"}, "ends: expected either"),
        ({"for": "8d"}, "ends: expected at most 7d after it begins"),
        ({"for": None, "ends": "2026-03-02T11:00:00Z"}, "ends: expected a time after"),
        ({"for": None, "ends": "tomorrow"}, "ends: expected a time with an offset"),
        ({"brand": "nobody"}, "brand: expected one of acme, globex"),
        ({"kinds": ["anger"]}, "kinds"),
        ({"forever": True}, "forever: is not known here"),
    ],
)
async def test_a_silence_that_never_ends_or_means_nothing_is_refused(
    duty: Site, body: dict[str, Any], said: str
) -> None:
    wanted = {key: value for key, value in ({"reason": "x", "for": "2h"} | body).items() if value is not None}
    answer = await duty.call("POST", "/api/v1/silences", role="responder", json=wanted)
    assert answer.status == 422
    assert answer.json["detail"].startswith(said), answer.text


async def test_what_stands_in_the_configuration_is_ended_there(duty: Site) -> None:
    answer = await duty.call("DELETE", "/api/v1/silences/sundays", role="responder")
    assert (answer.status, answer.json["detail"]) == (409, "it stands in the configuration; end it there")
    assert (await duty.call("DELETE", "/api/v1/silences/none", role="responder")).status == 404


async def test_a_silence_is_begun_and_ended_on_the_page(duty: Site) -> None:
    browser = await duty.signed_in()
    form = (await duty.visit(browser, "/oncall")).csrf
    fields = {"csrf_token": form, "reason": "the <sale>", "for": "2h", "brand": "acme"}
    assert (await duty.visit(browser, "/oncall/silences", method="POST", data=fields)).status == 303
    page = await duty.visit(browser, "/oncall")
    assert "the &lt;sale&gt;" in page.text
    (made,) = [one for one in (await listed(duty)).values() if one["kind"] == "once"]
    end = {"csrf_token": form}
    assert (await duty.visit(browser, f"/oncall/silences/{made['id']}/end", method="POST", data=end)).status == 303
    assert not (await listed(duty))[made["id"]]["active"]
    wrong = await duty.visit(browser, "/oncall/silences", method="POST", data=fields | {"for": "9d"})
    assert wrong.status == 422
    assert "at most 7d" in wrong.text
    assert "the &lt;sale&gt;" in wrong.text


# ── drills


async def test_a_drill_is_a_real_incident_marked_as_none(duty: Site, clock: ManualClock) -> None:
    answer = await duty.call("POST", "/api/v1/drills", role="responder", json={"brand": "acme", "severity": "critical"})
    assert answer.status == 201, answer.text
    drill = answer.json
    assert (drill["drill"], drill["severity"], drill["kind"]) == (True, "critical", "surge")
    assert drill["title"].startswith("DRILL")
    assert drill["holding_replies"]
    assert all(reply["text"].startswith("[DRILL]") for reply in drill["holding_replies"])
    assert (await duty.parts.incidents.get(drill["id"])).called == {"console:anna": 1}
    browser = await duty.signed_in()
    assert "DRILL" in (await duty.visit(browser, f"/incidents/{drill['id']}")).text
    assert "DRILL" in (await duty.visit(browser, "/incidents")).text
    clock.advance(HOUR)
    await duty.parts.incidents.fire_due()
    until = format_time(clock.now())
    report = (await duty.call("GET", f"/api/v1/report?from=2026-03-01T00:00:00Z&to={until}")).json
    assert report["incidents"]["opened"] == 0
    assert report["deliveries"] == {}
    brands = {one["brand"]: one for one in (await duty.call("GET", "/api/v1/brands")).json["brands"]}
    assert (brands["acme"]["state"], brands["acme"]["incident_id"]) == ("calm", None)
    metrics = (await duty.call("GET", "/metrics")).text
    assert 'tocsin_incidents_open{brand="acme",kind="surge"} 0.0' in metrics


async def test_a_drill_stands_in_the_way_of_no_crisis(duty: Site) -> None:
    await duty.call("POST", "/api/v1/drills", role="responder", json={"brand": "acme"})
    incident = await duty.open_incident()
    assert incident.steps_done == 1
    second = await duty.call("POST", "/api/v1/drills", role="responder", json={"brand": "acme"})
    assert (second.status, second.json["detail"]) == (409, "a drill of acme is open already; end it first")


async def test_a_drill_that_nobody_ends_ends_itself(duty: Site, clock: ManualClock) -> None:
    drill = (await duty.call("POST", "/api/v1/drills", role="responder", json={"brand": "acme"})).json
    clock.advance(5 * HOUR)
    await duty.parts.incidents.fire_due()
    events = await duty.parts.incidents.timeline(drill["id"])
    (over,) = [event for event in events if event.kind is EventKind.RESOLVED]
    assert over.data["reason"] == "drill_over"


@pytest.mark.parametrize("body", [{}, {"brand": "nobody"}, {"brand": "acme", "severity": "grave"}])
async def test_a_drill_of_nothing_is_refused(duty: Site, body: dict[str, str]) -> None:
    assert (await duty.call("POST", "/api/v1/drills", role="responder", json=body)).status == 422
