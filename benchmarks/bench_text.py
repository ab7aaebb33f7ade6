"""How many texts a second the text model reads on one core, beside VADER and scikit-learn's hashing pipeline.

All read the same texts in the same process, one after another, several rounds, each of texts that were not read
before; the median counts. Time is that of the processor spent on it, so that a busy machine does not change the figures
much. Texts are put together from parts in ten languages, some 100 characters each; ``--data FOLDER`` takes those
of a corpus in Polish, Russian and English instead, which share fewer words. The last table tells for how long at most
the event loop of a program that reads in a thread of its own, as the daemon does, was kept from all else.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline, make_union
from threadpoolctl import threadpool_limits
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-untyped]  # has none

from daemon.training.corpus import read_corpus
from daemon.training.outages import outages
from detectors.sentiment import LinearModel, load_model

Read = Callable[[Sequence[str], Sequence[str]], object]
Text = tuple[str, str]  # and its language
_SHORTEST = 15  # characters of a part
_LANGUAGES = ("pl", "ru", "en")
_STALLING = (64, 512, 4096)  # texts given to the reading thread at once
_TICK = 0.001
_PACE = 10_000  # texts a second


def composed(count: int, draw: random.Random) -> list[Text]:
    """Texts with their languages, each of three parts in one language."""
    parts: dict[str, list[str]] = {}
    for each in outages():
        if len(each.text) > _SHORTEST:
            parts.setdefault(each.lang, []).append(each.text)
    langs = sorted(parts)
    found = []
    for _ in range(count):
        lang = draw.choice(langs)
        found.append((" ".join(draw.choices(parts[lang], k=3)), lang))
    return found


def of_corpus(folder: Path, count: int, draw: random.Random) -> list[Text]:
    """Texts of a corpus with their languages, each once."""
    found = [(each.text, each.lang) for each in read_corpus(folder) if each.lang in _LANGUAGES]
    return draw.sample(found, count)


def rate(read: Read, batch: int, rounds: Sequence[Sequence[Text]]) -> tuple[float, float]:
    """Texts a second of processor time, and the longest batch in milliseconds: the median over the rounds."""
    rates, longest = [], []
    for texts in rounds:
        slowest, begin = 0.0, time.process_time()
        for place in range(0, len(texts), batch):
            start = time.process_time()
            read(*zip(*texts[place : place + batch], strict=True))
            slowest = max(slowest, time.process_time() - start)
        rates.append(len(texts) / (time.process_time() - begin))
        longest.append(1000 * slowest)
    return statistics.median(rates), statistics.median(longest)


async def stall(read: Read, batch: int, texts: Sequence[Text]) -> tuple[float, float]:
    """For how long the loop could do nothing while texts were read in a thread: 99.9 % of times, and ever, in ms."""
    waits, done = [0.0, 0.0], False

    async def tick() -> None:
        while not done:
            begin = time.perf_counter()
            await asyncio.sleep(_TICK)  # noqa: TID251 - it is the real loop's time that is measured
            waits.append(time.perf_counter() - begin - _TICK)

    ticking = asyncio.create_task(tick())
    with ThreadPoolExecutor(1) as pool:
        for place in range(0, len(texts), batch):
            said, langs = zip(*texts[place : place + batch], strict=True)
            await asyncio.get_running_loop().run_in_executor(pool, read, said, langs)
    done = True
    await ticking
    return 1000 * statistics.quantiles(waits, n=1000, method="inclusive")[-1], 1000 * max(waits)


def nothing(said: Sequence[str], _: Sequence[str]) -> None:
    """Stands for a reader that leaves the processor alone for as long as ours would take it."""
    time.sleep(len(said) / _PACE)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, help="folder of a corpus")
    options = parser.parse_args()
    draw = random.Random(3)
    model = load_model()
    readers = list(_readers(model, composed(1000, draw)))
    sizes = (1, 64, 512)
    count = options.texts * options.rounds * (len(sizes) + 1)
    said = of_corpus(options.data, count, draw) if options.data else composed(count, draw)
    rounds = [said[place : place + options.texts] for place in range(0, count, options.texts)]
    table = Table(
        title=f"{options.texts:,} texts of {statistics.mean(len(text) for text, _ in said):.0f} characters, one core"
    )
    for column in ("reader", "batch", "texts/s", "longest batch, ms"):
        table.add_column(column, justify="left" if column == "reader" else "right")
    for name, read in readers:
        for number, batch in enumerate(sizes):
            each, longest = rate(read, batch, rounds[number * options.rounds : (number + 1) * options.rounds])
            table.add_row(name, str(batch), f"{each:,.0f}", f"{longest:.1f}")
    console = Console()
    console.print(table)
    stalls = Table(title="event loop beside a reading thread", show_header=True)
    for column in ("reader", "batch", "99.9 % of stalls, ms", "longest, ms"):
        stalls.add_column(column, justify="left" if column == "reader" else "right")
    gc.collect()
    gc.freeze()  # as the daemon does when it has started
    unread = [text for each in rounds[-options.rounds :] for text in each]
    for number, batch in enumerate(_STALLING):
        some = unread[number * len(unread) // len(_STALLING) :][: len(unread) // len(_STALLING)]
        for name, read in (readers[0], ("nothing read", nothing)):
            most, longest = asyncio.run(stall(read, batch, some))
            stalls.add_row(name, str(batch), f"{most:.1f}", f"{longest:.1f}")
    console.print(stalls)


def _readers(model: LinearModel, lesson: Sequence[Text]) -> Iterator[tuple[str, Read]]:
    vader = SentimentIntensityAnalyzer()
    hashing = make_pipeline(
        make_union(
            HashingVectorizer(ngram_range=(1, 2), n_features=1 << 18),
            HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), n_features=1 << 18),
        ),
        SGDClassifier(loss="log_loss", max_iter=5, tol=None),
    ).fit([text for text, _ in lesson], [place % 2 for place in range(len(lesson))])
    yield "ours, language detected", lambda batch, _: model.read(batch, [None] * len(batch))
    yield "ours, language known", load_model().read  # that knows no words, either
    yield "scikit-learn hashing, one head", lambda batch, _: hashing.predict_proba(batch)
    yield "VADER (English)", lambda batch, _: [vader.polarity_scores(text) for text in batch]


if __name__ == "__main__":
    with threadpool_limits(1):  # one core means one
        main()
