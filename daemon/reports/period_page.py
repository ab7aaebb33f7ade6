"""The report of a period as Markdown and as a page that is complete in itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.people import reached
from daemon.report import Told
from daemon.reports.html import template
from daemon.reports.period import Listed, Precision
from daemon.reports.summary import KINDS, rows
from daemon.web.exports import markdown_text, safe_markdown
from daemon.web.words import STATES, count, moment, seconds


def as_markdown(told: Told) -> str:
    """The whole report. Whatever others wrote stays text."""
    return "\n".join(_lines(told)).rstrip() + "\n"


def _lines(told: Told) -> Iterator[str]:
    report = told.report
    yield from (f"# Report: {told.title}", "", f"Times are of {told.timezone}. [The same as a page](<{told.page}>)", "")
    against = " Before |" if told.before else ""
    yield from (f"| What | Figure | |{against}", "|---|---|---|" + ("---|" if told.before else ""))
    for row in rows(told):
        last = f" {row.before} |" if told.before else ""
        yield f"| {row.name} | {row.value} | {row.detail} |{last}"
    yield from ("", "## Incidents", "")
    yield from [_listed(told, one) for one in report.listed] or ["None."]
    if report.precision:
        yield from (
            "",
            "## How often it was right",
            "",
            "| Brand | Kind | Confirmed | False alarms | Nobody said | Right |",
        )
        yield "|---|---|---|---|---|---|"
        for each in report.precision:
            brand = safe_markdown(told.brands.get(each.brand, each.brand))
            figures = f"{each.confirmed} | {each.false_alarms} | {each.unlabelled} | {share(each)}"
            yield f"| {brand} | {KINDS[each.kind.value]} | {figures} |"
    if report.reaction.called:
        yield from ("", "## Who was called", "")
        yield from (
            f"- {markdown_text(reached(target, told.names))}: {count(n, 'alert')}"
            for target, n in report.reaction.called.items()
        )
    dead = report.clocks.dead_channels
    if dead:
        yield from ("", "## Channels nobody answers", "")
        yield from (
            f"- {markdown_text(told.brands.get(one.brand, one.brand))}, {markdown_text(one.channel)}: "
            f"{count(one.unanswered, 'message')} unanswered"
            for one in dead
        )


def _listed(told: Told, one: Listed) -> str:
    address = told.page.partition("/report?")[0]
    facts = ", ".join(filter(None, (one.severity, took(one), STATES[one.state.value].lower())))
    at = clock(told, moment(one.opened_at))
    return f"- {at}: [{markdown_text(one.title)}]({address}/incidents/{one.id}/report) ({facts})"


def took(one: Listed) -> str:
    """How long it took until somebody had it, and until the public heard a word.

    >>> from daemon.model import IncidentKind, IncidentState
    >>> one = Listed(id="1", brand="a", kind=IncidentKind.SURGE, severity="major", state=IncidentState.OPEN, title="",
    ...     opened_at="", acknowledged_seconds=120.0, first_word_seconds=None, over_seconds=None)
    >>> took(one)
    'taken after 2 min'
    """
    parts = [("taken", one.acknowledged_seconds), ("first word", one.first_word_seconds), ("over", one.over_seconds)]
    return ", ".join(f"{what} after {seconds(length)}" for what, length in parts if length is not None)


def share(each: Precision) -> str:
    """How often it was right, where anybody said."""
    return "–" if each.precision is None else f"{each.precision:.0%}"


def clock(told: Told, at: datetime) -> str:
    """A moment of the period, by its clock."""
    local = at.astimezone(ZoneInfo(told.timezone))
    return f"{local.day} {local:%b %H:%M}"


def as_html(told: Told) -> str:
    """The whole page, with nothing to be fetched and nothing that runs: for a mail, too."""
    return template("period.html").render(
        told=told,
        report=told.report,
        rows=rows(told),
        kinds=KINDS,
        states=STATES,
        took=took,
        reached=reached,
        share=share,
        at=lambda stamp: clock(told, moment(stamp)),
        base=told.page.partition("/report?")[0],
    )
