"""`tocsin verify-timeline`."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command("verify-timeline", epilog="\b\nExample:\n  tocsin verify-timeline --config tocsin.toml")
@click.option("--config", "file", required=True, type=click.Path(path_type=Path), help="The configuration file.")
@click.pass_context
def command(ctx: click.Context, file: Path) -> None:
    """Check the hash chain of every incident's timeline; also beside a running daemon.

    Names each fault on standard error as INCIDENT seq N, and exits with 1.
    """
    import asyncio

    from config.load import load

    chains, faults = asyncio.run(_verify(load(file, os.environ).store.url))
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        ctx.exit(1)
    click.echo(f"OK: {chains} timeline{'s hold' if chains != 1 else ' holds'} together")


async def _verify(url: str) -> tuple[int, list[str]]:
    from daemon.store.audit import verify_timelines
    from daemon.store.engine import Store

    store = await Store.open(url)
    try:
        return await verify_timelines(store)
    finally:
        await store.close()
