"""How many texts a second the text model reads on one core, beside VADER and scikit-learn's hashing pipeline.

All read the same texts in the same process, one after another, several rounds; the median counts.
Time is that of the processor spent on it, so that a busy machine does not change the figures much.
Texts are put together from parts in eight languages, some 100 characters each.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline, make_union
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # has none
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-untyped]  # has none

from daemon.training.outages import outages
from detectors.sentiment import load_model

Read = Callable[[Sequence[str], Sequence[str]], object]


def memory() -> float:
    """Resident memory of this process in MB; not a number where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def texts(count: int) -> tuple[list[str], list[str]]:
    """Texts with their languages, each of three parts."""
    draw = random.Random(3)
    parts = [each for each in outages() if len(each.text) > 15]
    found = []
    for _ in range(count):
        first = draw.choice(parts)
        found.append((f"{first.text} {draw.choice(parts).text} {draw.choice(parts).text}", first.lang))
    return [text for text, _ in found], [lang for _, lang in found]


def rate(read: Read, batch: int, said: Sequence[str], langs: Sequence[str], rounds: int) -> tuple[float, float]:
    """Texts a second of processor time, and the longest batch in milliseconds: the median over the rounds."""
    rates, longest = [], []
    for _ in range(rounds):
        slowest, begin = 0.0, time.process_time()
        for place in range(0, len(said), batch):
            start = time.process_time()
            read(said[place : place + batch], langs[place : place + batch])
            slowest = max(slowest, time.process_time() - start)
        rates.append(len(said) / (time.process_time() - begin))
        longest.append(1000 * slowest)
    return statistics.median(rates), statistics.median(longest)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    before = memory()
    model = load_model()
    said, langs = texts(options.texts)
    model.read(said[:256], [None] * 256)
    taken = memory() - before
    vader = SentimentIntensityAnalyzer()
    hashing = make_pipeline(
        make_union(
            HashingVectorizer(ngram_range=(1, 2), n_features=1 << 18),
            HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), n_features=1 << 18),
        ),
        SGDClassifier(loss="log_loss", max_iter=5, tol=None),
    ).fit(said[:1000], [place % 2 for place in range(1000)])
    readers: list[tuple[str, Read]] = [
        ("ours, language detected", lambda batch, _: model.read(batch, [None] * len(batch))),
        ("ours, language known", model.read),
        ("scikit-learn hashing, one head", lambda batch, _: hashing.predict_proba(batch)),
        ("VADER (English)", lambda batch, _: [vader.polarity_scores(text) for text in batch]),
    ]
    table = Table(title=f"{len(said):,} texts of {statistics.mean(map(len, said)):.0f} characters, one core")
    for column in ("reader", "batch", "texts/s", "longest batch, ms"):
        table.add_column(column, justify="left" if column == "reader" else "right")
    for name, read in readers:
        for batch in (1, 64, 512):
            each, longest = rate(read, batch, said, langs, options.rounds)
            table.add_row(name, str(batch), f"{each:,.0f}", f"{longest:.1f}")
    console = Console()
    console.print(table)
    console.print(f"memory taken by the text model with its language identifier: {taken:.0f} MB")


if __name__ == "__main__":
    with threadpool_limits(1):  # one core means one
        main()
