"""A report as Markdown: to be pasted where the lessons are talked through. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from daemon.people import who
from daemon.reports import phrases
from daemon.reports.record import IncidentReport
from daemon.web.exports import markdown_text, safe_markdown
from daemon.web.words import about, count, span


def as_markdown(report: IncidentReport) -> str:
    """The whole report. Whatever others or staff wrote stays text."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: IncidentReport) -> Iterator[str]:
    told = _clock(report)
    yield f"# {'DRILL: ' if report.drill else ''}{markdown_text(report.title)}"
    yield ""
    kind = report.kind.value
    yield f"{markdown_text(report.brand_name)}: {report.severity.value} {kind}. {phrases.standing(report)}"
    yield f"Incident {safe_markdown(report.id)}, written {phrases.day(report.written_at, report.timezone)};"
    yield f"times are of {report.timezone}. [Everything about it]({report.page})"
    if report.ending:
        yield from ("", f"> {markdown_text(report.ending)}")
    yield from _section("Figures", _figures(report))
    yield from _section("What was seen", _seen(report))
    yield from _section("What was said in public", _said(report))
    yield from _section(
        "What hid or delayed it", [f"- {told(one.since)}: {markdown_text(one.what)}" for one in report.delays]
    )
    yield from _section("What was confirmed", [f"{one.n}. {markdown_text(one.fact)}" for one in report.facts])
    yield from ("", "## Lessons")
    for lesson, text in report.lessons.items():
        yield from ("", f"### {lesson}", "", markdown_text(text) if text else "-")
    yield from ("", "## Timeline", "", "| At | What | Who | Detail |", "|---|---|---|---|")
    for line in report.timeline:
        at = phrases.clock(line.at, report.timezone, near=report.opened_at, to_the_second=True)
        cells = (at, line.what, who(line.actor, report.names), line.detail)
        yield "| " + " | ".join(map(safe_markdown, cells)) + " |"
    yield from ("", f"Chain: {len(report.timeline)} events, {report.head}")


def _section(title: str, lines: list[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "", *(lines or ["Nothing."]))


def _figures(report: IncidentReport) -> list[str]:
    rows = [f"| {name} | {value} | {limit} |" for name, value, limit, _ in phrases.figures(report)]
    return ["| What | How long | Limit |", "|---|---|---|", *rows]


def _seen(report: IncidentReport) -> list[str]:
    seen = report.seen
    people = count(seen.distinct_authors, "person", "people")
    counted = f"{count(seen.observed, 'negative mention')} by {people} in {count(seen.window_minutes, 'minute')}"
    lines = [
        f"- {counted}, usually {about(seen.expected)}; {seen.peak:,} at the most",
        f"- {markdown_text(seen.reason)}" if seen.reason else "",
        _shares("Where", seen.channels),
        _shares("Languages", seen.languages),
        f"- Words: {markdown_text(', '.join(seen.terms))}" if seen.terms else "",
    ]
    return [line for line in lines if line]


def _shares(name: str, counts: dict[str, int]) -> str:
    told = ", ".join(f"{markdown_text(key)} {n:,}" for key, n in counts.items())
    return f"- {name}: {told}" if told else ""


def _said(report: IncidentReport) -> list[str]:
    told = _clock(report)
    lines = []
    for word in report.said:
        where = markdown_text(word.channel or "every channel")
        lines += [
            f"- {told(word.at)}, {where}, {markdown_text(word.lang)}, by {markdown_text(who(word.by, report.names))}:",
            f"  {markdown_text(word.text)}",
        ]
    owed = []
    for one in report.updates:
        how = phrases.verdict(one.verdict)
        if one.verdict == "late" and one.at is not None:
            how += f" by {span(one.at - one.due)}"
        owed.append(f"- A word due {told(one.due)}: {how}")
    promised = [f"- Promised for {told(one.due)}: {phrases.verdict(one.verdict)}" for one in report.promises]
    return [*(lines or ["Nothing was said."]), *(["", *owed] if owed else []), *(["", *promised] if promised else [])]


def _clock(report: IncidentReport) -> Callable[[datetime], str]:
    return partial(phrases.clock, timezone=report.timezone, near=report.opened_at)
