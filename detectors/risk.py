"""Words that are never normal: poisoning, injury, death, fire, a leak of personal data, a lawsuit, a recall."""

from __future__ import annotations

from functools import cache

from detectors.features import fold
from detectors.phrases import Found, Phrases, rules

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
        }
    )


def _near(one: Found, other: Found) -> bool:
    return one.start < other.end + _NEAR and other.start < one.end + _NEAR


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
    return any(not any(_near(each, other) for other in harmless) for each in found)
