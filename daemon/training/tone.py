"""The tone model of the reply check, from replies written for it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from daemon.replies.draft import Draft
from daemon.replies.library import load_library
from daemon.replies.tone import BITS, RULES, Settings, plain
from detectors.fit import fit_few, matrix, whole
from detectors.lexicon import NOTHING

FINE = "fine"
_REPLIES = Path(__file__).with_name("replies.tsv")
_STRENGTH, _RARITY = 30.0, 1.0
_FOLDS = 5
_ACCUSED = 0.035  # of the good replies among them, half of which were made to be mistaken
Weights = npt.NDArray[np.float32]
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_BEGIN, _END = "⟦⟧"


class Reply(msgspec.Struct, frozen=True):
    """One reply's sentences."""

    lang: str
    sentences: tuple[Sentence, ...]


class Sentence(msgspec.Struct, frozen=True):
    """A sentence of a reply, and the rule that its tone breaks, or `FINE`."""

    lang: str
    rule: str
    text: str


def replies() -> Iterator[Reply]:
    """All replies, in the order of the file, and those that we offer ourselves.

    Of one at fault the marked passage tells where: the sentences that it touches. Without a mark it is at fault as
    a whole.
    """
    with _REPLIES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Reply(row["lang"], tuple(taken_apart(row["lang"], row["rule"], row["text"])))
    for lang, library in sorted(load_library().items()):
        for text in (each for _, texts in sorted(library.replies.items()) for each in texts):
            yield Reply(lang, tuple(taken_apart(lang, FINE, _PLACEHOLDER.sub(" ", text))))


def taken_apart(lang: str, rule: str, text: str) -> Iterator[Sentence]:
    """The sentences of one reply."""
    begin, end = text.find(_BEGIN), text.find(_END) - 1
    unmarked = text.replace(_BEGIN, "").replace(_END, "")
    draft = Draft(unmarked, lang=lang)
    if rule != FINE and begin < 0:
        yield Sentence(lang, rule, plain(draft, 0, len(unmarked)))
        return
    for start, stop in draft.sentences:
        told = plain(draft, start, stop)
        if told:
            yield Sentence(lang, rule if start < end and begin < stop else FINE, told)


def train_tone(replies: Sequence[Reply]) -> bytes:
    """Fit every column, set the limits on replies that were held back in turn, and pack the model."""
    langs = tuple(sorted({each.lang for each in replies}))
    weights, bias = _fit(replies, langs)
    columns, scale = zip(*map(whole, weights), strict=True)
    settings = Settings(scale=tuple(scale), bias=bias, limit=_limits(replies, langs))
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        weights=np.stack(columns, axis=1),
        settings=np.frombuffer(msgspec.json.encode(settings, order="deterministic"), dtype=np.uint8),
    )
    return packed.getvalue()


def _fit(replies: Sequence[Reply], langs: Sequence[str]) -> tuple[list[Weights], dict[str, tuple[float, ...]]]:
    """Of each column its weights, and of each language the constants: at fault or not, then which rule."""
    told = [sentence for reply in replies for sentence in reply.sentences]
    features = matrix([each.text for each in told], [each.lang for each in told], NOTHING, BITS)
    spoken = np.array([[float(each.lang == lang) for lang in langs] for each in told])
    rule = np.array([each.rule for each in told])
    fault = rule != FINE
    tasks = [(np.ones(len(told), dtype=np.bool_), fault), *((fault, rule == each) for each in RULES)]
    found = [
        fit_few(features[rows], spoken[rows], true[rows].astype(np.int64), strength=_STRENGTH, rarity=_RARITY)
        for rows, true in tasks
    ]
    bias = {
        lang: tuple(round(constant + in_lang[place], 6) for _, in_lang, constant in found)
        for place, lang in enumerate(langs)
    }
    return [weights for weights, _, _ in found], bias


def _limits(replies: Sequence[Reply], langs: Sequence[str]) -> dict[str, float]:
    """From where on a sentence is at fault, by language: few good replies reach that.

    Each is read by a model that has not learned from it.
    """
    worst: dict[str, list[float]] = {lang: [] for lang in langs}
    for fold in range(_FOLDS):
        weights, bias = _fit([each for number, each in enumerate(replies) if number % _FOLDS != fold], langs)
        for reply in replies[fold::_FOLDS]:
            if all(each.rule == FINE for each in reply.sentences):
                features = matrix(
                    [each.text for each in reply.sentences], [reply.lang] * len(reply.sentences), NOTHING, BITS
                )
                worst[reply.lang].append(float((features @ weights[0]).max()) + bias[reply.lang][0])
    return {lang: round(float(np.quantile(worst[lang], 1 - _ACCUSED)), 4) for lang in langs}
