"""A moderator says that it is a joke; the daemon has it at once, and still after it was killed."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from tests.fakes.process import TOKEN, Daemon

JOKE = "The internet is so slow here that my tweets arrive by pigeon, terrible, I love it"


def rows(daemon: Daemon) -> dict[str, tuple[int, str]]:
    return {
        mention_id: (negative, model)
        for mention_id, negative, model in daemon.query("SELECT id, negative, model FROM mentions")
    }


async def test_a_correction_is_learned_at_once_and_for_good(tmp_path: Path) -> None:
    async with Daemon(tmp_path) as daemon, aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        site = f"http://127.0.0.1:{daemon.port}/api/v1/mentions"

        async def write(mention_id: str, text: str) -> None:
            body = {"id": mention_id, "brand": "acme", "channel": "x", "text": text, "author": mention_id}
            async with http.post(site, json=body) as answer:
                assert answer.status == 202

        async def say(mention_id: str, sentiment: str) -> None:
            async with http.post(f"{site}/acme/{mention_id}/correct", json={"sentiment": sentiment}) as answer:
                assert answer.status == 200

        await write("a", JOKE)
        wanted = "neutral" if rows(daemon)["a"][0] else "negative"
        await say("a", wanted)
        await write("b", f"RT @acme {JOKE.upper()}!!")
        await daemon.kill()
        await daemon.start()
        await daemon.until_ready()
        await write("c", JOKE + " https://t.co/x")
        found = rows(daemon)
    negative = int(wanted == "negative")
    assert [found[i][0] for i in "abc"] == [negative] * 3
    assert found["a"][1].endswith("+0")
    assert found["b"][1] == found["c"][1]
    assert "+1." in found["b"][1]
