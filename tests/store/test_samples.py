"""The sample of what was not flagged."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from daemon.clock import ManualClock
from daemon.model import Label
from daemon.store.corrections import Corrections
from daemon.store.engine import Store
from daemon.store.intake import Batch, write
from daemon.store.samples import SHARE, Samples, sampled
from daemon.store.tables import mentions
from tests.fakes.records import NOON, a_mention, a_scored_mention

CHOSEN = [f"m{number}" for number in range(1000) if sampled("acme", f"m{number}")]


def test_the_sample_is_of_a_twentieth_and_always_the_same() -> None:
    share = sum(sampled("acme", str(number)) for number in range(20_000)) / 20_000
    assert share == pytest.approx(SHARE, abs=0.006)
    assert sampled("acme", "1790") is sampled("acme", "1790")
    assert {n for n in range(2000) if sampled("acme", str(n))} != {n for n in range(2000) if sampled("globex", str(n))}


async def test_it_offers_what_is_ours_to_learn_from_and_left_to_check(store: Store, clock: ManualClock) -> None:
    items = [
        a_scored_mention(
            a_mention(name, published_at=NOON - timedelta(minutes=number), sentiment=0.5 if number == 1 else None),
            negative=number == 2,
        )
        for number, name in enumerate([*CHOSEN[:6], "m0"])
    ]
    assert "m0" not in CHOSEN
    async with store.write() as connection:
        batch = Batch(source="http", items=tuple(item.mention for item in items))
        await write(connection, [batch], [items], now=NOON)
        await connection.execute(sa.update(mentions).where(mentions.c.id == CHOSEN[3]).values(text=None))
    samples = Samples(store)
    left = [CHOSEN[0], CHOSEN[4], CHOSEN[5]]
    assert [mention.id for mention in await samples.unchecked("acme", 10)] == left
    assert [mention.id for mention in await samples.unchecked("acme", 2)] == left[:2]
    assert await samples.unchecked("globex", 10) == []
    await Corrections(store, clock).correct("acme", CHOSEN[4], Label.NEUTRAL, actor="user:anna")
    assert [mention.id for mention in await samples.unchecked("acme", 10)] == [CHOSEN[0], CHOSEN[5]]
    assert await samples.said("acme", CHOSEN) == {CHOSEN[4]: Label.NEUTRAL}
