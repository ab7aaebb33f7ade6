"""`tocsin learn`, with the text model that is shipped."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from daemon.store.tables import counts, incidents, mentions, monitors, rejected
from tests.commands.conftest import Run
from tests.fakes.installation import Installation

COLUMNS = ("id", "channel", "text", "brand", "published_at", "author")


def history(count: int = 50) -> list[dict[str, Any]]:
    """So many angry people, all of one minute of last week."""
    return [
        {
            "id": f"m{n}",
            "channel": "x",
            "text": "Internet nie działa od rana!",
            "brand": "acme",
            "published_at": "2026-02-23T12:00:30Z",
            "author": f"a{n}",
        }
        for n in range(count)
    ]


def ndjson(items: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(item) + "\n" for item in items).encode()


def table(items: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(items)
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("past.ndjson", ndjson(history())),
        ("past.csv", table(history())),
        ("past.ndjson.gz", gzip.compress(ndjson(history()))),
        ("past.csv.gz", gzip.compress(table(history()))),
    ],
)
def test_a_history_teaches_and_opens_nothing_and_teaches_nothing_twice(
    run: Run, tmp_path: Path, name: str, packed: bytes
) -> None:
    here = Installation(tmp_path)
    (tmp_path / name).write_bytes(packed)
    status, out, err = run("learn", "--config", str(here.config), str(tmp_path / name))
    assert (status, out) == (0, "Learned 50 mentions of acme (0 known already, 0 rejected).\n"), err
    (row,) = here.rows(counts)
    assert (row["mentions"], row["late_mentions"], row["late_authors"]) == (0, 50, 50)
    assert row["late_negative"] == row["late_negative_authors"] > 40
    assert all(row["learned"] and row["late"] for row in here.rows(mentions))
    assert here.rows(incidents) == []

    status, out, _ = run("learn", "--config", str(here.config), str(tmp_path / name))
    assert (status, out) == (0, "Learned 0 mentions of acme (50 known already, 0 rejected).\n")
    assert here.rows(counts) == [row]


def test_what_is_bad_is_named_and_kept_and_what_is_good_is_learned(run: Run, tmp_path: Path) -> None:
    here = Installation(tmp_path)
    items = history(4)
    items[1]["channel"] = "NOT A SLUG"
    items[2]["brand"] = "globex"
    file = tmp_path / "past.ndjson"
    file.write_bytes(ndjson(items) + b"{broken\n")
    status, out, err = run("learn", "--config", str(here.config), str(file))
    assert (status, out) == (1, "Learned 2 mentions of acme (0 known already, 3 rejected).\n")
    assert [line.removeprefix(f"{file} ").split(":")[:2] for line in err.splitlines() if str(file) in line] == [
        ["item 1", " channel"],
        ["item 2", " brand"],
        ["item 4", next(line for line in err.splitlines() if "item 4" in line).split(":")[1]],
    ]
    assert sorted(row["index"] for row in here.rows(rejected)) == [1, 2, 4]
    assert len(here.rows(mentions)) == 2


def test_mentions_that_name_no_brand_are_those_of_the_brand_named(run: Run, tmp_path: Path) -> None:
    here = Installation(tmp_path)
    items = [{name: value for name, value in item.items() if name != "brand"} for item in history(2)]
    (tmp_path / "past.ndjson").write_bytes(ndjson(items))
    arguments = ("--config", str(here.config), str(tmp_path / "past.ndjson"))
    assert run("learn", *arguments).status == 1
    assert run("learn", "--brand", "acme", *arguments).out.startswith("Learned 2 mentions of acme")
    status, _, err = run("learn", "--brand", "globex", *arguments)
    assert status == 1
    assert "no brand 'globex'" in err


def test_a_file_that_breaks_off_is_said_and_what_came_before_is_taught(run: Run, tmp_path: Path) -> None:
    here = Installation(tmp_path)
    file = tmp_path / "past.ndjson.gz"
    file.write_bytes(gzip.compress(ndjson(history(5000)))[:-200])
    status, out, err = run("learn", "--config", str(here.config), str(file))
    assert (status, out) == (1, "")
    assert "damaged" in err
    taught = len(here.rows(mentions))
    assert taught >= 1000
    assert [row["state"] for row in here.rows(monitors)] == [None], "a daemon beside it builds its baseline anew"


def test_a_file_that_is_not_there_is_said_in_one_line(run: Run, tmp_path: Path) -> None:
    here = Installation(tmp_path)
    status, out, err = run("learn", "--config", str(here.config), str(tmp_path / "nowhere.csv"))
    assert (status, out) == (1, "")
    assert "nowhere.csv: cannot be read: No such file or directory" in err
    assert err.count("\n") == 1


def test_a_history_is_needed(run: Run, tmp_path: Path) -> None:
    assert run("learn", "--config", str(Installation(tmp_path).config)).status == 2
