"""Which words to the public bind the brand, so that a second person must agree to them first. Pure."""

from __future__ import annotations

import re

from daemon.command import PostUpdate, ProposeUpdate
from daemon.replies.clusters import NEEDS_APPROVAL, parts_in

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


def binding_parts(text: str, lang: str) -> tuple[str, ...]:
    """The parts of ``text`` that need a second person's consent: an apology, a compensation.

    >>> binding_parts("Przepraszamy za utrudnienia.", "pl"), binding_parts("Przepraszamy za nasz błąd.", "pl")
    ((), ('apology',))
    """
    parts = parts_in(without_courtesies(text), lang)
    return tuple(part.value for part in parts if part in NEEDS_APPROVAL)


def with_consent(update: PostUpdate) -> PostUpdate | ProposeUpdate:
    """Post it, or, where it binds the brand, ask a second person first."""
    parts = binding_parts(update.text, update.lang)
    return ProposeUpdate(update=update, parts=parts) if parts else update
