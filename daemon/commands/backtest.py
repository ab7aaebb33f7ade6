"""`tocsin backtest`."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from daemon.errors import InputError
from daemon.text import escape, one_line

if TYPE_CHECKING:
    from rich.progress import Progress

    from daemon.backtest.replay import Outcome
    from daemon.backtest.series import Series


@click.command(
    "backtest",
    epilog="\b\nExample:\n  tocsin backtest past/acme.csv.gz --report acme.html\n"
    "  tocsin backtest mentions.ndjson --false-alerts-per-year 12 --output alerts.jsonl",
)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="Alerts as JSON lines; default: standard output.")
@click.option("--scores", type=click.Path(path_type=Path), help="A CSV of series, timestamp and score for every row.")
@click.option("--report", type=click.Path(path_type=Path), help="A page that people can read.")
@click.option(
    "--false-alerts-per-year",
    "rate",
    type=click.FloatRange(0, 1000, min_open=True),
    default=4.0,
    show_default=True,
    help="How many false alarms a year are bearable for each brand.",
)
def command(
    inputs: tuple[Path, ...], output: Path | None, scores: Path | None, report: Path | None, rate: float
) -> None:
    """Tell what would have alerted in the past, and when.

    Each INPUT is NDJSON or CSV, gzip too: mentions (id, channel, text, …: one series for each brand), counts
    (timestamp, negative, total) or a single count (timestamp, value).
    """
    from daemon.backtest.replay import as_json, replay

    for path in inputs:
        if not path.is_file():
            raise InputError(f"{path}: no such file; name NDJSON or CSV files of mentions or counts")
    outcomes: list[Outcome] = []
    with contextlib.ExitStack() as stack:
        bar = stack.enter_context(_bar())
        alerts = stack.enter_context(_opened(output))
        table = stack.enter_context(_opened(scores)) if scores else None
        if table is not None:
            table.write("series,timestamp,score\n")
        for series in _series(inputs, bar, keep=report is not None):
            with _task(bar, series.name, len(series.rows)) as progress:
                outcome = replay(
                    series, rate=rate, scores=table is not None, report=report is not None, progress=progress
                )
            for alert in outcome.alerts:
                alerts.write(json.dumps(as_json(outcome.name, alert), ensure_ascii=False) + "\n")
            if table is not None:
                _write_scores(table, outcome)
            outcomes.append(outcome)
        if report is not None:
            from daemon.backtest.report import page

            with _opened(report) as file:
                file.write(page(outcomes, rate))


def _series(inputs: tuple[Path, ...], bar: Progress, *, keep: bool) -> Iterator[Series]:
    """Every series once; counts one file at a time, then the brands of all files of mentions."""
    from daemon.backtest.counts import MENTIONS, columns, name_of, read_counts
    from daemon.backtest.mentions import read_series

    seen: set[str] = set()
    mentions = []
    for path in inputs:
        if columns(path) >= MENTIONS:
            mentions.append(path)
            continue
        with _task(bar, name_of(path), path.stat().st_size) as progress:
            series = read_counts(path, progress=progress)
        yield _unseen(series, seen)
    if mentions:
        from detectors.sentiment import load_model

        with _task(bar, "mentions", None):
            found = read_series(mentions, load_model(), keep=keep)
        for series in found:
            if series.rejected:
                _tell(f"{series.rejected} of the mentions were left out; the first: {series.complaint}")
            if series.rows:
                yield _unseen(series, seen)


def _unseen(series: Series, seen: set[str]) -> Series:
    if series.name in seen:
        raise InputError(f"{series.name}: expected each series once; rename one of the files")
    seen.add(series.name)
    return series


def _tell(message: str) -> None:
    click.echo(one_line(f"tocsin: {message}"), err=True)


def _write_scores(table: IO[str], outcome: Outcome) -> None:
    import csv

    from daemon.views import format_time

    writer = csv.writer(table, lineterminator="\n")
    writer.writerows((outcome.name, format_time(at), f"{score:.4f}") for at, score in outcome.scores)


# ── where it goes ────────────────────────────────────────────────────────────


@contextlib.contextmanager
def _opened(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None
    with file:
        yield file


@contextlib.contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        yield bar


@contextlib.contextmanager
def _task(bar: Progress, name: str, total: float | None) -> Iterator[Callable[..., None]]:
    from rich.markup import escape as unmarked

    task = bar.add_task(unmarked(escape(name)), total=total)

    def tell(done: float, of: float | None = None) -> None:
        bar.update(task, completed=done, total=total if of is None else of)

    yield tell
    bar.remove_task(task)
