"""Posts and reviews written for the purpose: in the words of people, not of a grammar.

Names of brands and people stand as ``@name``: a post teaches how something is said, not of whom.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import msgspec

from detectors.fit import Labelled

SOURCE = "posts"
DOMAINS = "domains"  # beginning of their sources
_MASKED = "@name"
_NAMES = {  # about as often as people name them
    "banks": [
        "Сбербанк",
        "ВТБ 24",
        "Сбербанк",
        "Россельхозбанк",
        "Сбербанк",
        "Альфа-банк",
        "Сбербанк",
        "ВТБ",
        "Сбербанк",
        "Райффайзен",
        "Сбербанк",
        "Газпромбанк",
        "Сбербанк",
        "Банк Москвы",
    ],
    "operators": ["МТС", "Билайн", "Мегафон", "Ростелеком", "МТС", "Теле2", "Билайн", "Мегафон"],
}
_KNOWN = {"1": True, "0": False, "-": None}
_POSTS, _DOMAINS = (Path(__file__).with_name(name) for name in ("posts.tsv", "domains.tsv"))


class Post(msgspec.Struct, frozen=True):
    """One post, its sentiment as the label; whether it tells of a wrong done to the writer, and of an outage now.

    What was not asked of those who wrote it is unknown (``-`` in the file): of posts written for their mood whether
    something is out, and often whether a wrong was done.
    """

    text: Labelled
    complaint: bool | None
    outage: bool | None


def posts() -> Iterator[Post]:
    """All posts to brands and about ordinary life, in the order of the file."""
    for row in _rows(_POSTS):
        told = Labelled(row["lang"], SOURCE, row["text"], row["label"])
        yield Post(told, _KNOWN[row["complaint"]], _KNOWN[row["outage"]])


def domains() -> Iterator[Post]:
    """Texts of one domain each (reviews of products, tweets about banks), known by their mood alone.

    Their writers had seen samples of a published corpus, of another domain or of an earlier time where there was one,
    and drew the lines between the labels as it does. Where every text names a brand, well-known names take turns: one
    that stands in nothing but calm texts of a corpus would be learned as calm.
    """
    turns = {domain: itertools.cycle(names) for domain, names in _NAMES.items()}
    for row in _rows(_DOMAINS):
        domain, text = row["domain"], row["text"]
        while domain in turns and _MASKED in text:
            text = text.replace(_MASKED, next(turns[domain]), 1)
        told = Labelled(row["lang"], f"{DOMAINS}/{domain}", text, row["label"])
        yield Post(told, complaint=None, outage=None)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
