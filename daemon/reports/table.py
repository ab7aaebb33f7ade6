"""A report as one table: CSV that no spreadsheet runs. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from daemon.reports.phrases import verdict
from daemon.reports.record import IncidentReport
from daemon.views import format_time
from daemon.web.exports import safe_cell

COLUMNS: Final = ("incident", "section", "at", "name", "who", "seconds", "limit_seconds", "verdict", "text")

Row = dict[str, str]


def as_csv(report: IncidentReport) -> str:
    """A header and a row for each figure, word, promise, delay and event; times are UTC."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for row in _rows(report):
        writer.writerow({"incident": report.id} | {name: safe_cell(value) for name, value in row.items()})
    return out.getvalue()


def _rows(report: IncidentReport) -> Iterator[Row]:
    met = {True: "within", False: "missed", None: ""}
    for one in report.measures:
        yield {
            "section": "figure",
            "name": one.name,
            "seconds": _number(one.seconds),
            "limit_seconds": _number(one.limit_seconds),
            "verdict": met[one.within],
        }
    for owed in report.updates:
        late = "" if owed.at is None else _number(max(0.0, (owed.at - owed.due).total_seconds()))
        at = "" if owed.at is None else format_time(owed.at)
        told = {"section": "public_word", "at": at, "name": f"due {format_time(owed.due)}"}
        yield told | {"seconds": late, "verdict": verdict(owed.verdict)}
    for promise in report.promises:
        told = {"section": "promise", "at": format_time(promise.made_at), "name": f"due {format_time(promise.due)}"}
        yield told | {"verdict": verdict(promise.verdict)}
    for word in report.said:
        name = f"{word.channel or 'every channel'} ({word.lang})"
        yield {"section": "said", "at": format_time(word.at), "name": name, "who": word.by, "text": word.text}
    for delay in report.delays:
        length = "" if delay.until is None else _number((delay.until - delay.since).total_seconds())
        told = {"section": "delay", "at": format_time(delay.since), "name": delay.kind, "text": delay.what}
        yield told | {"seconds": length}
    for fact in report.facts:
        told = {"section": "fact", "at": format_time(fact.at), "name": str(fact.n), "text": fact.fact}
        yield told | {"who": fact.source or ""}
    for line in report.timeline:
        told = {"section": "timeline", "at": format_time(line.at), "name": line.kind, "who": line.actor}
        yield told | {"text": line.detail}
    for lesson, text in report.lessons.items():
        yield {"section": "lesson", "name": lesson, "text": text}


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if value < 1e6 else f"{value:.0f}"  # noqa: PLR2004 - no exponents
