"""How each language tells times, as compiled expressions; its words stand in daemon.response.wording_*."""

from __future__ import annotations

import re
from functools import cache

import msgspec

from daemon.response.spoken import Patterns, spoken_patterns
from daemon.response.wording import ZONES, Wording
from daemon.response.wording_en import ENGLISH
from daemon.response.wording_pl import POLISH
from daemon.response.wording_ru import RUSSIAN

WORDINGS = {"pl": POLISH, "ru": RUSSIAN, "en": ENGLISH}


class Grammar(msgspec.Struct, frozen=True):
    """A wording with its expressions compiled."""

    words: Wording
    cue: re.Pattern[str]
    clause: re.Pattern[str]  # where one ends
    other: re.Pattern[str]
    since: re.Pattern[str]
    broken: re.Pattern[str]
    denied: re.Pattern[str]
    moved: re.Pattern[str]
    deadline: re.Pattern[str]
    clock: re.Pattern[str]
    duration: re.Pattern[str]
    about: re.Pattern[str] | None
    spans: tuple[tuple[re.Pattern[str], float], ...]
    spoken: Patterns
    periods: tuple[tuple[re.Pattern[str], tuple[int, int]], ...]
    letter: re.Pattern[str]
    fixed: tuple[tuple[re.Pattern[str], tuple[int, int]], ...]
    later: re.Pattern[str]
    overnight: re.Pattern[str]
    matter: re.Pattern[str]
    days: tuple[tuple[re.Pattern[str], int], ...]
    dates: re.Pattern[str]


@cache
def grammar_of(lang: str) -> Grammar:
    """The grammar of one of `WORDINGS`."""
    words = WORDINGS[lang]

    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern, re.IGNORECASE)

    def minutes(group: str) -> str:
        written = rf"[:.](?P<{group}>[0-5]\d)(?![.:]?\d)"
        return rf"(?:{written}|(?<=[01]\d|2[0-3])(?P<{group}_joined>[0-5]\d)(?={closing}))?"

    parts = "|".join(words.parts)
    numbers = "|".join(sorted((number.replace(" ", r"\s+") for number in words.numbers), key=len, reverse=True))
    joins = rf"(?:{words.joins})"
    either = rf"(?:\s*(?:{parts}))?\s+(?:{words.either})\s+(?:{words.at})?"
    # Behind a number that nothing else shows to be a time of day: it counts nothing that would follow.
    closing = rf"\s*(?:[.,;:!?()–—-]|\Z|\0|{joins}\s|(?:{parts})(?!\w)|(?:{words.hours_noun})|(?:{'|'.join(ZONES)})\b)"
    units = f"{words.minute}|{words.hour}|{words.day}"
    zones = "|".join(ZONES)
    hour = r"(?:[01]?\d|2[0-4])"
    clock = (
        rf"(?P<more>\s*,\s*(?:{joins}\s+)?|\s+{joins}\s+)?(?:(?<!\w)(?P<part0>{parts}),?\s+(?={words.at}))?"
        rf"(?:(?P<both>{words.both[0]})|(?P<at>{words.at}))?(?P<noun>{words.clock_noun})?"
        rf"(?<![\d.,:])(?P<h>{hour}){minutes('m')}(?:(?:{words.between}|(?(both){words.both[1]}|(?!))|(?(at){either}|(?!)))(?P<h2>{hour}){minutes('m2')})?"
        rf"(?P<hours>{words.hours_noun})?(?:\s*(?P<part>{parts})(?!\w))?(?!\d|[.,:]\d)(?!{words.not_hour})(?P<closed>(?={closing}))?"
        rf"(?:\s*\(?(?P<zone>{zones})\b\)?)?"
    )
    clause = rf"[;()]|:(?=\s)|,(?!\d)|\s[–—-]\s|\s{joins}(?=\s)"
    within_clause = rf"(?:(?!{clause}).)*"
    dates = (
        rf"\b(?P<weekday>{'|'.join(words.weekdays)})\b"
        rf"|\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{'|'.join(words.months)})\b"
        rf"|\b(?P<month2>{'|'.join(words.months)})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)"
        r"|(?<![:.\d])(?P<dd>[0-3]?\d)[./](?P<mm>0\d|1[0-2])(?:[./](?:20)?\d\d)?(?=\s*(?:r\.?|г\.?)?\s*,?\s*(?:o|do|godz|в|до|к|at|by)\b)"
    )
    return Grammar(
        words,
        compiled(words.cue),
        compiled(clause),
        compiled(words.other),
        compiled(rf"(?:{words.since})\Z"),
        compiled(rf"(?:{words.broken}){within_clause}\Z"),
        # "not later than 3 pm" is a promise.
        compiled(rf"\b{words.negation}\s+(?:(?:{words.cue})(?!{within_clause}\b(?:niż|чем|than)\b){within_clause})?\Z"),
        compiled(rf"\s*{words.moved}"),
        compiled(words.deadline),
        compiled(clock),
        compiled(
            rf"(?:{words.within})(?:(?:(?:{numbers})|\d+)(?:\s*[,–—-]\s*|\s+(?:do|lub|или|to|or)\s+))?"
            rf"(?P<n>(?:{numbers})(?=\s)|\d+(?:[.,]\d+)?)[\s-]*(?P<unit>{units})"
        ),
        compiled(rf"\b(?P<unit>{units})\s+(?:{words.unit_first})\s+(?P<n>{numbers}|\d+)\b")
        if words.unit_first
        else None,
        tuple((compiled(pattern), minutes) for pattern, minutes in words.spans.items()),
        spoken_patterns(words),
        tuple((compiled(pattern), at) for pattern, at in words.periods.items()),
        compiled(
            rf"(?:{words.letter}|,\s*|\s{joins}\s+)(?:0?[6-9]|1\d|2[0-3])(?:[0-5]\d)?"
            r"(?P<letter>\s?h(?:(?P<m>[0-5]\d)|rs?|ours?)?)(?!\w)"
        ),
        tuple((compiled(pattern), at) for pattern, at in words.fixed.items()),
        compiled(words.later),
        compiled(words.overnight),
        compiled(words.matter),
        tuple((compiled(pattern), offset) for pattern, offset in words.days.items()),
        compiled(dates),
    )
