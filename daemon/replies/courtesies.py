"""What only sounds like an apology. Pure."""

from __future__ import annotations

import re

# "Sorry for the inconvenience" is a courtesy that admits nothing; "sorry for our mistake" is an apology.
_END = r"(?=\s*(?:[.!?;:…)–—-]|,(?!\s*(?:że|что|that))|\b(?:i|oraz|and|while|и)\b|\Z))"
_COURTESY = re.compile(
    "|".join(
        (
            r"przepraszamy?(?: bardzo)?(?: (?:państwa|pana|panią|was|wszystkich))?"
            r"(?: za (?:\w+ )?(?:utrudnieni|niedogodnoś|kłopot|problem|zwłok|opóźnieni|sytuacj|czekani|oczekiwani)\w*)?"
            + _END,
            r"(?:sorry|apologi[sz]e|apologies)(?: about| for)?"
            r"(?: (?:the|any|this|all|your)? ?(?:inconvenience|trouble|delay|disruption|problems?|wait|situation))?"
            + _END,
            r"(?:извините|простите|приносим (?:свои |вам |наши )?извинения|просим (?:прощения|извинить)(?: нас)?|"
            r"извиняемся)(?: за (?:\w+ )?(?:неудобств|задержк|сложност|ожидани|ситуаци|проблем)\w*)?" + _END,
        )
    ),
    re.IGNORECASE,
)


def without_courtesies(text: str) -> str:
    """``text`` without what only sounds like an apology."""
    return _COURTESY.sub(" ", text)
