"""`tocsin classify`: CSV and NDJSON in, CSV out, faults named by line."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import Run

HEADER = ["id", "lang", "label", "p_negative", "complaint", "outage"]


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_a_csv_is_classified(run: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "posts.csv", tmp_path / "out.csv"
    source.write_text('id,text,lang\n1,nie działa internet,pl\n2,"love it, thanks!",\n', encoding="utf-8")
    assert run("classify", "--input", str(source), "--output", str(target)) == (0, "", "")
    header, first, second = table(target.read_text(encoding="utf-8"))
    assert header == HEADER
    assert first[:3] == ["1", "pl", "negative"]
    assert float(first[5]) >= 0.5
    assert second[:3] == ["2", "en", "positive"]


def test_ndjson_is_classified_in_order_to_standard_output(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "posts.ndjson"
    source.write_text(
        '{"id": "b", "text": "Привет"}\n\n{"id": 7, "text": "hi", "lang": "en", "more": 1}\n', encoding="utf-8"
    )
    result = run("classify", "--input", str(source))
    assert result.status == 0
    assert [row[:2] for row in table(result.out)[1:]] == [["b", "ru"], ["7", "en"]]


def test_half_an_emoji_loses_nothing(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "posts.ndjson"
    source.write_text('{"id": "a", "text": "app down \\ud83d"}\n{"id": "b", "text": "ok"}\n', encoding="utf-8")
    result = run("classify", "--input", str(source))
    assert result.status == 0
    assert [row[0] for row in table(result.out)[1:]] == ["a", "b"]


def test_standard_input_is_the_default(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfid,text\n1,hello\n")))
    result = run("classify")
    assert result.status == 0
    assert table(result.out)[1][0] == "1"


def test_cells_may_hold_lines_commas_and_much(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "posts.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text", "id"], ['one\ntwo, "three"', "x"], ["a" * 200_000, "y"], ["", "z"]])
    result = run("classify", "--input", str(source))
    assert [row[0] for row in table(result.out)[1:]] == ["x", "y", "z"]


def test_no_input_gives_the_header_alone(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "empty.csv"
    source.write_bytes(b"")
    assert run("classify", "--input", str(source)).out == ",".join(HEADER) + "\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"name,text\n1,a\n", "line 1: no column id"),
        (b"id,text\n1\n", "line 2: 1 cells"),
        (b"id,text\n,hello\n", "line 2: id"),
        (b"id,text\n1,\xff\n", "line 2: not UTF-8"),
        (b'{"id": "1"}\n', "line 1: text"),
        (b'{"id": "1", "text": "a"}\n{"id"\n', "line 2: not JSON"),
        (b'{"id": "1", "text": "a"}\n[1]\n', "line 2: expected an object"),
        (b'{"id": "1", "text": "a", "lang": 3}\n', "line 1: lang"),
        (b'{"id": true, "text": "a"}\n', "line 1: id"),
    ],
)
def test_a_fault_is_named_in_one_line(run: Run, tmp_path: Path, content: bytes, says: str) -> None:
    source = tmp_path / "posts"
    source.write_bytes(content)
    result = run("classify", "--input", str(source))
    assert result.status == 1
    assert says in result.err
    assert result.err.count("\n") == 1


def test_a_missing_file_is_wrong_usage(run: Run) -> None:
    result = run("classify", "--input", "nowhere.csv")
    assert result.status == 2
    assert "nowhere.csv" in result.err
