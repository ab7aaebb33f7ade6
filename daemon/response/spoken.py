"""Clock times told in words: "wpół do szóstej", "без четверти пять", "half past five"."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from daemon.response.wording import Wording

_NOON = 12
_EARLY = 7  # with a day beside it an hour before this is one of the afternoon: nobody is awake at the other


class Spoken(msgspec.Struct, frozen=True):
    """A time of day found in a text; ``sure`` where it cannot be twelve hours later."""

    start: int
    end: int
    hour: int
    minute: int
    part: str | None  # words for a part of the day beside it

    @property
    def sure(self) -> bool:
        """Whether only one time of a day can be meant."""
        return self.hour > _NOON or self.part is not None

    @property
    def awake(self) -> int:
        """The hour, in the half of a day in which people are awake."""
        return self.hour + _NOON if not self.sure and self.hour < _EARLY else self.hour


Patterns = tuple[tuple[re.Pattern[str], int, int], ...]  # expression, hours and minutes that it adds


def spoken_times(words: Wording, patterns: Patterns, text: str) -> Iterator[Spoken]:
    """Every time told in words, none inside another."""
    left = text
    for pattern, shift, minute in patterns:
        for match in pattern.finditer(left):
            named = match.groupdict()
            told = _hour(words, match["hour"])
            if not 0 < told <= 24:  # noqa: PLR2004 - a clock
                continue
            counted = words.numbers.get(" ".join((named.get("n") or "").lower().split()), 0)
            before = shift < 0 and minute == 0 and not named.get("behind")  # "za pięć szósta": so many to the hour
            at = (told + shift) * 60 + (60 - int(counted) if before else minute + int(counted))
            yield Spoken(*match.span(), at // 60 % 24 or _NOON, at % 60, named["part"] or named["part0"])
            left = left[: match.start()] + "\0" * (match.end() - match.start()) + left[match.end() :]


def _hour(words: Wording, told: str) -> int:
    if told.isdigit():
        return int(told)
    return next(hour for name, hour in words.hour_words.items() if re.fullmatch(name, told, re.IGNORECASE))


def spoken_patterns(words: Wording) -> Patterns:
    """The expressions of a language, compiled."""
    hours = "|".join(sorted(words.hour_words, key=len, reverse=True))
    numbers = "|".join(sorted((re.escape(number) for number in words.numbers), key=len, reverse=True))
    parts = "|".join(words.parts)
    before, part = rf"(?:(?<!\w)(?P<part0>{parts}),?\s+)?", rf"(?:\s+(?P<part>{parts})(?!\w))?"
    return tuple(
        (
            re.compile(
                before
                + pattern.replace("{hour}", rf"(?P<hour>{hours}|(?:[01]?\d|2[0-4])(?![:.]?\d))")
                .replace("{word}", rf"(?P<hour>{hours})(?!\w)")
                .replace("{n}", rf"(?P<n>{numbers})\b")
                .replace(" ", r"\s+")
                + part
                + r"(?!\w)",
                re.IGNORECASE,
            ),
            shift,
            minute,
        )
        for pattern, shift, minute in words.spoken
    )
