"""What strangers send over the wire never makes an error of ours, and never more than one answer."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes.site import Site

TOKEN = b"Host: x\r\nAuthorization: Bearer admin-secret-token\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded"
GARBAGE = {
    "no HTTP": (b"GARBAGE\r\n\r\n", 400),
    "TLS on a plain port": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "a broken chunk": (
        b"POST /api/v1/mentions HTTP/1.1\r\n" + TOKEN + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        400,
    ),
    "a header without end": (b"GET /api/v1/brands HTTP/1.1\r\n" + TOKEN + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 400),
    "a broken escape": (b"GET /api/v1/incidents/%zz HTTP/1.1\r\n" + TOKEN + b"\r\n", 404),
    "bytes in the query": (b"GET /api/v1/incidents?before=%ff%00 HTTP/1.1\r\n" + TOKEN + b"\r\n", 422),
    "bytes in a link": (b"GET /act/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", 403),
    "bytes in a cookie": (
        b"GET /brands HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nCookie: tocsin=\xff\xfe\r\n\r\n",
        303,
    ),
    "bytes in a token": (b"GET /api/v1/brands HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n", 401),
    "bytes in a form's token": (
        b"POST /sign-in HTTP/1.1\r\nHost: x\r\nX-CSRF-Token: \xff\r\nContent-Length: 0\r\n\r\n",
        403,
    ),
    "an unknown encoding": (
        b"POST /sign-in HTTP/1.1\r\nHost: x\r\n" + FORM + b"; charset=nonsense\r\nContent-Length: 5\r\n\r\na=%ff",
        403,
    ),
    "bytes in a form": (b"POST /sign-in HTTP/1.1\r\nHost: x\r\n" + FORM + b"\r\nContent-Length: 3\r\n\r\na=\xff", 422),
    "too many fields": (
        b"POST /sign-in HTTP/1.1\r\nHost: x\r\n" + FORM + b"\r\nContent-Length: 200\r\n\r\n" + b"a=1&" * 50,
        422,
    ),
    "a form of files": (
        (
            b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            b"Content-Length: 5\r\n\r\n--x\r\n"
        ),
        403,
    ),
    "a host of its own": (b"GET /brands HTTP/1.1\r\nHost: evil.example\r\nAccept: text/html\r\n\r\n", 303),
}


async def send(site: Site, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    try:
        writer.write(data)
        await writer.drain()
        return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
    finally:
        writer.close()


@pytest.mark.parametrize("case", GARBAGE)
async def test_garbage_gets_its_status_and_is_no_error_of_ours(site: Site, case: str) -> None:
    data, status = GARBAGE[case]
    head = await send(site, data)
    assert head.split(b" ", 2)[1] == str(status).encode(), head
    assert b"evil.example" not in head


async def test_a_body_that_ends_too_early_is_no_error_of_ours(site: Site) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(b"POST /api/v1/mentions HTTP/1.1\r\n" + TOKEN + b'Content-Length: 500\r\n\r\n{"id":')
    await writer.drain()
    writer.transport.abort()
    assert (await site.call("GET", "/api/v1/rejected")).json == {"rejected": []}


async def test_no_secret_comes_back_in_an_answer(site: Site) -> None:
    incident = await site.open_incident()
    browser = await site.signed_in("admin")
    pages = ["/brands", "/incidents", f"/incidents/{incident.id}", "/nothing", site.act_path(incident.id)]
    calls = ["/openapi.json", "/metrics", "/healthz", "/api/v1/brands", "/api/v1/report", "/api/v1/nothing"]
    answers = [await site.visit(browser, path) for path in pages] + [await site.call("GET", path) for path in calls]
    web = site.parts.config.web
    secrets = [web.secret_key, *(t.token for t in web.tokens), *(u.password_hash for u in web.users)]
    for answer in answers:
        for secret in secrets:
            assert secret.get_secret_value() not in answer.text
            assert secret.get_secret_value() not in str(answer.headers)
