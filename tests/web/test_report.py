"""The clocks of those who write to a brand, as the report tells them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from config.schema import Config
from daemon.clock import ManualClock
from daemon.store.engine import Store
from daemon.views import format_time
from tests.fakes.site import Site, configuration, served

OWN = "acme_official"
Figures = dict[tuple[str, str, str | None], dict[str, Any]]


def with_own_authors() -> Config:
    config = configuration()
    acme = config.brands["acme"].model_copy(update={"own_authors": (OWN,)})
    return config.model_copy(update={"brands": {**config.brands, "acme": acme}})


async def write(site: Site, *items: dict[str, Any]) -> None:
    """Mentions of the brand; ``ago`` in minutes."""
    now = site.clock.now()
    sent = [
        {"brand": "acme", "channel": "facebook", "text": "so bad"}
        | {key: value for key, value in item.items() if key != "ago"}
        | {"published_at": format_time(now - timedelta(minutes=item["ago"]))}
        for item in items
    ]
    answer = await site.call("POST", "/api/v1/mentions", json=sent)
    assert answer.json["accepted"] == len(items), answer.text


async def clocks(site: Site) -> tuple[Figures, dict[str, Any]]:
    found = (await site.call("GET", "/api/v1/report", role="viewer")).json["clocks"]
    return {(row["brand"], row["class"], row["channel"]): row for row in found["figures"]}, found


async def test_without_own_authors_single_answers_are_not_measured(site: Site) -> None:
    await write(site, {"id": "1", "thread": "p1", "ago": 60})
    figures, found = await clocks(site)
    assert figures == {}
    assert found["not_measured"] == ["acme", "globex"]
    assert found["dead_channels"] == []


async def test_answers_are_measured_by_class_and_channel(empty_store: Store, clock: ManualClock) -> None:
    async with served(empty_store, clock, config=with_own_authors()) as site:
        await write(
            site,
            {"id": "q1", "thread": "p1", "text": "When does it work again?", "author": "u1", "ago": 300},
            {"id": "a1", "thread": "p1", "text": "Soon.", "author": OWN, "ago": 280},
            {"id": "q2", "thread": "p2", "text": "Is it bad?", "author": "u2", "ago": 200},
            {"id": "m1", "thread": "p3", "author": "u3", "ago": 100},
            {"id": "m2", "channel": "x", "text": "@acme_official so bad", "ago": 200},
            {"id": "a2", "channel": "x", "thread": "m2", "text": "Sorry?", "author": OWN, "ago": 10},
            {"id": "e1", "channel": "email", "ago": 60},
            {"id": "o1", "channel": "x", "ago": 50},
        )
        figures, found = await clocks(site)
        assert figures.keys() == {
            ("acme", "product_question", "facebook"),
            ("acme", "addressed", "facebook"),
            ("acme", "addressed", "x"),
            ("acme", "email", "email"),
        }
        questions = figures["acme", "product_question", "facebook"]
        assert (questions["asked"], questions["answered"], questions["share_within"]) == (2, 1, 0.5)
        assert (questions["median_seconds"], questions["limit_seconds"]) == (1200.0, 3600)
        assert figures["acme", "addressed", "facebook"]["waiting"] == 1
        assert figures["acme", "addressed", "x"]["share_within"] == 0.0
        assert found["not_measured"] == ["globex"]


async def test_an_update_answers_its_channel_and_is_the_first_word(empty_store: Store, clock: ManualClock) -> None:
    async with served(empty_store, clock, config=with_own_authors()) as site:
        await site.open_incident()
        await write(site, {"id": "1", "thread": "p1", "ago": 1}, {"id": "2", "channel": "x", "thread": "p2", "ago": 1})
        site.clock.advance(timedelta(minutes=9))
        body = {"text": "Next update by 3 pm.", "lang": "en", "channel": "facebook"}
        await site.call("POST", "/api/v1/incidents/acme-surge-1/update", json=body)
        figures, _ = await clocks(site)
        assert figures["acme", "addressed", "facebook"]["median_seconds"] == 600.0
        assert figures["acme", "addressed", "x"]["answered"] == 0
        assert figures["acme", "first_word", None]["median_seconds"] == 540.0


async def test_a_dead_channel_is_told_and_shown(empty_store: Store, clock: ManualClock) -> None:
    async with served(empty_store, clock, config=with_own_authors()) as site:
        day = 24 * 60
        await write(
            site,
            {"id": "1", "channel": "forum", "thread": "p1", "ago": 4 * day},
            {"id": "2", "channel": "forum", "thread": "p2", "ago": day},
            {"id": "3", "thread": "p3", "ago": 4 * day},
            {"id": "4", "thread": "p3", "author": OWN, "ago": day},
        )
        _, found = await clocks(site)
        assert found["dead_channels"] == [
            {
                "brand": "acme",
                "channel": "forum",
                "unanswered": 2,
                "since": "2026-02-26T12:00:00.000Z",
                "last_answer": None,
            }
        ]
        page = await site.visit(await site.signed_in("viewer"), "/report")
        assert "forum is dead:" in page.text
        assert "brands.globex.own_authors" in page.text
