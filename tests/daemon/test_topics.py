"""What an incident is about is told as sure only where it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from daemon.evidence import gather, title_of
from daemon.model import Evidence, Topic
from daemon.store.engine import Store
from daemon.store.intake import Batch, write
from daemon.topics import doubt, named
from tests.fakes.records import NOON, a_mention, a_reading, a_scored_mention, an_evidence
from tests.fakes.town import configuration

TEXTS = {"Nie działa internet": 0.9, "Brak zasięgu w domu": 0.8, "Wasz konsultant był chamski": 0.1}  # of an outage


def test_every_topic_but_the_rest_has_a_name() -> None:
    assert {topic for topic in Topic if not named(topic)} == {Topic.OTHER}
    assert named("kept by another version") == ""


@pytest.mark.parametrize(
    ("topic", "confidence", "title"),
    [
        ("outage", 0.7, "surge of negative mentions about an outage"),
        ("outage", 0.69, "surge of negative mentions, probably about an outage"),
        ("data_leak", 0.39, "surge of negative mentions, perhaps about a data leak"),
        ("other", 0.1, "surge of negative mentions"),
    ],
)
def test_a_title_tells_the_doubt(topic: str, confidence: float, title: str) -> None:
    evidence = an_evidence(topic=topic, topic_confidence=confidence)
    brand = configuration().brands["acme"]
    assert title_of(brand, a_reading(), evidence) == f"{brand.name}: {title}"


def test_evidence_kept_before_there_was_doubt_can_be_read() -> None:
    kept = msgspec.json.decode(msgspec.json.encode(an_evidence()))
    del kept["topic_confidence"]
    assert doubt(msgspec.convert(kept, Evidence)) == ""


async def test_what_is_gathered_tells_how_sure_its_topic_is(store: Store) -> None:
    items = [
        a_scored_mention(a_mention(f"m{number}", text=text, author=f"a{number}", published_at=NOON))
        for number, text in enumerate(TEXTS)
    ]
    items = [replace(item, meaning=replace(item.meaning, outage=TEXTS[item.mention.text])) for item in items]
    async with store.write() as connection:
        batch = Batch(source="http", items=tuple(item.mention for item in items))
        await write(connection, [batch], [items], now=NOON)
    reading = a_reading(at=NOON, window_minutes=15)
    with ThreadPoolExecutor(1) as pool:
        evidence = await gather(store, "acme", reading, NOON + timedelta(minutes=1), pool)
    assert (evidence.topic, evidence.topic_confidence) == ("outage", 0.5)
