"""The reply desk's calls: is this fit to post, what is confirmed, what must the next shift know."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from daemon.command import PostUpdate
from daemon.desk import handover_of, review, review_in, timezone_of
from daemon.model import Fact, Incident
from daemon.replies.lint import Finding
from daemon.response.handover import Handover
from daemon.views import format_time
from daemon.web import exports
from daemon.web.auth import PRINCIPAL
from daemon.web.bodies import FactBody, LintBody, read_json
from daemon.web.parts import PARTS, Parts
from daemon.web.responses import json_response, text_response


async def post_lint(request: web.Request) -> web.Response:
    """What makes a reply unfit to post; nothing: it is fit."""
    parts = request.app[PARTS]
    body = read_json(await request.read(), LintBody)
    about: dict[str, Any] = {
        "lang": body.lang,
        "customer": body.customer,
        "audience": body.audience,
        "channel": body.channel,
        "interface_lang": body.interface_lang,
        "now": parts.clock.now(),
    }
    if isinstance(body.incident, str):
        incident = await parts.incidents.get(body.incident)
        zone = _zone(parts, incident)
        findings = await review_in(parts.incidents, incident, body.reply, timezone=zone, **about)
    else:
        findings = await asyncio.to_thread(review, body.reply, incident=bool(body.incident), **about)
    return json_response({"findings": findings})


async def update_findings(parts: Parts, incident: Incident, update: PostUpdate) -> tuple[Finding, ...]:
    """What is wrong with an update that is about to be recorded."""
    return await review_in(
        parts.incidents,
        incident,
        update.text,
        lang=update.lang,
        channel=update.channel,
        timezone=_zone(parts, incident),
        now=parts.clock.now(),
    )


async def get_facts(request: web.Request) -> web.Response:
    """The fact sheet as it stands."""
    return _sheet(await request.app[PARTS].incidents.get(request.match_info["id"]))


async def post_fact(request: web.Request) -> web.Response:
    """Write a fact down; the answer is the whole sheet."""
    incidents = request.app[PARTS].incidents
    incident_id = request.match_info["id"]
    await incidents.get(incident_id)  # an unknown incident is worth saying before a fault in the body
    command = read_json(await request.read(), FactBody).command()
    return _sheet(await incidents.act(incident_id, command, actor=request[PRINCIPAL].actor))


def _sheet(incident: Incident) -> web.Response:
    return json_response({"facts": [_fact_view(fact) for fact in incident.facts]})


def _fact_view(fact: Fact) -> dict[str, Any]:
    return {
        "n": fact.n,
        "fact": fact.fact,
        "at": format_time(fact.at),
        "source": fact.source,
        "confirmed_by": fact.confirmed_by,
        "written_by": fact.written_by,
    }


async def get_handover(request: web.Request) -> web.Response:
    """The note for the next shift, in Markdown."""
    parts = request.app[PARTS]
    incident = await parts.incidents.get(request.match_info["id"])
    return text_response(exports.handover_markdown(await note_of(parts, incident)), "text/markdown")


async def note_of(parts: Parts, incident: Incident) -> Handover:
    """The note for the next shift."""
    return await handover_of(parts.incidents, incident, parts.config.brands.get(incident.brand), now=parts.clock.now())


def _zone(parts: Parts, incident: Incident) -> str:
    return timezone_of(parts.config.brands.get(incident.brand))
