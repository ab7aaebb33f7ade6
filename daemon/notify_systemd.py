"""Telling systemd how the service is (sd_notify), over a path or an abstract socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

import structlog

from daemon.clock import Clock
from daemon.text import one_line

_log = structlog.get_logger()


class ServiceManager:
    """The manager that started us; without one every call does nothing."""

    def __init__(self, environ: Mapping[str, str], clock: Clock) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._clock = clock
        pid = environ.get("WATCHDOG_PID", "")
        meant_for_us = not pid or pid == str(os.getpid())
        period = environ.get("WATCHDOG_USEC", "")
        self.watchdog_seconds = int(period) / 1_000_000 if meant_for_us and period.isdecimal() else None
        """How long it waits for a sign of life before it restarts us; None where it does not."""

    def ready(self, status: str = "") -> None:
        """Started, or done with reloading."""
        self._send("READY=1", status)

    def reloading(self) -> None:
        """About to read the configuration again; `ready` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={int(self._clock.monotonic() * 1_000_000)}")

    def stopping(self, status: str = "") -> None:
        """On the way out."""
        self._send("STOPPING=1", status)

    def watchdog(self) -> None:
        """A sign of life; give it at least twice in `watchdog_seconds`."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send("", text)

    def _send(self, state: str, status: str = "") -> None:
        if not self._address:
            return
        message = "\n".join(line for line in (state, f"STATUS={one_line(status)}" if status else "") if line)
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.setblocking(False)
                channel.sendto(message.encode(), address)
        except OSError as error:
            _log.warning("service_manager_unreachable", reason=error.strerror)
