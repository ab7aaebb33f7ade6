"""Past mentions from NDJSON and CSV, packed or not, read as a stream."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.errors import InputError
from daemon.model import Mention, Rejection
from daemon.sources import files
from daemon.sources.files import read_mentions

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
FULL: dict[str, Any] = {
    "id": "1",
    "brand": "acme",
    "channel": "x",
    "text": 'Nie działa, "znowu";\n\nod rana',
    "published_at": "2026-01-05T10:00:00Z",
    "author": "u1",
    "followers": 120,
    "engagement": 0,
    "lang": "pl",
    "sentiment": -0.25,
}
MENTION = Mention(
    brand="acme",
    id="1",
    channel="x",
    text='Nie działa, "znowu";\n\nod rana',
    published_at=datetime(2026, 1, 5, 10, 0, tzinfo=UTC),
    received_at=NOW,
    author="u1",
    followers=120,
    engagement=0,
    lang="pl",
    sentiment=-0.25,
)


def ndjson(*items: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def table(*items: dict[str, Any], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, items[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(items)
    return text.getvalue().encode()


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Mention | Rejection]]:
    def read(content: bytes, **options: Any) -> list[Mention | Rejection]:
        path = tmp_path / "history"
        path.write_bytes(content)
        return list(read_mentions(path, brands={"acme", "globex"}, received_at=NOW, **options))

    return read


Read = Callable[..., list[Mention | Rejection]]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "BOM"])
@pytest.mark.parametrize(
    "content", [ndjson(FULL), table(FULL), table(FULL, delimiter=";"), table(FULL, delimiter="\t")]
)
def test_a_mention_is_the_same_however_it_is_written(
    read: Read, pack: Callable[[bytes], bytes], mark: bytes, content: bytes
) -> None:
    assert read(pack(mark + content)) == [MENTION]


@pytest.mark.parametrize("content", [b"", b"\n \r\n", gzip.compress(b"", mtime=0)])
def test_an_empty_file_holds_none(read: Read, content: bytes) -> None:
    assert read(content) == []


def test_an_empty_cell_is_an_absent_field(read: Read) -> None:
    item = dict.fromkeys(FULL, "") | {"id": "1", "channel": "x", "text": "a"}
    (mention,) = read(table(item), brand="globex")
    assert isinstance(mention, Mention)
    assert (mention.brand, mention.followers, mention.author, mention.published_at) == ("globex", None, None, NOW)


def test_the_file_s_own_brand_goes_before_the_one_given(read: Read) -> None:
    first, second = read(ndjson(FULL, {**FULL, "brand": None}), brand="globex")
    assert isinstance(first, Mention)
    assert isinstance(second, Mention)
    assert (first.brand, second.brand) == ("acme", "globex")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("followers", "many"),
        ("followers", "1.5"),
        ("followers", "-1"),
        ("followers", "9" * 30),
        ("sentiment", "nan"),
        ("sentiment", "inf"),
        ("sentiment", "1e999"),
        ("sentiment", "2"),
        ("published_at", "2026-01-05 10:00"),
        ("lang", "polski"),
        ("channel", "Face book"),
        ("text", "a\0b"),
        ("text", "t" * 20_001),
        ("brand", "nobody"),
    ],
)
def test_a_bad_cell_is_rejected_by_name_and_the_next_row_lives(read: Read, field: str, value: str) -> None:
    bad, good = read(table({**FULL, field: value}, FULL))
    assert isinstance(bad, Rejection)
    assert bad.reason.startswith(f"{field}: ")
    assert (bad.index, bad.source) == (0, "file")
    assert bad.payload.startswith(b"1,")
    assert good == MENTION


def test_bytes_that_are_not_utf_8_cost_their_own_row(read: Read) -> None:
    for content in (table(FULL, FULL), ndjson(FULL, FULL)):
        bad, good = read(content.replace(b"x", b"\xff", 1) if b"{" in content[:2] else _spoiled(content))
        assert isinstance(bad, Rejection)
        assert "UTF-8" in bad.reason
        assert good == MENTION


def _spoiled(content: bytes) -> bytes:
    head, rest = content.split(b"\r\n", 1)
    return head + b"\r\n" + rest.replace(b"u1", b"\xff", 1)


def test_too_many_columns_cost_their_own_row(read: Read) -> None:
    items = read(b"id,channel,text\n1,x,a,b\n2,x\n3,x,a\n", brand="acme")
    assert [item.reason if isinstance(item, Rejection) else item.id for item in items] == [
        "row: expected 3 columns, got 4",
        "text: required, expected a string of 1 to 20,000 characters",
        "3",
    ]


def test_an_open_quote_does_not_swallow_the_memory(read: Read) -> None:
    csv.field_size_limit(1 << 24)  # as the labelled texts of another command set it, for the whole process
    items = read(b'id,channel,text\n1,x,"' + b"a\n" * 80_000 + b"2,x,b\n", brand="acme")
    assert isinstance(items[0], Rejection)
    assert "every quote closed" in items[0].reason
    assert len(items[0].payload) == 1024
    assert isinstance(items[-1], Mention)


def test_a_line_too_long_is_one_rejection(read: Read) -> None:
    bad, good = read(b'{"id": "' + b"a" * (3 * files.MAX_LINE) + b'"}\n' + ndjson(FULL))
    assert isinstance(bad, Rejection)
    assert bad.reason == "line: expected at most 1,048,576 bytes, got more"
    assert good == MENTION


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"timestamp,negative,total\n2026-01-05T10:00:00Z,1,2\n", "a column id"),
        (b"id,text\n1,a\n", "a column channel"),
        (b"id,id,channel,text\n1,1,x,a\n", "each column once"),
        (b'[{"id": "1"}]', "on each line"),
        (gzip.compress(ndjson(FULL) * 1000, mtime=0)[:-20], "gzip"),
        (gzip.compress(ndjson(FULL), mtime=0)[:12] + b"\xff" * 40, "gzip"),
    ],
)
def test_what_holds_no_mentions_is_said_plainly(read: Read, content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read(content)
    assert "history: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        list(read_mentions(tmp_path / "none", brands={"acme"}, received_at=NOW))


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_progress_rises_to_the_size(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "history"
    path.write_bytes(pack(ndjson(*({**FULL, "id": str(each)} for each in range(5_000)))))
    seen: list[tuple[int, int]] = []
    for _ in read_mentions(path, brands={"acme"}, received_at=NOW, progress=lambda done, of: seen.append((done, of))):
        pass
    size = path.stat().st_size
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (size, size)
    assert {of for _, of in seen} == {size}
    assert len(seen) > 5


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "history.gz"
    path.write_bytes(gzip.compress(ndjson(FULL) * 10_000, mtime=0))  # 2.5 MB unpacked
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_mentions(path, brands={"acme"}, received_at=NOW))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 10_000
    assert peak < 2**20


@given(st.binary(max_size=300), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_it_raise_anything_else(tmp_path: Path, content: bytes, as_table: bool) -> None:  # noqa: FBT001
    path = tmp_path / "any"
    path.write_bytes(b"id,channel,text\n" + content if as_table else content)
    try:
        for item in read_mentions(path, brands={"acme"}, brand="acme", received_at=NOW):
            assert isinstance(item, Mention | Rejection)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right
