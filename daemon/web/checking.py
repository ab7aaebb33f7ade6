"""What moderators say of mentions: by the API, on an incident's page, and on the page of the sample."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from aiohttp import web
from aiohttp_session import get_session
from msgspec import Meta

from daemon.errors import NotFound
from daemon.model import Label
from daemon.views import format_time
from daemon.web import query
from daemon.web.auth import PRINCIPAL
from daemon.web.bodies import CorrectBody, read_form, read_json
from daemon.web.fields import form_fields
from daemon.web.html import render
from daemon.web.parts import PARTS
from daemon.web.responses import json_response

_ON_A_PAGE: Final = 20


class _CheckForm(msgspec.Struct, frozen=True):
    id: Annotated[str, Meta(min_length=1, max_length=256)]
    sentiment: Literal["negative", "neutral"]
    incident: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,40}$(?!\n)")] | None = None  # on whose page it was pressed


async def post_correction(request: web.Request) -> web.Response:
    """Keep a moderator's word on a mention."""
    brand, mention_id = request.match_info["brand"], request.match_info["id"]
    label = read_json(await request.read(), CorrectBody).label
    await request.app[PARTS].corrections.correct(brand, mention_id, label, actor=request[PRINCIPAL].actor)
    return json_response({"brand": brand, "id": mention_id, "sentiment": label.value})


async def get_sample(request: web.Request) -> web.Response:
    """Mentions that nobody flagged and nobody has checked yet, newest first."""
    brand = _brand(request)
    found = await request.app[PARTS].samples.unchecked(brand, query.limit(request))
    return json_response(
        {
            "mentions": [
                msgspec.structs.asdict(mention) | {"published_at": format_time(mention.published_at)}
                for mention in found
            ]
        }
    )


async def sample_page(request: web.Request) -> web.Response:
    """The same for people, with a button for each answer."""
    parts = request.app[PARTS]
    brand = _brand(request)
    settings = parts.config.brands[brand]
    found = await parts.samples.unchecked(brand, _ON_A_PAGE)
    return await render(request, "sample.html", brand=brand, name=settings.name, zone=settings.zone, found=found)


async def correct(request: web.Request) -> web.StreamResponse:
    """The buttons' form; leads back to where they were."""
    brand = _brand(request)
    form = read_form(await form_fields(request), _CheckForm)
    label = Label(form.sentiment)
    await request.app[PARTS].corrections.correct(brand, form.id, label, actor=request[PRINCIPAL].actor)
    told = "negative" if label is Label.NEGATIVE else "not negative"
    (await get_session(request))["flash"] = f"Noted: {told}. What is written like it will be read so."
    router = request.app.router
    if form.incident is not None:
        raise web.HTTPSeeOther(router["incident"].url_for(id=form.incident))
    raise web.HTTPSeeOther(router["sample"].url_for(brand=brand))


def _brand(request: web.Request) -> str:
    brand = request.match_info["brand"]
    if brand not in request.app[PARTS].config.brands:
        raise NotFound(f"no brand {brand}")
    return brand
