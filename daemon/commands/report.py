"""`tocsin report`: a month, or any other time, in figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from daemon.calling import calls_api, print_json
from daemon.text import escape


@click.command(
    "report",
    epilog="\b\nExample:\n  tocsin report --month 2026-10 > october.md\n  tocsin report --format html > report.html",
)
@click.option("--month", metavar="MONTH", help="Such as 2026-10; default: the last 30 days.")
@click.option("--from", "begin", metavar="TIME", help="First moment, such as 2026-10-05T00:00:00Z.")
@click.option("--to", "end", metavar="TIME", help="First moment after it; default: now.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "html", "json"]),
    default="md",
    show_default=True,
    help="Its form.",
)
@calls_api
def command(
    *,
    call: Callable[..., dict[str, Any]],
    as_json: bool,
    month: str | None,
    begin: str | None,
    end: str | None,
    form: str,
) -> None:
    """Print the figures of a period: how fast people were, how often it was right, who was called.

    Asks a running daemon; its address and a token come from TOCSIN_URL and TOCSIN_TOKEN, or from options.
    """
    query = {"month": month, "from": begin, "to": end}
    answer = call("get", "/api/v1/report", format="json" if as_json else form, **query)
    if as_json or form == "json":
        print_json(answer)
        return
    click.echo(escape(answer["text"], keep="\n"), nl=False)
