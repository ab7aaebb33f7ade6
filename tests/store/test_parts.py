"""A minute by its parts: channel, topic, name. What the detectors scan within a brand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from daemon.clock import ManualClock
from daemon.model import Label, ScoredMention
from daemon.privacy import forget_before
from daemon.store.corrections import Corrections
from daemon.store.counts import Counts, Parts
from daemon.store.engine import Store
from daemon.store.intake import Batch, write
from tests.fakes.records import NOON, a_mention, a_scored_mention

HOUR = timedelta(hours=1)
DOWN = "Internet nie działa"
NAMES: Mapping[str, Sequence[str]] = {"acme": ("Gdańsk",)}


async def take(store: Store, *items: ScoredMention) -> None:
    async with store.write() as connection:
        batch = Batch(source="http", items=tuple(item.mention for item in items))
        await write(connection, [batch], [list(items)], now=NOON, names=NAMES)


def scored(number: int, author: str | None = None, **changes: Any) -> ScoredMention:
    about = {name: changes.pop(name) for name in ("negative", "late") if name in changes}
    given: dict[str, Any] = {"published_at": NOON, "received_at": NOON, "channel": "x", "text": DOWN}
    return a_scored_mention(a_mention(f"m{number}", author=author, **given | changes), **about)


async def parts(store: Store) -> Parts:
    """Of all minutes together."""
    found: Parts = {}
    for tick in await Counts(store).history("acme", NOON + HOUR):
        for name, (negative, authors) in tick.parts.items():
            before = found.get(name, (0, 0))
            found[name] = (before[0] + negative, before[1] + authors)
    return found


async def test_authors_count_by_channel_and_complaints_by_topic_and_name(store: Store) -> None:
    await take(
        store,
        scored(1, "jan", text="W Gdańsku internet nie działa"),
        scored(2, "ola", channel="vk"),
        scored(3, "ela", channel="vk", text="Dziękuję, Gdańsk", negative=False),
        scored(4, "jan", text=DOWN),  # the same person within the hour
    )
    assert await parts(store) == {
        "channel:x": (1, 1),
        "channel:vk": (1, 2),
        "topic:outage": (2, 2),
        "name:Gdańsk": (1, 1),
    }
    changed = await Counts(store).changed(NOON - HOUR, NOON, NOON + HOUR)
    assert [tick.parts["channel:vk"] for tick in changed["acme"]] == [(1, 2)]


async def test_who_praised_first_counts_once_in_the_channel(store: Store) -> None:
    await take(store, scored(1, "jan", text="Super", negative=False))
    await take(store, scored(2, "jan"))
    assert (await parts(store))["channel:x"] == (1, 1)


async def test_what_comes_late_is_in_no_part_and_history_teaches_them(store: Store) -> None:
    await take(store, scored(1, published_at=NOON - HOUR, late=True))
    assert await parts(store) == {}
    await take(store, scored(2, published_at=NOON - 9 * HOUR, late=True))
    assert await parts(store) == {"channel:x": (1, 1), "topic:outage": (1, 1)}


async def test_a_correction_moves_the_parts_and_moves_them_back(store: Store, clock: ManualClock) -> None:
    await take(store, scored(1, "jan"), scored(2, "ola", channel="vk", text="W Gdańsku źle"))
    before = await parts(store)
    moderator = Corrections(store, clock)
    moderator.names = NAMES
    await moderator.correct("acme", "m1", Label.NEUTRAL, actor="user:anna")
    await moderator.correct("acme", "m2", Label.NEUTRAL, actor="user:anna")
    assert {name: counts for name, counts in (await parts(store)).items() if any(counts)} == {
        "channel:x": (0, 1),
        "channel:vk": (0, 1),
    }
    await moderator.correct("acme", "m1", Label.NEGATIVE, actor="user:anna")
    await moderator.correct("acme", "m2", Label.NEGATIVE, actor="user:anna")
    assert await parts(store) == before


async def test_parts_are_forgotten_with_the_texts(store: Store) -> None:
    await take(store, scored(1), scored(2, published_at=NOON - 2 * HOUR))
    await forget_before(store, NOON - HOUR)
    assert await parts(store) == {"channel:x": (1, 1), "topic:outage": (1, 1)}
