"""What each head learns from which texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from daemon.training.corpus import NOT_TO_LEARN_FROM
from daemon.training.outages import POSTS, SERVICES
from daemon.training.posts import DOMAINS, Post
from detectors.complaint import evidence, reports
from detectors.features import fold
from detectors.fit import Labelled, Task

_STRENGTH = {"outage": 12.0, "complaint": 8.0}  # of the others
_USUAL_STRENGTH = 4.0
_POST_WEIGHT = {
    "outage": 3.0,
    "complaint": 2.0,
    "sentiment": 0.4,
    "mood": 1.5,
}  # of a post: the first two are rare elsewhere
_WRITTEN = 4.0  # worth of a post about an outage, or like one, beside those put together from parts
_POLISH = 0.5  # of that worth as sentiment: Russian, which shares features with Polish, draws the line elsewhere
_DOMAIN = {"pl": 2.0, "ru": 0.5, "en": 1.0}  # worth of a text of one domain
_NOISY = {"xed-subtitles": 0.5}  # projected labels
_RANDOM = "random"  # complaint domains that are not about a brand
_BRANDS = ("sentirueval", "polemo2")  # written about a brand: a negative one reports a wrong
_OPERATORS = "sentirueval"  # its negative texts report outages now and then
_SPARSE = 7  # every so many texts of a corpus stands for texts that report no outage
_SHORT = 3  # words of the beginnings that do, too
BEGINNINGS = "beginnings"  # their source


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """One text, and for each head that learns from it what is true and how much that weighs."""

    text: Labelled
    taught: dict[str, tuple[bool, float]]


def lessons(
    corpus: Sequence[Labelled],
    complaints: Sequence[Labelled],
    outages: Sequence[Labelled],
    posts: Sequence[Post] = (),
) -> Iterator[Lesson]:
    """All texts in a fixed order; those that may not be learned from teach nothing."""
    three = {each.source for each in corpus if each.label == "neutral"}
    for number, each in enumerate(corpus):
        learnable = not each.source.startswith(NOT_TO_LEARN_FROM)
        yield Lesson(text=each, taught=_of_sentiment(each, three, number) if learnable else {})
        if learnable and number % _SPARSE == 1 and not each.source.startswith(_OPERATORS):
            begun = " ".join(each.text.split()[: 1 + number % _SHORT])
            yield Lesson(text=Labelled(each.lang, BEGINNINGS, begun, "other"), taught={"outage": (False, 1.0)})
    for each in complaints:
        yield Lesson(text=each, taught=_of_complaint(each))
    for each in outages:
        yield Lesson(text=each, taught=_of_outage(each))
    for post in posts:
        yield Lesson(text=post.text, taught=_of_post(post))


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
    if each.source.startswith(_OPERATORS):
        if reports(evidence(fold(each.text))):
            found["outage"] = (negative, 0.5)
        elif not negative:
            found["outage"] = (False, 0.5)
    elif number % _SPARSE == 0:
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
            if reports(evidence(fold(each.text))):
                found["outage"] = (True, 0.5)
        else:
            found["outage"] = (False, 0.5)
    return found


_MADE = {  # by kind of a text put together from parts: its worth to the heads of sentiment, and to that of complaint
    "report": ((True, 0.02), (True, 0.1)),
    "other": (None, None),
    "wrong": ((True, 0.1), (True, 0.3)),
    "anger": ((True, 0.5), None),
    "praise": ((False, 0.1), (False, 0.2)),
    "plain": (None, (False, 0.2)),
}


def _of_outage(each: Labelled) -> dict[str, tuple[bool, float]]:
    if each.source == POSTS:
        return {"outage": (each.label == "report", _WRITTEN)}
    found = {"outage": (each.label == "report", 1.0)}
    if each.source == SERVICES:
        return found
    feeling, wrong = _MADE[each.label]
    if each.lang == "und":  # emoji alone
        feeling = (each.label == "anger", 0.5) if feeling else None
    if feeling:
        found |= {"negative": feeling, "direct": feeling, "polar": (True, feeling[1])}
    elif each.label == "plain":
        weight = 0.5 if each.lang == "und" else 0.1
        found |= {"direct": (False, weight), "polar": (False, weight)}
    if wrong and each.lang != "en":  # of English there are real ones, and they teach better alone
        found["complaint"] = wrong
    return found


def _of_post(each: Post) -> dict[str, tuple[bool, float]]:
    """Real complaints teach English better alone; the sentiment of Russian is best taught by texts of one domain."""
    found = {}
    if each.outage is not None:
        found["outage"] = (each.outage, _POST_WEIGHT["outage"])
    if each.complaint is not None and each.text.lang != "en":
        found["complaint"] = (each.complaint, _POST_WEIGHT["complaint"])
    of_domain = each.text.source.startswith(DOMAINS)
    if each.text.lang != "ru" or of_domain:
        negative = each.text.label == "negative"
        weight = _POST_WEIGHT["sentiment" if each.outage is not None else "mood"]
        weight *= _POLISH if each.text.lang == "pl" else 1.0
        weight = _DOMAIN[each.text.lang] if of_domain else weight
        found |= {"direct": (negative, weight), "polar": (each.text.label != "neutral", weight)}
        if each.text.label != "neutral":
            found["negative"] = (negative, weight)
    return found


def task(taught: Sequence[Lesson], head: str, among: npt.NDArray[np.bool_] | None = None) -> Task:
    """What one head learns of the lessons, or of those ``among`` them."""
    rows = [row for row, each in enumerate(taught) if head in each.taught and (among is None or among[row])]
    return Task(
        rows=np.array(rows, dtype=np.int64),
        target=np.array([taught[row].taught[head][0] for row in rows], dtype=np.int64),
        weight=np.array([taught[row].taught[head][1] for row in rows], dtype=np.float64),
        strength=_STRENGTH.get(head, _USUAL_STRENGTH),
    )
