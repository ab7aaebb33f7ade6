"""How well the model reads texts of sources it has not learned from, with confidence intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from daemon.model import Label
from daemon.training.posts import DOMAINS, SOURCE
from daemon.training.train import LATER, Lessons, Rows, Scores, calibrate
from detectors.complaint import evidence, wronged
from detectors.features import fold
from detectors.fit import Labelled, auc, macro_f1
from detectors.sentiment import Mix, softened

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
    (SOURCE, ("pl", "ru", "en")),
)
_NEVER = (("us-airline", ("en",)), ("germeval2017-db", ("de",)))
_ALIKE = {  # domains whose writers had seen a source, or write of the same: left out with it
    "mozetic-tweets": ("tweets",),
    "polemo2-hotels": ("hotels",),
    "polemo2-medicine": ("hotels", "products", "school"),
    "sentirueval-bank": ("banks",),
    "sentirueval-telecom": ("operators",),
    "umsab": ("technology",),
}
_DATED = ("sentirueval-bank", "sentirueval-telecom")


Interval = tuple[float, float, float]  # ×100, with the ends of the 95 % interval of the bootstrap


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the card."""

    lang: str
    source: str
    texts: int
    auc: Interval
    macro_f1: Interval | None  # None where the source has no neutral texts


def chances(scores: Scores, mix: Mix, lang: str) -> Scores:
    """Chances of each label, as the model works them out."""
    weights = np.array(mix.softmax)
    sums = softened(scores) @ weights[:, 1:].T + weights[:, 0] + np.array(mix.shift.get(lang, (0.0, 0.0, 0.0)))
    raised = np.exp(np.clip(sums, -60, 60))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def figure(lang: str, source: str, texts: Sequence[Labelled], found: Scores) -> Figure:
    """AUC of negative against not, and macro-F1, with their intervals."""
    labels = np.array([each.label for each in texts])
    order = np.array([label.value for label in Label])
    told = order[found.argmax(axis=1)]
    negative = found[:, list(Label).index(Label.NEGATIVE)]
    area = _interval(len(labels), lambda rows: auc(labels[rows] == "negative", negative[rows]))
    three = "neutral" in labels
    mean = _interval(len(labels), lambda rows: macro_f1(labels[rows], told[rows])) if three else None
    return Figure(lang=lang, source=source, texts=len(texts), auc=area, macro_f1=mean)


def _interval(size: int, measure: Callable[[npt.NDArray[np.int64]], float]) -> Interval:
    """What is measured of all rows, and the interval of what is measured of rows drawn from them."""
    draw = np.random.default_rng(1)
    drawn = [measure(draw.integers(0, size, size)) for _ in range(_DRAWS)]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    whole = measure(np.arange(size))
    return round(100 * whole, 1), round(100 * float(low), 1), round(100 * float(high), 1)


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """How well English complaints are told, folded in one way."""

    folds: str
    texts: int
    macro_f1: Interval


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """How well one kind of report is heard among posts in one language."""

    head: str
    lang: str
    posts: int
    reports: int
    precision: Interval
    recall: Interval
    auc: Interval


def leave_one_out(taught: Lessons) -> Iterator[Figure]:
    """Figures of each source and language, by a model (and a calibration) that learned from neither."""
    for source, langs in _FOLDS:
        yield from _fold(taught, source, langs)
    for source, langs in _NEVER:
        yield from _fold(taught, source, langs)


def _fold(taught: Lessons, source: str, langs: Sequence[str]) -> Iterator[Figure]:
    left = taught.where(lambda each: each.source.startswith(source) and each.lang in langs)
    alike = {f"{DOMAINS}/{domain}" for domain in _ALIKE.get(source, ())}
    heads, mix = calibrate(taught, ~(left | taught.where(lambda each: each.source in alike)))
    spoken = np.array([each.lang for each in taught.texts])
    for lang in langs:
        rows = left & (spoken == lang)
        texts = [taught.texts[place] for place in np.flatnonzero(rows)]
        if len(texts) >= _LEAST:
            yield figure(lang, source, texts, chances(taught.scores(heads, rows), mix, lang))


def later(taught: Lessons) -> Iterator[Figure]:
    """Figures of the last third by time of each dated source, by a model that has met nothing of it but its first."""
    at = np.array([each.at for each in taught.texts])
    for source in _DATED:
        rows = np.array([each.source.startswith(source) for each in taught.texts])
        times = sorted(at[rows])
        if len(times) < _LEAST:
            continue
        met, begin = times[len(times) // 3], times[2 * len(times) // 3]
        held = (taught.held & ~rows) | (rows & (at > times[int(len(times) / 3 * LATER)]))
        heads, mix = calibrate(taught, ~(rows & (at > met)), held)
        read = rows & (at > begin)
        texts = [taught.texts[place] for place in np.flatnonzero(read)]
        yield figure(texts[0].lang, source, texts, chances(taught.scores(heads, read), mix, texts[0].lang))


def complaint_folds(taught: Lessons) -> Iterator[Folded]:
    """Complaints in English, each domain by a model that has not seen it, then five folds."""
    complaints = np.flatnonzero(taught.complaints)
    texts = [taught.texts[place] for place in complaints]
    domains = sorted({each.source for each in texts if not each.source.startswith("random")})
    by_domain = [
        domains.index(each.source) if each.source in domains else row % len(domains) for row, each in enumerate(texts)
    ]
    by_row = [row % 5 for row in range(len(texts))]
    for name, fold_of in (("a domain left out", by_domain), ("five folds", by_row)):
        truth, told = [], []
        for number in sorted(set(fold_of)):
            outside = np.zeros(len(taught.all), dtype=np.bool_)
            outside[complaints[np.array(fold_of) == number]] = True
            heads = taught.fit(["complaint"], ~outside)
            scores = taught.scores(heads, outside, ["complaint"])[:, 0]
            truth += [taught.texts[place].label for place in np.flatnonzero(outside)]
            told += ["1" if score > 0 else "0" for score in scores]
        yield _complaints(name, np.array(truth), np.array(told))


def _complaints(folds: str, truth: npt.NDArray[np.str_], told: npt.NDArray[np.str_]) -> Folded:
    mean = _interval(len(truth), lambda rows: macro_f1(truth[rows], told[rows]))
    return Folded(folds=folds, texts=len(truth), macro_f1=mean)


def post_halves(taught: Lessons) -> Iterator[Heard]:
    """Outages and complaints among our own posts, each half by a model that has not learned from it."""
    places = np.flatnonzero(taught.where(lambda each: each.source == SOURCE))
    texts = [taught.texts[place] for place in places]
    said = np.array([evidence(fold(each.text)) for each in texts])
    second = np.arange(len(places)) % 2 == 1
    for head, added in (("outage", said), ("complaint", np.array([wronged(each) for each in said]))):
        truth = np.array([taught.all[place].taught.get(head, (False, 0.0))[0] for place in places])
        known = np.array([head in taught.all[place].taught for place in places])
        score = np.zeros(len(places))
        for half in (second, ~second):
            outside = np.zeros(len(taught.all), dtype=np.bool_)
            outside[places[half]] = True
            score[half] = taught.scores(taught.fit([head], ~outside), outside, [head])[:, 0] + added[half]
        for lang in sorted({each.lang for each in texts}):
            rows = known & np.array([each.lang == lang for each in texts])
            if rows.any():
                yield _heard(head, lang, truth[rows], score[rows])


def _heard(head: str, lang: str, truth: Rows, score: Scores) -> Heard:
    told = score > 0

    def share(of: Rows) -> Interval:
        return _interval(len(truth), lambda rows: float((truth & told)[rows].sum() / max(1, of[rows].sum())))

    return Heard(
        head=head,
        lang=lang,
        posts=len(truth),
        reports=int(truth.sum()),
        precision=share(told),
        recall=share(truth),
        auc=_interval(len(truth), lambda rows: auc(truth[rows], score[rows])),
    )
