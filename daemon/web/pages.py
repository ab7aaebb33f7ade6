"""The pages of those who are signed in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from aiohttp_session import get_session

from config.values import format_duration, parse_duration
from daemon.command import PostUpdate, ProposeUpdate
from daemon.consent import with_consent
from daemon.desk import cluster_in, no_next_word, refused
from daemon.errors import Conflict, InputError
from daemon.model import HoldingReply, Incident, IncidentState
from daemon.overview import BrandState
from daemon.people import named, names_of
from daemon.rendering import ChartError
from daemon.replies.lint import Finding
from daemon.reports import period_page, summary
from daemon.reports.month import Month
from daemon.response.lasting import waits_until
from daemon.views import format_time
from daemon.web import api, desk, query, reports, words
from daemon.web.auth import PRINCIPAL, Handler
from daemon.web.bodies import FORMS, read_form
from daemon.web.fields import form_fields
from daemon.web.html import clock_time, render
from daemon.web.interface import interface_language
from daemon.web.parts import PARTS, Parts
from daemon.web.pictures import PICTURES
from daemon.web.problems import ProblemError
from daemon.web.responses import text_response

log = structlog.get_logger()

_PROPOSED: Final = "This apologises or compensates: a second person must agree here before you post it."
_UNFIT: Final = "This is not fit to post yet. See what was found, change it, or record it anyway."
_URGENCY: Final = (BrandState.CRISIS, BrandState.WATCH, BrandState.BLIND, BrandState.CALM)
_NEXT_WORD: Final = ("15m", "30m", "1h", "2h", "4h")
_DONE: Final = {
    "acknowledge": "You have it. Nothing escalates any more.",
    "assign": "Assigned.",
    "snooze": "Snoozed.",
    "escalate": "The next step is being called.",
    "update": "Noted: the public was told.",
    "note": "Noted.",
    "facts": "On the fact sheet.",
    "approve": "Approved and noted: the public was told.",
    "keep-promise": "Noted: the promise is kept.",
    "resolve": "Resolved.",
    "false-alarm": "Marked as a false alarm.",
    "reopen": "Reopened. The ladder starts anew.",
}


async def home(request: web.Request) -> web.StreamResponse:
    """On to the overview."""
    raise web.HTTPSeeOther(request.app.router["overview"].url_for())


async def overview(request: web.Request) -> web.Response:
    """Every brand, the most pressing first."""
    parts = request.app[PARTS]
    statuses = sorted(await api.brand_statuses(parts), key=lambda status: _URGENCY.index(status.state))
    open_now = {incident.id: incident for incident in await parts.incidents.open_ones()}
    zones = {slug: brand.zone for slug, brand in parts.config.brands.items()}
    return await render(request, "overview.html", statuses=statuses, open_now=open_now, zones=zones)


async def incident_list(request: web.Request) -> web.Response:
    """Incidents, newest first."""
    incidents = await api.find_incidents(request)
    last = incidents[-1].id if len(incidents) == query.limit(request) else None
    config = request.app[PARTS].config
    filters = {name: request.query.get(name, "") for name in ("brand", "state")}
    return await render(
        request,
        "incidents.html",
        incidents=incidents,
        older=None if last is None else str(request.rel_url.update_query(before=last)),
        brands={slug: brand.name for slug, brand in config.brands.items()},
        filters=filters,
        zones={incident.id: _zone(request, incident) for incident in incidents},
    )


async def report(request: web.Request) -> web.Response:
    """How fast people were, how often it was right, and what became of promises: a month, or the last 30 days."""
    parts = request.app[PARTS]
    told = await reports.told(request)
    now = Month.at(parts.clock.now(), told.timezone)
    month = told.month or now
    return await render(
        request,
        "report.html",
        told=told,
        report=told.report,
        brands=told.brands,
        rows=summary.rows(told),
        page=period_page,
        kinds=summary.KINDS,
        earlier=month.before(),
        later=month.after() if told.month and month < now else None,
        query=request.query_string,
        zone=ZoneInfo(told.timezone),
    )


async def incident(request: web.Request) -> web.Response:
    """One incident: what is going on, what to say, what to do, what was done."""
    found = await request.app[PARTS].incidents.get(request.match_info["id"])
    return await _incident_page(request, found)


async def chart(request: web.Request) -> web.Response:
    """The incident's chart, for the width and the colours that the page asks for."""
    parts = request.app[PARTS]
    found = await parts.incidents.get(request.match_info["id"])
    dark, narrow = request.query.get("theme") == "dark", request.query.get("width") == "narrow"
    try:
        svg = await request.app[PICTURES].chart(found, dark=dark, narrow=narrow)
    except ChartError as error:
        log.warning("chart_left_out", incident=found.id, reason=str(error))
        raise ProblemError(503, "the chart could not be drawn", {"Retry-After": "5"}) from error
    response = text_response(svg, "image/svg+xml")
    response.headers["Cache-Control"] = "private, max-age=30"
    return response


def acting(action: str) -> Handler:
    """The form that does ``action``; what was typed is never lost to a mistake in it, nor posted with one."""

    async def act(request: web.Request) -> web.StreamResponse:
        parts = request.app[PARTS]
        incidents = parts.incidents
        incident_id = request.match_info["id"]
        found = await incidents.get(incident_id)
        fields = await form_fields(request)
        done = _DONE[action]
        try:
            command = read_form(_with_day(fields, _zone(request, found), parts.clock.now()), FORMS[action]).command()
            if isinstance(command, PostUpdate) and not found.state.ended:
                lang = interface_language(request)
                findings = await desk.update_findings(parts, found, command, interface_lang=lang)
                silent = no_next_word(command, findings)
                if silent or (refused(findings) and not fields.get("anyway")):
                    wrong = silent or _UNFIT
                    return await _incident_page(
                        request, found, status=422, wrong=wrong, typed_for=action, typed=fields, findings=findings
                    )
                command = with_consent(command)
                done = _PROPOSED if isinstance(command, ProposeUpdate) else done
            await incidents.act(incident_id, command, actor=request[PRINCIPAL].actor)
        except InputError as error:
            return await _incident_page(request, found, status=422, wrong=str(error), typed_for=action, typed=fields)
        except Conflict as error:
            told = error.told(interface_language(request))
            fresh, wrong = await incidents.get(incident_id), named(told, names_of(parts.config.people))
            return await _incident_page(request, fresh, status=409, wrong=wrong, typed_for=action, typed=fields)
        (await get_session(request))["flash"] = done
        raise web.HTTPSeeOther(request.app.router["incident"].url_for(id=incident_id))

    return act


def _with_day(fields: Mapping[str, str], zone: ZoneInfo, now: datetime) -> dict[str, str]:
    """A form's clock time ``at`` as the last such time in ``zone``, today or yesterday."""
    typed = fields.get("at", "")
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", typed):
        return dict(fields)
    local = now.astimezone(zone).replace(hour=int(typed[:2]), minute=int(typed[3:]), second=0, microsecond=0)
    return {**fields, "at": format_time(local if local <= now else local - timedelta(days=1))}


async def handover(request: web.Request) -> web.Response:
    """The note for the next shift."""
    parts = request.app[PARTS]
    found = await parts.incidents.get(request.match_info["id"])
    note = await desk.note_of(parts, found, interface_language(request))
    zone = _zone(request, found)
    written = note.written(clock_time(note.written_at, zone, parts.clock.now()))
    return await render(request, "handover.html", incident=found, note=note, written=written)


async def _incident_page(
    request: web.Request,
    found: Incident,
    *,
    status: int = 200,
    wrong: str | None = None,
    typed_for: str = "",
    typed: Mapping[str, str] | None = None,
    findings: Sequence[Finding] = (),
) -> web.Response:
    parts = request.app[PARTS]
    brand = parts.config.brands.get(found.brand)
    policy = parts.incidents.policies.get(found.brand)
    replies: dict[str, list[Any]] = {}
    for reply in found.holding_replies:
        replies.setdefault(reply.lang, []).append(reply)
    languages = list(dict.fromkeys([*replies, *(brand.languages if brand else ()), *found.evidence.languages, "en"]))
    return await render(
        request,
        "incident.html",
        status=status,
        incident=found,
        brand_name=brand.name if brand else found.brand,
        zone=_zone(request, found),
        events=await parts.incidents.timeline(found.id),
        why=await parts.explainer.incident(found.id),
        replies=replies,
        languages=[lang for lang in languages if lang != "und"],
        next_spans=sorted({format_duration(_next_update(request, found)), *_NEXT_WORD}, key=parse_duration),
        owed=words.public_word(found, parts.clock.now()),
        waits=waits_until(found, policy) if policy and found.state is IncidentState.OPEN else None,
        wrong=wrong,
        typed_for=typed_for,
        typed=typed or {},
        findings=findings,
        interface_lang=interface_language(request),
        answers=await _answers(parts, found),
        cluster=await cluster_in(parts.incidents, found),
        said=await parts.samples.said(found.brand, [example.id for example in found.evidence.examples]),
    )


async def _answers(parts: Parts, found: Incident) -> dict[str, tuple[HoldingReply, ...]]:
    """What to say to each who is shown as an example, by the mention's id."""
    if found.state.ended or not found.holding_replies:
        return {}
    shown = found.evidence.examples
    replies = await desk.answers(parts, found, [example.text for example in shown])
    return {example.id: replies[2 * n : 2 * n + 2] for n, example in enumerate(shown)}


def _next_update(request: web.Request, found: Incident) -> timedelta:
    by_severity = request.app[PARTS].config.deadlines.next_update
    length: timedelta = getattr(by_severity, found.severity.value)
    return length


def _zone(request: web.Request, found: Incident) -> ZoneInfo:
    brand = request.app[PARTS].config.brands.get(found.brand)
    return brand.zone if brand is not None else ZoneInfo("UTC")
