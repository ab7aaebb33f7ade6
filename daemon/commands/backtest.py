"""`tocsin backtest`."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from daemon.errors import InputError
from daemon.text import escape, one_line

if TYPE_CHECKING:
    from datetime import datetime

    from rich.progress import Progress

    from config.schema import Config
    from daemon.backtest.circumstances import Circumstances
    from daemon.backtest.replay import Outcome
    from daemon.backtest.series import Series
    from detectors.prior import Known
    from detectors.text import TextModel


_RATE = 4.0  # false alerts a year where nothing says otherwise


def _as(kind: str) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """Check an option as the configuration checks its ``kind`` of value."""

    def _check(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
        from pydantic import TypeAdapter, ValidationError

        from config import values

        try:
            return value and TypeAdapter(getattr(values, kind)).validate_python(value)
        except ValidationError as error:
            raise click.BadParameter(str(error.errors()[0]["ctx"]["error"])) from None

    return _check


@click.command(
    "backtest",
    epilog="\b\nExample:\n  tocsin backtest past/acme.csv.gz --report acme.html\n"
    "  tocsin backtest mentions.ndjson --config tocsin.toml --output alerts.jsonl",
)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="Alerts as JSON lines; default: standard output.")
@click.option("--scores", type=click.Path(path_type=Path), help="A CSV of series, timestamp and score for every row.")
@click.option("--report", type=click.Path(path_type=Path), help="A page that people can read.")
@click.option(
    "--false-alerts-per-year",
    "rate",
    type=click.FloatRange(0, 1000, min_open=True),
    help="How many false alarms a year are bearable for each brand; default: as in --config, else 4.",
)
@click.option("--config", "file", type=click.Path(path_type=Path), help="Take the series for the brands of this file.")
@click.option("--timezone", callback=_as("Timezone"), help="Zone of the brands that no --config names; default: UTC.")
@click.option("--country", callback=_as("Country"), help='Whose public holidays they keep, such as "PL" or "DE-BY".')
def command(
    inputs: tuple[Path, ...],
    output: Path | None,
    scores: Path | None,
    report: Path | None,
    rate: float | None,
    file: Path | None,
    timezone: str | None,
    country: str | None,
) -> None:
    """Tell what would have alerted in the past, and when.

    Each INPUT is NDJSON or CSV, gzip too: mentions (id, channel, text, …: one series for each brand), counts
    (timestamp, negative, total) or a single count (timestamp, value).

    With --config the series of a configured brand is judged as the daemon would: in its time zone, with its holidays,
    its places and products, its own accounts, and the text model that the file names.
    """
    from daemon.backtest.circumstances import Circumstances, circumstances
    from daemon.backtest.replay import as_json, replay
    from detectors.baseline import AT_LARGE
    from detectors.prior import pooled

    otherwise = Circumstances(timezone=timezone or "UTC", country=country or "")
    config = None
    if file is not None:
        from config.load import load

        config = load(file, os.environ)
    rate = rate or (_RATE if config is None else config.detection.false_alerts_per_year)
    of = functools.partial(circumstances, config, otherwise=otherwise)
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
        known: list[dict[datetime, Known]] = []  # of the brands that began before
        for series, asked in _series(inputs, bar, of, functools.partial(_model, config), keep=report is not None):
            others = [times[series.rows[0].at] for times in known if series.rows and series.rows[0].at in times]
            with _task(bar, series.name, len(series.rows)) as progress:
                outcome = replay(
                    series,
                    rate=rate,
                    known=of(series.name),
                    scores=table is not None,
                    report=report is not None,
                    prior=pooled(others, AT_LARGE),
                    asked=asked,
                    progress=progress,
                )
            known.append(outcome.learned)
            for alert in outcome.alerts:
                alerts.write(json.dumps(as_json(outcome.name, alert), ensure_ascii=False) + "\n")
            if table is not None:
                _write_scores(table, outcome)
            outcomes.append(outcome)
        if report is not None:
            from daemon.backtest.report import page

            with _opened(report) as written:
                written.write(page(outcomes, rate))


def _model(config: Config | None) -> TextModel:
    """The model that the daemon of a configuration reads with, before any correction; without one, what is shipped."""
    if config is None:
        from detectors.sentiment import load_model

        return load_model()
    from daemon.transformer import text_model

    return text_model(config)


def _series(
    inputs: tuple[Path, ...],
    bar: Progress,
    of: Callable[[str], Circumstances],
    model: Callable[[], TextModel],
    *,
    keep: bool,
) -> Iterator[tuple[Series, list[datetime]]]:
    """Every series once; counts one file at a time, then the brands of all files of mentions as they begin.

    With each the times at which later ones of its kind begin.
    """
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
        yield _unseen(series, seen), []
    if mentions:
        with _task(bar, "mentions", None):
            found = read_series(mentions, model(), keep=keep, of=of)
        for series in found:
            if series.rejected:
                _tell(f"{series.rejected} of the mentions were left out; the first: {series.complaint}")
        told = sorted((series for series in found if series.rows), key=lambda series: (series.rows[0].at, series.name))
        for series in told:
            begin = series.rows[0].at
            yield _unseen(series, seen), sorted({later.rows[0].at for later in told if later.rows[0].at > begin})


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
