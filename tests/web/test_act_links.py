"""Signed links in mails: looking changes nothing, pressing acts once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.model import IncidentState
from daemon.web.links import BadLink, ExpiredLink, act_link, page_link, read_act_token
from tests.fakes.site import SECRET, Site

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SCANNERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 SafeLinks",
    "Barracuda Sentinel (EE)",
    "Slackbot-LinkExpanding 1.0",
    "python-requests/2.32",
]


def token(*, now: datetime = NOW, secret: str = SECRET) -> str:
    link = act_link(
        base_url="https://t.example/", secret=secret, incident_id="i-1", address="a@b.example", delivery_id="d", now=now
    )
    assert link.startswith("https://t.example/act/")
    return link.rpartition("/")[2]


def test_a_link_carries_who_may_do_what() -> None:
    link = read_act_token(token(), secret=SECRET, now=NOW + timedelta(days=7) - timedelta(seconds=1))
    assert (link.incident_id, link.actor, link.delivery_id) == ("i-1", "email:a@b.example", "d")


def test_a_link_ends_after_seven_days() -> None:
    with pytest.raises(ExpiredLink):
        read_act_token(token(), secret=SECRET, now=NOW + timedelta(days=7))


@given(st.integers(0, 10_000), st.characters(codec="ascii", categories=("L", "N")))
def test_a_link_changed_anywhere_is_not_ours(place: int, letter: str) -> None:
    good = token()
    place %= len(good)
    changed = good[:place] + letter + good[place + 1 :]
    if changed == good:
        return
    try:
        link = read_act_token(changed, secret=SECRET, now=NOW)
    except BadLink:
        return
    assert link == read_act_token(good, secret=SECRET, now=NOW)  # spare bits at the end of base64


@given(st.text(max_size=200))
def test_nonsense_is_not_ours(text: str) -> None:
    with pytest.raises(BadLink):
        read_act_token(text, secret=SECRET, now=NOW)


def test_a_link_of_another_installation_is_not_ours() -> None:
    with pytest.raises(BadLink):
        read_act_token(token(secret="another-secret-key"), secret=SECRET, now=NOW)


def test_the_page_of_an_incident() -> None:
    assert page_link("https://t.example/", "i-1") == "https://t.example/incidents/i-1"


async def test_looking_changes_nothing_however_often(site: Site) -> None:
    incident = await site.open_incident()
    path = site.act_path(incident.id)
    browser = site.browser()
    for agent in SCANNERS:
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
            for _ in range(10):
                answer = await site.visit(browser, path, method=method, headers={"User-Agent": agent})
                assert answer.status in {200, 405}
    assert await site.parts.incidents.get(incident.id) == incident
    assert "refresh" not in (await site.visit(browser, path)).text


async def test_the_form_acknowledges_once_and_says_so_again(site: Site) -> None:
    incident = await site.open_incident()
    browser = site.browser()
    page = await site.visit(browser, site.act_path(incident.id))
    assert "Acknowledge</button>" in page.text
    assert "412" in page.text or "388" in page.text
    done = await site.visit(browser, site.act_path(incident.id), method="POST")
    assert (done.status, "You have it" in done.text) == (200, True)
    after = await site.parts.incidents.get(incident.id)
    assert (after.state, after.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "email:anna@acme.example")
    again = await site.visit(browser, site.act_path(incident.id), method="POST")
    assert again.status == 200
    assert "anna@acme.example has it" in again.text
    assert "Acknowledge</button>" not in again.text
    assert (await site.parts.incidents.get(incident.id)).head_seq == after.head_seq


async def test_two_presses_at_once_are_one(site: Site) -> None:
    incident = await site.open_incident()
    paths = [site.act_path(incident.id, address=f"{n}@acme.example", delivery=str(n)) for n in range(6)]
    answers = await asyncio.gather(*(site.visit(site.browser(), path, method="POST") for path in paths * 2))
    assert {answer.status for answer in answers} == {200}
    kinds = [event.kind.value for event in await site.parts.incidents.timeline(incident.id)]
    assert kinds.count("acknowledged") == 1


async def test_a_used_link_does_not_act_again_on_a_reopened_incident(site: Site) -> None:
    incident = await site.open_incident()
    browser = site.browser()
    await site.visit(browser, site.act_path(incident.id), method="POST")
    await site.call("POST", f"/api/v1/incidents/{incident.id}/resolve", json={"summary": "over"})
    ended = await site.visit(browser, site.act_path(incident.id), method="POST")
    assert "has ended" in ended.text
    await site.call("POST", f"/api/v1/incidents/{incident.id}/reopen")
    answer = await site.visit(browser, site.act_path(incident.id), method="POST")
    assert "has been used" in answer.text
    assert (await site.parts.incidents.get(incident.id)).state is IncidentState.OPEN
    fresh = await site.visit(browser, site.act_path(incident.id, delivery="d-2"), method="POST")
    assert "You have it" in fresh.text


async def test_links_that_cannot_act_say_why(site: Site) -> None:
    incident = await site.open_incident()
    path = site.act_path(incident.id)
    browser = site.browser()
    for method in ("GET", "POST"):
        forged = await site.visit(browser, path[:-3] + "AAA", method=method)
        assert (forged.status, "not one of ours" in forged.text) == (403, True)
        gone = await site.visit(browser, site.act_path("no-such-incident"), method=method)
        assert gone.status == 404
    site.clock.advance(timedelta(days=7))
    for method in ("GET", "POST"):
        old = await site.visit(browser, path, method=method)
        assert (old.status, "7 days" in old.text) == (410, True)
    assert (await site.parts.incidents.get(incident.id)).state is IncidentState.OPEN
