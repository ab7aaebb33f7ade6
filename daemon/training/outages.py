"""Outage reports and texts that only look like them, put together from parts and misspelt.

`outages.toml` holds whole sentences with gaps for a service, a time and a place; `clauses.toml` the grammar of a
post: clauses of every sort, and the templates in which every language strings them together. `services.toml` is
such a grammar, too: of questions about services, of what does not work on people, and of devices that fail.
`outage_posts.tsv` holds posts that somebody wrote, half of them in pairs: what reports an outage in words that others
use of football, friends or the past.
"""

from __future__ import annotations

import csv
import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from detectors.fit import Labelled

SOURCE = "outages"
SERVICES = "services"  # source of texts that teach the outage head alone
POSTS = "outage-posts"  # likewise, of texts that were written one by one
KINDS = ("report", "other", "wrong", "anger", "praise", "plain")
_SENTENCES = Path(__file__).with_name("outages.toml")
_CLAUSES = Path(__file__).with_name("clauses.toml")
_SERVICES = Path(__file__).with_name("services.toml")
_POSTS = Path(__file__).with_name("outage_posts.tsv")
_EACH = 24  # texts of each sentence
_STRUNG = 100  # texts of each template of clauses
_MISSPELT = 0.4  # of the texts
_SHORTEST = 4  # a text no longer than that is not misspelt: nothing of it would be left
_GAP = re.compile(r"\{(\w+)\}")

Parts = Mapping[str, Sequence[str]]


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


def _filled(template: str, parts: Parts, draw: random.Random) -> str:
    """The template with a part drawn for each gap, and for the gaps of that part."""
    return _GAP.sub(lambda gap: _filled(draw.choice(parts[gap[1]]), parts, draw), template)


def outages(seed: int = 7) -> Iterator[Labelled]:
    """Texts labelled with their kind; the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 - guards nothing
    clauses = tomllib.loads(_CLAUSES.read_text(encoding="utf-8"))
    every = clauses.pop("every")
    for lang, sentences in tomllib.loads(_SENTENCES.read_text(encoding="utf-8")).items():
        yield from _strung(SOURCE, lang, sentences, sentences, _EACH, draw)
        if lang in clauses:
            yield from _strung(SOURCE, lang, every, every | clauses[lang], _STRUNG, draw)
    services = tomllib.loads(_SERVICES.read_text(encoding="utf-8"))
    every = services.pop("every")
    for lang, parts in services.items():
        yield from _strung(SERVICES, lang, every, every | parts, _STRUNG, draw)
    with _POSTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Labelled(row["lang"], POSTS, row["text"], "report" if row["outage"] == "1" else "other")


def _strung(
    source: str, lang: str, templates: Parts, parts: Parts, each: int, draw: random.Random
) -> Iterator[Labelled]:
    for kind in KINDS:
        for template in templates.get(kind, ()):
            for _ in range(each):
                text = _filled(template, parts, draw)
                if len(text) > _SHORTEST and draw.random() < _MISSPELT:
                    text = _misspell(text, draw)
                yield Labelled(lang, source, " ".join(text.split()), kind)
