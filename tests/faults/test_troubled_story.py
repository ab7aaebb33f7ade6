"""The main story while Slack, mail, store and broker fail, and strangers send rubbish."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import aiomqtt
import pytest

from daemon.views import format_time, parse_time
from tests.acceptance.harness import wire
from tests.fakes.process import TOKEN
from tests.fakes.slack_records import Fault, answer_lost, broken, hangs, rate_limited, refused
from tests.faults import verdict
from tests.faults.street import CLOCK, Json, Street

pytestmark = pytest.mark.timeout(600)
SEED = 7


@contextlib.asynccontextmanager
async def outage(street: Street) -> AsyncIterator[None]:
    """While this lasts the public writes about an outage; before it a little of ordinary life."""
    async with street.writing():
        await CLOCK.sleep(1)
        street.broken = True
        yield


async def acknowledged_and_closed(street: Street) -> None:
    """Somebody takes it and ends it; everything comes to rest, and all of it is sound."""
    await street.event("notified", target="slack:#pr-crisis", purpose="alert")
    await street.act("acknowledge")
    await street.act("resolve", summary="A cable was cut; it is mended.")
    await street.settled()
    verdict.mentions_are_all_there(street)
    verdict.one_sound_timeline(street)
    verdict.nothing_said_twice(street)


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(
            (rate_limited(2), broken(503), refused("internal_error"), answer_lost()), id="busy-broken-and-lost"
        ),
        pytest.param((answer_lost(), broken(500), rate_limited(1)), id="accepted-then-broken"),
        pytest.param((hangs(accepted=True),), id="accepted-without-an-answer"),
    ],
)
async def test_however_slack_and_mail_fail_each_is_told_once(
    faults: tuple[Fault, ...], tmp_path: Path, learned: Path
) -> None:
    async with Street(tmp_path, learned, seed=SEED) as street:
        street.slack.fail("chat.postMessage", *faults)
        await street.mail.stop()
        async with outage(street):
            await street.event("opened")
            await street.event("notified", target="slack:#pr-crisis", purpose="alert")
            assert len(street.slack.top()) == 1
            assert street.mail.messages == []
            await street.mail.start()
            await street.event("notified", target="email:oncall@acme.example", purpose="alert")
            await street.event("notified", target="slack:@U012AB3CD", purpose="escalation")
            await street.event("notified", target="email:head@acme.example", purpose="escalation")
        await acknowledged_and_closed(street)
        told = Counter(
            (mail.recipients[0], mail.message["X-Tocsin-Kind"])
            for mail in street.mail.messages
            if mail.message["X-Tocsin-Kind"] in {"alert", "escalation"}
        )
        assert told == {("oncall@acme.example", "alert"): 1, ("head@acme.example", "escalation"): 1}


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another program writes into the store, and takes its time."""
    with contextlib.closing(sqlite3.connect(database, isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


async def test_a_store_locked_for_long_acknowledges_nothing_early_and_loses_nothing(
    tmp_path: Path, learned: Path
) -> None:
    async with Street(tmp_path, learned, seed=SEED) as street:
        async with outage(street):
            await street.event("opened")
            with locked(street.daemon.database):
                before = street.daemon.ids()
                await CLOCK.sleep(10)

                async def is_failing() -> bool:
                    return await street.daemon.get_status("/readyz") == 503

                await street.daemon.until(is_failing)
                mention = {"id": "posted", "channel": "forum", "brand": "acme", "text": "Nie działa"}
                assert await street.daemon.post([mention]) == 503
                assert street.daemon.ids() == before
                # nothing it has not stored is acknowledged: killed now, it gets all of it again
                await street.daemon.kill()
            await street.daemon.start()
            await street.daemon.until_ready()
            await street.daemon.until(lambda: street.ledger.confirmed <= street.daemon.ids())
        await acknowledged_and_closed(street)


async def test_a_broker_that_goes_and_comes_back_changes_nothing(tmp_path: Path, learned: Path) -> None:
    async with Street(tmp_path, learned, seed=SEED) as street:
        async with outage(street):
            await street.event("opened")
            for _ in range(2):
                await street.broker.restart()
                count = len(street.ledger.confirmed)
                await street.daemon.until(lambda count=count: len(street.ledger.confirmed) > count + 5)  # type: ignore[misc]
            await street.daemon.until_ready()
            await street.event("escalated", step=2)
        await acknowledged_and_closed(street)
        verdict.everybody_called_once(street)
        verdict.no_errors_logged(street)


async def test_told_to_stop_in_mid_load_it_ends_and_counts_nothing_twice(tmp_path: Path, learned: Path) -> None:
    async with Street(tmp_path, learned, seed=SEED) as street:
        async with outage(street):
            await street.event("opened")
            for _ in range(3):
                assert await street.daemon.terminate() == 0
                await street.daemon.start()
                await street.daemon.until_ready()
        await acknowledged_and_closed(street)
        verdict.no_errors_logged(street)


async def test_told_to_read_its_configuration_again_it_does_or_keeps_the_old_one(tmp_path: Path, learned: Path) -> None:
    async with Street(tmp_path, learned, seed=SEED) as street:
        good = street.daemon.file.read_text()
        street.daemon.file.write_text(good.replace('first_reply = "2h"', 'first_reply = "soon"'))
        street.daemon.signal(signal.SIGHUP)
        await street.daemon.until(lambda: "reload_refused" in street.daemon.log)
        assert "deadlines.first_reply" in street.daemon.log
        assert await street.daemon.is_ready()

        street.daemon.file.write_text(good.replace('after = "4s"', 'after = "2s"').replace('"2h"', '"1h"'))
        street.daemon.signal(signal.SIGHUP)
        await street.daemon.until(lambda: '"reloaded"' in street.daemon.log)
        async with outage(street):
            opened = await street.event("opened")
            escalated = await street.event("escalated", step=2)
            assert escalated["at"] - opened["at"] >= 2000
            incident = await api(street, f"/incidents/{street.incident()['id']}")
            assert parse_time(incident["next_update_due"]) - parse_time(incident["opened_at"]) == timedelta(hours=1)
        await acknowledged_and_closed(street)
        verdict.no_errors_logged(street, but={"reload_refused"})


async def api(street: Street, path: str) -> Json:
    """What the API says."""
    url = f"http://127.0.0.1:{street.daemon.port}/api/v1{path}"
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http,
        http.get(url) as answer,
    ):
        assert answer.status == 200, await answer.text()
        found: Json = await answer.json()
        return found


async def test_rubbish_in_the_midst_of_it_changes_nothing(tmp_path: Path, learned: Path) -> None:
    chance = random.Random(SEED)
    async with Street(tmp_path, learned, seed=SEED) as street:
        async with street.broker.client() as client, street.writing():
            # angry, but from hours ago: it teaches, and opens nothing
            await send(client, street, late := [angry(street, n, hours=-3) for n in range(200)])
            await street.daemon.until(lambda: {mention["id"] for mention in late} <= street.daemon.ids())
            await CLOCK.sleep(2)
            assert street.events() == []

            street.broken = True
            await street.event("opened")
            future = [angry(street, 1000 + n, hours=24 * 365) for n in range(20)]
            await send(client, street, future)
            again = [mention | {"text": "Wszystko działa!", "sentiment": 1.0} for mention in late]
            await send(client, street, again)
            for n, payload in enumerate(messages := [*RUBBISH, *chance.choices(RUBBISH, k=60)]):
                await client.publish(f"mentions/acme/{chance.choice(('x', 'forum'))}", payload, qos=1)
                if n % 10 == 0:
                    await send(client, street, [angry(street, 2000 + n, hours=0)])
            await client.publish("mentions/nobody/x", json.dumps({"id": "1", "text": "Nie działa"}), qos=1)
            await client.publish("mentions/acme/x", b"[" + b'{"id": "big"},' * 80_000 + b"{}]", qos=1)
        await acknowledged_and_closed(street)
        assert street.incident()["kind"] == "surge"

        figures = (await api(street, "/report"))["mentions"]
        assert figures["accepted"] == len(street.ledger.confirmed)
        assert figures["duplicates"] == street.ledger.duplicates + len(again)
        assert figures["late"] == len(late)
        assert figures["clamped"] == len(future)
        assert figures["rejected"] == len(street.ledger.bad) + len(messages) + 2
        kept = (await api(street, "/rejected?limit=500"))["rejected"]
        assert len(kept) == figures["rejected"]
        assert all(entry["reason"] and len(entry["payload"].encode()) <= 4096 for entry in kept)
        assert any("1,048,576 bytes" in entry["reason"] for entry in kept)
        verdict.no_errors_logged(street)


RUBBISH = (
    b"\xff\xfe\x00garbage",
    b'{"id": "a", "text": "\\u0000"}',
    b'{"id": "b", "text": "\\ud800"}',
    b'{"id": "c", "id": "d", "text": "twice"}',
    b'{"id": "e", "text": "x", "sentiment": NaN}',
    b'{"id": "f", "text": "x", "followers": 1e400}',
    b'{"id": "g", "text": "x", "followers": 99999999999999999999}',
    b'{"id": "h", "text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"id": "", "text": "x"}',
    b'{"id": "i", "text": ""}',
    b'{"id": "j", "text": "x", "brand": "other"}',
    b'{"id": "k", "text": "x", "published_at": "yesterday"}',
    b'{"id": "l", "text": "' + b"x" * 20_001 + b'"}',
    b"42",
    b'"text"',
    b'\x1f\x8b\x08\x00{"id": "gzip"}',
)


def angry(street: Street, number: int, *, hours: float) -> Json:
    """A complaint by somebody new, written so many hours from now."""
    mention = street.complaint()
    at = CLOCK.now() + timedelta(hours=hours)
    return wire(mention) | {"author": f"angry-{number}", "published_at": format_time(at)}


async def send(client: aiomqtt.Client, street: Street, mentions: list[Json]) -> None:
    """Publish mentions, and put them into the ledger."""
    ids = {mention["id"] for mention in mentions}
    street.ledger.sent |= ids
    await client.publish("mentions/acme/facebook", json.dumps(mentions), qos=1)
    street.ledger.confirmed |= ids
