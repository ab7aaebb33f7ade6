"""The API's calls, apart from taking mentions. Each is a few lines: read, ask, answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec
from aiohttp import web

from daemon.errors import NotFound
from daemon.model import Incident, IncidentState
from daemon.overview import BrandStatus, brand_status
from daemon.series import read_series
from daemon.store.reads import Rejected
from daemon.views import event_view, format_time, incident_view
from daemon.web import exports, query
from daemon.web.auth import PRINCIPAL, Handler
from daemon.web.bodies import ACTIONS, read_json
from daemon.web.parts import PARTS, Parts
from daemon.web.responses import json_response, text_response

MOST_POINTS: Final = 2000
STATES: Final = tuple(state.value for state in IncidentState)
SLUG: Final = r"[a-z0-9][a-z0-9_-]{0,63}"
INCIDENT_ID: Final = r"[A-Za-z0-9-]{1,40}"


async def brand_statuses(parts: Parts) -> list[BrandStatus]:
    """Every configured brand as it stands now."""
    by_brand: dict[str, list[Incident]] = {}
    for incident in await parts.incidents.open_ones():
        if incident.drill:
            continue
        by_brand.setdefault(incident.brand, []).append(incident)
    now = parts.clock.now()
    return [
        await brand_status(parts.reads, parts.forecast, parts.waits, slug, brand.name, by_brand.get(slug, ()), now)
        for slug, brand in parts.config.brands.items()
    ]


async def get_brands(request: web.Request) -> web.Response:
    """Every brand with its state and rates per hour."""
    return json_response({"brands": await brand_statuses(request.app[PARTS])})


async def get_series(request: web.Request) -> web.Response:
    """A brand over time; nothing after now is told."""
    parts = request.app[PARTS]
    brand = request.match_info["brand"]
    if brand not in parts.config.brands:
        raise NotFound(f"no brand {brand}")
    now = parts.clock.now()
    begin, end = query.period(request, now, timedelta(hours=24))
    step = query.step(request, end - begin, MOST_POINTS)
    points = await read_series(parts.reads, parts.forecast, brand, begin, min(end, now), step)
    return json_response(
        {"points": [msgspec.structs.asdict(point) | {"at": format_time(point.at)} for point in points]}
    )


async def find_incidents(request: web.Request) -> list[Incident]:
    """The incidents that the query asks for, newest first. Raises ``InputError`` and ``NotFound``."""
    return await request.app[PARTS].incidents.find(
        brand=query.matching(request, "brand", SLUG, "a brand's slug such as acme"),
        state=query.one_of(request, "state", STATES),
        limit=query.limit(request),
        before=query.matching(request, "before", INCIDENT_ID, "an incident's id"),
    )


async def get_incidents(request: web.Request) -> web.Response:
    """Incidents, newest first."""
    return json_response({"incidents": [incident_view(incident) for incident in await find_incidents(request)]})


async def get_incident(request: web.Request) -> web.Response:
    """One incident."""
    return json_response(incident_view(await request.app[PARTS].incidents.get(request.match_info["id"])))


async def get_timeline(request: web.Request) -> web.Response:
    """The events of an incident in order, or a table to keep."""
    incidents = request.app[PARTS].incidents
    form = query.one_of(request, "format", ("json", "csv", "md"), "json")
    incident = await incidents.get(request.match_info["id"])
    events = await incidents.timeline(incident.id)
    if form == "csv":
        return text_response(exports.timeline_csv(events), "text/csv", f"{incident.id}.csv")
    if form == "md":
        return text_response(exports.timeline_markdown(incident, events), "text/markdown", f"{incident.id}.md")
    return json_response({"events": [event_view(event) for event in events]})


async def explain_incident(request: web.Request) -> web.Response:
    """Why an incident is one, and what would close it."""
    return json_response(await request.app[PARTS].explainer.incident(request.match_info["id"]))


async def explain_moment(request: web.Request) -> web.Response:
    """Why a brand did, or did not, alert at a time."""
    at = query.moment(request)
    return json_response(await request.app[PARTS].explainer.moment(request.match_info["brand"], at))


def acting(action: str) -> Handler:
    """The call that does ``action`` on an incident, and shows it as it is afterwards."""

    async def act(request: web.Request) -> web.Response:
        incidents = request.app[PARTS].incidents
        incident_id = request.match_info["id"]
        await incidents.get(incident_id)  # an unknown incident is worth saying before a fault in the body
        command = read_json(await request.read(), ACTIONS[action]).command()
        return json_response(incident_view(await incidents.act(incident_id, command, actor=request[PRINCIPAL].actor)))

    return act


async def get_rejected(request: web.Request) -> web.Response:
    """Kept rejections, newest first."""
    before = query.matching(request, "before", r"[0-9]{1,18}", "an id of an earlier answer")
    found = await request.app[PARTS].reads.rejected(query.limit(request), None if before is None else int(before))
    return json_response({"rejected": [_rejected_view(rejection) for rejection in found]})


def _rejected_view(rejection: Rejected) -> dict[str, object]:
    return msgspec.structs.asdict(rejection) | {
        "id": str(rejection.id),
        "at": format_time(rejection.at),
        "payload": rejection.payload.decode(errors="replace"),
    }
