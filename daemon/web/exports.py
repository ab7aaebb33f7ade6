"""A timeline as a table for people: CSV that no spreadsheet runs, Markdown that stays text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import Any, Final

from daemon.model import Incident, TimelineEvent
from daemon.response.handover import Handover
from daemon.views import event_view, format_time
from notifiers.plain import one_line

COLUMNS: Final = ("seq", "at", "kind", "actor", "data", "hash")

_LONG: Final = 20_000  # characters: what was said is handed over in full
_FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")  # what begins a formula or a command in one spreadsheet or another
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~&-])")


def safe_cell(value: str) -> str:
    """``value`` as a spreadsheet shows it instead of computing it.

    >>> safe_cell("=1+1"), safe_cell("anna")
    ("'=1+1", 'anna')
    """
    return f"'{value}" if value.lstrip(" \u00a0\ufeff").startswith(_FORMULA) or value[:1] in _FORMULA else value


def timeline_csv(events: Sequence[TimelineEvent]) -> str:
    """The events with a header, every cell quoted."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for event in events:
        row = event_view(event) | {"data": _json(event.data)}
        writer.writerow([safe_cell(str(row[column])) for column in COLUMNS])
    return out.getvalue()


def timeline_markdown(incident: Incident, events: Sequence[TimelineEvent]) -> str:
    """A page with the incident's head and its events as a table."""
    lines = [
        f"# {safe_markdown(incident.title)}",
        "",
        f"- Incident: {safe_markdown(incident.id)}",
        f"- Brand: {safe_markdown(incident.brand)}",
        f"- Kind and severity: {incident.kind.value}, {incident.severity.value}",
        f"- State: {safe_markdown(incident.state.value)}",
        f"- Opened: {format_time(incident.opened_at)}",
        f"- Chain: {incident.head_seq} events, {incident.head_hash}",
        "",
        "| # | At | What | Who | Data |",
        "|---|---|---|---|---|",
    ]
    for event in events:
        cells = (str(event.seq), format_time(event.at), event.kind.value, event.actor, _json(event.data))
        lines.append("| " + " | ".join(map(safe_markdown, cells)) + " |")
    return "\n".join(lines) + "\n"


def safe_markdown(value: str) -> str:
    r"""``value`` on one line in which nothing is Markdown, HTML or a formula.

    >>> safe_markdown("a|b <b>")
    'a\\|b \\<b\\>'
    """
    return safe_cell(_escaped(value))


def handover_markdown(note: Handover) -> str:
    """The note for the next shift as a page."""
    lines = [
        f"# {_escaped(note.title)}",
        "",
        note.written(format_time(note.written_at)),
    ]
    for section in note.sections:
        lines += ["", f"## {section.title}", "", *(f"- {markdown_text(line)}" for line in section.lines)]
    return "\n".join(lines) + "\n"


def markdown_text(value: str) -> str:
    r"""``value`` on one line, in full, in which nothing is Markdown or HTML.

    >>> markdown_text("*a* <b>")
    '\\*a\\* \\<b\\>'
    """
    return _escaped(value, _LONG)


def _escaped(value: str, most: int | None = None) -> str:
    return _MARKDOWN.sub(r"\\\1", one_line(value) if most is None else one_line(value, most))


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True)
