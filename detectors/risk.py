"""Words that are never normal: poisoning, injury, death, fire, a leak of personal data, a lawsuit, a recall."""

from __future__ import annotations

import re
from functools import cache

from detectors.features import LIMIT, fold
from detectors.phrases import Found, Phrases, rules

_NEAR = 12  # characters between a word of risk and what takes its edge away
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
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


def risk_words(text: str, lang: str) -> tuple[str, ...]:
    """The words of risk in a text, as written and in order; none where they are negated or a way of speaking.

    >>> risk_words("Po waszej sałatce cała rodzina się zatruła", "pl")
    ('zatruła',)
    >>> risk_words("Na szczęście nikt się nie zatruł", "pl")
    ()
    """
    folded = fold(text)
    known = lang if lang in rules("risk")["risk"] else None
    found = _phrases("risk", known).find(folded)
    if not found:
        return ()
    harmless = _phrases("harmless", known).find(folded)
    risky = [each for each in found if not any(_near(each, other) for other in harmless)]
    if not risky:
        return ()
    padded = f" {folded} "
    tokens = {token for each in risky for token in padded[each.start : each.end].split()}
    return tuple(dict.fromkeys(word for word in _WORD.findall(text[:LIMIT]) if fold(word) in tokens))


def is_risk(text: str, lang: str) -> bool:
    """Whether a text holds a word of risk that is meant."""
    return bool(risk_words(text, lang))
