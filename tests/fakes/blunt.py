"""A text model that knows four words, and people who use others: something for corrections to teach."""

from __future__ import annotations

import random
from collections.abc import Sequence

from daemon.model import Label, Meaning
from detectors.corrected import Correction

_KNOWN = {"awful": 2.0, "sick": 1.5, "great": -2.0, "lovely": -1.5}
_ANGRY = ("dropping", "laggy", "buffering", "overbilled", "throttled", "roaming", "hangs", "silence")
_CALM = ("sick", "insane", "blazing", "smooth", "upgraded", "sorted", "gigabit", "cashback")
_FILLER = tuple(
    f"{a}{b}" for a in ("ka", "lo", "mi", "ne", "ru", "so", "ta", "vi") for b in ("dan", "fer", "gol", "pim")
)


class Blunt:
    """Adds up the words that it knows. Counts how often it was asked."""

    version = "blunt-1"

    def __init__(self) -> None:
        self.asked = 0

    def read(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Meaning]:
        """One meaning for each text."""
        self.asked += 1
        return [_meaning(text, lang) for text, lang in zip(texts, langs, strict=True)]


def _meaning(text: str, lang: str | None) -> Meaning:
    odds = sum(_KNOWN.get(word, 0.0) for word in text.lower().split())
    chance = round(1 / (1 + 2.718281828 ** (0.4 - odds)), 4)
    label = Label.NEGATIVE if chance >= 0.5 else Label.NEUTRAL
    return Meaning(lang=lang or "en", label=label, p_negative=chance, complaint=0.05, outage=0.05)


def stream(seed: int, number: int) -> list[Correction]:
    """Texts in the order of time, with what a careful moderator says of each."""
    chance = random.Random(seed)
    found = []
    for _ in range(number):
        angry = chance.random() < 0.4
        words = chance.sample(_FILLER, 5) + chance.sample(_ANGRY if angry else _CALM, 2)
        if chance.random() < 0.3:
            words.append(chance.choice(["awful", "sick"] if angry else ["great", "lovely"]))
        chance.shuffle(words)
        found.append(Correction(text=" ".join(words), lang="en", label=Label.NEGATIVE if angry else Label.NEUTRAL))
    return found
