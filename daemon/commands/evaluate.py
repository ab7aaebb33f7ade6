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
@click.option(
    "--bench",
    type=click.File(encoding="utf-8"),
    help="What the text benchmarks printed, to stand in the card; see `make evaluate`.",
)
def command(data: Path, output: TextIO, bench: TextIO | None) -> None:
    """Measure the text model with each source left out in turn, and write the model card."""
    from daemon.training.card import card
    from daemon.training.corpus import read_complaints, read_corpus, read_lexicon
    from daemon.training.evaluate import complaint_folds, later, leave_one_out, post_halves
    from daemon.training.outages import outages
    from daemon.training.posts import domains, posts
    from daemon.training.train import Lessons

    taught = Lessons(
        read_corpus(data), read_complaints(data), list(outages()), read_lexicon(data), [*posts(), *domains()]
    )
    printed = bench.read() if bench else ""
    told = card(leave_one_out(taught), later(taught), complaint_folds(taught), post_halves(taught), printed)
    output.write(told)  # opened only now: what stood there stays until there is something better
