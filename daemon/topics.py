"""What an incident is about, in English words, and how sure that is."""

from __future__ import annotations

from typing import Final

from daemon.model import Evidence, Topic

_SURE, _LIKELY = 0.7, 0.4  # of 1
_NAMES: Final = {
    Topic.OUTAGE: "an outage",
    Topic.UNSAFE_PRODUCT: "an unsafe product",
    Topic.STAFF: "how staff behaved",
    Topic.DATA_LEAK: "a data leak",
    Topic.PRICE_OR_RULE: "a price or a rule",
    Topic.RUMOUR: "a rumour",
}


def doubt(evidence: Evidence) -> str:
    """``probably`` or ``perhaps`` it is about its topic; nothing where that is sure, or where it has none."""
    if evidence.topic not in _NAMES or evidence.topic_confidence >= _SURE:
        return ""
    return "probably" if evidence.topic_confidence >= _LIKELY else "perhaps"


def named(topic: str) -> str:
    """A topic as a noun; nothing for one that has no name.

    >>> named("outage"), named("other")
    ('an outage', '')
    """
    return _NAMES.get(Topic(topic), "")
