"""The reports of what is over, or still goes on: for the API and as pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from aiohttp import web

from daemon.errors import InputError
from daemon.report import Told
from daemon.reports import period_page
from daemon.reports.html import POLICY, as_html
from daemon.reports.markdown import as_markdown
from daemon.reports.month import Month
from daemon.reports.record import plain
from daemon.reports.summary import KINDS
from daemon.reports.table import as_csv
from daemon.web import query
from daemon.web.html import render
from daemon.web.parts import PARTS
from daemon.web.responses import json_response, text_response

_DAYS: Final = 90
_MOST_DAYS: Final = 365
_MONTH: Final = timedelta(days=30)
FORMATS: Final = ("json", "md", "html", "csv")
PERIOD_FORMATS: Final = ("json", "md", "html")


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


async def get_sensitivity(request: web.Request) -> web.Response:
    """What other sensitivities would have done; the last 90 days unless told."""
    return json_response(await request.app[PARTS].trial.sensitivity(_days(request)))


async def sensitivity(request: web.Request) -> web.Response:
    """The same, to be read in the browser."""
    parts = request.app[PARTS]
    found = await parts.trial.sensitivity(_days(request))
    brands = {slug: brand.name for slug, brand in parts.config.brands.items()}
    zones = {slug: brand.zone for slug, brand in parts.config.brands.items()}
    return await render(
        request, "sensitivity.html", found=found, brands=brands, zones=zones, page=period_page, kinds=KINDS
    )


def _days(request: web.Request) -> int:
    value = query.matching(request, "days", r"[0-9]{1,4}", f"a whole number from 7 to {_MOST_DAYS}")
    days = _DAYS if value is None else int(value)
    if not 7 <= days <= _MOST_DAYS:  # noqa: PLR2004 - a week
        raise InputError(f"days: expected a whole number from 7 to {_MOST_DAYS}")
    return days


async def told(request: web.Request) -> Told:
    """The report of the ``month`` that is asked for, or of the time between ``from`` and ``to``.

    Raises ``InputError``.
    """
    parts = request.app[PARTS]
    if month := request.query.get("month"):
        if "from" in request.query or "to" in request.query:
            raise InputError("month: expected without `from` and `to`")
        return await parts.periods.month(Month.of(month))
    return await parts.periods.told(*query.period(request, parts.clock.now(), _MONTH))


async def get_report(request: web.Request) -> web.Response:
    """Figures over a month, or any other period; the last 30 days unless told."""
    form = query.one_of(request, "format", PERIOD_FORMATS, "json")
    found = await told(request)
    name = f"report-{found.month.name if found.month else f'{found.begin:%Y%m%d}-{found.end:%Y%m%d}'}.{form}"
    match form:
        case "md":
            return text_response(period_page.as_markdown(found), "text/markdown", name)
        case "html":
            return _page(period_page.as_html(found), name)
        case _:
            return json_response(found.report)


def _page(text: str, name: str | None = None) -> web.Response:
    response = text_response(text, "text/html", name)
    response.headers["Content-Security-Policy"] = POLICY  # complete in itself: its style is inside, and nothing runs
    return response
