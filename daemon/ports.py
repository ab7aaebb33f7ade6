"""Ports of the loopback that stay ours while nobody listens on them."""

from __future__ import annotations

import socket


def reserve(port: int = 0) -> socket.socket:
    """A socket bound to ``port`` (0: a free one), which the system gives to nobody else until it is closed.

    It does not listen, so a server that sets SO_REUSEADDR (all of ours do) may, as often as it is
    started again. A port that was only looked up may be another connection's by then.

    Raises ``OSError`` where somebody listens there already.
    """
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        kept.bind(("127.0.0.1", port))
    except OSError:
        kept.close()
        raise
    return kept


def number(kept: socket.socket) -> int:
    """The port that a socket is bound to."""
    port: int = kept.getsockname()[1]
    return port
