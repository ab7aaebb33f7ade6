"""A series through the live detectors: its alerts, its scores, and what the report shows of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from daemon.backtest.circumstances import Circumstances
from daemon.backtest.series import Series, Written
from daemon.views import format_time
from detectors.backtest import Alert, Backtest
from detectors.baseline import AT_LARGE
from detectors.prior import Known, Rhythm
from detectors.terms import Candidate, describe, examples

RATES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)  # shown beside the one that is set
_BEFORE = timedelta(hours=4)  # shown before an alert began
_AFTER = timedelta(hours=2)  # and after it ended
_LONGEST = timedelta(hours=36)
_BARS = 150  # of a chart, at most
_TEXTS = 400  # looked at for words
_SPOKEN = 280  # characters of an example
_DAYS = timedelta(days=14)  # of the past that words are compared with


class Bar(msgspec.Struct, frozen=True):
    """One bar of a chart."""

    at: datetime
    negative: int
    expected: float
    low: float
    high: float
    covered: bool


class Shown(msgspec.Struct, frozen=True):
    """An alert as the report shows it."""

    alert: Alert
    bars: list[Bar]
    bar: timedelta
    terms: tuple[str, ...]
    examples: list[Written]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a series came to."""

    name: str
    begin: datetime | None
    end: datetime | None
    alerts: list[Alert]
    shown: list[Shown]
    rates: tuple[float, ...]
    counts: list[int]  # alerts at each of the rates
    unknown: int  # steps of which nothing is known
    steps: int
    scores: list[tuple[datetime, float]]
    learned: dict[datetime, Known]  # the rhythm that was known at the times asked for


def replay(
    series: Series,
    *,
    rate: float,
    known: Circumstances,
    scores: bool,
    report: bool,
    prior: Rhythm = AT_LARGE,
    asked: Sequence[datetime] = (),
    progress: Callable[[int], None] | None = None,
) -> Outcome:
    """Run ``series`` at ``rate`` false alerts a year; ``progress`` is told how many rows are done.

    ``prior``: the rhythm that its brand is taken for. ``asked``: times, in order, at which other brands begin, whose
    prior is made of what is known of this one.
    """
    rates = (rate, *sorted({*RATES, rate})) if report else (rate,)
    backtest = Backtest(
        rates=rates,
        timezone=known.timezone,
        country=known.country,
        resolve_after=known.resolve_after,
        offset=series.offset,
        prior=prior,
    )
    learned: dict[datetime, Known] = {}
    scored: list[tuple[datetime, float]] = []
    bars: dict[datetime, Bar] = {}
    for number, row in enumerate(series.rows):
        while len(learned) < len(asked) and asked[len(learned)] <= row.at:
            learned[asked[len(learned)]] = backtest.monitor.learned()
        score = backtest.row(row.tick, row.at)
        if scores and row.given:
            scored.append((row.at, score))
        if report:
            tick = row.tick
            mean = backtest.monitor.expected(tick.at, tick.minutes)[0]
            at = tick.at + series.offset
            bars[at] = Bar(at, tick.negative_authors, mean, 0.0, 0.0, tick.covered)
        if progress is not None and number % 2000 == 0:
            progress(number)
    begin = series.rows[0].at if series.rows else None
    end = series.rows[-1].at + series.step if series.rows else None
    return Outcome(
        name=series.name,
        begin=begin,
        end=end,
        alerts=backtest.alerts,
        shown=[_shown(alert, bars, series, backtest) for alert in backtest.alerts] if report else [],
        rates=rates[1:],
        counts=backtest.counts()[1:],
        unknown=sum(not bar.covered for bar in bars.values()),
        steps=len(bars),
        scores=scored,
        learned={**dict.fromkeys(asked, backtest.monitor.learned()), **learned},
    )


def as_json(name: str, alert: Alert) -> dict[str, Any]:
    """An alert as a line of the output."""
    return {
        "series": name,
        "opened_at": format_time(alert.opened_at),
        "onset_at": format_time(alert.onset_at),
        "closed_at": None if alert.closed_at is None else format_time(alert.closed_at),
        "kind": alert.kind.value,
        "severity": alert.severity.value,
        "observed": alert.observed,
        "expected": round(alert.expected, 3),
        "window_minutes": alert.window_minutes,
        "evidence": round(alert.evidence, 3),
        "false_alerts_per_year": float(f"{alert.false_alerts_per_year:.3g}"),
        "reason": alert.reason,
    }


def _shown(alert: Alert, bars: dict[datetime, Bar], series: Series, backtest: Backtest) -> Shown:
    begin = min(alert.onset_at, alert.opened_at - timedelta(minutes=alert.window_minutes)) - _BEFORE
    end = min((alert.closed_at or alert.opened_at) + _AFTER, begin + _LONGEST)
    picked = [bar for at, bar in bars.items() if begin <= at <= end]
    together = max(1, -(-len(picked) // _BARS))
    nice = next((size for size in (1, 2, 5, 10, 15, 20, 30, 60, 120, 240) if size >= together), together)
    bar = series.step * nice
    terms, quoted = _said(alert, series.written)
    return Shown(alert, _binned(picked, bar, nice, backtest), bar, terms, quoted)


def _binned(bars: Sequence[Bar], width: timedelta, steps: int, backtest: Backtest) -> list[Bar]:
    together: dict[datetime, list[Bar]] = {}
    for bar in bars:
        together.setdefault(bars[0].at + (bar.at - bars[0].at) // width * width, []).append(bar)
    found = []
    for at, group in together.items():
        mean = sum(bar.expected for bar in group) * steps / len(group)
        low, high = backtest.monitor.surge.band(mean, steps)
        found.append(Bar(at, sum(b.negative for b in group), mean, low, high, all(b.covered for b in group)))
    return found


def _said(alert: Alert, written: Sequence[Written]) -> tuple[tuple[str, ...], list[Written]]:
    """The words of an alert against the brand's past, and texts that show it."""
    begin = alert.opened_at - timedelta(minutes=alert.window_minutes)
    end = min(alert.closed_at or alert.opened_at, alert.opened_at + timedelta(hours=1))
    now = [one for one in written if one.negative and begin <= one.at <= max(end, alert.opened_at)][:_TEXTS]
    past = [one for one in written if begin - _DAYS <= one.at < begin][-_TEXTS:]
    if not now:
        return (), []
    terms = describe([(one.text, one.lang) for one in now], [(one.text, one.lang) for one in past])
    chosen = examples([Candidate(text=o.text, author=o.author, published_at=o.at, reach=o.reach) for o in now])
    return terms, [msgspec.structs.replace(now[index], text=now[index].text[:_SPOKEN]) for index in chosen]
