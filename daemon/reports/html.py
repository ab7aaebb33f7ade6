"""A report as a page that is complete in itself: to be kept, sent and printed. Pure."""

from __future__ import annotations

from functools import cache, partial

import jinja2
from markupsafe import Markup

from daemon.people import who
from daemon.reports import phrases
from daemon.reports.chart import draw, marks
from daemon.reports.record import IncidentReport
from daemon.web.words import about, count, span
from notifiers.plain import many_lines, one_line

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def as_html(report: IncidentReport) -> str:
    """The whole page, with nothing to be fetched and nothing that runs."""
    return template("incident.html").render(
        report=report,
        chart=Markup(draw(report)),  # noqa: S704 - made of numbers, times and our own words
        marks=marks(report),
        figures=phrases.figures(report),
        standing=phrases.standing(report),
        told=partial(phrases.clock, timezone=report.timezone, near=report.opened_at),
        day=partial(phrases.day, timezone=report.timezone),
        verdict=phrases.verdict,
        tones=phrases.TONES,
        who=partial(who, names=report.names),
    )


@cache
def template(name: str) -> jinja2.Template:
    """A template of this room: everything in it is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("daemon.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"line": one_line, "lines": many_lines}
    environment.globals |= {"about": about, "count": count, "span": span}
    return environment.get_template(name)
