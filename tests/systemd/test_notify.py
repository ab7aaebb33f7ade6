"""What systemd is told, over both kinds of socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from daemon.clock import ManualClock
from daemon.notify_systemd import ServiceManager


@pytest.fixture(params=["path", "abstract"])
def heard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@tocsin-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + address[1:] if address.startswith("@") else address)
        listener.settimeout(60)
        yield listener, address


def test_every_state_is_told(heard: tuple[socket.socket, str], clock: ManualClock) -> None:
    listener, address = heard
    manager = ServiceManager({"NOTIFY_SOCKET": address}, clock)
    manager.ready("watching 2 brands")
    manager.reloading()
    manager.watchdog()
    manager.status("one line\nREADY=1")
    manager.stopping()
    assert [listener.recv(4096).decode() for _ in range(5)] == [
        "READY=1\nSTATUS=watching 2 brands",
        f"RELOADING=1\nMONOTONIC_USEC={int(clock.monotonic() * 1_000_000)}",
        "WATCHDOG=1",
        "STATUS=one line READY=1",
        "STOPPING=1",
    ]


def test_without_systemd_nothing_is_told(clock: ManualClock) -> None:
    manager = ServiceManager({}, clock)
    manager.ready()
    assert manager.watchdog_seconds is None


def test_a_manager_that_does_not_listen_is_logged_and_harmless(clock: ManualClock, tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "nobody")}, clock).ready()
    assert [entry["event"] for entry in logs] == ["service_manager_unreachable"]


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "often"}, None),
    ],
)
def test_the_watchdog_is_meant_for_one_process(
    clock: ManualClock, environ: dict[str, str], seconds: float | None
) -> None:
    assert ServiceManager(environ, clock).watchdog_seconds == seconds
