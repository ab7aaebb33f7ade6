"""The reply desk's calls: is this fit to post, what is confirmed, what must the next shift know."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from daemon.command import PostUpdate
from daemon.desk import earlier_crises, handover_of, review, review_in, timezone_of
from daemon.model import Fact, HoldingReply, Incident, Topic
from daemon.replies.answer import answer
from daemon.replies.library import library_of
from daemon.replies.lint import Finding
from daemon.response.handover import Handover
from daemon.views import format_time
from daemon.web import exports, query
from daemon.web.auth import PRINCIPAL
from daemon.web.bodies import AnswerBody, FactBody, LintBody, read_json
from daemon.web.interface import SPOKEN
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


async def post_answer(request: web.Request) -> web.Response:
    """Holding replies for one customer: their language, their form of address."""
    parts = request.app[PARTS]
    incident = await parts.incidents.get(request.match_info["id"])
    body = read_json(await request.read(), AnswerBody)
    channel = body.channel or next(iter(incident.evidence.channels), "facebook")
    return json_response({"replies": await answers(parts, incident, [body.customer], lang=body.lang, channel=channel)})


async def answers(
    parts: Parts, incident: Incident, texts: Sequence[str], *, lang: str | None = None, channel: str | None = None
) -> tuple[HoldingReply, ...]:
    """A public line and a private follow-up for each text, in order; none where the brand is no longer configured."""
    brand, now = parts.config.brands.get(incident.brand), parts.clock.now()
    if brand is None:
        return ()
    due = incident.next_update_due
    if due is None or due <= now:
        due = now + getattr(parts.config.deadlines.next_update, incident.severity.value)
    about: dict[str, Any] = {
        "topic": Topic(incident.evidence.topic),
        "brand": brand,
        "channel": channel or next(iter(incident.evidence.channels), "facebook"),
        "next_update_at": due,
        "now": now,
        "library": library_of(parts.config),
        "earlier_crises": await earlier_crises(parts.incidents, incident.brand, incident.opened_at),
        "facts": [fact.fact for fact in incident.facts],
        "lang": lang,
    }

    def each() -> tuple[HoldingReply, ...]:
        return tuple(reply for text in texts for reply in answer(text, **about))

    return await asyncio.to_thread(each)


async def update_findings(
    parts: Parts, incident: Incident, update: PostUpdate, *, interface_lang: str
) -> tuple[Finding, ...]:
    """What is wrong with an update that is about to be recorded, told in ``interface_lang``."""
    return await review_in(
        parts.incidents,
        incident,
        update.text,
        lang=update.lang,
        channel=update.channel,
        timezone=_zone(parts, incident),
        now=parts.clock.now(),
        interface_lang=interface_lang,
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
    lang = query.one_of(request, "lang", SPOKEN, SPOKEN[0]) or SPOKEN[0]
    incident = await parts.incidents.get(request.match_info["id"])
    return text_response(exports.handover_markdown(await note_of(parts, incident, lang)), "text/markdown")


async def note_of(parts: Parts, incident: Incident, lang: str) -> Handover:
    """The note for the next shift, in ``lang``."""
    brand = parts.config.brands.get(incident.brand)
    return await handover_of(parts.incidents, incident, brand, now=parts.clock.now(), lang=lang)


def _zone(parts: Parts, incident: Incident) -> str:
    return timezone_of(parts.config.brands.get(incident.brand))
