"""The chart of a surge: its specification, and its rendering in a worker that may die."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import struct
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.charts import ChartError, ChartPoint, Charts, surge_chart

NOON = datetime(2026, 10, 14, 12, 0, tzinfo=UTC)


def points(count: int = 120, *, step: int = 1, start: datetime = NOON, blind: range = range(0)) -> list[ChartPoint]:
    """A calm series with a surge in its last fifth."""
    return [
        ChartPoint(
            at=start + timedelta(minutes=number * step),
            negative=20 if number >= count * 4 // 5 else number % 4,
            expected=2 + math.sin(number / 40),
            low=0.0,
            high=6.0,
            covered=number not in blind,
        )
        for number in range(count)
    ]


def chart(series: list[ChartPoint], **changes: Any) -> dict[str, Any]:
    onset = series[len(series) * 4 // 5].at
    standard = {"title": "Acme Mobile", "onset": onset, "opened": onset + timedelta(minutes=4)}
    return surge_chart(series, **{**standard, **changes})


def texts(node: Any) -> Iterator[str]:
    """Every text that the specification shows."""
    if isinstance(node, dict):
        if node.get("type") == "text" and isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


def rows(spec: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """The data in which ``field`` stands."""
    found = [layer["data"]["values"] for layer in spec["layer"] if field in layer["data"]["values"][0]]
    return list(found[0]) if found else []


def ticks(spec: dict[str, Any]) -> dict[str, str]:
    """The labels of the time axis by their time in milliseconds."""
    expression: str = next(
        layer["encoding"]["x"]["axis"]["labelExpr"] for layer in spec["layer"] if "x" in layer.get("encoding", {})
    )
    labels: dict[str, str] = json.loads(expression.removeprefix("(").removesuffix(")[datum.value]"))
    return labels


def test_it_marks_when_it_began_and_when_it_was_noticed() -> None:
    shown = set(texts(chart(points(), timezone="Europe/Warsaw")))
    assert {"began 15:36", "alert 15:40", "expected", "20 negative"} <= shown


def test_what_lies_outside_is_not_marked() -> None:
    shown = set(texts(chart(points(), onset=NOON - timedelta(days=1), opened=None)))
    assert not any(text.startswith(("began", "alert")) for text in shown)


def test_unknown_is_not_zero() -> None:
    spec = chart(points(blind=range(30, 40)))
    observed = rows(spec, "negative")
    assert [row["negative"] for row in observed[30:40]] == [None] * 10
    assert observed[29]["negative"] is not None
    (stretch,) = rows(spec, "from")
    assert (stretch["from"], stretch["to"]) == (_ms(NOON + timedelta(minutes=30)), _ms(NOON + timedelta(minutes=40)))


def test_a_series_that_is_all_unknown_claims_no_count() -> None:
    assert not any("negative" in text for text in texts(chart(points(60, blind=range(60)))))


def test_no_points_are_no_chart() -> None:
    with pytest.raises(ValueError, match="expected at least one point"):
        surge_chart([], title="", onset=None, opened=None)


def test_times_are_right_on_the_day_the_clocks_change() -> None:
    """In Warsaw 2026-10-25 has the hour from 2 to 3 twice."""
    midnight = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    labels = list(ticks(chart(points(241, start=midnight), timezone="Europe/Warsaw")).values())
    assert labels == ["25 Oct", "01:00", "02:00", "02:00", "03:00"]


def test_a_title_of_others_is_one_short_line() -> None:
    title = chart(points(), title="a\x1b[31m\u202e\nb" * 100)["title"]["text"]
    assert title.isprintable()
    assert len(title) <= 60


def test_light_and_dark_differ_in_their_colours_alone() -> None:
    light, dark = chart(points()), chart(points(), dark=True)
    assert light["config"]["background"] != dark["config"]["background"]
    assert list(texts(light)) == list(texts(dark))


@given(
    count=st.integers(1, 400),
    step=st.sampled_from([1, 5, 15, 60, 1440]),
    zone=st.sampled_from(["UTC", "Europe/Warsaw", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    width=st.integers(200, 1600),
)
def test_the_axis_never_runs_out_of_labels_nor_over(
    count: int, step: int, zone: str, start: datetime, width: int
) -> None:
    series = points(count, step=step, start=start.replace(second=0, microsecond=0))
    spec = chart(series, timezone=zone, width=width)
    shown = ticks(spec)
    assert len(shown) <= max(width // 90, 2) + 2
    assert all(_ms(series[0].at) <= int(at) <= _ms(series[-1].at + timedelta(minutes=step)) for at in shown)
    json.dumps(spec, allow_nan=False)


# ── rendering ────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    return chart(points(60), title="Зв'язку немає, ąęśćżź")


@pytest.fixture
async def charts() -> AsyncIterator[Charts]:
    async with Charts() as renderer:
        yield renderer


async def test_it_becomes_a_png_of_the_width_asked_for_and_an_svg(charts: Charts, spec: dict[str, Any]) -> None:
    png = await charts.png(spec, scale=2)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert (width, 400 < height < 900) == (960, True)
    svg = await charts.svg(spec)
    assert "Зв'язку немає, ąęśćżź" in svg


async def test_markup_in_a_title_stays_text(charts: Charts) -> None:
    svg = await charts.svg(chart(points(10), title="<script>alert(1)</script>"))
    assert "<script" not in svg


async def test_what_cannot_be_drawn_is_said_and_the_next_is_drawn(charts: Charts, spec: dict[str, Any]) -> None:
    with pytest.raises(ChartError, match="not a chart that can be drawn"):
        await charts.png({"mark": "nonsense"})
    assert await charts.png(spec, scale=1)


async def test_nothing_is_fetched_from_elsewhere(charts: Charts) -> None:
    remote = {"data": {"url": "http://127.0.0.1:9/x.csv"}, "mark": "point", "encoding": {"x": {"field": "a"}}}
    with pytest.raises(ChartError, match="not allowed"):
        await charts.png(remote)


async def test_a_worker_that_was_killed_is_replaced(charts: Charts, spec: dict[str, Any]) -> None:
    await charts.png(spec, scale=1)
    os.kill(charts.worker_pid or 0, signal.SIGKILL)
    assert await charts.png(spec, scale=1)


async def test_a_chart_that_takes_too_long_is_given_up(spec: dict[str, Any]) -> None:
    async with Charts(timeout=0.001) as hasty:
        with pytest.raises(ChartError, match=r"no chart within 0\.001 s"):
            await hasty.png(spec)


async def test_a_chart_no_longer_wanted_neither_holds_up_the_next_nor_costs_the_worker(
    charts: Charts, spec: dict[str, Any]
) -> None:
    await charts.svg(spec)
    pid = charts.worker_pid
    first = asyncio.create_task(charts.png(spec))
    second = asyncio.create_task(charts.png(spec, scale=1))
    third = asyncio.create_task(charts.png(spec, scale=1))
    await asyncio.wait([first], timeout=0.01)
    first.cancel()
    second.cancel()
    assert await third
    assert (first.cancelled(), second.cancelled()) == (True, True)
    assert charts.worker_pid == pid


async def test_closing_lets_nobody_wait(spec: dict[str, Any]) -> None:
    charts = Charts()
    waiting = [asyncio.create_task(charts.png(spec)) for _ in range(3)]
    await asyncio.wait(waiting, timeout=0.1)
    await charts.close()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(result) for result in results] == ["the chart renderer is closed"] * 3
    assert charts.worker_pid is None


async def test_closing_ends_the_worker_and_twice_is_once(spec: dict[str, Any]) -> None:
    charts = Charts()
    await charts.png(spec, scale=1)
    pid = charts.worker_pid
    assert pid is not None
    await charts.close()
    await charts.close()
    assert charts.worker_pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
