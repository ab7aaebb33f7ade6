"""POST /api/v1/mentions."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import resource
import zlib
from datetime import timedelta
from typing import Any

import pytest

from daemon.errors import StoreBehind
from daemon.store.intake import Batch, Outcome
from tests.fakes.site import Site

PATH = "/api/v1/mentions"


def mention(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {"id": f"m-{number}", "brand": "acme", "channel": "x", "text": "it is bad"} | changes


async def test_one_object_is_taken(site: Site) -> None:
    answer = await site.call("POST", PATH, role="ingest", json=mention())
    assert (answer.status, answer.content_type) == (202, "application/json")
    assert answer.json == {"accepted": 1, "duplicates": 0, "rejected": []}
    again = await site.call("POST", PATH, role="ingest", json=mention(text="other words"))
    assert again.json == {"accepted": 0, "duplicates": 1, "rejected": []}


async def test_an_array_with_faults_names_each_by_its_index(site: Site) -> None:
    body = [mention(1), mention(2, brand="unknown"), {"id": "m-3"}, mention(1), 7]
    answer = await site.call("POST", PATH, role="ingest", json=body)
    assert answer.status == 202
    assert (answer.json["accepted"], answer.json["duplicates"]) == (1, 1)
    assert [(item["index"], item["error"].split(":")[0]) for item in answer.json["rejected"]][:2] == [
        (1, "brand"),
        (2, "text"),
    ]
    assert [item["index"] for item in answer.json["rejected"]] == [1, 2, 4]


async def test_lines_are_counted_without_the_empty_ones(site: Site) -> None:
    body = "\n".join(["", json.dumps(mention(1)), "", "{broken", json.dumps(mention(2)), ""])
    answer = await site.call("POST", PATH, role="ingest", data=body, headers={"Content-Type": "application/x-ndjson"})
    assert answer.json["accepted"] == 2
    assert [item["index"] for item in answer.json["rejected"]] == [1]


@pytest.mark.parametrize("body", [b"", b"[]", b"\xef\xbb\xbf", b" \n"])
async def test_nothing_is_no_mention(site: Site, body: bytes) -> None:
    answer = await site.call("POST", PATH, role="ingest", data=body)
    assert (answer.status, answer.json) == (202, {"accepted": 0, "duplicates": 0, "rejected": []})


@pytest.mark.parametrize("body", [b"no json at all", b"\xff\xfe\x00", b'{"id": "m-1"', b"[" * 100_000, b'"text"', b"7"])
async def test_what_cannot_be_taken_apart_is_one_kept_rejection(site: Site, body: bytes) -> None:
    answer = await site.call("POST", PATH, role="ingest", data=body)
    assert answer.status == 202
    assert (answer.json["accepted"], [item["index"] for item in answer.json["rejected"]]) == (0, [0])
    kept = (await site.call("GET", "/api/v1/rejected")).json["rejected"]
    assert len(kept) == 1
    assert kept[0]["source"] == "http"
    assert kept[0]["reason"] == answer.json["rejected"][0]["error"]
    assert len(kept[0]["payload"].encode()) <= 3 * 1024


async def test_sixteen_mebibytes_and_not_a_byte_more(site: Site) -> None:
    room = 16 * 2**20
    fits = await site.call("POST", PATH, role="ingest", data=io.BytesIO(json.dumps(mention()).encode().ljust(room)))
    assert (fits.status, fits.json["accepted"]) == (202, 1)
    over = await site.call("POST", PATH, role="ingest", data=io.BytesIO(b" " * (room + 1)))
    assert (over.status, over.json["status"], over.content_type) == (413, 413, "application/problem+json")
    assert "16 MiB" in over.json["detail"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
async def test_a_compressed_body_is_refused_unread(site: Site, encoding: str) -> None:
    bomb = gzip.compress(b" " * 2**26) if encoding == "gzip" else zlib.compress(b" " * 2**26)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = await site.call("POST", PATH, role="ingest", data=bomb, headers={"Content-Encoding": encoding})
    assert (answer.status, answer.content_type) == (415, "application/problem+json")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # KiB


async def test_a_store_that_is_behind_asks_to_come_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def behind(batch: Batch, *, wait: bool = True) -> Outcome:
        assert batch.items
        assert not wait
        raise StoreBehind(7)

    monkeypatch.setattr(site.parts.ingest, "submit", behind)
    answer = await site.call("POST", PATH, role="ingest", json=mention())
    assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
    assert answer.content_type == "application/problem+json"


async def test_many_at_once_are_all_counted_once(site: Site) -> None:
    bodies = [[mention(n), mention(n + 1)] for n in range(40)]
    answers = await asyncio.gather(*(site.call("POST", PATH, role="ingest", json=body) for body in bodies))
    assert sum(answer.json["accepted"] for answer in answers) == 41
    assert sum(answer.json["duplicates"] for answer in answers) == 39
    site.clock.advance(timedelta(minutes=1))
    report = (await site.call("GET", "/api/v1/report")).json["mentions"]
    assert (report["accepted"], report["duplicates"]) == (41, 39)


@pytest.mark.parametrize("role", ["viewer", "responder"])
async def test_people_do_not_post_mentions(site: Site, role: str) -> None:
    answer = await site.call("POST", PATH, role=role, json=mention())
    assert (answer.status, answer.json["status"]) == (403, 403)
