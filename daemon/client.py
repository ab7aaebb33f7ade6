"""Calls the API of a running daemon, for the command line."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from daemon.errors import Conflict, InputError, NotFound, TocsinError

_TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=10)  # a year of counts is recomputed in a minute
_PAGES = frozenset({"text/markdown", "text/html", "text/csv"})
_KINDS: dict[int, type[TocsinError]] = {404: NotFound, 409: Conflict, 422: InputError}


class Client:
    """``async with Client(url, token) as client: await client.get("/api/v1/incidents")``."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {self._token}"}
        self._session = aiohttp.ClientSession(headers=headers, timeout=_TIMEOUT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def get(self, path: str, **query: object) -> dict[str, Any]:
        """What is at `path`, a page or a table as its `text`; parameters that are None are left out."""
        return await self._call("GET", path, params={k: str(v) for k, v in query.items() if v is not None})

    async def post(self, path: str, **body: object) -> dict[str, Any]:
        """The answer to an action; fields that are None are left out."""
        return await self._call("POST", path, json={k: v for k, v in body.items() if v is not None})

    async def _call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        # No redirect is followed: the token is for this daemon alone.
        try:
            async with self._session.request(method, self._url + path, allow_redirects=False, **request) as response:
                is_page = response.content_type in _PAGES
                answer = {"text": await response.text()} if is_page else await response.json(content_type=None)
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise InputError("the daemon's address is no http:// or https:// URL; check TOCSIN_URL") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TocsinError(
                f"{self._url} does not answer ({type(error).__name__}); is the daemon running?"
            ) from error
        except ValueError as error:
            raise TocsinError(f"{self._url} does not answer as Tocsin does; check TOCSIN_URL") from error
        if response.status == 200 and isinstance(answer, dict):  # noqa: PLR2004 - 200 is what every call answers
            return answer
        raise _refusal(response.status, answer)


def incident_path(incident_id: str, action: str = "") -> str:
    """The address of an incident, or of an action on it."""
    return f"/api/v1/incidents/{quote(incident_id, safe='')}" + (f"/{action}" if action else "")


def brand_path(brand: str, what: str) -> str:
    """The address of something of a brand."""
    return f"/api/v1/brands/{quote(brand, safe='')}/{what}"


def one_call(url: str, token: str, method: str, path: str, **values: object) -> dict[str, Any]:
    """A single ``get`` or ``post``, for where there is no loop yet."""

    async def _run() -> dict[str, Any]:
        async with Client(url, token) as client:
            answer: dict[str, Any] = await getattr(client, method)(path, **values)
            return answer

    return asyncio.run(_run())


def _refusal(status: int, answer: object) -> TocsinError:
    detail = str(answer.get("detail") or answer.get("title") or "") if isinstance(answer, dict) else ""
    if status == 401:  # noqa: PLR2004 - unauthorised
        return TocsinError("the token is not known there; check TOCSIN_TOKEN")
    if status == 403:  # noqa: PLR2004 - forbidden
        return TocsinError(f"the token's role may not do this: {detail}")
    return _KINDS.get(status, TocsinError)(detail or f"the daemon answered {status}")
