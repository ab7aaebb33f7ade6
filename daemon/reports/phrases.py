"""A report's figures in words, the same in every form of it. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from daemon.model import IncidentState
from daemon.reports.record import IncidentReport, Measure
from daemon.web.words import count, seconds, span

NAMES: Final = {
    "detected": "Detected",
    "alerted": "First person told",
    "acknowledged": "Acknowledged",
    "first_word": "First public word",
    "over": "Over",
}
_VERDICTS: Final = {
    "in_time": "in time",
    "late": "late",
    "missed": "never came",
    "open": "still to come",
    "kept": "kept",
    "broken": "broken",
}
TONES: Final = {"in_time": "good", "kept": "good", "late": "bad", "missed": "bad", "broken": "bad", "open": ""}
_OFFICIAL: Final = {
    IncidentState.RESOLVED: "Over",
    IncidentState.FALSE_ALARM: "A false alarm",
}


def measured(measure: Measure) -> str:
    """How long it took.

    >>> measured(Measure(name="acknowledged", seconds=120.0)), measured(Measure(name="detected", seconds=20.0))
    ('after 2 min', 'within a minute')
    """
    if measure.seconds is None:
        return "never"
    if measure.seconds < 60:  # noqa: PLR2004 - a minute
        return "within a minute"
    return f"after {seconds(measure.seconds)}"


def against(measure: Measure) -> str:
    """The limit, and whether it was met.

    >>> against(Measure(name="acknowledged", seconds=120.0, limit_seconds=300.0, within=True))
    'within its 5 min'
    """
    if measure.limit_seconds is None:
        return ""
    limit = seconds(measure.limit_seconds)
    if measure.within is None:
        return f"limit {limit}"
    return f"within its {limit}" if measure.within else f"limit {limit}, missed"


def verdict(word: str) -> str:
    """A verdict as one says it."""
    return _VERDICTS.get(word, word)


def punctuality(report: IncidentReport) -> str:
    """How many of the owed public words came in time."""
    over = [one for one in report.updates if one.verdict != "open"]
    if not over:
        return "none was due"
    return f"{sum(one.verdict == 'in_time' for one in over)} of {count(len(over), 'public word')} in time"


def kept(report: IncidentReport) -> str:
    """How many promises were kept."""
    if not report.promises:
        return "none made"
    broken = sum(one.verdict == "broken" for one in report.promises)
    still = sum(one.verdict == "open" for one in report.promises)
    told = f"{sum(one.verdict == 'kept' for one in report.promises)} of {len(report.promises)} kept"
    return told + (f", {broken} broken" if broken else "") + (f", {still} still owed" if still else "")


def figures(report: IncidentReport) -> tuple[tuple[str, str, str, str], ...]:
    """Every figure: its name, how long, against what, and good or bad."""
    rows = [
        (
            NAMES[one.name],
            _detected(one) if one.name == "detected" else measured(one),
            against(one),
            {True: "good", False: "bad", None: ""}[one.within],
        )
        for one in report.measures
        if one.seconds is not None or one.limit_seconds is not None
    ]
    late = any(one.verdict in {"late", "missed"} for one in report.updates)
    broken = any(one.verdict == "broken" for one in report.promises)
    if report.updates:
        rows.append(("Public words", punctuality(report), "", "bad" if late else ""))
    if report.promises:
        good = all(one.verdict == "kept" for one in report.promises)
        rows.append(("Promises", kept(report), "", "bad" if broken else "good" if good else ""))
    return tuple(rows)


def _detected(measure: Measure) -> str:
    told = measured(measure)
    return f"{told.removeprefix('after ')} after it began" if told.startswith("after") else told


def standing(report: IncidentReport) -> str:
    """How it stands, in a sentence."""
    if report.ended_at is None:
        return "It is not over yet."
    length = span(report.ended_at - report.opened_at)
    return f"{_OFFICIAL.get(report.state, 'Over')}, {length} after it was noticed."


def clock(at: datetime, timezone: str, *, near: datetime, to_the_second: bool = False) -> str:
    """A time by the brand's clock, with its day where that is not the day of ``near``."""
    zone = ZoneInfo(timezone)
    local = at.astimezone(zone)
    time = f"{local:%H:%M:%S}" if to_the_second else f"{local:%H:%M}"
    return time if local.date() == near.astimezone(zone).date() else f"{local.day} {local:%b} {time}"


def day(at: datetime, timezone: str) -> str:
    """A day and time by the brand's clock, in full."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%B %Y, %H:%M}"
