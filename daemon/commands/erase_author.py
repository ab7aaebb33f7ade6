"""`tocsin erase-author`."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command(
    "erase-author", epilog="\b\nExample:\n  tocsin erase-author --config tocsin.toml acme facebook:100004711"
)
@click.option("--config", "file", required=True, type=click.Path(path_type=Path), help="The configuration file.")
@click.argument("brand")
@click.argument("author")
def command(file: Path, brand: str, author: str) -> None:
    """Remove the texts and the name of AUTHOR of BRAND everywhere; counts and timelines stay.

    Messages already sent to Slack and by mail are not ours to change.
    """
    import asyncio

    from config.load import load
    from daemon.errors import NotFound

    config = load(file, os.environ)
    if brand not in config.brands:
        raise NotFound(f"no brand {brand!r:.80} in {file}; configured: {', '.join(config.brands)}")
    erased = asyncio.run(_erase(config.store.url, brand, author))
    click.echo(f"Erased {erased} mention{'s' if erased != 1 else ''}.")


async def _erase(url: str, brand: str, author: str) -> int:
    from daemon.privacy import erase_author
    from daemon.store.engine import Store

    store = await Store.open(url)
    try:
        return await erase_author(store, brand, author)
    finally:
        await store.close()
