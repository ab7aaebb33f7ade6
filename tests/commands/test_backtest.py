"""`tocsin backtest`."""

from __future__ import annotations

import csv
import functools
import gzip
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.load import load
from daemon.backtest.circumstances import Circumstances, circumstances
from daemon.backtest.mentions import read_series
from daemon.model import Label, Meaning
from detectors.sentiment import load_model
from tests.commands.conftest import Run
from tests.fakes.configuration import SMALLEST
from tests.simulation.simulator import START, Brand

HEADER = "timestamp,ok,total,negative,total_authors,negative_authors\n"


def stamp(minute: int) -> str:
    return (START + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def counts_of(brand: Brand) -> str:
    rows = []
    for minute, tick in enumerate(brand.ticks()):
        both = f"{tick.mentions},{tick.negative}"
        rows.append(f"{stamp(minute)},{int(tick.covered)},{both},{tick.authors},{tick.negative_authors}\n")
    return HEADER + "".join(rows)


def struck() -> Brand:
    brand = Brand(seed=30, rate=1.0, days=5)
    brand.crisis("outage", 4 * 1440 + 700, size=15)
    return brand


def mentions(minutes: Iterable[int], begin: int = 0, **fields: object) -> list[dict[str, object]]:
    return [
        {
            "id": f"m{begin + n}",
            "brand": "acme",
            "channel": "x",
            "text": "zły dzień",
            "lang": "pl",
            "author": f"a{begin + n}",
            "published_at": stamp(minute).replace("Z", f".{n % 1000:03d}Z"),
            **fields,
        }
        for n, minute in enumerate(minutes)
    ]


def burst() -> list[dict[str, object]]:
    calm = mentions(range(0, 3 * 1440, 20), sentiment=0.5)
    angry = mentions([3 * 1440 + n // 8 for n in range(80)], 1000, sentiment=-0.8, text="Internet nie działa <script>")
    return calm + angry


def lines(rows: Iterable[object]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_counts_give_one_line_for_each_alert(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "acme.csv.gz"
    file.write_bytes(gzip.compress(counts_of(struck()).encode()))
    result = run("backtest", str(file))
    assert (result.status, result.err) == (0, "")
    alerts = [json.loads(line) for line in result.out.splitlines()]
    assert len(alerts) == 1
    alert = alerts[0]
    assert set(alert) >= {
        "series", "opened_at", "onset_at", "closed_at", "kind", "severity", "observed", "expected", "window_minutes",
        "evidence", "false_alerts_per_year",
    }  # fmt: skip
    assert alert["series"] == "acme"
    assert alert["kind"] == "surge"
    assert stamp(4 * 1440 + 700)[:15] == alert["opened_at"][:15]
    assert alert["onset_at"] <= alert["opened_at"] < alert["closed_at"]
    assert alert["observed"] > 3 * alert["expected"]
    assert alert["false_alerts_per_year"] <= 4


def test_the_same_input_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "acme.csv"
    file.write_text(counts_of(struck()))
    for name in ("one", "two"):
        outputs = [f"--{option}={tmp_path / f'{name}.{option}'}" for option in ("output", "scores", "report")]
        assert run("backtest", str(file), *outputs).status == 0
    for option in ("output", "scores", "report"):
        assert (tmp_path / f"one.{option}").read_bytes() == (tmp_path / f"two.{option}").read_bytes()
        assert (tmp_path / f"one.{option}").stat().st_size


def test_scores_have_a_line_for_every_row_and_tell_when_it_alerts(run: Run, tmp_path: Path) -> None:
    file, scores = tmp_path / "acme.csv", tmp_path / "scores.csv"
    rows = counts_of(struck()).splitlines(keepends=True)
    file.write_text("".join(rows[:3000] + rows[3100:]))
    result = run("backtest", str(file), "--scores", str(scores))
    table = list(csv.DictReader(scores.read_text().splitlines()))
    assert len(table) == len(rows) - 1 - 100
    opened = json.loads(result.out.splitlines()[0])["opened_at"]
    first = next(row["timestamp"] for row in table if float(row["score"]) >= -1.3863)
    assert first == opened


def test_a_setting_that_bears_more_gives_more(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "acme.csv"
    file.write_text(counts_of(Brand(seed=31, rate=1.0, days=12)))
    found = [
        len(run("backtest", str(file), "--false-alerts-per-year", rate).out.splitlines()) for rate in ("0.01", "500")
    ]
    assert found[0] == 0 < found[1]


def test_a_single_count_in_steps_of_five_minutes_off_the_hour(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "volume.csv"
    times = [START + timedelta(minutes=2, seconds=53) + n * timedelta(minutes=5) for n in range(2000)]
    values = [400 if 1800 <= n < 1812 else 20 + n % 3 for n in range(2000)]
    file.write_text(
        "timestamp,value\n" + "".join(f"{at.isoformat()},{v}\n" for at, v in zip(times, values, strict=True))
    )
    alerts = [json.loads(line) for line in run("backtest", str(file)).out.splitlines()]
    assert [alert["opened_at"] for alert in alerts] == [times[1800].strftime("%Y-%m-%dT%H:%M:%S.000Z")]


def test_mentions_give_a_series_for_each_brand_and_authors_count_once(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "past.ndjson.gz"
    flood = mentions([3 * 1440 + n // 8 for n in range(80)], 5000, sentiment=-0.9, author="one", brand="beta")
    calm = mentions(range(0, 3 * 1440, 20), 7000, sentiment=0.5, brand="beta")
    file.write_bytes(gzip.compress(lines(burst() + flood + calm + burst()[:9]).encode()))
    alerts = [json.loads(line) for line in run("backtest", str(file)).out.splitlines()]
    assert [alert["series"] for alert in alerts] == ["acme"]
    assert alerts[0]["opened_at"][:15] == stamp(3 * 1440)[:15]
    times = {mention["published_at"] for mention in burst()}
    assert alerts[0]["opened_at"] in times  # that of the mention which decided


def test_mentions_as_csv_and_bad_ones_are_left_out_and_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "past.csv"
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(burst()[0]))
        writer.writeheader()
        writer.writerows(
            [*burst(), {"id": "", "channel": "x", "text": "?"}, {"id": "z", "channel": "x", "text": "when?"}]
        )
    result = run("backtest", str(file))
    assert result.status == 0
    assert len(result.out.splitlines()) == 1
    assert result.err.startswith("tocsin: 2 of the mentions were left out; the first: ")
    assert result.err.count("\n") == 1


def test_the_report_shows_chart_words_and_examples_and_runs_nothing_of_theirs(run: Run, tmp_path: Path) -> None:
    file, report = tmp_path / "past.ndjson", tmp_path / "page.html"
    file.write_text(lines(burst()))
    assert run("backtest", str(file), "--report", str(report)).status == 0
    page = report.read_text()
    assert "<svg" in page
    assert "1 alert in 3 days" in page
    assert "Internet nie działa &lt;script&gt;" in page
    assert "<script" not in page
    assert "False alarms a year" in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a,b\n1,2\n", "expected the columns of mentions"),
        ("timestamp,value\n2026-01-05 00:00:00,1\n", "line 2: timestamp: expected a time with an offset"),
        ("timestamp,value\n2026-01-05T00:00:00Z,-1\n", "line 2: value: expected a count of 0 or more"),
        ("timestamp,negative,total\n2026-01-05T00:00:00Z,3,1\n", "negative: expected at most total"),
        ("timestamp,value\n2026-01-05T00:00:00Z,1\n2026-01-05T00:00:00Z,1\n", "expected each step once"),
        ("timestamp,value\n2026-01-05T00:00:00Z\n", "expected 2 columns, got 1"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(run: Run, tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "x.csv"
    file.write_text(text)
    result = run("backtest", str(file))
    assert (result.status, result.out) == (1, "")
    assert complaint in result.err
    assert result.err.count("\n") == 1


def test_a_file_that_is_not_there_and_wrong_usage(run: Run, tmp_path: Path) -> None:
    missing = run("backtest", str(tmp_path / "none.csv"))
    assert missing.status == 1
    assert "none.csv: no such file" in missing.err
    assert run("backtest").status == 2
    assert run("backtest", str(tmp_path), "--false-alerts-per-year", "0").status == 2


def test_an_empty_file_holds_no_alert(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("timestamp,value\n")
    assert run("backtest", str(tmp_path / "empty.csv")).out == ""


def test_two_files_of_one_name_are_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for file in (tmp_path / "x.csv", tmp_path / "a" / "x.csv"):
        file.write_text("timestamp,value\n2026-01-05T00:00:00Z,1\n")
    result = run("backtest", str(tmp_path / "x.csv"), str(tmp_path / "a" / "x.csv"))
    assert result.status == 1
    assert "x: expected each series once" in result.err


def configured(folder: Path, brand: str, more: str = "") -> Path:
    """A configuration with these lines of its brand, and more sections."""
    file = folder / "tocsin.toml"
    file.write_text(SMALLEST.replace('name = "Acme"', f'name = "Acme"\n{brand}') + more)
    return file


def on_a_holiday() -> str:
    """Four quiet Sundays, and a Thursday as quiet as they are until people complain at noon: Corpus Christi."""
    rows = ["timestamp,value\n"]
    begin = datetime(2026, 5, 4, tzinfo=UTC)
    for step in range(31 * 288 + 156):
        at = begin + timedelta(minutes=5 * step)
        quiet = at.weekday() == 6 or at.date() == date(2026, 6, 4)
        value = step % 2 if quiet else 5
        rows.append(f"{at:%Y-%m-%dT%H:%M:%SZ},{value + (4 if step >= 31 * 288 + 144 else 0)}\n")
    return "".join(rows)


def test_a_surge_on_a_holiday_is_seen_where_the_country_is_known(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "acme.csv"
    file.write_text(on_a_holiday())
    config = configured(tmp_path, 'country = "PL"')
    alerted = [
        len(run("backtest", str(file), *options).out.splitlines())
        for options in ([], ["--country", "PL"], ["--config", str(config)])
    ]
    assert alerted == [0, 1, 1]


@pytest.mark.parametrize(
    ("option", "value"), [("--country", "Atlantis"), ("--country", "PL-XX"), ("--timezone", "Mars/Olympus")]
)
def test_where_nobody_lives_is_wrong_usage(run: Run, tmp_path: Path, option: str, value: str) -> None:
    file = tmp_path / "acme.csv"
    file.write_text("timestamp,value\n")
    result = run("backtest", str(file), option, value)
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert f"Invalid value for '{option}': expected a " in result.err


def test_a_configured_brand_is_judged_as_the_daemon_would(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "past.ndjson"
    own = mentions([3 * 1440 + n // 8 for n in range(80)], 5000, sentiment=-0.8, author="acme-help")
    again = mentions([3 * 1440 + 600 + n // 8 for n in range(80)], 6000, sentiment=-0.8)
    file.write_text(lines([*burst(), *own, *again]))
    config = configured(tmp_path, 'own_authors = ["acme-help"]', '[incidents]\nresolve_after = "12h"')
    plain = [json.loads(line) for line in run("backtest", str(file)).out.splitlines()]
    known = [json.loads(line) for line in run("backtest", str(file), "--config", str(config)).out.splitlines()]
    assert [bool(alert["closed_at"]) for alert in plain] == [True, False]
    assert [bool(alert["closed_at"]) for alert in known] == [False]  # one wave, for those who wait half a day
    assert known[0]["opened_at"] > plain[0]["opened_at"]  # what its own people wrote is no complaint


def test_places_and_products_of_the_configuration_are_parts(tmp_path: Path) -> None:
    file = tmp_path / "past.ndjson"
    file.write_text(lines(mentions([5], text="W Gdańsku nic nie działa", sentiment=-0.8)))
    config = load(configured(tmp_path, 'places = ["Gdańsk"]'), {})
    known = functools.partial(circumstances, config, otherwise=Circumstances())
    (series,) = read_series([file], load_model(), keep=False, of=known)
    assert "name:Gdańsk" in series.rows[-1].tick.parts


def test_the_setting_is_that_of_the_configuration_unless_it_is_given(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "acme.csv"
    file.write_text(counts_of(Brand(seed=31, rate=1.0, days=12)))
    config = str(configured(tmp_path, "", "[detection]\nfalse_alerts_per_year = 500"))
    found = [
        run("backtest", str(file), *options).out
        for options in (["--config", config], ["--false-alerts-per-year", "500"])
    ]
    assert found[0] == found[1] != ""
    assert run("backtest", str(file), "--config", config, "--false-alerts-per-year", "0.01").out == ""


def test_a_brand_that_begins_later_is_taken_for_what_the_others_are_like(run: Run, tmp_path: Path) -> None:
    by_night = [n for n in range(0, 9 * 1440, 3) if n % 1440 < 300]
    first = mentions(by_night, sentiment=-0.8, brand="alpha")
    later = mentions(range(8 * 1440 + 200, 9 * 1440, 7), 9000, sentiment=-0.8, brand="beta")
    files = tmp_path / "both.ndjson", tmp_path / "alone.ndjson"
    files[0].write_text(lines([*later, *first]))
    files[1].write_text(lines(later))
    told = []
    for file in files:
        assert run("backtest", str(file), "--scores", str(file.with_suffix(".csv"))).status == 0
        told.append([row for row in file.with_suffix(".csv").read_text().splitlines() if row.startswith("beta,")])
    assert len(told[0]) == len(told[1]) == len(later)
    assert told[0] != told[1]


def test_mentions_are_read_with_the_model_of_the_configuration(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "past.ndjson"
    file.write_text(lines(mentions([3 * 1440 + n // 8 for n in range(80)], text="blurp")))
    config = str(configured(tmp_path, "", '[text]\nonnx_model = "tiny/model.onnx"\n'))
    told = run("backtest", str(file), "--config", config)
    assert (told.status, told.err.count("\n")) == (1, 1)
    assert "text.onnx_model: " in told.err
    monkeypatch.setattr("daemon.transformer.load_transformer", lambda *_: Loud())
    assert run("backtest", str(file), "--config", config).out
    assert run("backtest", str(file)).out == ""  # the shipped model knows no such word


class Loud:
    """A text model to which everything is negative."""

    version = "loud"

    def read(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Meaning]:
        """The worst of every text."""
        meaning = Meaning(lang="en", label=Label.NEGATIVE, p_negative=0.99, complaint=0.0, outage=0.0)
        return [meaning for _ in zip(texts, langs, strict=True)]
