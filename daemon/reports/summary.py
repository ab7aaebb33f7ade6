"""A period's report in a few rows, the same in every form of it. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from daemon.report import Report, Told
from daemon.reports.period import Speed
from daemon.web.words import count, seconds

_GOOD: Final = 0.9  # share in time from which it is well
_SPEEDS: Final = {
    "detected": "Detected",
    "alerted": "First person told",
    "acknowledged": "Acknowledged",
    "first_word": "First public word",
    "over": "Over",
}
KINDS: Final = {
    "surge": "surge",
    "share": "mood",
    "reach": "far voice",
    "risk": "risk words",
    "blind": "blind",
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, in words."""

    name: str
    value: str
    detail: str = ""
    before: str = ""  # the same, of the month before
    tone: str = ""  # good | bad


def rows(told: Told) -> list[Row]:
    """What matters of it, the most telling first."""
    now, before = _figures(told.report), _figures(told.before) if told.before else {}
    return [msgspec.structs.replace(row, before=_known(before.get(name))) for name, row in now.items()]


def short(told: Told) -> tuple[tuple[str, str], ...]:
    """The same as names and values, for a message."""
    return tuple((row.name, _said(row)) for row in rows(told))


def _known(before: Row | None) -> str:
    return "" if before is None or before.value == "–" else before.value


def _said(row: Row) -> str:
    told = f"{row.value}, {row.detail}" if row.detail else row.value
    return f"{told} (before: {row.before})" if row.before else told


def _figures(report: Report) -> dict[str, Row]:
    found = [_incidents(report), *(_speed(name, getattr(report.reaction, name)) for name in _SPEEDS)]
    updates, promises = report.reaction.updates, report.reaction.promises
    found += [
        _part("Public words in time", updates["in_time"], sum(updates.values())),
        _part("Promises kept", promises["kept"], promises["kept"] + promises["broken"]),
        Row(name="Mentions", value=f"{report.mentions.accepted:,}", detail=_mentions(report)),
    ]
    return {row.name: row for row in found}


def _incidents(report: Report) -> Row:
    figures = report.incidents
    parts = [
        f"{n} {severity}" for severity in ("critical", "major", "minor") if (n := figures.by_severity.get(severity, 0))
    ]
    if figures.false_alarms:
        parts.append(count(figures.false_alarms, "false alarm"))
    if figures.still_open:
        parts.append(f"{figures.still_open} still open")
    return Row(name="Incidents", value=str(figures.opened), detail=", ".join(parts))


def _speed(name: str, speed: Speed) -> Row:
    if speed.median_seconds is None:
        return Row(name=_SPEEDS[name], value="–", detail=f"0 of {speed.of}" if speed.of else "")
    within = f"{speed.share_within:.0%} in time" if speed.share_within is not None else ""
    some = f"{speed.happened} of {speed.of}" if speed.happened < speed.of else ""
    return Row(
        name=_SPEEDS[name],
        value=seconds(speed.median_seconds) if speed.median_seconds >= 60 else "under a minute",  # noqa: PLR2004 - a minute
        detail=", ".join(filter(None, (within, some))),
        tone=_tone(speed.share_within),
    )


def _part(name: str, good: int, of: int) -> Row:
    return Row(name=name, value=f"{good} of {of}" if of else "–", tone=_tone(good / of if of else None))


def _tone(share: float | None) -> str:
    if share is None:
        return ""
    return "good" if share >= _GOOD else "bad"


def _mentions(report: Report) -> str:
    told = [("rejected", report.mentions.rejected), ("late", report.mentions.late)]
    return ", ".join(f"{n:,} {what}" for what, n in told if n)
