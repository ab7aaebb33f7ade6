"""The main job, from the first angry mention to the closed incident, as a diary."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator
from email.utils import parseaddr
from pathlib import Path

import pytest

from daemon.demo.crowd import BRAND, outage
from daemon.store.audit import verify_timelines
from tests.acceptance.harness import Town, minutes_between


@contextlib.asynccontextmanager
async def writing(town: Town, *, broken: bool) -> AsyncIterator[None]:
    """While this lasts the public writes; ``broken``: about an outage too."""
    enough = asyncio.Event()
    task = asyncio.create_task(town.public_writes(enough=enough, angry=outage if broken else lambda _minutes: 0.0))
    try:
        yield
    finally:
        enough.set()
        await task


@pytest.mark.timeout(600)
@pytest.mark.parametrize("by", ["mqtt", "http"])
async def test_an_outage_is_noticed_alerted_acknowledged_answered_and_closed(  # noqa: PLR0915 - a diary
    by: str, tmp_path: Path, sqlite_url: str
) -> None:
    async with Town(tmp_path, by=by, store_url=sqlite_url) as town:
        assert town.learned.accepted > 1000
        assert town.learned.rejected == 0

        # 18:00  ordinary life: nothing happens
        async with writing(town, broken=False):
            await town.clock.sleep(15 * 60)
        assert [found["evidence"]["reason"] for found in await town.incidents()] == []
        assert (await town.get("/api/v1/brands"))["brands"][0]["state"] in {"calm", "watch"}

        async with writing(town, broken=True):
            # 18:15  the network fails, and exactly one incident opens
            opened = await town.event("opened")
            incident = await town.incident()
            assert incident["kind"] == "surge"
            evidence = incident["evidence"]
            assert evidence["topic"] == "outage"
            assert evidence["observed"] == sum(evidence["channels"].values()) == sum(evidence["languages"].values())
            assert opened["data"]["deciding_mention"] in {mention.id for mention in town.sent}
            assert (await town.get("/api/v1/brands"))["brands"][0]["state"] == "crisis"

            # the first step hears of it: once each, with evidence, chart and replies in the writers' languages
            root = await town.slack.wait_for(lambda: next(iter(town.slack.top()), None))
            await town.event("notified", target="slack:#pr-crisis", step=1)
            await town.event("notified", target="email:oncall@fala.example", step=1)
            assert len(town.slack.top()) == 1
            assert (root.metadata or {})["event_type"] == "tocsin_incident"
            assert root.incident_id == incident["id"]
            (alert,) = town.mails("alert", "oncall@fala.example")
            assert alert.recipients == ("oncall@fala.example",)
            assert alert.part("image/png").get_content().startswith(b"\x89PNG")
            assert any(example["text"][:20] in alert.text() for example in evidence["examples"])
            polish = next(
                reply["text"]
                for reply in incident["holding_replies"]
                if (reply["lang"], reply["visibility"], reply["register"]) == ("pl", "public", "formal")
            )
            assert "https://fala.example/status" in polish
            assert re.search(r"\d{1,2}:\d\d", polish), "it names the time of the next word"
            await town.slack.wait_for(lambda: town.slack.uploads)

            # 18:22  nobody acknowledges: the second step is called, once
            await town.event("escalated", step=2, reason="unacknowledged")
            await town.event("notified", target="slack:@U012AB3CD", step=2)
            await town.event("notified", target="email:head@fala.example", step=2)

            # 18:23  somebody presses the button; a second one is told who was first
            answer = await town.press("acknowledge", incident["id"])
            assert answer.status == 200
            incident = await town.incident()
            assert (incident["state"], incident["acknowledged_by"]) == ("acknowledged", "slack:U012AB3CD")
            status, problem = await town.act("acknowledge")
            assert status == 409
            assert "slack:U012AB3CD" in problem["detail"]
            await town.slack.wait_for(lambda: root.edits)

            # 18:29  the first public word falls due: a reminder before, in the thread and by mail
            await town.event("reminder", of="first_reply", when="before")
            await town.until(lambda: town.slack.thread(root))
            await town.until(lambda: town.mails("reminder", "head@fala.example"))

            # 18:30  the reply is posted and names the next word
            status, incident = await town.act(
                "update", text=polish, lang="pl", channel="facebook", next_update_in="20m"
            )
            assert status == 200
            posted = (await town.events("update_posted"))[-1]
            assert abs(minutes_between(posted["at"], incident["next_update_due"]) - 20) < 0.01

            # 18:42  the next word is nearly due, then due
            await town.event("reminder", of="next_update", when="before")
            await town.event("reminder", of="next_update", when="due")
            status, _ = await town.act(
                "update", text="Sieć wraca. Odezwiemy się znowu.", lang="pl", next_update_in="3h"
            )
            assert status == 200

            # 19:30  it is repaired, the public calms down, and quiet resolves it
            resolved = await town.event("resolved")
            assert resolved["actor"] == "tocsin"
            assert resolved["data"]["reason"] == "quiet"
        await town.event("notified", target="slack:#pr-crisis", purpose="resolved")
        await town.event("notified", target="email:oncall@fala.example", purpose="resolved")
        await town.event("notified", target="email:head@fala.example", purpose="resolved")

        # the thread and the mail tell how it went; the report tells all of it
        last = await town.slack.wait_for(
            lambda: next((reply for reply in town.slack.thread(root) if "The whole report" in str(reply.blocks)), None)
        )
        assert "First public word" in str(last.blocks)
        (over,) = town.mails("resolved", "head@fala.example")
        assert f"/incidents/{incident['id']}/report" in over.text()
        learned = await town.get(f"/api/v1/incidents/{incident['id']}/report")
        took = {one["name"]: one for one in learned["measures"]}
        assert took["acknowledged"]["within"] is False, "the second step had been called before"
        assert took["first_word"]["within"] is True
        assert learned["updates"][0]["verdict"] == "in_time"
        assert [word["lang"] for word in learned["said"]] == ["pl", "pl"]
        assert max(point["negative"] for point in learned["series"]) > 5
        assert not any(mention.text in str(learned["timeline"]) for mention in town.sent[-50:])

        # nothing was said twice
        escalations = await town.events("escalated")
        assert [event["data"]["step"] for event in escalations] == [2]
        notified = Counter(
            (event["data"]["target"], event["data"]["purpose"], event["data"]["delivery_id"])
            for event in await town.events("notified")
        )
        assert set(notified.values()) == {1}
        for to in ("oncall@fala.example", "head@fala.example"):
            ids = [mail.message["Message-ID"] for mail in town.mail.messages if to in mail.recipients]
            assert len(ids) == len(set(ids))
        assert len(town.slack.top()) == 1
        assert all(parseaddr(mail.message["From"])[1] == "tocsin@fala.example" for mail in town.mail.messages)

        # the timeline is gap-free and holds together
        events = await town.events()
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        assert await verify_timelines(town.app.store) == (1, [])
        assert not any(mention.text in str(event) for event in events for mention in town.sent[-50:])
        report = await town.get("/api/v1/report")
        assert report["mentions"]["accepted"] == len(town.sent)
        assert report["mentions"]["rejected"] == report["mentions"]["duplicates"] == 0
        assert (await town.get("/api/v1/brands"))["brands"][0]["brand"] == BRAND
