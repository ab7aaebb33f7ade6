"""Who is on call, and when nobody is called: over the API and on its page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web
from aiohttp_session import get_session
from msgspec import Meta

from config.values import parse_duration
from daemon.drill import begin_drill
from daemon.errors import Conflict, InputError
from daemon.model import Severity
from daemon.oncall.silence import Silence
from daemon.oncall.views import RotaView, SilenceView, rota_views, silence_view
from daemon.views import format_time, incident_view, parse_time
from daemon.web.auth import PRINCIPAL
from daemon.web.bodies import Channel, Line, Span, read_form, read_json
from daemon.web.fields import form_fields
from daemon.web.html import render
from daemon.web.parts import PARTS, Parts
from daemon.web.responses import json_response

_LOOKED_AT = 500  # incidents, the newest ones

Kind = Literal["surge", "reach", "risk", "share", "blind"]
Moment = Annotated[str, Meta(description="RFC 3339 with an offset")]


class OnCallView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call now, in each rota."""

    oncall: tuple[RotaView, ...]


class SilenceList(msgspec.Struct, frozen=True, kw_only=True):
    """Every silence and campaign, those that are over too."""

    silences: tuple[SilenceView, ...]


class SilenceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Call nobody about what matches; give ``ends`` or ``for``."""

    reason: Line
    brand: Annotated[str, Meta(description="default: every brand")] | None = None
    kinds: Annotated[tuple[Kind, ...], Meta(description="default: any")] = ()
    channels: Annotated[tuple[Channel, ...], Meta(description="while all came by these; default: any")] = ()
    begins: Annotated[Moment, Meta(description="default: now")] | None = None
    ends: Moment | None = None
    for_: Span | None = msgspec.field(name="for", default=None)
    hides_critical: bool = False


class DrillBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An exercise."""

    brand: str
    severity: Literal["minor", "major", "critical"] = "major"


class SilenceForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same, as the page asks for it."""

    reason: Line
    for_: Span = msgspec.field(name="for")
    brand: str | None = None
    hides_critical: str | None = None


async def get_oncall(request: web.Request) -> web.Response:
    """Who is on call now, and who then."""
    parts = request.app[PARTS]
    return json_response(OnCallView(oncall=rota_views(parts.duty.roster, parts.clock.now())))


async def get_silences(request: web.Request) -> web.Response:
    """Every silence, with what it hid."""
    return json_response(SilenceList(silences=await _silences(request.app[PARTS])))


async def post_silence(request: web.Request) -> web.Response:
    """Begin a silence."""
    body = read_json(await request.read(), SilenceBody)
    return json_response(await _begin(request, body), status=201)


async def delete_silence(request: web.Request) -> web.Response:
    """End a silence now."""
    parts = request.app[PARTS]
    actor = request[PRINCIPAL].actor
    ended = await parts.duty.unsilence(request.match_info["silence"], parts.incidents, actor=actor)
    found = await parts.incidents.find(limit=_LOOKED_AT)
    return json_response(silence_view(ended, found, parts.clock.now()))


async def post_drill(request: web.Request) -> web.Response:
    """Begin an exercise."""
    parts = request.app[PARTS]
    body = read_json(await request.read(), DrillBody)
    incident = await begin_drill(
        parts.incidents,
        parts.config,
        body.brand,
        Severity(body.severity),
        actor=request[PRINCIPAL].actor,
        now=parts.clock.now(),
    )
    return json_response(incident_view(incident), status=201)


# ── the page


async def page(request: web.Request) -> web.Response:
    """Who is on call, and what is silent."""
    return await _page(request)


async def begin_by_form(request: web.Request) -> web.StreamResponse:
    """The page's form for a new silence."""
    fields = await form_fields(request)
    try:
        form = read_form(fields, SilenceForm)
        body = SilenceBody(
            reason=form.reason, brand=form.brand, for_=form.for_, hides_critical=form.hides_critical is not None
        )
        await _begin(request, body)
    except InputError as error:
        return await _page(request, wrong=str(error), typed=fields)
    (await get_session(request))["flash"] = "Silent. What it hides is told when it ends."
    raise web.HTTPSeeOther(request.app.router["oncall"].url_for())


async def end_by_form(request: web.Request) -> web.StreamResponse:
    """The page's button that ends one."""
    parts = request.app[PARTS]
    try:
        await parts.duty.unsilence(request.match_info["silence"], parts.incidents, actor=request[PRINCIPAL].actor)
    except Conflict as error:
        return await _page(request, wrong=str(error))
    (await get_session(request))["flash"] = "Ended. What it hid is being told."
    raise web.HTTPSeeOther(request.app.router["oncall"].url_for())


async def _page(request: web.Request, *, wrong: str | None = None, typed: dict[str, str] | None = None) -> web.Response:
    parts = request.app[PARTS]
    silences = await _silences(parts)
    return await render(
        request,
        "oncall.html",
        status=422 if wrong else 200,
        rotas=rota_views(parts.duty.roster, parts.clock.now()),
        zones={key: ZoneInfo(rota.timezone) for key, rota in parts.duty.roster.rotas.items()},
        silences=[one for one in silences if one.ends > format_time(parts.clock.now()) or one.hidden],
        brands={slug: brand.name for slug, brand in parts.config.brands.items()},
        wrong=wrong,
        typed=typed or {},
        zone_of=lambda one: _zone(parts, one),
    )


def _zone(parts: Parts, silence: SilenceView) -> ZoneInfo:
    """The brand's own; UTC where it is for every brand."""
    brand = parts.config.brands.get(silence.brand or "")
    return brand.zone if brand is not None else ZoneInfo("UTC")


async def _silences(parts: Parts) -> tuple[SilenceView, ...]:
    found, now = await parts.incidents.find(limit=_LOOKED_AT), parts.clock.now()
    return tuple(silence_view(one, found, now) for one in parts.duty.roster.silences)


async def _begin(request: web.Request, body: SilenceBody) -> SilenceView:
    parts = request.app[PARTS]
    now = parts.clock.now()
    if (body.ends is None) == (body.for_ is None):
        raise InputError("ends: expected either ends, a time, or for, a duration")
    begins = _time("begins", body.begins) if body.begins is not None else now
    try:
        ends = _time("ends", body.ends) if body.ends is not None else begins + parse_duration(body.for_ or "")
    except OverflowError:
        raise InputError("for: expected a shorter duration") from None
    wanted = Silence(
        id="",
        reason=body.reason,
        begins=begins,
        ends=ends,
        brand=body.brand,
        kinds=body.kinds,
        channels=body.channels,
        hides_critical=body.hides_critical,
        by=request[PRINCIPAL].actor,
    )
    return silence_view(await parts.duty.silence(wanted, parts.incidents), (), now)


def _time(field: str, text: str) -> datetime:
    try:
        return parse_time(text)
    except ValueError as error:
        raise InputError(f"{field}: {error}") from error
