"""Words that are never normal: poisoning, injury, death, fire, a leak of personal data, a lawsuit, a recall."""

from __future__ import annotations

from functools import cache

from detectors.features import fold
from detectors.phrases import CLAUSE, SENTENCE, Found, Phrases, rules

_NEAR = 12  # characters between a word of risk and what takes its edge away
_SHARED = "en"  # its words are used in every language


@cache
def _phrases(kind: str, lang: str | None) -> Phrases:
    """Of one of the languages with rules and of English; None: of all."""
    langs = rules("risk")[kind]
    return Phrases(
        {
            kind: [
                phrase
                for written, phrases in langs.items()
                if lang is None or written in {lang, _SHARED}
                for phrase in phrases
            ]
        },
        CLAUSE if kind == "harmless" else SENTENCE,  # a "not" of another clause denies nothing of this one
    )


def _near(one: Found, other: Found, folded: str) -> bool:
    """Whether two phrases overlap, or stand close in one sentence; their places count a space before the text."""
    if one.start < other.end and other.start < one.end:
        return True
    between = folded[max(0, min(one.end, other.end) - 1) : max(one.start, other.start)]
    return len(between) <= _NEAR and not any(sign in between for sign in SENTENCE)


def is_risk(text: str, lang: str) -> bool:
    """Whether a text holds a word of risk that is meant: neither negated nor a way of speaking.

    >>> is_risk("Po waszej sałatce cała rodzina się zatruła", "pl")
    True
    >>> is_risk("Na szczęście nikt się nie zatruł", "pl")
    False
    """
    folded = fold(text)
    known = lang if lang in rules("risk")["risk"] else None
    found = _phrases("risk", known).find(folded)
    if not found:
        return False
    harmless = _phrases("harmless", known).find(folded)
    return any(not any(_near(each, other, folded) for other in harmless) for each in found)
