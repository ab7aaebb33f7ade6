"""Posts to brands and about ordinary life, written for the purpose: in the words of people, not of a grammar.

Names of brands, people and places stand as ``@name``: a post teaches how something is said, not of whom.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import msgspec

from detectors.fit import Labelled

SOURCE = "posts"
_KNOWN = {"1": True, "0": False, "-": None}
_POSTS = Path(__file__).with_name("posts.tsv")


class Post(msgspec.Struct, frozen=True):
    """One post, its sentiment as the label; whether it tells of a wrong done to the writer, and of an outage now.

    What was not asked of those who wrote it is unknown (``-`` in the file): of posts written for their mood whether
    something is out, and often whether a wrong was done.
    """

    text: Labelled
    complaint: bool | None
    outage: bool | None


def posts() -> Iterator[Post]:
    """All posts, in the order of the file."""
    with _POSTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            told = Labelled(row["lang"], SOURCE, row["text"], row["label"])
            yield Post(told, _KNOWN[row["complaint"]], _KNOWN[row["outage"]])
