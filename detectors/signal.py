"""What a detector says before any setting is applied, and the sentence that explains it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from daemon.model import IncidentKind

BUDGET = {  # of the promised false alerts; risk stands for itself, and blind is none
    IncidentKind.SURGE: 0.75,
    IncidentKind.SHARE: 0.1,
    IncidentKind.REACH: 0.05,
    IncidentKind.RISK: 1.0,
}
OF_PARTS = 0.1  # for a surge of one part: of a channel, a topic, a place
SHARED = {kind: math.log(part) for kind, part in BUDGET.items()}

_CALM = {
    IncidentKind.SHARE: "The negative share is no higher than usual.",
    IncidentKind.REACH: "No complaint of the last hour reaches unusually far.",
    IncidentKind.RISK: "Nobody wrote within 6 hours of what should never happen.",
}


def bars_of(false_alerts_per_year: float) -> dict[IncidentKind, float]:
    """The score from which each kind alerts at a setting."""
    return {kind: -math.log(false_alerts_per_year * part) for kind, part in BUDGET.items()}


class Signal(NamedTuple):
    """One kind's view of the newest step; whether it alerts is for the setting to say."""

    kind: IncidentKind
    score: float  # -ln of how often a year of ordinary life brings as much
    eligible: bool  # there is evidence at all
    sustained: bool  # above the lower bar that ends an episode
    observed: int
    expected: float
    minutes: int
    excess: float = 0.0  # negative authors an hour beyond the expected
    top_reach: float = 0.0  # decades
    usual_share: float = 0.0
    part: str = ""  # of the brand, that alone has surged: "channel:x"

    def alerting(self, bars: Mapping[IncidentKind, float]) -> bool:
        """Whether it is rarer than the setting, as `bars_of` gives it, allows its kind."""
        return self.eligible and self.score >= bars[self.kind]

    def sentence(self) -> str:
        """Why, in plain English with the numbers."""
        if not self.eligible and self.kind in _CALM:
            return _CALM[self.kind]
        return f"{self._what()}; as much comes {often(per_year(self.score))}."

    def _what(self) -> str:
        within = _span(self.minutes)
        match self.kind:
            case IncidentKind.SHARE:
                everyone = self.expected / self.usual_share if self.usual_share else 0.0
                share = self.observed / everyone if everyone else 0.0
                return (
                    f"{share:.0%} of those who wrote within {within} wrote negatively where {self.usual_share:.0%} do"
                )
            case IncidentKind.REACH:
                readers = round(10**self.top_reach - 1)
                return f"the farthest-reaching complaint within {within} may be seen by {readers:,} people"
            case IncidentKind.RISK:
                wrote = _people(self.observed)
                return f"{wrote} within {within} of what should never happen where {_about(self.expected)} are usual"
            case _:
                wrote = f"{_people(self.observed)} negatively{part_words(self.part)}"
                return f"{wrote} within {within} where {_about(self.expected)} are usual"


def part_words(part: str) -> str:
    """A part of a brand in words, to follow a verb.

    >>> part_words("channel:vk"), part_words("topic:data_leak"), part_words("name:Gdańsk"), part_words("")
    (' on vk', ' about data leak', ' naming Gdańsk', '')
    """
    kind, _, name = part.partition(":")
    return f"{_PART_OF[kind]}{name.replace('_', ' ') if kind == 'topic' else name}" if part else ""


_PART_OF = {"channel": " on ", "topic": " about ", "name": " naming "}


def per_year(score: float) -> float:
    """How often a year of ordinary life brings as much: what a score means."""
    return math.exp(-min(score, 300.0))


def often(rate: float) -> str:
    """Words for a yearly rate.

    >>> often(12.4), often(0.5), often(0.00001)
    ('about 12 times in an ordinary year', 'once in 2 ordinary years', 'less than once in 1,000 ordinary years')
    """
    if rate >= 1000:  # noqa: PLR2004 - several times a day
        return "all the time in an ordinary year"
    if rate >= 1.5:  # noqa: PLR2004 - rounds to two
        return f"about {rate:.0f} times in an ordinary year"
    years = round(1 / rate)
    if years > 1000:  # noqa: PLR2004 - nobody can check more
        return "less than once in 1,000 ordinary years"
    return f"once in {years:,} ordinary years" if years > 1 else "once in an ordinary year"


def _people(count: int) -> str:
    return f"{count:,} people wrote" if count != 1 else "1 person wrote"


def _span(minutes: int) -> str:
    if minutes > 60 and minutes % 60 == 0:  # noqa: PLR2004 - minutes of an hour
        return f"{minutes // 60} hours"
    return f"{minutes} minutes" if minutes > 1 else "a minute"


def _about(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"  # noqa: PLR2004 - two digits are enough
