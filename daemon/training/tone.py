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
from daemon.replies.tone import BITS, COLUMNS, EMPTY, RULES, WARM, Settings, plain
from detectors.fit import fit_few, matrix, whole
from detectors.lexicon import NOTHING

FINE, COLD = "fine", "cold"
_REPLIES = tuple(Path(__file__).with_name(f"{name}.tsv") for name in ("replies", "blunt", "errands"))
_STRENGTH, _RARITY = 30.0, 1.0
_FOLDS = 3
_ACCUSED = 0.02  # of the good replies among them, half of which were made to be mistaken
Weights = npt.NDArray[np.float32]
_AGAINST = {EMPTY: {FINE}, WARM: {COLD}}  # what a column tells from what; the others tell from all that is fit
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_BEGIN, _END = "⟦⟧"


class Reply(msgspec.Struct, frozen=True):
    """One reply's sentences."""

    lang: str
    sentences: tuple[Sentence, ...]

    @property
    def rules(self) -> set[str]:
        """What its sentences break, or `FINE`."""
        return {each.rule for each in self.sentences}

    @property
    def whole(self) -> str:
        """All that it says."""
        return " ".join(each.text for each in self.sentences)


class Sentence(msgspec.Struct, frozen=True):
    """A sentence of a reply, and the rule that it breaks; if none, `FINE`, or `WARM` or `COLD` where that is told."""

    lang: str
    rule: str
    text: str


def replies() -> Iterator[Reply]:
    """All replies, in the order of the files, and those that we offer ourselves.

    Of one at fault the marked passage tells where: the sentences that it touches. Without a mark it is at fault as
    a whole.
    """
    for path in _REPLIES:
        with path.open(encoding="utf-8", newline="") as file:
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


def _fit(
    replies: Sequence[Reply], langs: Sequence[str], names: Sequence[str] = COLUMNS
) -> tuple[list[Weights], dict[str, tuple[float, ...]]]:
    """Of each column named its weights, and of each language the constants.

    A column tells its sentences from those it stands against; that of empty replies tells whole ones.
    """
    sentences = [(each.lang, each.rule, each.text) for reply in replies for each in reply.sentences]
    wholes = [(each.lang, rule, each.whole) for each in replies if len(each.rules) == 1 for rule in each.rules]
    found = [
        *_columns(sentences, [name for name in names if name != EMPTY], langs),
        *_columns(wholes, [name for name in names if name == EMPTY], langs),
    ]
    bias = {
        lang: tuple(round(constant + in_lang[place], 6) for _, in_lang, constant in found)
        for place, lang in enumerate(langs)
    }
    return [weights for weights, _, _ in found], bias


def _columns(
    told: Sequence[tuple[str, str, str]], names: Sequence[str], langs: Sequence[str]
) -> Iterator[tuple[Weights, tuple[float, ...], float]]:
    """For each name its weights, what each language adds, and the constant. ``told``: language, rule, text."""
    features = matrix([text for _, _, text in told], [lang for lang, _, _ in told], NOTHING, BITS)
    spoken = np.array([[float(lang == each) for each in langs] for lang, _, _ in told])
    rules = np.array([rule for _, rule, _ in told])
    for name in names:
        rows = (rules == name) | np.isin(rules, sorted(_AGAINST.get(name, {FINE, WARM, COLD})))
        true = (rules[rows] == name).astype(np.int64)
        yield fit_few(features[rows], spoken[rows], true, strength=_STRENGTH, rarity=_RARITY)


def _limits(replies: Sequence[Reply], langs: Sequence[str]) -> dict[str, float]:
    """From where on a sentence is at fault, by language: few good replies reach that.

    Each is read by a model that has not learned from it.
    """
    worst: dict[str, list[float]] = {lang: [] for lang in langs}
    for fold in range(_FOLDS):
        weights, bias = _fit([each for number, each in enumerate(replies) if number % _FOLDS != fold], langs, RULES)
        faults = np.stack(weights, axis=1)
        for reply in replies[fold::_FOLDS]:
            if reply.rules == {FINE}:
                features = matrix(
                    [each.text for each in reply.sentences], [reply.lang] * len(reply.sentences), NOTHING, BITS
                )
                worst[reply.lang].append(float((features @ faults + bias[reply.lang]).max()))
    return {lang: round(float(np.quantile(worst[lang], 1 - _ACCUSED)), 4) for lang in langs}
