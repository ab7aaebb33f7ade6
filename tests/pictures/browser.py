"""Chromium without a window, spoken to over its DevTools protocol: shows a page and takes its picture."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse

from tests.fakes.programs import program

Json = dict[str, Any]
_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # in a container there is none to be had; it sees nothing but our own pages
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-proxy-server",
    "--remote-debugging-port=0",
    "--font-render-hinting=none",
    "about:blank",
)
# What reaches beyond the page's own width, by tag, class and text.
_OVERFLOWING = """
[...document.querySelectorAll('body *')].filter(e => {
  const box = e.getBoundingClientRect(); return box.width > 0 && box.right > innerWidth + 1;
}).map(e => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 60)}`)
"""


class Browser:
    """One tab."""

    def __init__(self, socket: ClientWebSocketResponse, session: str) -> None:
        self._socket = socket
        self._session = session
        self._numbers = itertools.count(1)

    async def show(self, url: str, *, width: int, dark: bool = False, height: int = 800) -> None:
        """Open ``url`` in a window of ``width`` pixels, by day or in the dark."""
        phone = width < 500
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        await self.call("Page.navigate", wait_for="Page.loadEventFired", url=url)
        await self.look("document.fonts.ready.then(() => true)")

    async def look(self, script: str) -> Any:
        """What ``script`` gives in the page."""
        told = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def overflowing(self) -> list[str]:
        """What reaches beyond the page's width."""
        found: list[str] = await self.look(_OVERFLOWING)
        return found

    async def picture(self) -> bytes:
        """The whole page as a PNG."""
        size = (await self.call("Page.getLayoutMetrics"))["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        told = await self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(told["data"])

    async def call(self, method: str, *, wait_for: str | None = None, **params: Any) -> Json:
        """One call; with ``wait_for`` until that event has come as well."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params, "sessionId": self._session})
        answer: Json | None = None
        async with asyncio.timeout(60):
            while answer is None or wait_for is not None:
                told = await self._socket.receive_json()
                if told.get("id") == number:
                    assert "error" not in told, told
                    answer = told["result"]
                elif told.get("method") == wait_for:
                    wait_for = None
        return answer


@contextlib.asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Run Chromium for a while."""
    with tempfile.TemporaryDirectory(prefix="tocsin-chromium-", ignore_cleanup_errors=True) as home:
        process = await asyncio.create_subprocess_exec(
            program("chromium", "chromium-browser", "google-chrome"),
            f"--user-data-dir={home}",
            *_FLAGS,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with ClientSession() as http, http.ws_connect(await _address(process), max_msg_size=0) as socket:
                yield Browser(socket, await _tab(socket))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Where it listens, as it says itself."""
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while line := await process.stderr.readline():
            if b"DevTools listening on " in line:
                return line.decode().partition("listening on ")[2].strip()
    pytest.fail("chromium did not start")


async def _tab(socket: ClientWebSocketResponse) -> str:
    """A tab of our own; its session."""
    target = (await _plain(socket, 1, "Target.createTarget", url="about:blank"))["targetId"]
    session: str = (await _plain(socket, 2, "Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
    tab = Browser(socket, session)
    await tab.call("Page.enable")
    return session


async def _plain(socket: ClientWebSocketResponse, number: int, method: str, **params: Any) -> Json:
    await socket.send_json({"id": number, "method": method, "params": params})
    while (told := await socket.receive_json()).get("id") != number:
        pass
    result: Json = told["result"]
    return result


def as_url(folder: Path, name: str, html: str) -> str:
    """A page in a file, to open."""
    file = folder / f"{name}.html"
    file.write_text(html, encoding="utf-8")
    return file.as_uri()
