"""The text model from labelled texts: four heads over one table of features, as bytes of an .npz."""

from __future__ import annotations

import io
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from daemon.training.corpus import NOT_TO_LEARN_FROM
from detectors.features import BITS
from detectors.fit import Head, Labelled, Task, fit, languages, matrix, whole
from detectors.sentiment import HEADS, Calibration, Settings

_STRENGTH = 8.0
_NOISY = {"xed-subtitles": 0.5}  # weight of projected labels


def _weights(corpus: Sequence[Labelled]) -> npt.NDArray[np.float64]:
    return np.array([_NOISY.get(each.source, 1.0) for each in corpus])


def train(corpus: Sequence[Labelled], complaints: Sequence[Labelled]) -> bytes:
    """Fit every head and pack the model."""
    taught = [each for each in corpus if not each.source.startswith(NOT_TO_LEARN_FROM)]
    known = sorted({each.lang for each in taught})
    langs = [each.lang for each in taught]
    features = sp.hstack([matrix([each.text for each in taught], langs), languages(langs, known)]).tocsr()
    labels = np.array([each.label for each in taught])
    neutral = {each.source for each in taught if each.label == "neutral"}
    three = np.array([each.source in neutral for each in taught])
    weight = _weights(taught)
    rows = {
        "polar": (np.flatnonzero(three), labels != "neutral"),
        "negative": (np.flatnonzero(labels != "neutral"), labels == "negative"),
        "direct": (np.flatnonzero(three), labels == "negative"),
    }
    heads = [
        fit(features, Task(rows=at, target=truth[at].astype(np.int64), weight=weight[at], strength=_STRENGTH), known)
        for at, truth in rows.values()
    ]
    heads.append(_complaint(complaints, known))
    return pack(heads, known)


def _complaint(complaints: Sequence[Labelled], known: Sequence[str]) -> Head:
    if not complaints:
        return Head(np.zeros(1 << BITS, dtype=np.float32), -3.0, {})
    langs = [each.lang for each in complaints]
    features = sp.hstack([matrix([each.text for each in complaints], langs), languages(langs, known)]).tocsr()
    truth = np.array([each.label == "1" for each in complaints]).astype(np.int64)
    every = np.arange(len(complaints))
    return fit(
        features, Task(rows=every, target=truth, weight=np.ones(len(every)), strength=_STRENGTH), known, rounds=30
    )


def pack(heads: Sequence[Head], known: Sequence[str]) -> bytes:
    """The model as bytes: whole-number weights and the settings; the same for the same heads."""
    assert len(heads) == len(HEADS)
    columns, scales = zip(*(whole(head.weights) for head in heads), strict=True)
    calibration = {
        lang: Calibration(bias=tuple(round(head.bias + head.by_lang.get(lang, 0.0), 6) for head in heads))
        for lang in known
    }
    calibration[""] = Calibration(
        bias=tuple(round(head.bias + sum(head.by_lang.values()) / max(1, len(head.by_lang)), 6) for head in heads)
    )
    settings = Settings(bits=BITS, scale=tuple(scales), calibration=calibration)
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        weights=np.stack(columns, axis=1),
        settings=np.frombuffer(msgspec.json.encode(settings, order="deterministic"), dtype=np.uint8),
    )
    return packed.getvalue()
