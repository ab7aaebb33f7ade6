"""Correcting mentions: what comes next is read otherwise, by the API, from the pages, for those who may."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from daemon.model import Example
from daemon.store.samples import sampled
from daemon.store.tables import corrections, counts, mentions
from daemon.teaching import Teacher
from daemon.web.slack_checks import Checks
from daemon.web.slack_desk import SlackDesk
from notifiers.slack_api import SlackApi
from notifiers.slack_messages import message
from tests.fakes.site import Site, Words
from tests.fakes.slack import FakeSlack
from tests.notifiers.contract import notice

JOKE = "so bad that it is good again, I laughed all day"
CHOSEN = [f"m{number}" for number in range(1000) if sampled("acme", f"m{number}")]


async def write(site: Site, mention_id: str, text: str, brand: str = "acme") -> None:
    body = {"id": mention_id, "brand": brand, "channel": "x", "text": text, "author": f"by-{mention_id}"}
    assert (await site.call("POST", "/api/v1/mentions", json=body)).status == 202


async def stored(site: Site, mention_id: str) -> dict[str, Any]:
    async with site.store.read() as connection:
        query = sa.select(mentions).where(mentions.c.id == mention_id)
        return dict((await connection.execute(query)).mappings().one())


@pytest.fixture
async def taught(site: Site) -> Site:
    """A site whose intake learns."""
    teacher = Teacher(Words(), site.parts.corrections)
    teacher.on_change(lambda model: setattr(site.parts.ingest, "model", model))
    site.parts.corrections.on_commit(teacher.catch_up)
    return site


async def test_the_next_mention_is_read_as_the_moderator_said(taught: Site) -> None:
    await write(taught, "1", JOKE)
    await write(taught, "2", "bad, bad service at the shop in Łódź")
    answer = await taught.call(
        "POST", "/api/v1/mentions/acme/1/correct", role="responder", json={"sentiment": "positive"}
    )
    assert answer.status == 200
    await write(taught, "3", f"RT @somebody: {JOKE.upper()}!!!")
    await write(taught, "4", "bad, bad service at the shop in Łódź today")
    rows = {number: await stored(taught, number) for number in "1234"}
    assert [rows[number]["negative"] for number in "1234"] == [False, True, False, True]
    assert rows["2"]["model"] == "words-1"
    assert rows["3"]["model"].startswith("words-1+1.")
    assert rows["3"]["p_negative"] <= 0.02
    async with taught.store.read() as connection:
        row = (await connection.execute(sa.select(counts))).mappings().one()
    assert (row["mentions"], row["negative"], row["negative_authors"]) == (4, 2, 2)


async def test_the_sample_is_for_those_who_read_and_empties_as_it_is_checked(site: Site) -> None:
    for name in CHOSEN[:3]:
        await write(site, name, "quite fine")
    await write(site, CHOSEN[3], "bad")
    path = "/api/v1/brands/acme/sample"
    found = (await site.call("GET", path, role="viewer")).json["mentions"]
    assert sorted(mention["id"] for mention in found) == sorted(CHOSEN[:3])
    assert set(found[0]) == {"id", "channel", "text", "author", "url", "lang", "published_at", "p_negative"}
    assert len((await site.call("GET", f"{path}?limit=2", role="viewer")).json["mentions"]) == 2
    done = f"/api/v1/mentions/acme/{CHOSEN[0]}/correct"
    assert (await site.call("POST", done, role="viewer", json={"sentiment": "neutral"})).status == 403
    assert (await site.call("POST", done, role="responder", json={"sentiment": "neutral"})).status == 200
    assert len((await site.call("GET", path, role="viewer")).json["mentions"]) == 2
    assert (await site.call("GET", path, role="ingest")).status == 403
    assert (await site.call("GET", "/api/v1/brands/none/sample")).status == 404
    assert (await site.call("GET", f"{path}?limit=0")).status == 422


async def test_the_page_of_the_sample_has_a_button_for_each_answer(site: Site) -> None:
    for name in CHOSEN[:2]:
        await write(site, name, "<b>quite</b> fine")
    browser = await site.signed_in("responder")
    page = await site.visit(browser, "/brands/acme/sample")
    assert "&lt;b&gt;quite" in page.text
    assert page.text.count("/brands/acme/correct") == 4
    fields = {"csrf_token": page.csrf, "id": CHOSEN[1], "sentiment": "negative"}
    answer = await site.visit(browser, "/brands/acme/correct", method="POST", data=fields)
    assert (answer.status, answer.headers["Location"]) == (303, "/brands/acme/sample")
    page = await site.visit(browser, "/brands/acme/sample")
    assert "Noted: negative." in page.text
    assert page.text.count("/brands/acme/correct") == 2
    async with site.store.read() as connection:
        assert (await connection.execute(sa.select(corrections.c.actor))).scalars().all() == ["user:responder"]
    assert (await stored(site, CHOSEN[1]))["negative"]


async def test_a_viewer_sees_no_buttons(site: Site) -> None:
    await write(site, CHOSEN[0], "quite fine")
    page = await site.visit(await site.signed_in("viewer"), "/brands/acme/sample")
    assert "quite fine" in page.text
    assert "/brands/acme/correct" not in page.text


async def test_an_incident_s_examples_can_be_corrected_where_they_stand(site: Site) -> None:
    odd = 'm/1 "ż'
    await write(site, odd, JOKE)
    example = Example(id=odd, text=JOKE, url=None, author="jan", published_at=site.clock.now())
    incident = await site.open_incident(evidence={"examples": (example,)})
    browser = await site.signed_in("responder")
    page = await site.visit(browser, f"/incidents/{incident.id}")
    assert "says a colleague" not in page.text
    fields = {"csrf_token": page.csrf, "id": odd, "sentiment": "neutral", "incident": incident.id}
    answer = await site.visit(browser, "/brands/acme/correct", method="POST", data=fields)
    assert (answer.status, answer.headers["Location"]) == (303, f"/incidents/{incident.id}")
    page = await site.visit(browser, f"/incidents/{incident.id}")
    assert "<strong>not negative</strong>, says a colleague" in page.text
    assert (await stored(site, odd))["corrected"] == "neutral"


async def test_in_slack_a_button_under_the_examples_says_so(site: Site) -> None:
    odd = 'm/1 "ż" x'
    await write(site, odd, JOKE)
    example = Example(id=odd, text=JOKE, url=None, author="jan", published_at=site.clock.now())
    incident = await site.open_incident(evidence={"examples": (example,)})
    blocks = message(notice(incident=incident)).blocks
    (button,) = [
        element
        for block in blocks
        for element in block.get("elements", ())
        if str(element.get("action_id", "")).startswith("not_negative")
    ]
    checks = Checks(site.parts.incidents, site.parts.corrections)
    async with FakeSlack() as slack:
        api = SlackApi(slack.settings(responders=["U012AB3CD"]), clock=site.clock)
        desk = SlackDesk(
            slack.settings(responders=["U012AB3CD"]),
            incidents=site.parts.incidents,
            brands=lambda: site.parts.config.brands,
            api=api,
            clock=site.clock,
            checks=checks,
        )
        for user, kept in (("U0000STRANGE", None), ("U012AB3CD", "neutral")):
            await desk.interaction(slack.hand.pressed(button["action_id"], button["value"], user=user))
            assert (await stored(site, odd))["corrected"] == kept
        await desk.close()
        await api.close()
        assert "Noted: not negative" in slack.whispers[-1]["text"]
    async with site.store.read() as connection:
        assert (await connection.execute(sa.select(corrections.c.actor))).scalars().all() == ["slack:U012AB3CD"]


@pytest.mark.parametrize(
    ("brand", "fields", "status"),
    [
        ("acme", {"id": "none", "sentiment": "neutral"}, 404),
        ("nobody", {"id": "1", "sentiment": "neutral"}, 404),
        ("acme", {"id": "1", "sentiment": "angry"}, 422),
        ("acme", {"sentiment": "neutral"}, 422),
        ("acme", {"id": "1", "sentiment": "neutral", "incident": "//evil.example"}, 422),
    ],
)
async def test_a_form_that_makes_no_sense_is_refused(
    site: Site, brand: str, fields: dict[str, str], status: int
) -> None:
    browser = await site.signed_in("responder")
    token = (await site.visit(browser, "/brands/acme/sample")).text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = await site.visit(browser, f"/brands/{brand}/correct", method="POST", data=fields | {"csrf_token": token})
    assert answer.status == status
