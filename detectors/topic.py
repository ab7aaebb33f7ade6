"""What a set of texts is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from daemon.model import Topic
from detectors.complaint import evidence, reports
from detectors.features import fold
from detectors.near import groups
from detectors.phrases import Phrases, every_language

_LEAST = 0.2  # of the texts must speak of a topic for it to be named
_DOUBT = 1.0  # texts' worth of doubt: a single text is never certain
_REPORTED = 0.5  # chance of an outage


@cache
def _phrases() -> Phrases:
    return every_language("topics")


def topics_in(text: str, outage: float | None = None) -> frozenset[Topic]:
    """The topics that a text speaks of; an outage where the text model says so, or phrases where it was not asked."""
    folded = fold(text)
    found = {Topic(each.kind) for each in _phrases().find(folded)}
    if reports(evidence(folded)) if outage is None else outage >= _REPORTED:
        found.add(Topic.OUTAGE)
    return frozenset(found)


def topic_of(texts: Sequence[tuple[str, str]], outages: Sequence[float] = ()) -> tuple[Topic, float]:
    """The topic that most of the texts (text, language) speak of, and how sure that is, 0 to 1.

    ``outages``: for each text, where known, the chance that it reports one. Copies count once, and a text that
    speaks of several topics is shared among them.
    """
    first = groups([text for text, _ in texts])
    votes: defaultdict[Topic, float] = defaultdict(float)
    different = 0
    for index, (text, _) in enumerate(texts):
        if first[index] != index:
            continue
        different += 1
        spoken = topics_in(text, outages[index] if outages else None)
        for topic in spoken:
            votes[topic] += 1 / len(spoken)
    if not votes:
        return Topic.OTHER, 0.0
    best = min(votes, key=lambda topic: (-votes[topic], topic))
    share = votes[best] / different
    if share < _LEAST:
        return Topic.OTHER, round(1 - share, 3)
    told = sum(votes.values())
    return best, round(votes[best] / (told + _DOUBT), 3)
