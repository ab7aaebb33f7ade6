"""Time grows with the length of a text and with nothing in it: no expression tries all ways to read it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from detectors.near import groups
from detectors.places import named
from detectors.risk import is_risk
from detectors.sentiment import load_model
from detectors.topic import topic_of
from detectors.words import words

HOSTILE = [
    "a",
    "a.",
    "nie ",
    "@a ",
    "!?",
    "ął ",
    "a\u200b",
    "http://a",
    "не работает ",
    "0,0.",
    "😡",
    "(((",
    "po wasz",
    "\u202eab ",
    "#a",
]
READERS: dict[str, Callable[[str], object]] = {
    "meaning": lambda text: load_model().read([text], [None]),
    "risk": lambda text: is_risk(text, "pl"),
    "topic": lambda text: topic_of([(text, "ru")]),
    "names": lambda text: named(text, ["Warszawa", "Wola"]),
    "words": words,
    "copies": lambda text: groups([text]),
}
_SHORT, _TIMES = 1000, 8


def spent(read: Callable[[str], object], text: str) -> float:
    begun = time.process_time()
    read(text)
    return time.process_time() - begun


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("part", HOSTILE)
def test_time_grows_no_faster_than_a_little_more_than_length(reader: str, part: str) -> None:
    read = READERS[reader]
    text = part * (_SHORT // len(part))
    read(text)  # what is kept at hand
    read(text * _TIMES)
    short = min(spent(read, text) for _ in range(3))
    assert min(spent(read, text * _TIMES) for _ in range(3)) < 4 * _TIMES * max(short, 1e-3)
