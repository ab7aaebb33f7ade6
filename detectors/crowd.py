"""Who makes up a surge: a crowd, copies of one text, or one angry author. Pure.

Copies and repeats change no count that alerts: there each author counts once, so one of them opens
nothing, and a campaign by many is news whoever is behind it. They are told apart, so that people
answer a crowd and a campaign differently.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

from detectors.near import groups
from detectors.words import words

_WORDS = 8  # of a text; shorter ones come to many people by themselves
_COPIERS = 5  # authors of one text
_COPIED = 0.4  # of the mentions
_LOUD = 0.5  # of the mentions, by one author
_LOUDEST = 10  # mentions


class Crowd(msgspec.Struct, frozen=True, kw_only=True):
    """How much of what was written is one text, and how much is one author's."""

    mentions: int
    copies: int = 0  # nearly one and the same text, by several authors
    loudest: int = 0  # by the one author who wrote the most

    @property
    def coordinated(self) -> bool:
        """Whether much of it is copied."""
        return self.copies >= _COPIED * max(self.mentions, 1)

    @property
    def one_author(self) -> bool:
        """Whether one author wrote most of it."""
        return self.loudest >= max(_LOUDEST, _LOUD * self.mentions)

    def sentence(self) -> str:
        """What is to be known of it, or nothing.

        >>> Crowd(mentions=90, copies=54, loudest=3).sentence()
        'Coordinated: 60 % of it are copies of one text.'
        >>> Crowd(mentions=90, loudest=80).sentence()
        'One author wrote 80 of the 90 mentions.'
        >>> Crowd(mentions=90, copies=5, loudest=2).sentence()
        ''
        """
        said = []
        if self.coordinated:
            said.append(f"Coordinated: {100 * self.copies // self.mentions} % of it are copies of one text.")
        if self.one_author:
            said.append(f"One author wrote {self.loudest} of the {self.mentions} mentions.")
        return " ".join(said)

    def aside(self) -> str:
        """The same in a few words, for a title.

        >>> Crowd(mentions=90, copies=54).aside()
        ', mostly copies of one text'
        """
        if self.coordinated:
            return ", mostly copies of one text" if 2 * self.copies > self.mentions else ", many copies of one text"
        return ", mostly by one author" if self.one_author else ""


def crowd_of(texts: Sequence[tuple[str, str | None]]) -> Crowd:
    """Copies and repeats among (text, author) pairs; without an author each is its own.

    A text counts as copied where at least five authors wrote nearly the same eight words or more.
    """
    authors = Counter(author for _, author in texts if author is not None)
    long = [index for index, (text, _) in enumerate(texts) if len(words(text)) >= _WORDS]
    together: dict[int, list[int]] = defaultdict(list)
    for index, first in zip(long, groups([texts[index][0] for index in long]), strict=True):
        together[first].append(index)
    copies = 0
    for group in together.values():
        writers = {texts[index][1] or ("", index) for index in group}
        if len(writers) >= _COPIERS:
            copies = max(copies, len(group))
    return Crowd(mentions=len(texts), copies=copies, loudest=max(authors.values(), default=0))
