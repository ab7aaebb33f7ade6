"""Pages: signing in, reading, acting, and keeping other people's text harmless."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from msgspec.structs import replace

from daemon.clock import ManualClock
from daemon.model import Example, HoldingReply, IncidentKind, Severity
from daemon.rendering import ChartError
from daemon.store.engine import Store
from daemon.waiting import Waiting
from daemon.web import passwords
from daemon.web.html import web_link
from tests.fakes.site import PASSWORD, REPLIES, Patient, Site, configuration, served

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title></style><iframe src=javascript:alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "<!--<img src=--><x y=",
    "&lt;b&gt; &#60;b&#62; &#x3c;script&#x3e;",
    "\u202eevil\u2066 \u200f",
    "<a href=https://evil.example>bank</a>",
    "' onmouseover='alert(1)",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<base href=//evil.example>",
    "\x1b[31mred\x07",
]


async def attempt(site: Site, browser: ClientSession, name: str, password: str, target: str = "/") -> Any:
    form = await site.visit(browser, "/sign-in")
    fields = {"csrf_token": form.csrf, "name": name, "password": password, "next": target}
    return await site.visit(browser, "/sign-in", method="POST", data=fields)


async def attempt_from(site: Site, forwarded: str, password: str) -> int:
    """The status of signing in as the viewer, with what a proxy would say of where it comes from."""
    browser = site.browser()
    form = await site.visit(browser, "/sign-in")
    fields = {"csrf_token": form.csrf, "name": "viewer", "password": password, "next": "/"}
    headers = {"X-Forwarded-For": forwarded}
    return int((await site.visit(browser, "/sign-in", method="POST", data=fields, headers=headers)).status)


# ── signing in


async def test_the_first_page_leads_to_signing_in_and_back(site: Site) -> None:
    browser = site.browser()
    away = await site.visit(browser, "/incidents?state=open")
    assert (away.status, away.headers["Location"]) == (303, "/sign-in?next=/incidents?state%3Dopen")
    form = await site.visit(browser, away.headers["Location"])
    assert 'value="/incidents?state=open"' in form.text
    answer = await attempt(site, browser, "viewer", PASSWORD, "/incidents?state=open")
    assert (answer.status, answer.headers["Location"]) == (303, "/incidents?state=open")
    assert (await site.visit(browser, "/")).headers["Location"] == "/brands"
    assert (await site.visit(browser, "/sign-in")).headers["Location"] == "/"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil", "/a\r\nSet-Cookie: x=1", "javascript:x"],
)
async def test_signing_in_never_leads_elsewhere(site: Site, target: str) -> None:
    answer = await attempt(site, site.browser(), "viewer", PASSWORD, target)
    assert (answer.status, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize(
    ("name", "password"), [("viewer", "wrong"), ("nobody", PASSWORD), ("", ""), ("viewer", "x" * 5000)]
)
async def test_wrong_names_and_passwords_look_the_same(site: Site, name: str, password: str) -> None:
    browser = site.browser()
    answer = await attempt(site, browser, name, password)
    assert (answer.status, "Name or password is wrong." in answer.text) == (401, True)
    assert (await site.visit(browser, "/brands")).status == 303


async def test_guessing_has_to_wait(site: Site) -> None:
    browser = site.browser()
    for _ in range(5):
        assert (await attempt(site, browser, "viewer", "guess")).status == 401
    refused = await attempt(site, browser, "viewer", PASSWORD)
    assert (refused.status, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert (await attempt(site, site.browser(), "responder", PASSWORD)).status == 303
    site.clock.advance(timedelta(minutes=6))
    assert (await attempt(site, browser, "viewer", PASSWORD)).status == 303


async def test_guessing_names_has_to_wait_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = site.parts.config.web.users[0].password_hash.get_secret_value()
    monkeypatch.setattr(passwords, "_nobody", lambda: quick)
    browser = site.browser()
    for number in range(30):
        assert (await attempt(site, browser, f"name-{number}", "guess")).status == 401
    assert (await attempt(site, browser, "responder", PASSWORD)).status == 429


async def test_who_guesses_through_our_proxy_waits_alone(empty_store: Store, clock: ManualClock) -> None:
    async with served(empty_store, clock, config=configuration(trusted_proxies=["127.0.0.1"])) as site:
        for _ in range(5):
            assert await attempt_from(site, "203.0.113.9", "guess") == 401
        assert await attempt_from(site, "198.51.100.4, 203.0.113.9", PASSWORD) == 429
        assert await attempt_from(site, "203.0.113.10", PASSWORD) == 303


async def test_a_stranger_is_not_believed_about_where_it_comes_from(site: Site) -> None:
    for number in range(5):
        assert await attempt_from(site, f"203.0.113.{number}", "guess") == 401
    assert (await attempt(site, site.browser(), "viewer", PASSWORD)).status == 429


async def test_signing_out_ends_the_session(site: Site) -> None:
    browser = await site.signed_in("viewer")
    page = await site.visit(browser, "/brands")
    answer = await site.visit(browser, "/sign-out", method="POST", data={"csrf_token": page.csrf})
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
    assert (await site.visit(browser, "/brands")).status == 303


async def test_a_damaged_cookie_is_no_session(site: Site) -> None:
    answer = await site.visit(site.browser(), "/brands", headers={"Cookie": "tocsin=gAAAAABnonsense"})
    assert answer.status == 303


# ── reading


async def test_brands_show_the_most_pressing_first(site: Site) -> None:
    browser = await site.signed_in("viewer")
    calm = await site.visit(browser, "/brands")
    assert calm.text.index("Acme Mobile") < calm.text.index("Globex")
    assert "No incident is open." in calm.text
    await site.open_incident("globex")
    crisis = await site.visit(browser, "/brands")
    assert crisis.text.index("Globex") < crisis.text.index("Acme Mobile")
    assert "/incidents/globex-surge-1" in crisis.text


async def test_the_list_is_empty_kindly(site: Site) -> None:
    browser = await site.signed_in("viewer")
    assert "No incidents." in (await site.visit(browser, "/incidents")).text
    assert "No incidents like that." in (await site.visit(browser, "/incidents?brand=acme")).text


async def test_the_list_leads_to_the_incident(site: Site) -> None:
    incident = await site.open_incident()
    browser = await site.signed_in("viewer")
    page = await site.visit(browser, "/incidents?state=open&brand=acme")
    assert f'href="/incidents/{incident.id}"' in page.text
    assert "13:00" in page.text  # Warsaw's noon and one
    assert (await site.visit(browser, "/incidents?state=nonsense")).status == 422


async def test_an_incident_says_what_to_do_before_why(site: Site) -> None:
    incident = await site.open_incident()
    browser = await site.signed_in("responder")
    text = (await site.visit(browser, f"/incidents/{incident.id}")).text
    order = [
        "388 people complained in 15 minutes. Usually about 3.",
        "Acknowledge</button>",
        "First public reply due in 1 h",
        "Przepraszamy za utrudnienia. Wrócimy z informacją o 13:30.",
        "Record it</button>",
        "Why we woke you",
        '<dd dir="auto">an outage',
        "practically never",
        "Internet nie działa!",
        "What happened",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


async def test_a_viewer_reads_and_finds_no_buttons(site: Site) -> None:
    incident = await site.open_incident()
    browser = await site.signed_in("viewer")
    page = await site.visit(browser, f"/incidents/{incident.id}")
    assert page.status == 200
    assert "Acknowledge" not in page.text
    token = page.csrf
    answer = await site.visit(
        browser, f"/incidents/{incident.id}/acknowledge", method="POST", data={"csrf_token": token}
    )
    assert (answer.status, answer.content_type) == (403, "text/html")


@pytest.mark.parametrize("kind", list(IncidentKind))
async def test_every_kind_of_incident_has_its_page(site: Site, kind: IncidentKind) -> None:
    incident = await site.open_incident(kind=kind, severity=Severity.MINOR, evidence={"examples": (), "terms": ()})
    browser = await site.signed_in("responder")
    assert (await site.visit(browser, f"/incidents/{incident.id}")).status == 200


async def test_the_chart_is_drawn_for_the_screen_that_asks(site: Site) -> None:
    incident = await site.open_incident()
    browser = await site.signed_in("viewer")
    answer = await site.visit(browser, f"/incidents/{incident.id}/chart.svg?theme=dark&width=narrow")
    assert (answer.status, answer.content_type) == (200, "image/svg+xml")
    spec = site.parts.charts.specs[-1]  # type: ignore[attr-defined] # the fake's own
    assert spec["width"] == 360
    assert "prefers-color-scheme: dark" in (await site.visit(browser, f"/incidents/{incident.id}")).text


async def test_many_who_look_share_one_drawing(site: Site) -> None:
    incident = await site.open_incident()
    browser = await site.signed_in("viewer")
    path = f"/incidents/{incident.id}/chart.svg"
    answers = await asyncio.gather(*(site.visit(browser, path) for _ in range(8)))
    assert {answer.status for answer in answers} == {200}
    assert len(site.parts.charts.specs) == 1  # type: ignore[attr-defined] # the fake's own
    site.clock.advance(timedelta(minutes=1))
    await site.visit(browser, path)
    assert len(site.parts.charts.specs) == 2  # type: ignore[attr-defined] # the fake's own


async def test_a_chart_that_cannot_be_drawn_does_not_take_the_page_along(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(spec: object) -> str:
        raise ChartError(f"no chart of {type(spec).__name__}")

    monkeypatch.setattr(site.parts.charts, "svg", broken)
    incident = await site.open_incident()
    browser = await site.signed_in("viewer")
    assert (await site.visit(browser, f"/incidents/{incident.id}/chart.svg")).status == 503
    assert (await site.visit(browser, f"/incidents/{incident.id}")).status == 200


async def test_static_files_are_ours_and_nothing_else(site: Site) -> None:
    browser = site.browser()
    page = await site.visit(browser, "/sign-in")
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        answer = await site.visit(browser, address)
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]
    for name in ("nothing", "..%2Fapp.py", "%2e%2e%2fapp.py"):
        assert (await site.visit(browser, f"/static/{name}")).status == 404


# ── acting

FORMS: dict[str, dict[str, str]] = {
    "acknowledge": {},
    "assign": {"to": "anna"},
    "snooze": {"for": "30m"},
    "update": {
        "text": "We are on it.\r\nMore soon.",
        "lang": "en",
        "channel": "",
        "next_update_in": "45m",
        "anyway": "1",
    },
    "facts": {"fact": "1,200 lines are down.", "at": "", "source": "", "confirmed_by": ""},
    "note": {"text": "called the NOC"},
    "resolve": {"summary": "a router"},
    "false-alarm": {"reason": "a concert"},
}


@pytest.mark.parametrize("action", FORMS)
async def test_every_form_acts_and_says_so(site: Site, action: str) -> None:
    incident = await site.open_incident()
    browser = await site.signed_in("responder")
    page = await site.visit(browser, f"/incidents/{incident.id}")
    assert f'action="/incidents/{incident.id}/{action}"' in page.text
    fields = {"csrf_token": page.csrf} | FORMS[action]
    answer = await site.visit(browser, f"/incidents/{incident.id}/{action}", method="POST", data=fields)
    assert (answer.status, answer.headers["Location"]) == (303, f"/incidents/{incident.id}")
    after = await site.visit(browser, f"/incidents/{incident.id}")
    assert 'class="notice good"' in after.text
    assert 'class="notice good"' not in (await site.visit(browser, f"/incidents/{incident.id}")).text
    event = (await site.parts.incidents.timeline(incident.id))[-1 if action != "update" else -2]
    assert event.actor == "user:responder"
    if action == "update":
        assert event.data["text"] == "We are on it.\nMore soon."


async def test_a_mistake_loses_nothing_that_was_typed(site: Site) -> None:
    incident = await site.open_incident()
    browser = await site.signed_in("responder")
    token = (await site.visit(browser, f"/incidents/{incident.id}")).csrf
    fields = {"csrf_token": token, "text": "A long & careful text", "lang": "pl", "next_update_in": "soon"}
    answer = await site.visit(browser, f"/incidents/{incident.id}/update", method="POST", data=fields)
    assert answer.status == 422
    assert "next_update_in: expected a duration" in answer.text
    assert "A long &amp; careful text</textarea>" in answer.text


async def test_who_comes_second_is_told_who_was_first(site: Site) -> None:
    incident = await site.open_incident()
    await site.call("POST", f"/api/v1/incidents/{incident.id}/acknowledge", role="admin")
    browser = await site.signed_in("responder")
    token = (await site.visit(browser, f"/incidents/{incident.id}")).csrf
    path = f"/incidents/{incident.id}/acknowledge"
    answer = await site.visit(browser, path, method="POST", data={"csrf_token": token})
    assert (answer.status, "admin-bot" in answer.text) == (409, True)


async def test_a_form_that_is_too_large_is_refused(site: Site) -> None:
    browser = site.browser()
    token = (await site.visit(browser, "/sign-in")).csrf
    fields = {"csrf_token": token, "name": "viewer", "password": "x" * 300_000}
    assert (await site.visit(browser, "/sign-in", method="POST", data=fields)).status == 413


async def test_an_ended_incident_can_be_reopened_and_nothing_else(site: Site) -> None:
    incident = await site.open_incident()
    await site.call("POST", f"/api/v1/incidents/{incident.id}/resolve", json={"summary": "over"})
    browser = await site.signed_in("responder")
    page = await site.visit(browser, f"/incidents/{incident.id}")
    assert re.findall(rf'action="/incidents/{incident.id}/([a-z-]+)"', page.text) == ["reopen"]
    answer = await site.visit(
        browser, f"/incidents/{incident.id}/reopen", method="POST", data={"csrf_token": page.csrf}
    )
    assert answer.status == 303


# ── hostile text


async def shown(site: Site, text: str) -> list[Any]:
    """Every page on which ``text`` appears, as elements and attributes."""
    now = site.clock.now()
    incident = await site.open_incident(
        id="hostile",
        title=text,
        evidence={
            "terms": (text,),
            "topic": text,
            "reason": text,
            "channels": {text: 3},
            "examples": (Example(id="1", text=text, url=text, author=text, published_at=now),),
        },
        replies=(HoldingReply(lang="en", register="formal", visibility="public", channel=text, text=text), *REPLIES),
    )
    actor = "user:responder"
    for action, body in {"assign": {"to": "x" + re.sub(r"[\x00-\x1f\x7f]", "", text)}, "note": {"text": text}}.items():
        answer = await site.call("POST", f"/api/v1/incidents/hostile/{action}", json=body)
        assert answer.status == 200, (action, actor, answer.text)
    browser = await site.signed_in("responder")
    paths = ["/brands", "/incidents", f"/incidents/{incident.id}", site.act_path(incident.id)]
    pages = [await site.visit(browser, path) for path in paths]
    token = pages[2].csrf
    fields = {"csrf_token": token, "text": text, "lang": text, "next_update_in": text, "to": text}
    pages.append(await site.visit(browser, f"/incidents/{incident.id}/update", method="POST", data=fields))
    fields = {"csrf_token": (await site.visit(site.browser(), "/sign-in")).csrf, "name": text, "next": text}
    pages.append(await site.visit(site.browser(), f"/sign-in?next={'/' + text}".replace("\r", "")))
    return [page.elements for page in pages]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_adds_no_element_and_no_attribute(site: Site, text: str) -> None:
    hostile = await shown(site, text)
    names = {name for page in hostile for name, _ in page}
    attributes = {attribute for page in hostile for _, given in page for attribute in given}
    assert not names & {"iframe", "base", "svg", "x", "b", "object", "embed"}
    assert not {attribute for attribute in attributes if attribute.startswith("on")}
    scripts = [given for page in hostile for name, given in page if name == "script"]
    assert set(scripts) == {("src", "defer")}
    assert len(scripts) == len(hostile)
    for page in hostile:
        assert sum(name == "img" for name, _ in page) <= 1


async def test_directions_and_controls_are_taken_out(site: Site) -> None:
    await site.open_incident(title="a\u202eb\x1bc\u2066d")
    browser = await site.signed_in("viewer")
    page = await site.visit(browser, "/incidents/acme-surge-1")
    assert "abcd" in page.text
    assert not set("\u202e\u2066\x1b") & set(page.text)


@pytest.mark.parametrize(
    "address",
    [None, "", "javascript:alert(1)", "data:text/html,x", "//x.example", "http://", "ftp://x", "http://[x", "x"],
)
def test_only_web_addresses_become_links(address: str | None) -> None:
    assert web_link(address) is None


async def test_a_brand_on_watch_says_what_it_waits_for(site: Site) -> None:
    items = [{"id": str(n), "brand": "globex", "channel": "x", "text": "so bad"} for n in range(9)]
    await site.call("POST", "/api/v1/mentions", json=items)
    waits = Waiting(
        since="2026-03-02T18:02:00.000Z",
        observed=6,
        window_minutes=8,
        expected=0.2,
        people=3,
        wakes_at="2026-03-02T18:05:00.000Z",
    )
    site.parts.waits = Patient({"globex": waits})
    page = await site.visit(await site.signed_in(), "/brands")
    assert "Watching since 18:02: 6 people in 8 minutes, usually almost none." in page.text
    assert "Wakes somebody if it lasts until 18:05, or 3 more write now." in page.text
    site.parts.waits = Patient({"globex": replace(waits, wakes_at=None)})
    page = await site.visit(await site.signed_in(), "/brands")
    assert "At this pace it wakes nobody; 3 more now would." in page.text
    told = (await site.call("GET", "/api/v1/brands", role="viewer")).json["brands"]
    assert [one.get("waiting", {}).get("people") for one in told] == [None, 3]


async def test_a_minor_incident_that_must_last_says_until_when(empty_store: Store, clock: ManualClock) -> None:
    config = configuration()
    patient = config.model_copy(
        update={"incidents": config.incidents.model_copy(update={"minor_wait": timedelta(minutes=5)})}
    )
    async with served(empty_store, clock, config=patient) as site:
        incident = await site.open_incident(severity=Severity.MINOR)
        page = await site.visit(await site.signed_in(), f"/incidents/{incident.id}")
    assert "Nobody is called yet" in page.text
    assert "calls if it still goes on at" in page.text
