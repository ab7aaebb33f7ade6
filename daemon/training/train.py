"""The text model from labelled texts: heads over one table of features, calibrated on sources held back."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import cached_property

import msgspec
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from daemon.model import Label
from daemon.training.corpus import COMPLAINT_LABELS
from daemon.training.posts import Post
from daemon.training.tasks import Lesson, lessons, task
from detectors.features import BITS
from detectors.fit import Head, Labelled, fit, fit_few, languages, macro_f1, matrix, whole
from detectors.lexicon import NOTHING, Lexicon
from detectors.sentiment import HEADS, SENTIMENT, Mix, Settings, softened

LATER = 0.7  # of a dated source is learned from; the rest, written later, is held back
_HELD_BACK = ("polemo2-medicine", "umsab/val", "semeval/2015test", "semeval/2016devtest")
_DATED = ("sentirueval",)
_FEW, _RARITY = 8.0, 0.5  # strength of the head of English complaints, and how much more rare features count
_ENGLISH = "en"

Scores = npt.NDArray[np.float64]
Rows = npt.NDArray[np.bool_]
_STEPS = (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)
_SHIFTS = [(negative, neutral, 0.0) for negative in (-0.4, -0.2, 0.0, 0.2, 0.4) for neutral in _STEPS]


class Lessons:
    """All texts with what they teach and their features, worked out once; rows of them are learned from or read."""

    def __init__(
        self,
        corpus: Sequence[Labelled],
        complaints: Sequence[Labelled],
        outages: Sequence[Labelled],
        lexicon: Lexicon = NOTHING,
        posts: Sequence[Post] = (),
    ) -> None:
        self.all: tuple[Lesson, ...] = tuple(lessons(corpus, complaints, outages, posts))
        self.texts = [each.text for each in self.all]
        self.lexicon = lexicon
        langs = [each.lang for each in self.texts]
        self.known = tuple(sorted(set(langs)))
        features = matrix([each.text for each in self.texts], langs, lexicon)
        self.features: sp.csr_matrix = sp.hstack([features, languages(langs, self.known)]).tocsr()
        self.complaints: Rows = self.where(lambda each: each.label in COMPLAINT_LABELS)
        labels = {label.value for label in Label}
        held = held_back(corpus)
        self.held: Rows = self.where(lambda each: each.label in labels and held(each))

    def where(self, told: Callable[[Labelled], bool]) -> Rows:
        """Which rows something is true of."""
        return np.array([told(each) for each in self.texts], dtype=np.bool_)

    def fit(self, names: Sequence[str] = HEADS, among: Rows | None = None) -> dict[str, Head]:
        """Every named head, one after another, from all rows or some of them."""
        return {name: self._complaint(among) if name == "complaint" else self._fit(name, among) for name in names}

    def _fit(self, name: str, among: Rows | None, closed: Rows | None = None) -> Head:
        return fit(self.features, task(self.all, name, among), self.known, closed=closed)

    def _complaint(self, among: Rows | None) -> Head:
        """English from its few real complaints and their mood alone, the other languages like any head.

        Buckets that English needs are closed to the others, which would blur them.
        """
        among = np.ones(len(self.all), dtype=np.bool_) if among is None else among
        english = task(self.all, "complaint", self.complaints & among)
        if not len(english.rows):
            return self._fit("complaint", among)
        features = self.features[english.rows][:, : 1 << BITS]
        weights, lift, constant = fit_few(
            features, self.mood[english.rows], english.target, strength=_FEW, rarity=_RARITY
        )
        rest = self._fit("complaint", among & ~self.complaints, closed=weights != 0)
        by_lang = rest.by_lang | {_ENGLISH: constant - rest.bias}
        return Head(rest.weights + weights, rest.bias, by_lang, lift)

    @cached_property
    def mood(self) -> Scores:
        """For each row the softened log-odds of the sentiment heads, had they met no complaints; 0 for other rows."""
        found = np.zeros((len(self.all), len(SENTIMENT)))
        heads = self.fit(SENTIMENT, ~self.complaints)
        found[self.complaints] = softened(self.scores(heads, self.complaints))
        return found

    def scores(self, heads: dict[str, Head], rows: Rows, names: Sequence[str] = SENTIMENT) -> Scores:
        """Log-odds of the named heads for each of the rows, in the language it is labelled with."""
        places = np.flatnonzero(rows)
        features = self.features[places][:, : 1 << BITS]
        langs = [self.texts[place].lang for place in places]
        columns = []
        for name in names:
            head = heads[name]
            column = features @ head.weights + np.array([head.in_lang(lang) for lang in langs])
            columns.append(column + self.mood[places] @ np.array(head.lift) if head.lift else column)
        return np.stack(columns, axis=1).astype(np.float64)


def held_back(corpus: Sequence[Labelled]) -> Callable[[Labelled], bool]:
    """Which texts the calibration is made on: sources, or the later part of them, that no head learns from."""
    since = {}
    for source in {each.source for each in corpus if each.source.startswith(_DATED)}:
        times = sorted(each.at for each in corpus if each.source == source)
        since[source] = times[int(len(times) * LATER)]
    return lambda each: each.source.startswith(_HELD_BACK) or each.at > since.get(each.source, "~")


def calibrate(taught: Lessons, among: Rows, held: Rows | None = None) -> tuple[dict[str, Head], Mix]:
    """How the three sentiment heads make chances of negative, neutral and positive: a softmax over their scores.

    They learn from what is not held back, and are returned, too; the softmax learns from what is (stacking,
    Wolpert 1992): every source weighs the same, and so does every label within it. Only rows ``among`` count.
    ``held``: which rows are held back, if not those that usually are.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - needed for training alone

    held = taught.held if held is None else held
    heads = taught.fit(SENTIMENT, among & ~held)
    learnable = np.array([bool(each.taught) for each in taught.all])
    rows = among & held & learnable
    texts = [taught.texts[place] for place in np.flatnonzero(rows)]
    scores = softened(taught.scores(heads, rows))
    labels = np.array([each.label for each in texts])
    langs = np.array([each.lang for each in texts])
    groups = np.array([f"{each.source} {each.lang}" for each in texts])
    weight = np.zeros(len(texts))
    for group in np.unique(groups):
        for label in Label:
            same = (groups == group) & (labels == label.value)
            if same.any():
                weight[same] = 1000.0 / same.sum()
    learner = LogisticRegression(C=1.0, max_iter=1000).fit(scores, labels, sample_weight=weight)
    order = [list(learner.classes_).index(label.value) for label in Label]
    softmax = tuple(
        (round(float(learner.intercept_[place]), 6), *(round(float(each), 6) for each in learner.coef_[place]))
        for place in order
    )
    raised = scores @ np.array(softmax)[:, 1:].T + np.array(softmax)[:, 0]
    shift = {}
    for lang in np.unique(langs):
        there = langs == lang
        shift[str(lang)] = _shift(raised[there], labels[there], groups[there])
    return heads, Mix(softmax=softmax, shift=shift)


def _shift(raised: Scores, labels: npt.NDArray[np.str_], groups: npt.NDArray[np.str_]) -> tuple[float, ...]:
    """What is added to each label in one language: the best for the mean macro-F1 of its sources.

    It is shrunk the more the fewer kinds of sources there are, for the next text is of another one.
    """
    sources = np.unique(groups)
    names = np.array([label.value for label in Label])

    def worth(added: tuple[float, ...]) -> float:
        told = names[(raised + np.array(added)).argmax(axis=1)]
        found = [macro_f1(labels[groups == each], told[groups == each]) for each in sources]
        return sum(found) / len(found)

    best = max(sorted(_SHIFTS, key=lambda added: sum(map(abs, added))), key=worth)
    kinds = len({str(each).partition("/")[0] for each in sources})
    trust = kinds / (kinds + 1)
    return tuple(round(each * trust, 4) for each in best)


def train(
    corpus: Sequence[Labelled],
    complaints: Sequence[Labelled],
    outages: Sequence[Labelled],
    lexicon: Lexicon = NOTHING,
    posts: Sequence[Post] = (),
) -> bytes:
    """Calibrate on what is held back, then fit every head on all there is, and pack the model."""
    taught = Lessons(corpus, complaints, outages, lexicon, posts)
    _, mix = calibrate(taught, np.ones(len(taught.all), dtype=np.bool_))
    return pack(taught.fit(), mix, taught)


def pack(heads: dict[str, Head], mix: Mix, taught: Lessons) -> bytes:
    """The model as bytes: whole-number weights, the settings and the lexicon; the same for the same heads."""
    columns, scales = zip(*(whole(heads[name].weights) for name in HEADS), strict=True)
    settings = Settings(
        bits=BITS,
        scale=tuple(scales),
        bias={lang: tuple(round(heads[name].in_lang(lang), 6) for name in HEADS) for lang in ("", *taught.known)},
        mix=mix,
        lift={_ENGLISH: tuple(round(each, 6) for each in heads["complaint"].lift)} if heads["complaint"].lift else {},
    )
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        weights=np.stack(columns, axis=1),
        settings=np.frombuffer(msgspec.json.encode(settings, order="deterministic"), dtype=np.uint8),
        lexicon_keys=taught.lexicon.keys,
        lexicon_values=taught.lexicon.values,
    )
    return packed.getvalue()
