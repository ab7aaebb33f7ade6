"""`tocsin drill`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from daemon.calling import calls_api, print_json


@click.command(
    "drill",
    epilog="\b\nExample:\n  export TOCSIN_URL=https://tocsin.acme.example TOCSIN_TOKEN=…\n"
    "  tocsin drill acme --severity critical",
)
@click.argument("brand")
@click.option(
    "--severity",
    type=click.Choice(["minor", "major", "critical"]),
    default="major",
    show_default=True,
    help="By which ladder and deadlines.",
)
@calls_api
def command(*, call: Callable[..., dict[str, Any]], as_json: bool, brand: str, severity: str) -> None:
    """Begin an exercise for BRAND in a running daemon: real calls, marked DRILL, in no figure."""
    answer = call("post", "/api/v1/drills", brand=brand, severity=severity)
    if as_json:
        print_json(answer)
        return
    from daemon.printing import console, print_list

    print_list(console(), [answer])
