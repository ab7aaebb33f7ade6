"""The chart of a surge: a plain Vega-Lite specification, pure, drawn by `daemon.rendering` or a browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import structs

from daemon.rendering import ChartError, Charts
from notifiers.plain import one_line

__all__ = ["ChartError", "ChartPoint", "Charts", "surge_chart"]


class ChartPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a series, as the series API delivers it."""

    at: datetime  # start of the step, UTC
    negative: int
    expected: float
    low: float
    high: float
    covered: bool = True  # False: a source was blind, so ``negative`` is unknown


class _Theme(NamedTuple):
    background: str
    text: str
    quiet: str  # axes, subtitle
    grid: str
    blind: str
    observed: str
    expected: str


_LIGHT = _Theme("#ffffff", "#1c2430", "#5a6472", "#e7eaee", "#e3e6eb", "#c4320a", "#64748b")
_DARK = _Theme("#151a21", "#eef1f5", "#a3adba", "#2a313b", "#2f3742", "#ff8a5c", "#9aa9bd")
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"  # vl-convert brings the first along
_ROW = 19  # height of a line of labels above the plot
_LETTER = 8  # width of a letter in them, about
_STEPS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080))


def surge_chart(
    points: Sequence[ChartPoint],
    *,
    title: str,
    onset: datetime | None,
    opened: datetime | None,
    dark: bool = False,
    width: int = 480,
    height: int = 220,
    timezone: str = "UTC",
) -> dict[str, Any]:
    """What was observed against what was expected, as a Vega-Lite specification.

    ``onset`` and ``opened`` are marked where they lie within the points, stretches without
    coverage are shaded, and times are those of ``timezone``, whatever the machine that draws is
    set to. Series are labelled where they run, so no colour has to be looked up. ``width``
    is that of the whole picture, ``height`` that of the plot, both at scale 1.

    Raises ``ValueError`` without points.
    """
    if not points:
        raise ValueError("expected at least one point to draw")
    zone, theme = ZoneInfo(timezone), _DARK if dark else _LIGHT
    step = min((later.at - earlier.at for earlier, later in pairwise(points)), default=timedelta(minutes=1))
    peak = max(points, key=lambda point: (point.covered, point.negative))
    top = max(4.0, 1.15 * max(max(point.high, point.negative if point.covered else 0) for point in points))
    usual = max(point.high for point in points[: len(points) // 4 + 1])
    x = _x(points, step, zone, most=max(width // 90, 2))
    y = {
        "type": "quantitative",
        "scale": {"domain": [0, top], "nice": False},
        "axis": {"title": None, "tickMinStep": 1, "tickCount": 4, "format": "d"},
    }
    labels = _Labels(x, points[0].at, points[-1].at + step, width, theme)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": {
            "text": one_line(title, width // 8),
            "subtitle": f"negative mentions per {_length(step)}, {_city(timezone)} time",
            "offset": 10,
        },
        "width": width,
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": 12,
        "config": _config(theme),
        "layer": [
            *_blind(points, step, x, height, theme),
            *_series((*points, structs.replace(points[-1], at=points[-1].at + step)), x, y, theme),
            *labels.marks({"began": onset, "alert": opened}, zone, height),
            *labels.beside(points[0].at, "expected", {**y, "datum": usual}, side="left", color=theme.quiet, dy=-6),
            *(
                labels.beside(peak.at, f"{peak.negative} negative", {**y, "datum": peak.negative}, color=theme.observed)
                if peak.covered
                else ()
            ),
        ],
    }


class _Labels(NamedTuple):
    """Writes beside points in time, on the side that has room."""

    x: dict[str, Any]
    begin: datetime
    end: datetime
    width: int
    theme: _Theme

    def beside(
        self, at: datetime, text: str, y: dict[str, Any], *, side: str | None = None, color: str, **mark: Any
    ) -> list[dict[str, Any]]:
        """``text`` at one point, legible over whatever lies beneath."""
        align = side or ("left" if self._room(at) > len(text) else "right")
        look = {"type": "text", "text": text, "align": align, "dx": 5 if align == "left" else -5, **mark}
        place = {"data": {"values": [{"at": _ms(at)}]}, "encoding": {"x": self.x, "y": y}}
        halo = {"stroke": self.theme.background, "strokeWidth": 4, "strokeJoin": "round", "opacity": 0.85}
        return [{**place, "mark": {**look, **halo}}, {**place, "mark": {**look, "color": color}}]

    def marks(self, times: dict[str, datetime | None], zone: ZoneInfo, height: int) -> list[dict[str, Any]]:
        """A line down through the plot for each time, named above it.

        The first is named to its left and the last to its right where there is room; on the
        same side they take two rows, the outer one above, so that no line crosses a name.
        """
        inside = [(word, at) for word, at in times.items() if at is not None and self.begin <= at <= self.end]
        names = [f"{word} {at.astimezone(zone):%H:%M}" for word, at in inside]
        sides = [
            self._side(at, name, first=index == 0)
            for index, ((_, at), name) in enumerate(zip(inside, names, strict=True))
        ]
        layers = []
        for index, ((_, at), name, side) in enumerate(zip(inside, names, sides, strict=True)):
            outer = len(set(sides)) == 1 < len(sides) and index == (0 if side == "left" else len(sides) - 1)
            above = {"value": -2 * _ROW if outer else -_ROW}
            rule = {"x": self.x, "y": above, "y2": {"value": height}}
            layers += [
                {"data": {"values": [{"at": _ms(at)}]}, "mark": {"type": "rule", "strokeWidth": 1.4}, "encoding": rule},
                *self.beside(at, name, above, side=side, color=self.theme.text, baseline="top"),
            ]
        return layers

    def _room(self, at: datetime) -> float:
        """How many letters fit to the right."""
        return (self.end - at) / (self.end - self.begin) * self.width / _LETTER

    def _side(self, at: datetime, name: str, *, first: bool) -> str:
        if first:
            return "right" if self.width / _LETTER - self._room(at) > len(name) else "left"
        return "left" if self._room(at) > len(name) else "right"


def _x(points: Sequence[ChartPoint], step: timedelta, zone: ZoneInfo, *, most: int) -> dict[str, Any]:
    """The time axis: milliseconds of UTC under labels of local time, right through a change of clocks."""
    begin, end = points[0].at, points[-1].at + step
    midnight = begin.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    every = next((every for every in _STEPS if (end - begin) / every <= most), (end - begin) / most)
    first = -((midnight - begin) // every)
    ticks = {}
    for number in range(first, first + most + 2):
        at = midnight + number * every
        local = at.astimezone(zone)
        if begin <= at <= end:
            ticks[_ms(at)] = f"{local.day} {local:%b}" if (local.hour, local.minute) == (0, 0) else f"{local:%H:%M}"
    return {
        "field": "at",
        "type": "quantitative",
        "scale": {"domain": [_ms(begin), _ms(end)], "nice": False, "zero": False},
        "axis": {
            "title": None,
            "grid": False,
            "values": list(ticks),
            "labelExpr": f"({json.dumps(ticks)})[datum.value]",
        },
    }


def _blind(
    points: Sequence[ChartPoint], step: timedelta, x: dict[str, Any], height: int, theme: _Theme
) -> list[dict[str, Any]]:
    """Stretches in which nothing can be known: shaded, and named where there is room."""
    stretches = []
    for covered, run in groupby(points, key=lambda point: point.covered):
        if not covered:
            inside = list(run)
            begin, end = inside[0].at, inside[-1].at + step
            wide = (end - begin) * 8 > points[-1].at - points[0].at
            stretches.append(
                {
                    "from": _ms(begin),
                    "to": _ms(end),
                    "middle": _ms(begin + (end - begin) / 2),
                    "label": "no data" if wide else "",
                }
            )
    if not stretches:
        return []
    return [
        {
            "data": {"values": stretches},
            "mark": {"type": "rect", "color": theme.blind},
            "encoding": {"x": {**x, "field": "from"}, "x2": {"field": "to"}},
        },
        {
            "data": {"values": stretches},
            "mark": {"type": "text", "baseline": "top"},
            "encoding": {"x": {**x, "field": "middle"}, "y": {"value": height / 2}, "text": {"field": "label"}},
        },
    ]


def _series(points: Sequence[ChartPoint], x: dict[str, Any], y: dict[str, Any], theme: _Theme) -> list[dict[str, Any]]:
    rows = [
        {
            "at": _ms(point.at),
            "negative": point.negative if point.covered else None,
            "expected": point.expected,
            "low": point.low,
            "high": point.high,
        }
        for point in points
    ]
    return [
        {
            "data": {"values": rows},
            "layer": [
                {
                    "mark": {"type": "area", "color": theme.expected, "opacity": 0.25},
                    "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
                },
                {
                    "mark": {"type": "line", "color": theme.expected, "strokeDash": [5, 3], "strokeWidth": 1.8},
                    "encoding": {"x": x, "y": {**y, "field": "expected"}},
                },
                {
                    "mark": {
                        "type": "area",
                        "color": theme.observed,
                        "opacity": 0.25,
                        "invalid": "break-paths-show-path-domains",
                        "interpolate": "step-after",
                        "line": {"color": theme.observed, "strokeWidth": 1.8, "opacity": 1},
                    },
                    "encoding": {"x": x, "y": {**y, "field": "negative"}},
                },
            ],
        }
    ]


def _config(theme: _Theme) -> dict[str, Any]:
    return {
        "background": theme.background,
        "font": _FONT,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "color": theme.text,
            "fontSize": 17,
            "subtitleColor": theme.quiet,
            "subtitleFontSize": 14,
            "subtitlePadding": 5,
        },
        "axis": {
            "labelColor": theme.quiet,
            "labelFontSize": 14,
            "labelPadding": 5,
            "domainColor": theme.quiet,
            "tickColor": theme.quiet,
            "gridColor": theme.grid,
        },
        "axisY": {"domain": False, "ticks": False},
        "text": {"color": theme.text, "fontSize": 14},
        "rule": {"color": theme.text},
    }


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _length(step: timedelta) -> str:
    """How long a step is, as one says it: minute, 5 minutes, hour, day.

    >>> _length(timedelta(minutes=5)), _length(timedelta(hours=1)), _length(timedelta(seconds=30))
    ('5 minutes', 'hour', '30 seconds')
    """
    seconds = round(step.total_seconds())
    size, unit = next(
        (size, unit)
        for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
        if seconds % size == 0
    )
    return unit if seconds == size else f"{seconds // size} {unit}s"


def _city(timezone: str) -> str:
    """The place a zone is named after.

    >>> _city("America/New_York"), _city("UTC")
    ('New York', 'UTC')
    """
    return timezone.rpartition("/")[2].replace("_", " ")
