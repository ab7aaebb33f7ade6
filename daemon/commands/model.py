"""`tocsin model …`: what the text model has learned from corrections, and how to take it back."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from config.schema import Config
    from daemon.progress import Score
    from daemon.store.corrections import Corrections
    from detectors.text import TextModel

_T = TypeVar("_T")
_ACTOR = "tocsin"
_config = click.option(
    "--config", "file", required=True, type=click.Path(path_type=Path), help="The configuration file."
)


@click.group("model", epilog="\b\nExample:\n  tocsin model show --config tocsin.toml")
def command() -> None:
    """Show what the text model has learned from corrections, take it back, or learn it anew.

    A running daemon follows within seconds.
    """


@command.command("show", epilog="\b\nExample:\n  tocsin model show --config tocsin.toml")
@_config
def show(file: Path) -> None:
    """Say which model reads, what it has learned, and whether that helped."""
    from detectors import memory, residual

    async def look(base: TextModel, corrections: Corrections) -> None:
        from daemon.progress import as_they_came
        from daemon.store.corrections import EntryKind, in_effect
        from daemon.teaching import taught

        model = await taught(base, corrections)
        log = await corrections.log()
        standing = in_effect(log)
        said = [entry for entry in log if entry.kind is EntryKind.CORRECTION]
        kept = [entry.id for entry in standing if entry.kind is EntryKind.CORRECTION]
        erased = sum(not entry.readable for entry in said)
        texts = await corrections.read(kept)
        alone, helped = as_they_came(base, [texts[number] for number in kept if number in texts])
        click.echo(f"version      {model.version}")
        click.echo(f"frozen       {base.version}")
        click.echo(
            f"corrections  {len(kept)} in effect, {len(said)} in the log"
            f" ({len(said) - len(kept) - erased} taken back, {erased} erased)"
        )
        click.echo(f"near-copies  {len(model.memory)} texts remembered, at most {memory.MOST}")
        click.echo(f"residual     norm {model.residual.norm:.2f}; moves a text by at most {residual.MOST:g} nats")
        click.echo(f"effect       each text read before it was learned: {_told('frozen', alone)}")
        click.echo(f"             {_told('with corrections', helped)}")

    _with_corrections(file, look)


@command.command("rollback", epilog="\b\nExample:\n  tocsin model rollback --config tocsin.toml 120")
@_config
@click.argument("keep", metavar="N", type=click.IntRange(0))
def rollback(file: Path, keep: int) -> None:
    """Let only the first N corrections in effect count from now on; 0 leaves the frozen model alone.

    Nothing is deleted: the log notes it. What was said of the mentions themselves, and their counts, stay.
    """
    gone = _with_log(file, lambda _, corrections: corrections.roll_back(keep, actor=_ACTOR))
    click.echo(f"{keep} correction{'s' if keep != 1 else ''} in effect; {gone} no longer count.")


@command.command("retrain", epilog="\b\nExample:\n  tocsin model retrain --config tocsin.toml")
@_config
@click.pass_context
def retrain(ctx: click.Context, file: Path) -> None:
    """Learn the corrections in effect anew, in several passes, where that reads better.

    Compared on the newest fifth of the corrections, by models that have seen the rest alone. Exits
    with 1, and changes nothing, where it would not read them better.
    """

    async def compare(base: TextModel, corrections: Corrections) -> bool:
        from daemon.errors import InputError
        from daemon.progress import holdout
        from daemon.store.corrections import in_effect

        standing = [entry.id for entry in in_effect(await corrections.log())]
        texts = await corrections.read(standing)
        try:
            found = holdout(base, [texts[number] for number in standing if number in texts])
        except ValueError as error:
            raise InputError(str(error)) from error
        for name, measured in (
            ("frozen", found.base),
            ("as they came", found.taught),
            ("learned anew", found.relearned),
        ):
            click.echo(_told(name, measured))
        better = found.relearned.loss < found.taught.loss
        if better:
            await corrections.retrain(actor=_ACTOR)
        return better

    if _with_corrections(file, compare):
        click.echo("Learned anew.")
    else:
        click.echo("Left as it is: learning anew would not read better.")
        ctx.exit(1)


def _told(name: str, measured: Score) -> str:
    return f"{name}: {measured.right} of {measured.texts} right, log loss {measured.loss:.3f}"


def _with_log(file: Path, work: Callable[[Config, Corrections], Awaitable[_T]]) -> _T:
    import asyncio

    from config.load import load
    from daemon.clock import SystemClock
    from daemon.store.corrections import Corrections
    from daemon.store.engine import Store

    config = load(file, os.environ)

    async def run() -> _T:
        store = await Store.open(config.store.url)
        try:
            return await work(config, Corrections(store, SystemClock()))
        finally:
            await store.close()

    return asyncio.run(run())


def _with_corrections(file: Path, work: Callable[[TextModel, Corrections], Awaitable[_T]]) -> _T:
    """Work with the corrections, and with the model that the daemon reads with before any of them."""
    from daemon.transformer import text_model

    return _with_log(file, lambda config, corrections: work(text_model(config), corrections))
