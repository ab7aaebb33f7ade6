"""Phrase lists in config/rules/lint: read once, as regular expressions.

The notation is explained on top of config/rules/lint/pl.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

import config.schema
from daemon.replies.expression import Expression

LANGUAGES = ("pl", "ru", "en")
# Letters that mean the same, one for one, so that places stay where they are.
EVEN = str.maketrans({"ё": "е", "Ё": "Е", "’": "'", "‘": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " "})
_FOLDER = Path(config.schema.__file__).parent / "rules" / "lint"
_ANY_ENDING = re.compile(r"(?<!\\)([^\W\d_])\*")
_CLASS = re.compile(r"<([a-z]+)>")
# Behind it another thing, or a reason, is told: a feeling told before takes nothing back that comes after.
_BUT = re.compile(
    r"[\s,;–—-]+(?:ale|lecz|jednak(?:że|owoż)?|niemniej|bo|gdyż|ponieważ|но|однако|потому что|поскольку|"
    r"but|however|because)\b",
    re.IGNORECASE,
)
_LETTER = re.compile(r"\\.|[^\W\d_]")
_SAID = re.compile(r"[^\W_]")
_GAP = r"(?:[\s,]+(?:–\s)?[\w/'\0-]+){0,4}?[\s,]+"


class Phrases(msgspec.Struct, frozen=True):
    """A list of expressions, and those that take a finding back."""

    patterns: tuple[Expression, ...]
    unless_before: tuple[Expression, ...] = ()  # looked for right before the place found
    unless: tuple[Expression, ...] = ()  # looked for between one "but" of its sentence and the next
    redeemed: tuple[Expression, ...] = ()  # looked for in the sentence behind the place found, past any "but"

    def find(self, sentence: str) -> Iterator[tuple[int, int]]:
        """Where in one sentence an expression matches and nothing takes it back."""
        sentence = small(sentence)
        parts: list[tuple[int, int, bool]] = []
        for expression in self.patterns:
            for letters in expression.needed:  # as Expression.may_match does: calls would take as long again
                if letters in sentence:
                    break
            else:
                continue
            for match in expression.pattern.finditer(sentence):
                parts = parts or self._parts(sentence)  # seldom needed, and dear
                if match.group() and self._stands(sentence, match, parts):
                    yield match.span()

    def _parts(self, sentence: str) -> list[tuple[int, int, bool]]:
        """Where the parts between one "but" and the next begin and end, and whether all in them is taken back."""
        cuts = [0, *(match.start() for match in _BUT.finditer(sentence))] if self.unless else [0]
        return [
            (start, end, any(one.search(sentence, start, end) for one in self.unless))
            for start, end in zip(cuts, [*cuts[1:], len(sentence)], strict=True)
        ]

    def _stands(self, sentence: str, match: re.Match[str], parts: list[tuple[int, int, bool]]) -> bool:
        # What reaches over a "but" belongs to the part in which it ends.
        if next(taken for _, end, taken in parts if match.end() <= end):
            return False
        if any(one.search(sentence[: match.start()]) for one in self.unless_before):
            return False
        return not any(one.search(sentence, match.end()) for one in self.redeemed)


def compiled(phrase: str, classes: Mapping[str, Sequence[str]] = MappingProxyType({})) -> Expression:
    """One phrase of the lists as an expression that matches whole words only, in small letters.

    ``classes``: what a ``<name>`` in it stands for.

    >>> bool(compiled("kłam*").search("to jest kłamstwo"))
    True
    >>> bool(compiled("<who> … zgubi*", {"who": ["kurier*"]}).search("kurier znowu ją zgubił."))
    True
    """
    whole = _CLASS.sub(lambda name: f"(?:{'|'.join(classes[name[1]])})(?!\\w)", phrase)
    spread = _ANY_ENDING.sub(r"\1\\w*", whole.replace("ё", "е")).replace("( ", "(,? ")
    spread = spread.replace(" … ", "…").replace(" ?", r"\s?").replace(" ", r"\s+").replace("…", _GAP)
    spread = _LETTER.sub(lambda one: one[0] if one[0][0] == "\\" else one[0].lower(), spread)
    return Expression(rf"(?<!\w)(?:{spread})(?:(?<=\s)|(?!\w))")


def small(text: str) -> str:
    """In small letters, each in its place: expressions that know no capitals are read and found quicker."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(one if len(one.lower()) > 1 else one.lower() for one in text)


@cache
def table(name: str) -> Mapping[str, Any]:
    """The file ``name`` of the folder, as it stands."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


@cache
def phrases(lang: str, section: str, key: str = "patterns") -> Phrases:
    """The phrases of one section in one language; empty where there is none."""
    if lang not in (*LANGUAGES, "customer"):
        return Phrases(())
    classes, entry = table(lang).get("classes", {}), table(lang).get(section, {})
    unless = entry.get("unless", ())
    return Phrases(
        tuple(compiled(one, classes) for one in entry.get(key, ())),
        tuple(compiled(one, classes) for one in unless if one.endswith("$")),
        tuple(compiled(one, classes) for one in unless if not one.endswith("$")),
        tuple(compiled(one, classes) for one in entry.get("redeemed", ())),
    )


@lru_cache(maxsize=4096)  # of one sentence typed after another most are the same as before
def found(lang: str, section: str, key: str, sentence: str) -> tuple[tuple[int, int], ...]:
    """Where the phrases of one section match in a sentence."""
    return tuple(phrases(lang, section, key).find(sentence))


@cache
def _said_idly(section: str, lang: str) -> re.Pattern[str] | None:
    listed = table("words")[section].get(lang)
    return re.compile(rf"(?<!\w)(?:{'|'.join(listed)})(?!\w)", re.IGNORECASE) if listed else None


def hollow(text: str, lang: str, *, idle: bool = False) -> bool:
    """Whether nothing but courtesies is said: no fact, no step, no number. ``idle``: idle words say nothing, either."""
    left = text.translate(EVEN)
    for section in ("courtesies", "idle") if idle else ("courtesies",):
        pattern = _said_idly(section, lang)
        left = pattern.sub(" ", left) if pattern is not None else left
    return _SAID.search(left) is None


@cache
def words(section: str, key: str) -> frozenset[str]:
    """A list of single words from words.toml."""
    return frozenset(table("words")[section][key].split())
