"""The reports of what is over, or still goes on: for the API and as pages."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from daemon.reports.html import POLICY, as_html
from daemon.reports.markdown import as_markdown
from daemon.reports.record import plain
from daemon.reports.table import as_csv
from daemon.web import query
from daemon.web.parts import PARTS
from daemon.web.responses import json_response, text_response

FORMATS: Final = ("json", "md", "html", "csv")


async def get_incident_report(request: web.Request) -> web.Response:
    """The report of an incident, as JSON or as a file to keep."""
    form = query.one_of(request, "format", FORMATS, "json")
    report = await request.app[PARTS].reporter.report(request.match_info["id"])
    name = f"report-{report.id}.{form}"
    match form:
        case "md":
            return text_response(as_markdown(report), "text/markdown", name)
        case "csv":
            return text_response(as_csv(report), "text/csv", name)
        case "html":
            return _page(as_html(report), name)
        case _:
            return json_response(plain(report))


async def incident_report(request: web.Request) -> web.Response:
    """The same, to be read in the browser."""
    report = await request.app[PARTS].reporter.report(request.match_info["id"])
    return _page(as_html(report))


def _page(text: str, name: str | None = None) -> web.Response:
    response = text_response(text, "text/html", name)
    response.headers["Content-Security-Policy"] = POLICY  # complete in itself: its style is inside, and nothing runs
    return response
