"""Who is asking, and may they: one place for every route, closed by default."""

from __future__ import annotations

import enum
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from aiohttp_session import Session, get_session, new_session, setup
from aiohttp_session.cookie_storage import EncryptedCookieStorage

from config.schema import Role, User, Web
from daemon.web.fields import form_fields
from daemon.web.parts import PARTS
from daemon.web.problems import ProblemError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SESSION_AGE: Final = 12 * 3600  # seconds from signing in: a long shift
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_RANK: dict[str, int] = {"viewer": 1, "responder": 2, "admin": 3}
_SAME_SITE: Final = frozenset({"same-origin", "none"})


class Access(enum.StrEnum):
    """Who may call a route."""

    OPEN = "open"  # anybody
    SIGNED = "signed"  # whoever holds a link or a body with a valid signature; the handler checks it
    INGEST = "ingest"  # ingest and admin
    VIEWER = "viewer"  # viewer and above
    RESPONDER = "responder"
    ADMIN = "admin"


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking."""

    name: str
    role: Role
    actor: str  # as the timeline names them: user:NAME or token:NAME
    by_session: bool  # a browser, so a request may have been forged by another site


PRINCIPAL: web.RequestKey[Principal] = web.RequestKey("principal", Principal)


def allows(access: Access, role: str) -> bool:
    """Whether ``role`` may call a route of ``access``."""
    if access in {Access.OPEN, Access.SIGNED}:
        return True
    if access is Access.INGEST:
        return role in {"ingest", "admin"}
    return _RANK.get(role, 0) >= _RANK[access.value]


def principal_of_token(settings: Web, header: str) -> Principal | None:
    """Whose token an ``Authorization`` header carries. Takes as long whichever token is nearly right."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    digest = hashlib.sha256(given.strip().encode(errors="surrogateescape")).digest()
    found = None
    for token in settings.tokens:
        if hmac.compare_digest(digest, hashlib.sha256(token.token.get_secret_value().encode()).digest()):
            found = Principal(name=token.name, role=token.role, actor=f"token:{token.name}", by_session=False)
    return found


# ── sessions


class _Sessions(EncryptedCookieStorage):
    """Sessions in an encrypted cookie; one with bytes that no cookie of ours has is none."""

    def load_cookie(self, request: web.Request) -> str | None:
        """The cookie as it came."""
        cookie = super().load_cookie(request)
        return cookie if cookie is not None and cookie.isascii() else None


def setup_sessions(app: web.Application, settings: Web) -> None:
    """Keep sessions in an encrypted cookie that ends ``SESSION_AGE`` after signing in."""
    secure = settings.base_url.startswith("https:")
    key = hmac.digest(settings.secret_key.get_secret_value().encode(), b"tocsin.session.1", "sha256")
    storage = _Sessions(
        key,
        cookie_name="__Host-tocsin" if secure else "tocsin",
        max_age=SESSION_AGE,
        secure=secure,
        httponly=True,
        samesite="Lax",
    )
    setup(app, storage)


async def sign_in(request: web.Request, user: User) -> None:
    """Begin a new session for ``user``; nothing of an old one is kept."""
    session = await new_session(request)
    session["user"] = user.name
    session["proof"] = _proof(request, user)
    session["csrf"] = secrets.token_urlsafe(24)


async def sign_out(request: web.Request) -> None:
    """End the session."""
    (await get_session(request)).invalidate()


async def csrf_token(request: web.Request) -> str:
    """The session's token that every form carries; a visitor gets a session for it."""
    session = await get_session(request)
    if "csrf" not in session:
        session = await new_session(request)  # an outlived session would keep its old age
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


async def signed_in(request: web.Request) -> Principal | None:
    """Who signed in with this browser, if they may still."""
    session = await get_session(request)
    return _principal_of_session(request, session)


def _principal_of_session(request: web.Request, session: Session) -> Principal | None:
    name, proof = session.get("user"), session.get("proof")
    if not isinstance(name, str) or not isinstance(proof, str):
        return None
    for user in request.app[PARTS].config.web.users:
        if user.name == name and hmac.compare_digest(proof, _proof(request, user)):
            return Principal(name=name, role=user.role, actor=f"user:{name}", by_session=True)
    return None


def _proof(request: web.Request, user: User) -> str:
    """Changes with the password, so that a new one ends every session."""
    secret = request.app[PARTS].config.web.secret_key.get_secret_value().encode()
    return hmac.digest(secret, f"tocsin.proof.1 {user.password_hash.get_secret_value()}".encode(), "sha256").hex()


# ── every request


async def authorise(request: web.Request, access: Access, *, page: bool) -> None:
    """Let the request pass, or end it: 401, 403, or for a page the way to sign in.

    Raises ``ProblemError`` and ``HTTPSeeOther``.
    """
    principal = await _principal(request)
    if principal is not None:
        request[PRINCIPAL] = principal
    if request.method not in SAFE_METHODS and access is not Access.SIGNED and (page or _by_session(principal)):
        await _refuse_forgery(request)
    if access in {Access.OPEN, Access.SIGNED}:
        return
    if principal is None:
        if page:
            raise web.HTTPSeeOther(_sign_in_address(request))
        raise ProblemError(401, "send a known token: Authorization: Bearer TOKEN", {"WWW-Authenticate": "Bearer"})
    if not allows(access, principal.role):
        raise ProblemError(403, f"this needs the role {access.value}; {principal.name} is {principal.role}")


def _by_session(principal: Principal | None) -> bool:
    return principal is not None and principal.by_session


async def _principal(request: web.Request) -> Principal | None:
    header = request.headers.get("Authorization")
    if header is not None:
        return principal_of_token(request.app[PARTS].config.web, header)
    return await signed_in(request)


def _sign_in_address(request: web.Request) -> str:
    target = request.path_qs if request.method in SAFE_METHODS else "/"
    return str(request.app.router["sign_in"].url_for().with_query(next=target))


async def _refuse_forgery(request: web.Request) -> None:
    """End a request that another site made the browser send. Raises ``ProblemError``."""
    if request.headers.get("Sec-Fetch-Site", "none") not in _SAME_SITE:
        raise ProblemError(403, "this was sent from another site; open the page here and try again")
    origin = request.headers.get("Origin")
    home = urlsplit(request.app[PARTS].config.web.base_url).netloc
    if origin is not None and urlsplit(origin).netloc not in {home, request.host}:
        raise ProblemError(403, "this was sent from another site; open the page here and try again")
    given = request.headers.get("X-CSRF-Token") or (await form_fields(request)).get("csrf_token")
    expected = (await get_session(request)).get("csrf")
    if not isinstance(expected, str) or given is None or not hmac.compare_digest(_bytes(given), _bytes(expected)):
        raise ProblemError(403, "this page was open for too long; go back, reload it and try again")


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
