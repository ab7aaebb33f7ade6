"""The text model from labelled texts: heads over one table of features, calibrated on sources held back."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from daemon.model import Label
from daemon.training.tasks import Lesson, lessons, task
from detectors.features import BITS
from detectors.fit import Head, Labelled, fit, languages, matrix, whole
from detectors.sentiment import HEADS, SENTIMENT, Settings

_LATER = 0.7  # of a dated source is learned from; the rest, written later, is held back
_HELD_BACK = ("polemo2-medicine", "umsab/val", "semeval/2015test", "semeval/2016devtest")
_DATED = ("sentirueval",)

Scores = npt.NDArray[np.float64]


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """Fitted heads with the languages they know."""

    heads: dict[str, Head]
    known: tuple[str, ...]

    def scores(self, texts: Sequence[Labelled], names: Sequence[str] = SENTIMENT) -> Scores:
        """Log-odds of the named heads for each text, in the language it is labelled with."""
        langs = [each.lang for each in texts]
        features = matrix([each.text for each in texts], langs)
        columns = []
        for name in names:
            head = self.heads[name]
            columns.append(features @ head.weights + [head.in_lang(lang) for lang in langs])
        return np.stack(columns, axis=1).astype(np.float64)


def fit_heads(taught: Sequence[Lesson], names: Sequence[str] = HEADS) -> Trained:
    """Every named head, one after another."""
    known = tuple(sorted({each.lang for each in taught}))
    langs = [each.lang for each in taught]
    features = sp.hstack([matrix([each.text for each in taught], langs), languages(langs, known)]).tocsr()
    return Trained(heads={name: fit(features, task(taught, name), known) for name in names}, known=known)


def held_back(corpus: Sequence[Labelled]) -> Callable[[Labelled], bool]:
    """Which texts the calibration is made on: sources, or the later part of them, that no head learns from."""
    since = {}
    for source in {each.source for each in corpus if each.source.startswith(_DATED)}:
        times = sorted(each.at for each in corpus if each.source == source)
        since[source] = times[int(len(times) * _LATER)]
    return lambda each: each.source.startswith(_HELD_BACK) or each.at > since.get(each.source, "~")


def calibrate(trained: Trained, held: Sequence[Labelled]) -> tuple[tuple[float, ...], ...]:
    """How the three sentiment heads make chances of negative, neutral and positive: a softmax over their scores.

    Stacking (Wolpert 1992): every source weighs the same, and so does every label within it.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - needed for training alone

    scores = trained.scores(held)
    labels = np.array([each.label for each in held])
    groups = np.array([f"{each.source} {each.lang}" for each in held])
    weight = np.zeros(len(held))
    for group in np.unique(groups):
        for label in Label:
            rows = (groups == group) & (labels == label.value)
            if rows.any():
                weight[rows] = 1000.0 / rows.sum()
    learner = LogisticRegression(C=1.0, max_iter=1000).fit(scores, labels, sample_weight=weight)
    order = [list(learner.classes_).index(label.value) for label in Label]
    return tuple(
        (round(float(learner.intercept_[place]), 6), *(round(float(each), 6) for each in learner.coef_[place]))
        for place in order
    )


def train(corpus: Sequence[Labelled], complaints: Sequence[Labelled], outages: Sequence[Labelled]) -> bytes:
    """Calibrate on what is held back, then fit every head on all there is, and pack the model."""
    taught = list(lessons(corpus, complaints, outages))
    held = held_back(corpus)
    early = list(lessons([each for each in corpus if not held(each)], complaints, outages))
    mix = calibrate(fit_heads(early, SENTIMENT), [each for each in corpus if held(each)])
    return pack(fit_heads(taught), mix)


def pack(trained: Trained, mix: tuple[tuple[float, ...], ...]) -> bytes:
    """The model as bytes: whole-number weights and the settings; the same for the same heads."""
    heads = [trained.heads[name] for name in HEADS]
    columns, scales = zip(*(whole(head.weights) for head in heads), strict=True)
    settings = Settings(
        bits=BITS,
        scale=tuple(scales),
        bias={lang: tuple(round(head.in_lang(lang), 6) for head in heads) for lang in ("", *trained.known)},
        mix=mix,
    )
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        weights=np.stack(columns, axis=1),
        settings=np.frombuffer(msgspec.json.encode(settings, order="deterministic"), dtype=np.uint8),
    )
    return packed.getvalue()
