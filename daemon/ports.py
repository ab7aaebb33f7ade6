"""Ports that stay ours while the server behind them is down."""

from __future__ import annotations

import socket


def reserve() -> socket.socket:
    """A socket bound to a free port of the loopback, which the system gives to nobody else until it is closed.

    It does not listen, so a server that sets SO_REUSEADDR (all of ours do) may, as often as it is
    started again. A port that was only looked up may be another connection's by then.
    """
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    return kept


def number(kept: socket.socket) -> int:
    """The port that a socket is bound to."""
    port: int = kept.getsockname()[1]
    return port
