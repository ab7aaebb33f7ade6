"""The page that people can read: each alert with its chart, and what other sensitivities would have given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup

from daemon.backtest.chart import draw
from daemon.backtest.replay import Outcome, Shown
from daemon.text import one_line
from detectors.backtest import Alert
from detectors.signal import often
from notifiers.wording import usual_count

_KINDS = {
    "surge": "Surge of negative mentions",
    "share": "Mentions turned negative",
    "reach": "A far-reaching complaint",
    "risk": "Words that are never normal",
}


class _Sensitivity(msgspec.Struct, frozen=True):
    rate: float
    alerts: int
    chosen: bool


def page(outcomes: Sequence[Outcome], rate: float) -> str:
    """The whole page, complete in itself; the same outcomes give the same bytes."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("daemon.backtest"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    begin = min((one.begin for one in outcomes if one.begin), default=None)
    end = max((one.end for one in outcomes if one.end), default=None)
    return environment.get_template("report.html").render(
        series=[_series(one) for one in outcomes],
        alerts=sum(len(one.alerts) for one in outcomes),
        begin=_day(begin),
        end=_day(end),
        days=_days(begin, end),
        rate=f"{rate:g}",
        table=_table(outcomes, rate),
    )


def _series(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": one_line(outcome.name),
        "days": _days(outcome.begin, outcome.end),
        "alerts": [_alert(shown, number) for number, shown in enumerate(outcome.shown, 1)],
        "unknown": f"{outcome.unknown / outcome.steps:.1%}" if outcome.unknown else "",
    }


def _alert(shown: Shown, number: int) -> dict[str, Any]:
    alert = shown.alert
    lead = alert.opened_at - alert.onset_at
    return {
        "number": number,
        "title": _KINDS[alert.kind.value],
        "severity": alert.severity.value,
        "opened": _minute(alert.opened_at),
        "lasted": _lasted(alert),
        "onset": _minute(alert.onset_at),
        "lead": _span(lead) if lead else "",
        "observed": f"{alert.observed:,}",
        "expected": usual_count(alert.expected),
        "window": _span(timedelta(minutes=alert.window_minutes)),
        "often": often(alert.false_alerts_per_year),
        "why": one_line(alert.reason[:1].upper() + alert.reason[1:]),
        "chart": _chart(shown),
        "terms": [one_line(term) for term in shown.terms],
        "examples": [(_minute(one.at), one_line(one.text)) for one in shown.examples],
    }


def _chart(shown: Shown) -> Markup:
    alert = shown.alert
    drawn = draw(shown.bars, shown.bar, onset=alert.onset_at, opened=alert.opened_at, closed=alert.closed_at)
    return Markup(drawn)  # noqa: S704 - made of numbers and times alone


def _lasted(alert: Alert) -> str:
    if alert.closed_at is None:
        return "still going on at the end"
    return f"lasted {_span(alert.closed_at - alert.opened_at)}"


def _table(outcomes: Sequence[Outcome], rate: float) -> list[_Sensitivity]:
    if not outcomes:
        return []
    totals = [sum(counts) for counts in zip(*(one.counts for one in outcomes), strict=True)]
    return [_Sensitivity(each, total, each == rate) for each, total in zip(outcomes[0].rates, totals, strict=True)]


def _minute(at: datetime) -> str:
    return f"{at:%a %d %b %Y, %H:%M} UTC"


def _day(at: datetime | None) -> str:
    return f"{at:%d %b %Y}" if at else ""


def _days(begin: datetime | None, end: datetime | None) -> str:
    if begin is None or end is None:
        return "no time at all"
    return _span(end - begin)


def _span(span: timedelta) -> str:
    """Words for a span, in its two largest units.

    >>> _span(timedelta(minutes=1)), _span(timedelta(minutes=135)), _span(timedelta(days=35))
    ('1 minute', '2 hours 15 minutes', '35 days')
    """
    minutes = max(1, round(span.total_seconds() / 60))
    parts = [(minutes // 1440, "day"), (minutes % 1440 // 60, "hour"), (minutes % 60, "minute")]
    said = [f"{count} {unit}{'s' if count > 1 else ''}" for count, unit in parts if count]
    first = next(place for place, (count, _) in enumerate(parts) if count)
    return " ".join(said[: 2 if first + 1 < len(parts) and parts[first + 1][0] else 1])
