"""The daemon as systemd sees it: a process, its signals, and what it says on the notify socket."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.configuration import SMALLEST

TOCSIN = Path(sys.executable).with_name("tocsin")
_PATIENCE = 60  # seconds, on a busy machine


class Service:
    """A daemon started as the unit starts it."""

    def __init__(self, process: subprocess.Popen[str], listener: socket.socket, file: Path) -> None:
        self.process = process
        self.file = file
        self._listener = listener

    def says(self, line: str) -> str:
        """Wait for a message that holds `line`, and give all of it."""
        while True:
            message = self._listener.recv(4096).decode()
            if line in message.splitlines():
                return message


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    file = tmp_path / "tocsin.toml"
    file.write_text(SMALLEST + "port = 0\n")
    state = tmp_path / "state"
    state.mkdir()
    address = tmp_path / "notify"
    environ = {"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "900000", "STATE_DIRECTORY": str(state)}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(address))
        listener.settimeout(_PATIENCE)
        with subprocess.Popen(  # noqa: S603 - our own program
            [TOCSIN, "run", "--config", file], env=environ, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                yield Service(process, listener, file)
            finally:
                process.kill()


def test_it_is_ready_alive_and_ends_in_good_order(service: Service, tmp_path: Path) -> None:
    assert service.says("READY=1").endswith("STATUS=watching 1 brand(s)")
    assert service.says("WATCHDOG=1")
    service.process.send_signal(signal.SIGTERM)
    assert service.says("STOPPING=1")
    _, err = service.process.communicate(timeout=_PATIENCE)
    assert service.process.returncode == 0, err
    assert "Traceback" not in err
    assert (tmp_path / "state" / "tocsin.db").exists()


def test_it_reloads_or_says_why_not(service: Service) -> None:
    service.says("READY=1")
    service.file.write_text(SMALLEST + 'port = 0\n[detection]\nlate_after = "10m"\n')
    service.process.send_signal(signal.SIGHUP)
    service.says("RELOADING=1")
    assert service.says("READY=1").endswith("STATUS=reloaded")
    service.file.write_text(SMALLEST + 'port = 0\n[detection]\nlate_after = "soon"\n')
    service.process.send_signal(signal.SIGHUP)
    service.says("RELOADING=1")
    assert "reload refused" in service.says("READY=1")
    service.process.send_signal(signal.SIGTERM)
    _, err = service.process.communicate(timeout=_PATIENCE)
    assert service.process.returncode == 0, err
    assert "detection.late_after: expected a duration" in err


def test_what_it_cannot_start_with_is_told_in_a_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        file = tmp_path / "tocsin.toml"
        file.write_text(SMALLEST + f"port = {taken.getsockname()[1]}\n")
        done = subprocess.run(  # noqa: S603 - our own program
            [TOCSIN, "run", "--config", file], check=False, capture_output=True, text=True, timeout=_PATIENCE
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("tocsin: web.port: cannot listen on 127.0.0.1:")
    assert "Traceback" not in done.stderr


def test_what_does_not_end_in_time_is_cut_off() -> None:
    """The stop leaves a thread behind that would hold the process for an hour; what had started was set apart."""
    program = """
import asyncio, daemon.service, gc, os, signal, types

class Stuck:
    def __init__(self, *_):
        self.started, self.stop = asyncio.Event(), lambda: None
        self.config = types.SimpleNamespace(brands=())

    async def run(self):
        self.started.set()
        while not gc.get_freeze_count():
            await asyncio.sleep(0.01)
        asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), signal.SIGTERM)
        await asyncio.to_thread(__import__("time").sleep, 3600)

daemon.service.App, daemon.service._STOP_WITHIN = Stuck, 0.5
asyncio.run(daemon.service.serve(None, None, {}))
"""
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    assert (ended.returncode, "stop_cut_off" in ended.stdout + ended.stderr) == (0, True), ended.stderr
