"""Incidents as people read them on a terminal; other people's text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from daemon.people import who
from daemon.text import escape
from notifiers.wording import usual_count

_COLOURS = {"critical": "bold red", "major": "yellow", "minor": "cyan"}
_PIPED_WIDTH = 240  # a pipe has no edge at which to cut


def console() -> Console:
    """Standard output."""
    found = Console(highlight=False, soft_wrap=False)
    return found if found.is_terminal else Console(highlight=False, width=_PIPED_WIDTH)


def print_list(out: Console, incidents: Iterable[Mapping[str, Any]]) -> None:
    """One row for each incident."""
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "opened", "brand", "kind", "severity", "state", "title"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    for each in incidents:
        severity = str(each["severity"])
        table.add_row(
            _text(each["id"]),
            _text(_minute(each["opened_at"])),
            _text(each["brand"]),
            _text(each["kind"]),
            Text(escape(severity), style=_COLOURS.get(severity, "")),
            _text(each["state"]),
            _text(each["title"]),
        )
    if table.row_count:
        out.print(table)
    else:
        out.print("No incident.")


def print_incident(out: Console, incident: Mapping[str, Any], events: Iterable[Mapping[str, Any]] = ()) -> None:
    """One incident with its evidence, replies and timeline."""
    evidence = incident["evidence"]
    usual = usual_count(evidence["expected"])
    out.print(Text(escape(f"{incident['id']}  {incident['title']}"), style="bold"))
    rows = {
        "brand": incident["brand"],
        "state": f"{incident['severity']} {incident['kind']}, {incident['state']}",
        "opened": f"{_minute(incident['opened_at'])} (began about {_minute(incident['onset_at'])})",
        "acknowledged": _by(incident["acknowledged_at"], incident["acknowledged_by"]),
        "assigned to": who(incident["assigned_to"]) if incident["assigned_to"] else None,
        "snoozed until": _minute(incident["snoozed_until"]),
        "next word due": _minute(incident["next_update_due"]),
        "ended": _minute(incident["resolved_at"]),
        "observed": f"{evidence['observed']} in {evidence['window_minutes']} min, expected {usual}",
        "where": _tally(evidence["channels"]),
        "languages": _tally(evidence["languages"]),
        "words": ", ".join(evidence["terms"]),
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in rows.items():
        if value:
            table.add_row(name, _text(value))
    out.print(table)
    _section(
        out, "What people write", (f"{_minute(each['published_at'])}  {each['text']}" for each in evidence["examples"])
    )
    _section(
        out,
        "Replies to post",
        (f"[{each['lang']}, {each['visibility']}] {each['text']}" for each in incident["holding_replies"]),
    )
    _section(out, "Timeline", (f"{each['at']}  {each['kind']:<15} {who(each['actor'])}" for each in events))


def print_incident_why(out: Console, why: Mapping[str, Any]) -> None:
    """Why an incident is one."""
    out.print(Text(escape(f"{why['incident_id']}  {why['severity']} {why['kind']}, {why['state']}"), style="bold"))
    observed = f"{why['observed']} mentions by {why['distinct_authors']} people within {why['window_minutes']} min"
    rows = {
        "at": _minute(why["at"]),
        "observed": f"{observed}, expected {usual_count(why['expected'])}",
        "share": None if why["share"] is None else f"{why['share']:.0%} of those who wrote",
        "reach": f"up to {why['readers']:,} readers" if why["readers"] else None,
        "a year": _rates(why),
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in rows.items():
        if value:
            table.add_row(name, _text(value))
    out.print(table)
    _section(out, "Why", (reason["text"] for reason in why["reasons"]))


def print_moment(out: Console, moment: Mapping[str, Any]) -> None:
    """Why a brand did, or did not, alert."""
    out.print(Text(escape(f"{moment['brand']}  {_minute(moment['at'])}"), style="bold"))
    out.print(_text(moment["summary"]))
    _section(out, "What the detectors say", (f"{each['kind']}: {each['text']}" for each in moment["readings"]))
    _section(out, "Besides", (reason["text"] for reason in moment["reasons"]))


def _rates(why: Mapping[str, Any]) -> str | None:
    if why["threshold_per_year"] is None:
        return None
    return f"{why['false_alerts_per_year']:g} as strong; alerts at {why['threshold_per_year']:g} or fewer"


def _section(out: Console, heading: str, lines: Iterable[str]) -> None:
    for number, line in enumerate(lines):
        if number == 0:
            out.print(Text(f"\n{heading}", style="bold"))
        out.print(Text("  " + escape(line, keep="\n").replace("\n", "\n    ")))


def _text(value: object) -> Text:
    return Text(escape(str(value)))


def _minute(at: str | None) -> str:
    """``2026-03-02T12:00:00.000Z`` as ``2026-03-02 12:00Z``."""
    return f"{at[:10]} {at[11:16]}Z" if at else ""


def _by(at: str | None, actor: str | None) -> str:
    return f"{_minute(at)} by {who(actor)}" if at else ""


def _tally(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items(), key=lambda item: -item[1]))
