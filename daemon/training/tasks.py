"""What each head learns from which texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from daemon.training.corpus import NOT_TO_LEARN_FROM
from detectors.fit import Labelled, Task

_STRENGTH = 8.0
_NOISY = {"xed-subtitles": 0.5}  # projected labels
_RANDOM = "random"  # complaint domains that are not about a brand
_BRANDS = ("sentirueval", "polemo2")  # written about a brand: a negative one reports a wrong
_SPARSE = 7  # every so many texts of a corpus stands for texts that report no outage


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """One text, and for each head that learns from it what is true and how much that weighs."""

    lang: str
    text: str
    taught: dict[str, tuple[bool, float]]


def lessons(
    corpus: Sequence[Labelled], complaints: Sequence[Labelled], outages: Sequence[Labelled]
) -> Iterator[Lesson]:
    """All that is learned, in a fixed order."""
    taught = [each for each in corpus if not each.source.startswith(NOT_TO_LEARN_FROM)]
    three = {each.source for each in taught if each.label == "neutral"}
    for number, each in enumerate(taught):
        yield Lesson(lang=each.lang, text=each.text, taught=_of_sentiment(each, three, number))
    for each in complaints:
        yield Lesson(lang=each.lang, text=each.text, taught=_of_complaint(each))
    for each in outages:
        yield Lesson(lang=each.lang, text=each.text, taught=_of_outage(each))


def _of_sentiment(each: Labelled, three: set[str], number: int) -> dict[str, tuple[bool, float]]:
    weight = _NOISY.get(each.source, 1.0)
    negative = each.label == "negative"
    found = {}
    if each.label != "neutral":
        found["negative"] = (negative, weight)
    if each.source in three:
        found["polar"] = (each.label != "neutral", weight)
        found["direct"] = (negative, weight)
    if each.source.startswith(_BRANDS):
        found["complaint"] = (negative, 0.3)
    elif each.lang in {"pl", "ru"}:
        found["complaint"] = (False, 0.3)
    if number % _SPARSE == 0 and not each.source.startswith("sentirueval"):
        found["outage"] = (False, 1.0)
    return found


def _of_complaint(each: Labelled) -> dict[str, tuple[bool, float]]:
    """Complaints are how customers write to brands: they teach sentiment, too."""
    wrong = each.label == "1"
    found = {"complaint": (wrong, 1.0)}
    if not each.source.startswith(_RANDOM):
        found["direct"] = (wrong, 2.0)
        found["polar"] = (wrong, 1.0)
        if wrong:
            found["negative"] = (True, 2.0)
    return found


def _of_outage(each: Labelled) -> dict[str, tuple[bool, float]]:
    found = {"outage": (each.label == "report", 1.0)}
    match each.label:
        case "report":
            return found | {"negative": (True, 0.2), "direct": (True, 0.2), "polar": (True, 0.2)}
        case "praise":
            return found | {"negative": (False, 0.2), "direct": (False, 0.2), "polar": (True, 0.2)}
        case "plain":
            return found | {"direct": (False, 0.2), "polar": (False, 0.2)}
        case _:
            return found


def task(taught: Sequence[Lesson], head: str) -> Task:
    """What one head learns of the lessons."""
    rows = [row for row, each in enumerate(taught) if head in each.taught]
    return Task(
        rows=np.array(rows, dtype=np.int64),
        target=np.array([taught[row].taught[head][0] for row in rows], dtype=np.int64),
        weight=np.array([taught[row].taught[head][1] for row in rows], dtype=np.float64),
        strength=_STRENGTH,
    )
