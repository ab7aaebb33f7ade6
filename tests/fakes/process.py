"""The real daemon in a process of its own, to be killed at any moment and started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest

from daemon import ports
from daemon.clock import SystemClock

_ROOT = Path(__file__).parents[2]
_PROGRAM = ("-c", "from daemon.cli import main; main()")
_clock = SystemClock()
TOKEN = "test-token-of-an-admin"
SECRET_KEY = "0123456789abcdef0123456789abcdef"


class Daemon:
    """``async with Daemon(folder, mqtt_port=…) as daemon``; watches the brand ``acme`` on SQLite in ``folder``.

    ``more`` is added to its configuration, ``environ`` to its environment.
    """

    def __init__(
        self, folder: Path, *, mqtt_port: int | None = None, more: str = "", environ: Mapping[str, str] | None = None
    ) -> None:
        self._environ = {**os.environ, **(environ or {})}
        self._kept = ports.reserve()
        self.port = ports.number(self._kept)
        self.database = folder / "tocsin.db"
        self._log = folder / "daemon.log"
        self.file = folder / "tocsin.toml"
        self._process: asyncio.subprocess.Process | None = None
        source = f"[sources.mqtt]\nport = {mqtt_port}" if mqtt_port else "[sources.http]"
        self.file.write_text(
            f"""
[brands.acme]
name = "Acme Mobile"
{source}
[store]
url = "sqlite:///tocsin.db"
[web]
port = {self.port}
secret_key = "{SECRET_KEY}"
[[web.tokens]]
name = "test"
token = "{TOKEN}"
role = "admin"
{more}
""",
            encoding="utf-8",
        )

    async def __aenter__(self) -> Self:
        try:
            await self.start()
            await self.until_ready()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()
        self.close()

    def close(self) -> None:
        """Give its port back."""
        self._kept.close()

    async def start(self) -> None:
        """Start; returns at once."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *_PROGRAM,
                "run",
                "--config",
                str(self.file),
                cwd=_ROOT,
                stdout=log,
                stderr=log,
                env=self._environ,
            )

    async def kill(self) -> None:
        """End it without warning."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def terminate(self) -> int:
        """End it with SIGTERM, as the service manager does; its exit code."""
        assert self._process is not None
        self.signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            return await self._process.wait()

    async def until_ready(self) -> None:
        """Wait until every part of it works."""
        await self.until(self.is_ready)

    async def is_ready(self) -> bool:
        """What /readyz says."""
        return await self.get_status("/readyz") == 200

    async def get_status(self, path: str) -> int:
        """Status of a page; 0 where nobody answers."""
        try:
            async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{self.port}{path}") as answer:
                return answer.status
        except aiohttp.ClientError:
            return 0

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Run another command of `tocsin` on the same configuration; its exit code and all that it says."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *_PROGRAM,
            *(str(self.file) if argument == "FILE" else argument for argument in arguments),
            cwd=_ROOT,
            env=self._environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()

    async def post(self, mentions: list[dict[str, Any]]) -> int:
        """Post mentions; the status, or 0 where the answer never came."""
        url = f"http://127.0.0.1:{self.port}/api/v1/mentions"
        try:
            async with (
                aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http,
                http.post(url, json=mentions) as answer,
            ):
                return answer.status
        except aiohttp.ClientError:
            return 0

    async def until(self, true: Callable[[], Any], seconds: float = 60) -> None:
        """Wait until ``true`` holds; fails with the log where the daemon ends by itself."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    answer = true()
                    if await answer if asyncio.iscoroutine(answer) else answer:
                        return
                    if self._process is not None and self._process.returncode not in {None, -signal.SIGKILL}:
                        pytest.fail(f"the daemon ended by itself:\n{self.log[-4000:]}")
                    await _clock.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"waited in vain; the daemon's log:\n{self.log[-4000:]}")

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Look into its database from outside; nothing where that is not made yet."""
        if not self.database.exists():
            return []
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(statement).fetchall()

    def ids(self) -> set[str]:
        """Ids of the mentions in the store."""
        return {row[0] for row in self.query("SELECT id FROM mentions")}

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")
