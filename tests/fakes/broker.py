"""A real mosquitto on a free loopback port, in a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Self

import aiomqtt
import pytest

from daemon import ports
from daemon.clock import SystemClock
from tests.fakes.programs import program

_clock = SystemClock()
_library_log = logging.getLogger("tests.fakes.paho")
_library_log.setLevel(logging.CRITICAL)  # that a broker hangs up is often the very thing tested
_CONFIGURATION = """
listener 0
allow_anonymous true
persistence true
persistence_location here
autosave_interval 1
max_queued_messages 0
log_dest stderr
"""


class Broker:
    """``async with Broker() as broker: broker.port``.

    ``passwords``: if given, only these users may connect; ``acl``: what each may do. ``strict``: it
    saves its state at every change, so that even `kill` loses nothing; slow. ``configuration``: another
    than the stock one, whose first listener and folder are replaced.
    """

    def __init__(
        self,
        *,
        passwords: dict[str, str] | None = None,
        acl: str | None = None,
        strict: bool = False,
        configuration: str = _CONFIGURATION,
    ) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self._passwords = passwords
        self._acl = acl
        self._strict = strict
        self._configuration = configuration
        self._folder = Path()
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="tocsin-broker-"))
        self._kept = ports.reserve()
        self.port = ports.number(self._kept)
        (self._folder / "mosquitto.conf").write_text(await self._lines(), encoding="utf-8")
        await self.start()
        return self

    async def _lines(self) -> str:
        """The configuration, at home in our folder and on our port."""
        text = re.sub(r"(?m)^listener .*$", f"listener {self.port} {self.host}", self._configuration)
        text = re.sub(r"(?m)^persistence_location .*$", f"persistence_location {self._folder}/", text)
        lines = [text, f"autosave_on_changes {str(self._strict).lower()}"]
        if os.geteuid() == 0:
            lines.append("user root")  # else it gives up its rights to the folder
        if self._passwords is not None:
            lines[0] = text.replace("allow_anonymous true", "allow_anonymous false")
            lines.append(f"password_file {await self._password_file(self._passwords)}")
        if self._acl is not None:
            acl = self._folder / "acl"
            acl.write_text(self._acl, encoding="utf-8")
            acl.chmod(0o600)
            lines.append(f"acl_file {acl}")
        return "\n".join(lines) + "\n"

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        self._kept.close()
        await asyncio.to_thread(shutil.rmtree, self._folder)

    async def _password_file(self, passwords: dict[str, str]) -> Path:
        path = self._folder / "passwords"
        path.touch(mode=0o600)
        for name, password in passwords.items():
            process = await asyncio.create_subprocess_exec("mosquitto_passwd", "-b", str(path), name, password)
            assert await process.wait() == 0
        return path

    async def start(self) -> None:
        """Start (again) with the same port and the same persistent state; returns once it answers."""
        assert self._process is None
        with (self._folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                program("mosquitto"), "-c", str(self._folder / "mosquitto.conf"), stdout=log, stderr=log
            )
        for _ in range(200):
            if self._process.returncode is not None:
                break
            try:
                _, writer = await asyncio.open_connection(self.host, self.port)
            except OSError:
                await _clock.sleep(0.025)
            else:
                writer.close()
                await writer.wait_closed()
                return
        pytest.fail(f"mosquitto does not start:\n{self.log}")

    async def stop(self) -> None:
        """End it properly: it saves its state."""
        while self._process is not None and self._process.returncode is None:
            self._process.terminate()  # again where it was lost: mosquitto listens before it heeds signals
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), 2)
        self._process = None

    async def kill(self) -> None:
        """End it without warning, as a power cut would."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()
        self._process = None

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """It is there and answers nothing, as behind a network that swallows everything."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    async def restart(self) -> None:
        """Stop and start."""
        await self.stop()
        await self.start()

    @property
    def log(self) -> str:
        """What it has said so far."""
        return (self._folder / "log").read_text(encoding="utf-8", errors="replace")

    @contextlib.asynccontextmanager
    async def client(self, **options: Any) -> AsyncIterator[aiomqtt.Client]:
        """A plain client of this broker, for publishing and looking on; ``options`` are aiomqtt's."""
        usual: dict[str, Any] = {"protocol": aiomqtt.ProtocolVersion.V5, "logger": _library_log}
        client = aiomqtt.Client(self.host, self.port, **(usual | options))
        try:
            async with client:
                yield client
        finally:
            ended = client._disconnected  # noqa: SLF001 - aiomqtt leaves unread why a broker hung up; asyncio minds
            if ended.done():
                ended.exception()

    async def publish(
        self, topic: str, payload: bytes | str, *, qos: int = 1, retain: bool = False, **options: Any
    ) -> None:
        """Publish one message and wait until the broker has it. ``options``: of the client, such as its username."""
        async with self.client(**options) as client:
            await client.publish(topic, payload, qos=qos, retain=retain)
