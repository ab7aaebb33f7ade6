"""A small chart as SVG: what was written against what was usual. Colours come from the page's style."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from daemon.backtest.replay import Bar

_WIDTH, _HEIGHT = 720, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 26, 24
_TICKS = (15, 30, 60, 120, 180, 360, 720, 1440, 2880)  # minutes between labels


def draw(bars: Sequence[Bar], width: timedelta, *, onset: datetime, opened: datetime, closed: datetime | None) -> str:
    """Bars of what was observed over the usual line and band; the alert and its onset are marked."""
    if not bars:
        return ""
    begin, end = bars[0].at, bars[-1].at + width
    span = (end - begin).total_seconds()
    top = _nice(max(max(bar.negative, bar.high) for bar in bars))

    def x(at: datetime) -> float:
        return _LEFT + (at - begin).total_seconds() / span * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - min(value, top) / top * (_HEIGHT - _TOP - _BOTTOM)

    base = y(0)
    wide = max(0.6, (x(begin + width) - x(begin)) * 0.86)
    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Negative mentions, with the usual range">']
    for value in (0, top / 2, top):
        height = f"{y(value):.1f}"
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{height}" y2="{height}"/>')
        parts.append(f'<text class="axis" x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,g}</text>')
    size = f'y="{_TOP}" width="{wide / 0.86:.1f}" height="{base - _TOP:.1f}"'
    parts += [f'<rect class="unknown" x="{x(bar.at):.1f}" {size}/>' for bar in bars if not bar.covered]
    middle = width / 2
    outline = [f"{x(bar.at + middle):.1f},{y(bar.high):.1f}" for bar in bars]
    outline += [f"{x(bar.at + middle):.1f},{y(bar.low):.1f}" for bar in reversed(bars)]
    parts.append(f'<polygon class="band" points="{" ".join(outline)}"/>')
    for bar in bars:
        if bar.negative:
            after = " after" if bar.at + width > opened and (closed is None or bar.at < closed) else ""
            parts.append(
                f'<rect class="bar{after}" x="{x(bar.at):.1f}" y="{y(bar.negative):.1f}"'
                f' width="{wide:.1f}" height="{base - y(bar.negative):.1f}"/>'
            )
    usual = " ".join(f"{x(bar.at + middle):.1f},{y(bar.expected):.1f}" for bar in bars)
    parts.append(f'<polyline class="usual" points="{usual}"/>')
    parts += _marks(x(onset), x(opened), base)
    parts += _hours(begin, end, x)
    return "".join((*parts, "</svg>"))


def _marks(onset: float, opened: float, base: float) -> list[str]:
    parts = []
    if opened - onset > 4:  # noqa: PLR2004 - closer they are one line
        parts.append(f'<line class="onset" x1="{onset:.1f}" x2="{onset:.1f}" y1="{_TOP}" y2="{base:.1f}"/>')
    parts.append(f'<line class="opened" x1="{opened:.1f}" x2="{opened:.1f}" y1="{_TOP - 6}" y2="{base:.1f}"/>')
    anchor = "end" if opened > _WIDTH * 0.8 else "start"
    beside = opened + (-4 if anchor == "end" else 4)
    parts.append(f'<text class="mark" x="{beside:.1f}" y="{_TOP - 10}" text-anchor="{anchor}">alert</text>')
    return parts


def _hours(begin: datetime, end: datetime, x: Callable[[datetime], float]) -> list[str]:
    minutes = (end - begin).total_seconds() / 60
    every = next((size for size in _TICKS if minutes / size <= 7), _TICKS[-1])  # noqa: PLR2004 - labels that fit
    first = math.ceil(begin.timestamp() / (every * 60)) * every * 60
    parts = []
    at = datetime.fromtimestamp(first, UTC)
    while at < end:
        label = f"{at:%d %b}" if at.hour == at.minute == 0 else f"{at:%H:%M}"
        parts.append(f'<text class="axis" x="{x(at):.1f}" y="{_HEIGHT - 6}" text-anchor="middle">{label}</text>')
        at += timedelta(minutes=every)
    return parts


def _nice(value: float) -> float:
    """The next number that is easy to read, two of which make an axis.

    >>> [_nice(value) for value in (0.3, 7, 23, 410)]
    [2, 8, 40, 600]
    """
    scale = 10 ** math.floor(math.log10(max(value, 2)))
    return next(int(step * scale) for step in (2, 4, 6, 8, 10, 20) if step * scale >= value and step * scale >= 2)  # noqa: PLR2004
