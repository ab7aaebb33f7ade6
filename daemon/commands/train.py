"""`tocsin train`: the weights of the text model, from a folder of labelled texts, and of the reply check's tone."""

from __future__ import annotations

from pathlib import Path

import click

_MODELS = Path(__file__).parents[2] / "detectors" / "models"


@click.command(epilog="\b\nExample:\n  tocsin train labelled/")
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), default=_MODELS, help="Folder of the weights."
)
def command(data: Path, output: Path) -> None:
    """Train the text model from CSV files (id,lang,text,label,source,created_at), gzip too; byte-stable.

    The tone that the reply check hears is learned beside it, from replies of its own.
    """
    from daemon.replies import tone
    from daemon.training.corpus import read_complaints, read_corpus, read_lexicon
    from daemon.training.outages import outages
    from daemon.training.posts import domains, posts
    from daemon.training.tone import replies, train_tone
    from daemon.training.train import train
    from detectors import sentiment

    model = train(read_corpus(data), read_complaints(data), list(outages()), read_lexicon(data), [*posts(), *domains()])
    output.mkdir(parents=True, exist_ok=True)
    for name, packed in ((sentiment.WEIGHTS, model), (tone.WEIGHTS, train_tone(list(replies())))):
        (output / name).write_bytes(packed)
        click.echo(f"{output / name}: {len(packed):,} bytes")
