"""Signing in and out, and the signed links in mails, which need neither."""

from __future__ import annotations

from aiohttp import web

from daemon.command import Acknowledge
from daemon.errors import Conflict, NotFound
from daemon.model import Incident, IncidentState
from daemon.web.auth import PRINCIPAL, sign_in, sign_out
from daemon.web.fields import form_fields
from daemon.web.html import render
from daemon.web.links import ActLink, BadLink, ExpiredLink, read_act_token
from daemon.web.parts import PARTS
from daemon.web.passwords import Doorkeeper
from daemon.web.problems import ProblemError
from daemon.web.proxies import client_address

DOORKEEPER: web.AppKey[Doorkeeper] = web.AppKey("doorkeeper", Doorkeeper)

# ── signing in


async def show_sign_in(request: web.Request) -> web.StreamResponse:
    """The form, or the way on for those who are signed in."""
    target = _local(request.query.get("next", "/"))
    if request.get(PRINCIPAL) is not None:
        raise web.HTTPSeeOther(target)
    return await _sign_in_page(request, target)


async def do_sign_in(request: web.Request) -> web.StreamResponse:
    """Check the password; a new session begins."""
    fields = await form_fields(request)
    name, target = fields.get("name", "").strip(), _local(fields.get("next", "/"))
    doorkeeper, address = (
        request.app[DOORKEEPER],
        client_address(request, request.app[PARTS].config.web.trusted_proxies),
    )
    wait = doorkeeper.wait(address, name)
    if wait:
        response = await _sign_in_page(
            request, target, name=name, status=429, wrong=f"Too many attempts. Try again in {-(-wait // 60)} min."
        )
        response.headers["Retry-After"] = str(wait)
        return response
    user = next((user for user in request.app[PARTS].config.web.users if user.name == name), None)
    known = None if user is None else user.password_hash.get_secret_value()
    if not await doorkeeper.check(address, name, fields.get("password", ""), known) or user is None:
        return await _sign_in_page(request, target, name=name, status=401, wrong="Name or password is wrong.")
    await sign_in(request, user)
    raise web.HTTPSeeOther(target)


async def do_sign_out(request: web.Request) -> web.StreamResponse:
    """End the session."""
    await sign_out(request)
    raise web.HTTPSeeOther(request.app.router["sign_in"].url_for())


async def _sign_in_page(
    request: web.Request, target: str, *, name: str = "", status: int = 200, wrong: str | None = None
) -> web.Response:
    return await render(
        request,
        "sign_in.html",
        status=status,
        form=True,
        target=target,
        name=name,
        wrong=wrong,
        anybody=bool(request.app[PARTS].config.web.users),
    )


def _local(target: str) -> str:
    """``target`` where it is a path on this site, else the first page.

    >>> _local("/incidents/1"), _local("//evil.example"), _local("https://evil.example")
    ('/incidents/1', '/', '/')
    """
    plain = target.isprintable() and "\\" not in target
    return target if plain and target.startswith("/") and not target.startswith("//") else "/"


# ── signed links


async def show_act(request: web.Request) -> web.StreamResponse:
    """What the link is about, with one button. Changes nothing, however often it is looked at."""
    link, incident = await _linked(request)
    return await _act_page(request, link, incident)


async def do_act(request: web.Request) -> web.StreamResponse:
    """Acknowledge, once; pressing again does no harm and says so."""
    parts = request.app[PARTS]
    link, incident = await _linked(request)
    if await parts.used_links.contains(link.delivery_id):
        return await _act_page(request, link, incident)
    try:
        incident = await parts.incidents.act(incident.id, Acknowledge(), actor=link.actor)
    except Conflict:
        return await _act_page(request, link, await parts.incidents.get(incident.id))
    await parts.used_links.add(link.delivery_id)
    return await _act_page(request, link, incident, done=True)


async def _linked(request: web.Request) -> tuple[ActLink, Incident]:
    parts = request.app[PARTS]
    secret = parts.config.web.secret_key.get_secret_value()
    try:
        link = read_act_token(request.match_info["token"], secret=secret, now=parts.clock.now())
        return link, await parts.incidents.get(link.incident_id)
    except BadLink as error:
        raise ProblemError(403, f"{error}; open the incident from the pages instead") from error
    except ExpiredLink as error:
        raise ProblemError(410, f"{error}; open the incident from the pages instead") from error
    except NotFound as error:
        raise ProblemError(404, "the incident of this link is no longer kept") from error


async def _act_page(
    request: web.Request, link: ActLink, incident: Incident, *, done: bool = False
) -> web.StreamResponse:
    brand = request.app[PARTS].config.brands.get(incident.brand)
    used = await request.app[PARTS].used_links.contains(link.delivery_id)
    return await render(
        request,
        "act.html",
        incident=incident,
        address=link.address,
        here_again=request.path,
        brand_name=brand.name if brand else incident.brand,
        done=done,
        can_act=not used and incident.state in {IncidentState.OPEN, IncidentState.SNOOZED},
        used=used,
    )
