"""`tocsin explain`: why it alerted, or why it did not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from daemon.calling import calls_api, print_json


@click.command(
    "explain",
    epilog="\b\nExample:\n  tocsin explain acme-20260302-1f3a9c\n  tocsin explain acme 2026-03-03T18:00+01:00",
)
@click.argument("what", metavar="INCIDENT | BRAND TIME")
@click.argument("time", required=False, metavar="")
@calls_api
def command(*, call: Callable[..., dict[str, Any]], as_json: bool, what: str, time: str | None) -> None:
    """Tell why an INCIDENT is one, or why a BRAND did, or did not, alert at a TIME.

    Asks a running daemon; its address and a token come from TOCSIN_URL and TOCSIN_TOKEN, or from options. A moment long
    after the brand's first mention takes a while when it is asked for first.
    """
    from daemon.client import brand_path, incident_path

    if time is None:
        answer = call("get", incident_path(what, "explain"))
    else:
        answer = call("get", brand_path(what, "explain"), at=time)
    if as_json:
        print_json(answer)
        return
    from daemon.printing import console, print_incident_why, print_moment

    (print_incident_why if time is None else print_moment)(console(), answer)
