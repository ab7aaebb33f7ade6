"""Outage reports and texts that only look like them, put together from parts and misspelt."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from pathlib import Path

from detectors.fit import Labelled

SOURCE = "outages"
KINDS = ("report", "other", "praise", "plain")
_PARTS = Path(__file__).with_name("outages.toml")
_EACH = 24  # texts of each template
_MISSPELT = 0.4  # of the texts


def _misspell(text: str, draw: random.Random) -> str:
    """The text with one or two letters left out, doubled or swapped, as thumbs do."""
    letters = list(text)
    for _ in range(draw.randint(1, 2)):
        place = draw.randrange(1, max(2, len(letters) - 1))
        match draw.randrange(3):
            case 0:
                del letters[place : place + 1]
            case 1:
                letters[place - 1 : place + 1] = reversed(letters[place - 1 : place + 1])
            case _:
                letters[place:place] = letters[place : place + 1]
    return "".join(letters)


def outages(seed: int = 7) -> Iterator[Labelled]:
    """Texts labelled with their kind; the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 - guards nothing
    for lang, parts in tomllib.loads(_PARTS.read_text(encoding="utf-8")).items():
        for kind in KINDS:
            for template in parts[kind]:
                for _ in range(_EACH):
                    text = template.format(
                        s=draw.choice(parts["s"]), t=draw.choice(parts["t"]), p=draw.choice(parts["p"])
                    )
                    if draw.random() < _MISSPELT:
                        text = _misspell(text, draw)
                    yield Labelled(lang, SOURCE, " ".join(text.split()), kind)
