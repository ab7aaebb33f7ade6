"""The chart of a report as SVG: what was written against what was usual, with the incident's marks. Pure.

Colours come from the page's style, so one drawing serves light, dark and paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from daemon.reports.record import IncidentReport
from daemon.series import Point

_WIDTH, _HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 40, 34
_TICKS: Final = (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880)  # minutes between labels
_MOST_LABELS = 7
_NEAR = 20.0  # units in which two marks share one flag


class Mark(NamedTuple):
    """A moment that is marked in the chart, and told below it."""

    letter: str
    at: datetime
    what: str


def marks(report: IncidentReport) -> list[Mark]:
    """The incident's moments in order, lettered."""
    first = next((one.at for one in report.said), None)
    taken = next((line.at for line in report.timeline if line.kind == "acknowledged"), None)
    found = {
        "began": report.onset_at,
        "noticed": report.opened_at,
        "acknowledged": taken,
        "first public word": first,
        "over": report.ended_at,
    }
    told = sorted(((at, what) for what, at in found.items() if at is not None), key=lambda pair: pair[0])
    return [Mark(chr(ord("A") + place), at, what) for place, (at, what) in enumerate(told)]


def draw(report: IncidentReport) -> str:
    """What was negative, what is usual, and the marks; nothing where there is no series."""
    points = report.series
    if not points:
        return ""
    step = min((later.at - earlier.at for earlier, later in pairwise(points)), default=timedelta(minutes=1))
    frame = _Frame(points, step)
    parts = [
        *_grid(frame, ZoneInfo(report.timezone)),
        *_unknown(frame),
        f'<path class="band" d="{_band(frame)}"/>',
        f'<path class="usual" d="{_line([(frame.x(p.at), frame.y(p.expected)) for p in frame.whole])}"/>',
        *(f'<path class="seen" d="{_steps(frame, run)}"/>' for run in _covered(frame)),
        *_flags(frame, marks(report)),
    ]
    label = "Negative mentions over time, beside what is usual"
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">' + "".join(parts) + "</svg>"


class _Frame:
    """Where times and numbers lie."""

    def __init__(self, points: Sequence[Point], step: timedelta) -> None:
        self.points, self.step = points, step
        self.begin, self.end = points[0].at, points[-1].at + step
        self.top = _nice(max(max(p.high, p.negative if p.covered else 0) for p in points))
        last = points[-1]
        end = Point(
            at=self.end,
            mentions=0,
            negative=0,
            expected=last.expected,
            low=last.low,
            high=last.high,
            covered=last.covered,
        )
        self.whole = (*points, end)

    def x(self, at: datetime) -> float:
        return _LEFT + (at - self.begin) / (self.end - self.begin) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - min(max(value, 0.0), self.top) / self.top * (_HEIGHT - _TOP - _BOTTOM)


def _nice(most: float) -> int:
    """The least round top for the axis that divides in four.

    >>> _nice(3), _nice(22), _nice(90), _nice(412)
    (4, 24, 100, 600)
    """
    size = 1
    while True:
        for quarter in (1, 2, 3, 4, 5, 6, 8):
            if 4 * quarter * size >= most:
                return 4 * quarter * size
        size = size * 5 if str(size).startswith("1") else size * 2


def _grid(frame: _Frame, zone: ZoneInfo) -> Iterator[str]:
    for quarter in range(0, 5, 2):
        value = frame.top * quarter // 4
        y = frame.y(value)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="axis" x="{_LEFT - 7}" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>'
    length = (frame.end - frame.begin) / timedelta(minutes=1)
    every = timedelta(minutes=next((tick for tick in _TICKS if length / tick <= _MOST_LABELS), _TICKS[-1]))
    at = frame.begin.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    while at <= frame.end:
        local = at.astimezone(zone)
        if at >= frame.begin and _LEFT + 12 < frame.x(at) < _WIDTH - 24:
            told = f"{local.day} {local:%b}" if (local.hour, local.minute) == (0, 0) else f"{local:%H:%M}"
            yield f'<text class="axis" x="{frame.x(at):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{told}</text>'
        at += every


def _unknown(frame: _Frame) -> Iterator[str]:
    for covered, run in groupby(frame.points, key=lambda point: point.covered):
        if not covered:
            inside = list(run)
            left, right = frame.x(inside[0].at), frame.x(inside[-1].at + frame.step)
            height = _HEIGHT - _TOP - _BOTTOM
            yield f'<rect class="unknown" x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" height="{height}"/>'


def _covered(frame: _Frame) -> list[list[Point]]:
    return [list(run) for covered, run in groupby(frame.points, key=lambda point: point.covered) if covered]


def _steps(frame: _Frame, run: Sequence[Point]) -> str:
    """The outline of what was negative in one stretch, closed at the bottom."""
    base = frame.y(0)
    corners = [(frame.x(run[0].at), base)]
    for point in run:
        y = frame.y(point.negative)
        corners += [(frame.x(point.at), y), (frame.x(point.at + frame.step), y)]
    corners.append((frame.x(run[-1].at + frame.step), base))
    return _line(corners) + "Z"


def _band(frame: _Frame) -> str:
    over = [(frame.x(point.at), frame.y(point.high)) for point in frame.whole]
    under = [(frame.x(point.at), frame.y(point.low)) for point in reversed(frame.whole)]
    return _line([*over, *under]) + "Z"


def _line(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners)


def _flags(frame: _Frame, found: Sequence[Mark]) -> Iterator[str]:
    """A line for each moment, and its letter above; moments too near for two letters share a flag."""
    flags: list[tuple[float, str]] = []
    for mark in found:
        if not frame.begin <= mark.at <= frame.end:
            continue
        x = frame.x(mark.at)
        yield f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{_HEIGHT - _BOTTOM}"/>'
        if flags and x - flags[-1][0] < _NEAR + 8 * (len(flags[-1][1]) - 1):
            flags[-1] = (flags[-1][0], flags[-1][1] + mark.letter)
        else:
            flags.append((x, mark.letter))
    for x, letters in flags:
        inside = min(x, _WIDTH - _RIGHT - 8 * len(letters))
        yield f'<text class="flag" x="{inside:.1f}" y="{_TOP - 11}">{letters}</text>'
