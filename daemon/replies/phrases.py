"""Phrase lists in config/rules/lint: read once, compiled to regular expressions.

The notation is explained on top of config/rules/lint/pl.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

import config.schema

LANGUAGES = ("pl", "ru", "en")
# Letters that mean the same, one for one, so that places stay where they are.
EVEN = str.maketrans({"ё": "е", "Ё": "Е", "’": "'", "‘": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " "})
_FOLDER = Path(config.schema.__file__).parent / "rules" / "lint"
_ANY_ENDING = re.compile(r"(?<!\\)([^\W\d_])\*")
_CLASS = re.compile(r"<([a-z]+)>")
_GAP = r"(?:[\s,]+(?:–\s)?[\w/'\0-]+){0,4}?[\s,]+"


class Phrases(msgspec.Struct, frozen=True):
    """A list of expressions, and those that take a finding back."""

    patterns: tuple[re.Pattern[str], ...]
    unless_before: tuple[re.Pattern[str], ...] = ()  # looked for right before the place found
    unless: tuple[re.Pattern[str], ...] = ()  # looked for anywhere in its sentence

    def find(self, sentence: str) -> Iterator[tuple[int, int]]:
        """Where in one sentence an expression matches and nothing takes it back."""
        if any(one.search(sentence) for one in self.unless):
            return
        for pattern in self.patterns:
            for match in pattern.finditer(sentence):
                before = sentence[: match.start()]
                if match.group() and not any(one.search(before) for one in self.unless_before):
                    yield match.span()


def compiled(phrase: str, classes: Mapping[str, Sequence[str]] = MappingProxyType({})) -> re.Pattern[str]:
    """One phrase of the lists as an expression that matches whole words only.

    ``classes``: what a ``<name>`` in it stands for.

    >>> bool(compiled("kłam*").search("To jest kłamstwo"))
    True
    >>> bool(compiled("<who> … zgubi*", {"who": ["kurier*"]}).search("Kurier znowu ją zgubił."))
    True
    """
    whole = _CLASS.sub(lambda name: f"(?:{'|'.join(classes[name[1]])})(?!\\w)", phrase)
    spread = _ANY_ENDING.sub(r"\1\\w*", whole.replace("ё", "е")).replace("( ", "(,? ")
    spread = spread.replace(" … ", "…").replace(" ?", r"\s?").replace(" ", r"\s+").replace("…", _GAP)
    return re.compile(rf"(?<!\w)(?:{spread})(?:(?<=\s)|(?!\w))", re.IGNORECASE)


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
    )


@cache
def words(section: str, key: str) -> frozenset[str]:
    """A list of single words from words.toml."""
    return frozenset(table("words")[section][key].split())
