"""Fits the text model's weights: pure, deterministic; scikit-learn is needed here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from detectors.features import BITS, family, fold, hashed
from detectors.lexicon import Lexicon

_BATCH = 1024
_LEVELS = 127
_SMOOTHING = 0.1
_TELLING = 0.75
LANGUAGE_WEIGHT = 0.5  # of a language's column


class Labelled(msgspec.Struct, frozen=True):
    """One text that somebody judged."""

    lang: str
    source: str
    text: str
    label: str
    at: str = ""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What one head learns: which texts, what is true of them, how much each weighs."""

    rows: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]
    strength: float  # inverse of the regularisation: larger follows the data closer


class Head(msgspec.Struct, frozen=True):
    """A fitted head, as floats. ``lift``: what each of the sentiment heads adds to it in English."""

    weights: npt.NDArray[np.float32]
    bias: float
    by_lang: dict[str, float]
    lift: tuple[float, ...] = ()

    def in_lang(self, lang: str) -> float:
        """What is added to a text's score in a language; the mean of all where it is not known."""
        mean = sum(self.by_lang.values()) / max(1, len(self.by_lang))
        return self.bias + self.by_lang.get(lang, mean)


def matrix(texts: Sequence[str], langs: Sequence[str], lexicon: Lexicon, bits: int = BITS) -> sp.csr_matrix:
    """Features as a sparse matrix: counts divided by the root of their number, as at run time."""
    parts, starts = [], [np.zeros(1, dtype=np.int64)]
    for begin in range(0, len(texts), _BATCH):
        families = [family(lang) for lang in langs[begin : begin + _BATCH]]
        folded = [fold(text) for text in texts[begin : begin + _BATCH]]
        features = hashed(list(map(lexicon.marked, folded, families)), families, bits)
        parts.append(features.indices)
        starts.append(features.start[1:] + starts[-1][-1])
    start = np.concatenate(starts)
    counts = np.diff(start)
    values = np.repeat((1 / np.sqrt(np.maximum(counts, 1))).astype(np.float32), counts)
    found = sp.csr_matrix((values, np.concatenate(parts), start), shape=(len(texts), 1 << bits))
    found.sum_duplicates()
    return found


def languages(langs: Sequence[str], known: Sequence[str]) -> sp.csr_matrix:
    """One column for each known language: what is usual in its texts, which the words need not explain."""
    place = {lang: number for number, lang in enumerate(known)}
    rows = [row for row, lang in enumerate(langs) if lang in place]
    columns = [place[lang] for lang in langs if lang in place]
    values = np.full(len(rows), LANGUAGE_WEIGHT, dtype=np.float32)
    return sp.csr_matrix((values, (rows, columns)), shape=(len(langs), len(known)))


def fit(
    features: sp.csr_matrix,
    task: Task,
    known: Sequence[str],
    *,
    closed: npt.NDArray[np.bool_] | None = None,
    rounds: int = 6,
    seed: int = 1,
) -> Head:
    """Logistic regression by averaged stochastic gradient (Bottou 2010), one process, fixed order.

    The last columns are those of the ``known`` languages. Each other feature is scaled beforehand by how
    differently it is spread over the two classes, as Wang and Manning (2012) do with naive Bayes ratios: what tells
    something may weigh more before it is held back. The scale is then part of the weights. Features that are
    ``closed`` get none.
    """
    from sklearn.linear_model import SGDClassifier  # noqa: PLC0415 - needed for training alone

    rows = features[task.rows]
    scale = _telling(rows, task, len(known))
    if closed is not None:
        scale[: len(closed)][closed] = 0
    rows.data *= scale[rows.indices]
    learner = SGDClassifier(
        loss="log_loss",
        alpha=1 / (task.strength * len(task.rows)),
        max_iter=rounds,
        tol=None,
        average=True,
        random_state=seed,
    )
    learner.fit(rows, task.target, sample_weight=task.weight)
    weights = (learner.coef_[0] * scale).astype(np.float32)
    buckets = len(weights) - len(known)
    met = np.bincount(rows.indices, minlength=len(weights))[buckets:] > 0
    by_lang = {lang: float(weights[buckets + n]) * LANGUAGE_WEIGHT for n, lang in enumerate(known) if met[n]}
    return Head(weights[:buckets], float(learner.intercept_[0]), by_lang)


def fit_few(
    features: sp.csr_matrix,
    beside: npt.NDArray[np.float64],
    target: npt.NDArray[np.int64],
    *,
    strength: float,
    rarity: float,
) -> tuple[npt.NDArray[np.float32], tuple[float, ...], float]:
    """Weights, those of the dense columns ``beside``, and the constant, from some thousands of texts.

    Of so few, the exact optimum of a logistic regression (Fan et al. 2008) tells more than the stochastic one, and rare
    features count for more: by their inverse document frequency (Spärck Jones 1972) to the power of ``rarity``.

    On one thread: how many share a sum decides how it is rounded, and the same texts shall give the same bytes.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - needed for training alone
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - as above

    met = np.unique(features.indices)
    rows = features[:, met]
    frequency = np.bincount(rows.indices, minlength=len(met))
    scale = (np.log((1 + len(target)) / (1 + frequency)) + 1) ** rarity
    scale /= np.sqrt((scale[rows.indices] ** 2).mean())
    rows.data = rows.data * scale[rows.indices]
    learner = LogisticRegression(C=strength, solver="liblinear", max_iter=1000, random_state=1)
    with threadpool_limits(limits=1):
        found = learner.fit(sp.hstack([rows, beside]).tocsr(), target).coef_[0]
    weights = np.zeros(features.shape[1], dtype=np.float32)
    weights[met] = found[: len(met)] * scale
    return weights, tuple(float(each) for each in found[len(met) :]), float(learner.intercept_[0])


def _telling(rows: sp.csr_matrix, task: Task, languages: int) -> npt.NDArray[np.float32]:
    """For each feature a power of its log-ratio between the classes, 1 in the mean; 1 for the languages' columns."""
    true = task.target == 1
    sums = [rows[side].T @ task.weight[side] + _SMOOTHING for side in (true, ~true)]
    ratio = np.abs(np.log(sums[0] / sums[0].sum()) - np.log(sums[1] / sums[1].sum())) ** _TELLING
    buckets = rows.shape[1] - languages
    scale = (ratio / ratio[rows.indices[rows.indices < buckets]].mean()).astype(np.float32)
    scale[buckets:] = 1
    return np.asarray(scale)


def whole(weights: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], float]:
    """Weights as whole numbers from -127 to 127, and what one of them is worth; the largest 0.01 % are cut."""
    top = float(np.quantile(np.abs(weights[weights != 0]), 0.9999)) if np.any(weights) else 1.0
    scale = top / _LEVELS
    return np.clip(np.rint(weights / scale), -_LEVELS, _LEVELS).astype(np.int8), scale


def auc(truth: npt.NDArray[np.bool_], score: npt.NDArray[np.float64]) -> float:
    """Area under the ROC curve: how often a true one scores above a false one (Mann and Whitney 1947)."""
    values, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    del values
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    true = int(truth.sum())
    false = len(truth) - true
    return float((rank[truth].sum() - true * (true + 1) / 2) / (true * false)) if true and false else float("nan")


def macro_f1(truth: Sequence[str] | npt.NDArray[np.str_], told: Sequence[str] | npt.NDArray[np.str_]) -> float:
    """Mean over the labels of the harmonic mean of precision and recall."""
    true, said = np.asarray(truth), np.asarray(told)
    found = []
    for label in np.unique(true):
        of_it, called = true == label, said == label
        found.append(2 * int((of_it & called).sum()) / (int(of_it.sum()) + int(called.sum()) or 1))
    return float(sum(found) / len(found))
