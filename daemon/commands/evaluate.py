"""`tocsin evaluate`: how well the text model reads sources it has not learned from."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click


@click.command(epilog="\b\nExample:\n  tocsin evaluate labelled/ --output docs/model-card.md")
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8", lazy=True),
    default="-",
    help="Where the model card goes; standard output by default.",
)
def command(data: Path, output: TextIO) -> None:
    """Measure the text model with each source left out in turn, and write the model card."""
    from daemon.training.card import card
    from daemon.training.corpus import read_complaints, read_corpus
    from daemon.training.evaluate import complaint_folds, leave_one_out
    from daemon.training.outages import outages

    corpus, complaints = read_corpus(data), read_complaints(data)
    figures = leave_one_out(corpus, complaints, list(outages()))
    output.write(card(figures, list(complaint_folds(complaints))))
