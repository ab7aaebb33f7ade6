"""Does a word to the public say anything new? Pure.

A repeat is found by what it lacks: words and numbers that no earlier word had. Times, links and
the usual courtesies are no news; a word that was denied before, and now is not, is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_STEM = 5  # letters by which forms of a word are taken for one
_NEWS = 0.25  # share of its words that must be new
_NOT_COUNTED = re.compile(
    r"https?://\S+|\b\d{1,2}[:.]\d{2}\b(?:\s*[ap]\.?m\b\.?)?|\b\d{1,2}\s*[ap]\.?m\b"
    r"|\b\d+\s*(?:min|godz|hour|dni|day|мин|час|дн)\w*",
    re.IGNORECASE,
)
_WORD = re.compile(r"\d+(?:[.,]\d+)?|n['’]t\b|[^\W\d_]+?(?=n['’]t\b)|[^\W\d_]+")
_SHORT = 3  # shorter words carry no news
_NOT = frozenset(
    {"nie", "nigdy", "bez", "not", "no", "never", "without", "cannot", "n't", "n’t", "не", "нет", "ни", "без"}
)
_POLITE = """
    nadal wciąż jeszcze ciągle dalej obecnie teraz dziś proszę przepraszamy przykro niedogodności utrudnienia
    dziękujemy cierpliwość państwa państwu zespół informacja kolejna następna wrócimy odezwiemy poinformujemy
    still currently now today please sorry apologise apologies inconvenience thank thanks patience your team update
    information again next more soon back
    все еще сейчас сегодня пожалуйста извините приносим извинения неудобства спасибо терпение ваше команда
    информация следующая сообщим вернемся напишем прежнему
"""
_COURTESIES = frozenset(word[:_STEM] for word in _POLITE.split())


def says_nothing_new(text: str, earlier: Sequence[str]) -> bool:
    """Whether what ``text`` tells was all told in ``earlier`` before, but for the time of the next word.

    >>> says_nothing_new("Still working on the outage, next update at 16:00.", ["We are working on the outage."])
    True
    >>> says_nothing_new("The outage is over in Gdańsk.", ["We are working on the outage."])
    False
    """
    mine = _content(text)
    if not earlier or not mine:
        return False
    known = frozenset[str]().union(*map(_content, earlier))
    new = mine - known
    changed = any(_opposite(word) in known for word in new)
    return not changed and not any(word[0].isdigit() for word in new) and len(new) <= _NEWS * len(mine)


def _content(text: str) -> frozenset[str]:
    """The numbers and the stems that carry news; a stem behind a "not" is another than without it."""
    found: set[str] = set()
    negated = False
    for word in _WORD.findall(_NOT_COUNTED.sub(" ", text.casefold().replace("ё", "е"))):
        stem = word if word[0].isdigit() else word[:_STEM]
        if word in _NOT:
            negated = True
        elif word[0].isdigit() or (len(word) > _SHORT and stem not in _COURTESIES):
            found.add(_opposite(stem) if negated else stem)
            negated = False
    return frozenset(found)


def _opposite(stem: str) -> str:
    return stem.removeprefix("not ") if stem.startswith("not ") else f"not {stem}"
