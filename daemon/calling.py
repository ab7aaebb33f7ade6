"""What every command over the API of a running daemon shares: its address, its token, its answers."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import click

from daemon.text import escape


def calls_api(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options ``--url``, ``--token`` and ``--json``: ``call`` and ``as_json``."""

    @functools.wraps(function)
    def _run(*, url: str, token: str | None, **values: Any) -> None:
        from daemon.client import one_call  # noqa: PLC0415 - not loaded for --help

        if not token:
            raise click.UsageError("No token: set TOCSIN_TOKEN or give --token")
        function(call=functools.partial(one_call, url, token), **values)

    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print what the API answers."),
        click.option("--token", envvar="TOCSIN_TOKEN", help="One of [[web.tokens]]; better as TOCSIN_TOKEN."),
        click.option(
            "--url",
            envvar="TOCSIN_URL",
            default="http://127.0.0.1:8080",
            show_default=True,
            help="The daemon's, or TOCSIN_URL.",
        ),
    ):
        _run = option(_run)
    return _run


def print_json(answer: dict[str, Any]) -> None:
    """What the API answered, harmless on a terminal."""
    click.echo(escape(json.dumps(answer, ensure_ascii=False, indent=2), keep="\n"))
