"""How Polish, Russian and English tell times, and how they promise the next word.

Regular expressions are matched without regard to case. In ``clock`` the groups are
``h``, ``m`` and ``part`` (am, pm, evening …); a number with neither minutes nor part
needs a preposition before it, or it could count anything.
"""

from __future__ import annotations

import msgspec


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """One language's ways."""

    cue: str  # we announce our next word
    other: str  # a time beside this belongs to something else: an event, opening hours
    since: str  # directly before a time: it tells a beginning, or an event
    at: str  # directly before a bare hour: it is one
    broken: str  # before a time: it was promised earlier, and is no promise now
    negation: str  # before an announcement or a time
    moved: str  # behind a time: another takes its place
    deadline: str  # directly before a time: no later than
    clock_noun: str  # between preposition and time: "godz."
    hours_noun: str  # after a bare hour: "часов"
    letter: str  # directly before "16h": that is an hour of the day, no length of time
    not_hour: str  # after a number: it counts something else
    either: str  # between two hours: the later counts
    parts: dict[str, str]  # part of the day beside an hour → am or pm
    # Part of the day without an hour → the time at which it ends. A day beside it is no longer to be read: \0.
    periods: dict[str, tuple[int, int]]
    fixed: dict[str, tuple[int, int]]  # noon, midnight, end of the day
    later: str  # today, and said so with weight: by its end
    overnight: str  # by the next morning
    # Between our word and ``later`` or ``overnight``: those belong to what the word is about, or there is no word.
    matter: str
    days: dict[str, int]  # today 0, tomorrow 1, yesterday -1
    weekdays: tuple[str, ...]  # from Monday
    months: tuple[str, ...]
    within: str  # before a duration
    numbers: dict[str, float]
    minute: str
    hour: str
    day: str
    unit_first: str  # between a unit and its number where that means "about": "часа через два"
    spans: dict[str, float]  # whole durations that need no number, in minutes
    between: str  # joins the two ends of a range
    both: tuple[str, str]  # before a range, and what joins its ends then: elsewhere that is a list
    joins: str  # words that begin another clause
    hour_words: dict[str, int]  # hours as words
    # Clock times in words, minutes after the hour before or after it. {hour}: an hour, in figures too; {word}:
    # in words alone; {n}: so many minutes, to the hour where the shift is -1 and no group is called behind.
    spoken: tuple[tuple[str, int, int], ...]
    bare_hour_is_next: bool  # "by 5:30" may mean the afternoon


# Abbreviations of zones that people write behind a time, and what they mean.
ZONES = {
    "utc": "UTC",
    "gmt": "UTC",
    "cet": "Europe/Warsaw",
    "cest": "Europe/Warsaw",
    "мск": "Europe/Moscow",
    "msk": "Europe/Moscow",
    "bst": "Europe/London",
    "et": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
}
