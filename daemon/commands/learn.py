"""`tocsin learn`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from config.schema import Config
    from daemon.learning import Learned


@click.command("learn", epilog="\b\nExample:\n  tocsin learn --config tocsin.toml last-month.ndjson.gz")
@click.option("--config", "file", required=True, type=click.Path(path_type=Path), help="The configuration file.")
@click.option("--brand", help="The brand of mentions that name none.")
@click.argument("history", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, file: Path, brand: str | None, history: tuple[Path, ...]) -> None:
    """Teach the baselines from past mentions in HISTORY: NDJSON or CSV, gzip too.

    Opens no incident. Mentions known already teach nothing twice, so it may be repeated, and may
    run beside the daemon. Exits with 1 where something was rejected; what was good is kept.
    """
    import asyncio

    from config.load import load
    from daemon.errors import NotFound

    config = load(file, os.environ)
    if brand is not None and brand not in config.brands:
        raise NotFound(f"no brand {brand!r:.80} in {file}; configured: {', '.join(config.brands)}")
    learned, reasons = asyncio.run(_learn(config, brand, history))
    click.echo(
        f"Learned {learned.accepted} mentions of {', '.join(learned.brands) or 'no brand'}"
        f" ({learned.duplicates} known already, {learned.rejected} rejected)."
    )
    for reason in reasons:
        click.echo(reason, err=True)
    if learned.rejected:
        ctx.exit(1)


async def _learn(config: Config, brand: str | None, history: tuple[Path, ...]) -> tuple[Learned, list[str]]:
    import sys
    from collections.abc import Iterator

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from daemon.clock import SystemClock
    from daemon.learning import learn
    from daemon.model import Mention, Rejection
    from daemon.sources.files import read_mentions
    from daemon.store.corrections import Corrections
    from daemon.store.engine import Store
    from daemon.teaching import taught
    from daemon.text import one_line
    from daemon.transformer import text_model

    clock = SystemClock()
    shown = 20
    reasons: list[str] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    store = await Store.open(config.store.url)
    try:
        console = Console(file=sys.stderr)
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:

            def items() -> Iterator[Mention | Rejection]:
                for path in history:
                    task = progress.add_task(path.name, total=None)
                    for item in read_mentions(
                        path,
                        brands=config.brands,
                        brand=brand,
                        received_at=clock.now(),
                        progress=lambda done, size, task=task: progress.update(task, completed=done, total=size),  # type: ignore[misc]
                    ):
                        if isinstance(item, Rejection):
                            if len(reasons) < shown:
                                reasons.append(one_line(f"{path} item {item.index}: {item.reason}"))
                            elif len(reasons) == shown:
                                reasons.append("… and more: see GET /api/v1/rejected")
                        yield item

            model = await taught(text_model(config), Corrections(store, clock))
            return await learn(config, clock, store, model, items()), reasons
    finally:
        await store.close()
