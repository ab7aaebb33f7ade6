"""How well the model reads texts of sources it has not learned from, with confidence intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from daemon.model import Label
from daemon.training.corpus import NOT_TO_LEARN_FROM
from daemon.training.tasks import lessons
from daemon.training.train import Scores, calibrate, fit_heads, held_back
from detectors.fit import Labelled, auc, macro_f1
from detectors.sentiment import SENTIMENT

_DRAWS = 400  # of the bootstrap
_LEAST = 100  # texts of one language that a figure is made of
_FOLDS = (
    ("mozetic-tweets", ("pl", "ru", "en")),
    ("polemo2-hotels", ("pl",)),
    ("polemo2-medicine", ("pl",)),
    ("sentirueval-bank", ("ru",)),
    ("sentirueval-telecom", ("ru",)),
    ("cedr", ("ru",)),
    ("umsab", ("en", "de", "es", "fr", "it", "pt", "ar", "hi")),
)
_NEVER = (("us-airline", ("en",)), ("germeval2017-db", ("de",)))


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the card: ×100, with the 95 % interval of the bootstrap."""

    lang: str
    source: str
    texts: int
    auc: tuple[float, float, float]
    macro_f1: tuple[float, float, float] | None  # None where the source has no neutral texts


def chances(scores: Scores, mix: Sequence[Sequence[float]]) -> Scores:
    """Chances of each label, as the model works them out."""
    weights = np.array(mix)
    raised = np.exp(np.clip(scores @ weights[:, 1:].T + weights[:, 0], -60, 60))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def figure(lang: str, source: str, texts: Sequence[Labelled], found: Scores) -> Figure:
    """AUC of negative against not, and macro-F1, with their intervals."""
    labels = np.array([each.label for each in texts])
    order = np.array([label.value for label in Label])
    told = order[found.argmax(axis=1)]
    negative = found[:, list(Label).index(Label.NEGATIVE)]
    draw = np.random.default_rng(1)
    three = "neutral" in labels
    areas, means = [], []
    for number in range(_DRAWS + 1):
        rows = np.arange(len(labels)) if number == 0 else draw.integers(0, len(labels), len(labels))
        areas.append(auc(labels[rows] == "negative", negative[rows]))
        means.append(macro_f1(labels[rows].tolist(), told[rows].tolist()) if three else 0.0)
    return Figure(
        lang=lang, source=source, texts=len(texts), auc=_interval(areas), macro_f1=_interval(means) if three else None
    )


def _interval(values: Sequence[float]) -> tuple[float, float, float]:
    low, high = np.nanquantile(values[1:], [0.025, 0.975])
    return round(100 * values[0], 1), round(100 * float(low), 1), round(100 * float(high), 1)


def leave_one_out(
    corpus: Sequence[Labelled], complaints: Sequence[Labelled], outages: Sequence[Labelled]
) -> Iterator[Figure]:
    """Figures of each source and language, by a model (and a calibration) that learned from neither."""
    for source, langs in _FOLDS:
        rest = [each for each in corpus if not (each.source.startswith(source) and each.lang in langs)]
        yield from _fold(rest, complaints, outages, [each for each in corpus if each.source.startswith(source)], langs)
    never = [each for each in corpus if each.source.startswith(NOT_TO_LEARN_FROM)]
    yield from _fold(corpus, complaints, outages, never, tuple(lang for _, langs in _NEVER for lang in langs))


def _fold(
    rest: Sequence[Labelled],
    complaints: Sequence[Labelled],
    outages: Sequence[Labelled],
    left: Sequence[Labelled],
    langs: Sequence[str],
) -> Iterator[Figure]:
    held = held_back(rest)
    learnable = [each for each in rest if not each.source.startswith(NOT_TO_LEARN_FROM)]
    early = list(lessons([each for each in learnable if not held(each)], complaints, outages))
    trained = fit_heads(early, SENTIMENT)
    mix = calibrate(trained, [each for each in learnable if held(each)])
    for lang in langs:
        texts = [each for each in left if each.lang == lang]
        if len(texts) >= _LEAST:
            source = texts[0].source.split("/")[0]
            yield figure(lang, source, texts, chances(trained.scores(texts), mix))


def complaint_folds(complaints: Sequence[Labelled]) -> Iterator[tuple[str, float, int]]:
    """Macro-F1 ×100 of complaints in English, each domain by a model that has not seen it, then five folds."""
    domains = sorted({each.source for each in complaints if not each.source.startswith("random")})
    groups = [("a domain left out", [domains.index(each.source) if each.source in domains else row % len(domains)
                                     for row, each in enumerate(complaints)], len(domains)),
              ("five folds", [row % 5 for row in range(len(complaints))], 5)]  # fmt: skip
    for name, fold_of, folds in groups:
        truth, told = [], []
        for number in range(folds):
            inside = [each for each, fold in zip(complaints, fold_of, strict=True) if fold != number]
            outside = [each for each, fold in zip(complaints, fold_of, strict=True) if fold == number]
            taught = list(lessons((), inside, ()))
            scores = fit_heads(taught, ["complaint"]).scores(outside, ["complaint"])[:, 0]
            truth += [each.label for each in outside]
            told += ["1" if score > 0 else "0" for score in scores]
        yield name, round(100 * macro_f1(truth, told), 1), len(truth)
