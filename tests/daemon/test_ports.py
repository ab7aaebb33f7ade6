"""A port that is kept is nobody else's, and free for the server it is kept for."""

from __future__ import annotations

import socket

import pytest

from daemon import ports
from daemon.cli import run


def test_a_kept_port_is_given_to_nobody_and_its_server_may_start_again_and_again() -> None:
    with ports.reserve() as kept:
        number = ports.number(kept)
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", number))
        for _ in range(2):
            with socket.create_server(("127.0.0.1", number)), socket.create_connection(("127.0.0.1", number)):
                pass


def test_a_port_on_which_somebody_listens_is_refused() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
    ):
        ports.reserve(taken.getsockname()[1])


def test_the_demo_says_at_once_that_its_port_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        assert run(["demo", "--port", str(number)]) == 1  # as for any fault of the settings
    assert f"--port: cannot listen on 127.0.0.1:{number}: Address already in use" in capsys.readouterr().err
