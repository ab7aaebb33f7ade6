"""`tocsin demo`."""

from __future__ import annotations

import click


@click.command("demo", epilog="\b\nExample:\n  tocsin demo")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Where to serve the pages; default: a free port."
)
@click.option("--once", is_flag=True, help="End when the story is over instead of keeping the pages up.")
def command(port: int, *, once: bool) -> None:
    """Watch everything at work in a minute, with nothing to set up.

    A real daemon on a temporary SQLite store, with a simulated public and a fast clock: four
    weeks are learned, then a telecom outage is noticed, alerted, acknowledged, answered and
    closed. Ctrl-C ends it and leaves nothing behind.
    """
    import asyncio

    from rich.console import Console

    from daemon import log
    from daemon.demo.story import play

    log.configure(json=False, level="WARNING")
    asyncio.run(play(Console(highlight=False), port=port, stay=not once))
