"""Places and products that a text names, in whatever case of grammar their names stand. Pure.

A name's words are compared without case and diacritics, and with what Polish and Russian nouns and adjectives end in:
"Gdańsk" is in "w gdansku", "Zielona Góra" in "w Zielonej Górze", "Москва" in "по Москве". A form that
no ending makes of a name (Białymstoku) is to be listed beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from detectors.features import LIMIT, fold

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_VOWELS = "aeiouy"
_INFLECTED = 3  # letters of the shortest stem that takes every ending
_SHORT = frozenset(("a", "e", "i", "u", "y", "oi"))  # of stems of two letters, such as Уфа
_ENDED = (
    "a i y u e o ie iu ia em iem om im ym owi iowi ach iach ami iami ow iow ego iego emu iemu ej iej ych ich ymi imi "
    "oi ei yi ii oyu yu ya yami ah yah ov ev am yam ogo omu oe aya uyu s 's"
)
_ENDINGS = frozenset(_ENDED.split())
_FLEETING = ("ec", "ek", "ok", "el")  # Mielec is in Mielcu, Орёл in Орле
_SOFTENED = {"g": "dz", "k": "c", "r": "rz", "t": "c", "d": "dz"}  # Praga is in Pradze, Sopot in Sopocie
_AFTER_SOFTENED = frozenset(("e", "ie", "i"))


def named(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """Which of the names a text holds, as configured, in the order of the text.

    >>> named("w gdansku i Zielonej Górze znowu nic", ["Zielona Góra", "Gdańsk", "Radom"])
    ('Gdańsk', 'Zielona Góra')
    """
    if not names:
        return ()
    begun = _begun(tuple(names))
    words = [_plain(word) for word in _WORD.findall(text[:LIMIT])]
    found: dict[str, None] = {}
    for place, word in enumerate(words):
        for name, forms in begun.get(word[:2], ()):
            there = words[place : place + len(forms)]
            if len(there) == len(forms) and all(map(_is_form, there, forms)):
                found[name] = None
    return tuple(found)


def _plain(word: str) -> str:
    """A word as it is compared; one with a digit ("X1") keeps it, which `fold` would not."""
    return word.lower() if any(map(str.isdigit, word)) else fold(word)


@lru_cache(maxsize=256)
def _begun(names: tuple[str, ...]) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Names with their words, by the first two letters."""
    begun: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for name in names:
        words = tuple(_plain(word) for word in _WORD.findall(name))
        if words and words[0]:
            begun.setdefault(words[0][:2], []).append((name, words))
    return begun


def _is_form(word: str, name: str) -> bool:
    return word == name or any(word.startswith(stem) and word[len(stem) :] in endings for stem, endings in _stems(name))


@lru_cache(maxsize=4096)
def _stems(name: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple(_each_stem(name)) if name.isalpha() else ()


def _each_stem(name: str) -> Iterator[tuple[str, frozenset[str]]]:
    """What stays of a name when it is declined, and what may follow."""
    stem = name.rstrip(_VOWELS)
    if len(stem) < _INFLECTED:
        if len(stem) == _INFLECTED - 1 and stem != name:
            yield stem, _SHORT
        return
    yield stem, _ENDINGS if stem == name else _ENDINGS | {""}
    if name.endswith(_FLEETING) and len(name) > _INFLECTED:
        yield name[:-2] + name[-1], _ENDINGS
    if stem[-1] in _SOFTENED:
        yield stem[:-1] + _SOFTENED[stem[-1]], _AFTER_SOFTENED
