"""Who may call what: every route of the table by every role, and no way around."""

from __future__ import annotations

import re

import pytest

from daemon.clock import ManualClock
from daemon.store.engine import Store
from daemon.web.auth import SAFE_METHODS, Access, allows
from tests.fakes.site import PASSWORD, ROLES, Site, configuration, served

ALLOWED = {
    Access.OPEN: set(ROLES),
    Access.SIGNED: set(ROLES),
    Access.INGEST: {"ingest", "admin"},
    Access.VIEWER: {"viewer", "responder", "admin"},
    Access.RESPONDER: {"responder", "admin"},
    Access.ADMIN: {"admin"},
}
_PARAMETER = re.compile(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})+)?\}")
_VALUES = {"id": "nothing-1", "silence": "none", "brand": "acme", "token": "forged", "name": "app.css"}


def address(path: str) -> str:
    return _PARAMETER.sub(lambda match: _VALUES[match[1]], path)


@pytest.mark.parametrize("access", list(Access))
@pytest.mark.parametrize("role", [*ROLES, "nonsense"])
def test_a_role_may_what_the_table_says(access: Access, role: str) -> None:
    assert allows(access, role) is (role in ALLOWED[access] or access in {Access.OPEN, Access.SIGNED})


async def test_every_route_lets_in_exactly_its_roles(site: Site) -> None:
    assert len(site.routes) > 35
    for route in site.routes:
        for role in ROLES:
            answer = await site.call(route.method, address(route.path), role=role)
            refused = answer.status == 403 and "needs the role" in answer.text
            expected = role not in ALLOWED[route.access]
            if route.page and route.method not in SAFE_METHODS and route.access is not Access.SIGNED:
                assert answer.status == 403, (route.path, role)  # a form without its token, whoever sends it
            else:
                assert refused is expected, (route.method, route.path, role, answer.status, answer.text)


async def test_without_a_token_only_open_routes_answer(site: Site) -> None:
    for route in site.routes:
        answer = await site.call(route.method, address(route.path), role=None)
        if route.access in {Access.OPEN, Access.SIGNED}:
            assert answer.status != 401, route.path
        elif route.page:
            if route.method == "GET":
                assert (answer.status, answer.headers["Location"].split("?")[0]) == (303, "/sign-in"), route.path
            else:
                assert answer.status == 403, route.path
        else:
            assert answer.status == 401, route.path
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic dmlld2VyOng=",
        "viewer-secret-token",
        "Bearer viewer-secret-toke\xe9",
    ],
)
async def test_a_wrong_token_is_unknown(site: Site, header: str) -> None:
    answer = await site.call("GET", "/api/v1/brands", role=None, headers={"Authorization": header})
    assert answer.status == 401
    assert answer.json == {
        "title": "Unauthorized",
        "status": 401,
        "detail": "send a known token: Authorization: Bearer TOKEN",
    }
    assert "secret-token" not in answer.text


async def test_the_scheme_of_a_token_is_written_in_any_case(site: Site) -> None:
    answer = await site.call(
        "GET", "/api/v1/brands", role=None, headers={"Authorization": "bearer viewer-secret-token"}
    )
    assert answer.status == 200


async def test_every_unsafe_route_refuses_a_session_without_its_token(site: Site) -> None:
    browser = await site.signed_in("admin")
    tried = 0
    for route in site.routes:
        if route.method in SAFE_METHODS or route.access is Access.SIGNED:
            continue
        answer = await site.visit(browser, address(route.path), method=route.method, data={"csrf_token": "guessed"})
        assert answer.status == 403, route.path
        tried += 1
    assert tried > 20


async def test_a_session_may_use_the_api_with_its_token(site: Site) -> None:
    incident = await site.open_incident()
    browser = await site.signed_in("responder")
    token = (await site.visit(browser, f"/incidents/{incident.id}")).csrf
    path = f"/api/v1/incidents/{incident.id}/acknowledge"
    assert (await site.visit(browser, path, method="POST", json={})).status == 403
    answer = await site.visit(browser, path, method="POST", json={}, headers={"X-CSRF-Token": token})
    assert answer.status == 200
    assert answer.json["acknowledged_by"] == "user:responder"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_from_another_site_is_refused(site: Site, headers: dict[str, str]) -> None:
    incident = await site.open_incident()
    browser = await site.signed_in("responder")
    token = (await site.visit(browser, f"/incidents/{incident.id}")).csrf
    path = f"/incidents/{incident.id}/acknowledge"
    answer = await site.visit(browser, path, method="POST", data={"csrf_token": token}, headers=headers)
    assert answer.status == 403
    assert (await site.parts.incidents.get(incident.id)).acknowledged_at is None
    own = {"Origin": site.url(""), "Sec-Fetch-Site": "same-origin"}
    assert (await site.visit(browser, path, method="POST", data={"csrf_token": token}, headers=own)).status == 303


async def test_a_new_password_or_none_ends_the_session(site: Site) -> None:
    browser = await site.signed_in("viewer")
    assert (await site.visit(browser, "/brands")).status == 200
    users = site.parts.config.web.users
    changed = [user.model_copy(update={"password_hash": users[1].password_hash.__class__("other")}) for user in users]
    site.parts.config = site.parts.config.model_copy(
        update={"web": site.parts.config.web.model_copy(update={"users": tuple(changed)})}
    )
    assert (await site.visit(browser, "/brands")).status == 303


async def test_a_role_taken_away_is_gone_at_once(site: Site) -> None:
    incident = await site.open_incident()
    browser = await site.signed_in("responder")
    token = (await site.visit(browser, f"/incidents/{incident.id}")).csrf
    users = tuple(user.model_copy(update={"role": "viewer"}) for user in site.parts.config.web.users)
    site.parts.config = site.parts.config.model_copy(
        update={"web": site.parts.config.web.model_copy(update={"users": users})}
    )
    path = f"/incidents/{incident.id}/acknowledge"
    assert (await site.visit(browser, path, method="POST", data={"csrf_token": token})).status == 403


async def test_every_answer_carries_the_headers_that_protect(site: Site) -> None:
    for path, role in (("/sign-in", None), ("/api/v1/brands", "viewer"), ("/nowhere", None), ("/metrics", None)):
        answer = await site.call("GET", path, role=role)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "aiohttp" not in answer.headers["Server"]
        assert "Strict-Transport-Security" not in answer.headers


async def test_over_tls_the_cookie_never_travels_in_the_clear(empty_store: Store, clock: ManualClock) -> None:
    config = configuration(base_url="https://tocsin.example")
    async with served(empty_store, clock, config=config) as site:
        answer = await site.visit(site.browser(), "/sign-in")
        assert answer.headers["Strict-Transport-Security"]
        cookie = answer.cookies["__Host-tocsin"]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")
        assert not cookie["domain"]


async def test_signing_in_begins_a_new_session(site: Site) -> None:
    browser = site.browser()
    before = await site.visit(browser, "/sign-in")
    fields = {"csrf_token": before.csrf, "name": "viewer", "password": PASSWORD, "next": "/incidents?state=open"}
    answer = await site.visit(browser, "/sign-in", method="POST", data=fields)
    assert (answer.status, answer.headers["Location"]) == (303, "/incidents?state=open")
    assert answer.cookies["tocsin"].value != before.cookies["tocsin"].value
    after = await site.visit(browser, "/brands")
    assert after.csrf != before.csrf


async def test_unknown_addresses_and_methods(site: Site) -> None:
    assert (await site.call("GET", "/api/v1/nothing")).status == 404
    answer = await site.call("DELETE", "/api/v1/brands")
    assert (answer.status, answer.json["status"], answer.headers["Allow"]) == (405, 405, "GET, HEAD")
    page = await site.visit(site.browser(), "/nothing")
    assert (page.status, page.content_type) == (404, "text/html")
