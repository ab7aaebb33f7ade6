"""Times promised in a text: when the public will hear the next word.

A time counts when its clause announces a word from us ("wrócimy o 15:30", "next update
by 5 pm"); times of past events, opening hours and repairs do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from daemon.response.grammar import WORDINGS, Grammar, grammar_of
from daemon.response.spoken import Spoken, spoken_times
from daemon.response.wording import ZONES

_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[^\W\d_a-zа-яё]|[„\"«“])|\n+")
_FAR = timedelta(days=60)  # a date further off is no next word
_LIST_REST = 14  # characters that may stand beside the times of a mere enumeration
_NEAR = 20  # characters between a part of a day and its hour
_NEGATION = 4  # characters in which a "not" stands before an announcement
_LONG = timedelta(hours=8)  # no part of a day is longer
_EVENING = 22
_MORNING = 6  # the night's end


class _Hit(msgspec.Struct, frozen=True):
    """A time told somewhere in a text."""

    start: int
    end: int
    at: datetime
    loose: bool = False  # "later today", "overnight": it must stand with the announcement itself


class _Day(msgspec.Struct, frozen=True):
    start: int
    end: int
    day: date


def promised_times(text: str, lang: str, now: datetime, timezone: str) -> tuple[datetime, ...]:
    """Every time at which ``text`` promises the next word, in UTC, ascending, without doubles.

    ``now`` is when it is said; clock times are those of ``timezone`` unless the text names
    another. A time already past today means tomorrow; a day without a time means its end,
    and so does a part of one ("tomorrow morning").
    Polish, Russian and English have a grammar of their own; in any other language every
    future time that dateparser finds counts.
    """
    now = now.astimezone(UTC)
    zone = ZoneInfo(timezone)
    found = _bygrammar_of(text, lang, now, zone) if lang in WORDINGS else _by_dateparser(text, lang, now, zone)
    return tuple(sorted({at for at in found if now < at < now + _FAR}))


def announcements(text: str, lang: str) -> tuple[tuple[int, int], ...]:
    """Where ``text`` announces a word from us, whether or not it says when."""
    return tuple(match.span() for match in grammar_of(lang).cue.finditer(text)) if lang in WORDINGS else ()


def clause_ends(text: str, lang: str) -> tuple[int, ...]:
    """Where one clause of ``text`` ends and another begins."""
    return tuple(match.start() for match in grammar_of(lang).clause.finditer(text)) if lang in WORDINGS else ()


def _bygrammar_of(text: str, lang: str, now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    grammar = grammar_of(lang)
    start = 0
    for match in (*_SENTENCE.finditer(text), None):
        sentence = text[start : match.start() if match else len(text)]
        start = match.end() if match else start
        if grammar.cue.search(sentence):
            yield from (hit.at for hit in _promised(grammar, sentence, _hits(grammar, sentence, now, zone)))


# ── which of the times told are promised ─────────────────────────────────────


def _promised(grammar: Grammar, sentence: str, hits: list[_Hit]) -> Iterator[_Hit]:
    whole = [(hit.start, hit.end) for hit in hits] + [match.span() for match in grammar.cue.finditer(sentence)]
    cuts = [0, *(match.start() for match in grammar.clause.finditer(sentence) if not _inside(match.start(), whole))]
    clauses = list(zip(cuts, [*cuts[1:], len(sentence)], strict=True))
    held = [[hit for hit in hits if begin <= hit.start < end] for begin, end in clauses]
    open_cue = any(
        grammar.cue.search(sentence, begin, end) and not inside
        for (begin, end), inside in zip(clauses, held, strict=True)
    )
    listing = False
    for (begin, end), inside in zip(clauses, held, strict=True):
        clause = sentence[begin:end]
        cues = list(grammar.cue.finditer(clause))
        rest = list(clause)
        for cue in cues:
            rest[cue.start() : cue.end()] = " " * (cue.end() - cue.start())
        others = list(grammar.other.finditer("".join(rest)))
        told = len(clause.strip(" ,.!…–—-")) - sum(hit.end - hit.start for hit in inside)
        for hit in inside:
            place = hit.start - begin
            if grammar.since.search(sentence, max(begin, hit.start - 16), hit.start):
                continue
            if grammar.broken.search(sentence, 0, hit.start):
                listing = False
                continue
            if grammar.denied.search(sentence, 0, hit.start):
                listing = True  # "not at 3 pm but at 5 pm"
                continue
            if grammar.moved.match(sentence, hit.end):
                continue
            if hit.loose:
                listing = (
                    not others and _belongs(grammar, clause, cues, hit, begin)
                    if cues
                    else told == 0 and (listing or open_cue)
                )
            elif cues:
                late = grammar.deadline.search(sentence, max(begin, hit.start - 20), hit.end) is not None
                listing = late or _gap(cues, place) <= _gap(others, place)
            elif not others and open_cue:
                listing = True
            else:
                listing = listing and told <= _LIST_REST
            if listing:
                yield hit


def _belongs(grammar: Grammar, clause: str, cues: list[re.Match[str]], hit: _Hit, begin: int) -> bool:
    """Whether ``hit`` belongs to the nearest announcement, and not to what that is about."""
    start, end = hit.start - begin, hit.end - begin
    cue = min(cues, key=lambda one: _gap([one], start))
    about = clause[max(0, min(cue.start() - _NEGATION, start)) : max(end, cue.end())]
    return not grammar.matter.search(about)


def _inside(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < place < end for start, end in spans)


def _gap(matches: list[re.Match[str]], place: int) -> float:
    return min((abs(place - (m.end() if m.end() <= place else m.start())) for m in matches), default=float("inf"))


# ── times told ───────────────────────────────────────────────────────────────


def _hits(grammar: Grammar, sentence: str, now: datetime, zone: ZoneInfo) -> list[_Hit]:
    """Every time told in ``sentence``, in order; what one expression used no other sees."""
    sentence = grammar.letter.sub(_without_letter, sentence)
    told = _Told(sentence)
    today = now.astimezone(zone).date()
    spoken = list(spoken_times(grammar.words, grammar.spoken, sentence))
    for one in spoken:  # "za kwadrans czwarta" is no quarter of an hour from now
        told.blank(one.start, one.end)
    _durations(grammar, told, now)
    days = _days(grammar, told.left, today)
    for day in days:  # "24 listopada" is no hour; "tonight" is a part of the day besides
        if _part(grammar, sentence[day.start : day.end]) is None:
            told.blank(day.start, day.end)
    dayless = len(told.hits)
    for one in spoken:
        told.take(
            one.start, one.end, _spoken(grammar, one, _day_of(grammar, one.start, one.end, days, told.left), now, zone)
        )
    for pattern, (hour, minute) in grammar.fixed:
        for match in pattern.finditer(told.left):
            told.take(*match.span(), _at(_day_of(grammar, *match.span(), days, told.left), hour, minute, now, zone))
    _clocks(grammar, told, days, now, zone)
    _periods(grammar, told, days, now, zone)
    if len(told.hits) == dayless:
        nights = [(match, _day_beside(told.sentence, days, match)) for match in grammar.overnight.finditer(told.left)]
        for day in days:
            if day.day > today and not any(day is own for _, own in nights):
                told.take(day.start, day.end, _at((day.day, True), 23, 59, now, zone))
        if not told.hits:
            _loosely(grammar, told, nights, now, zone)
    return sorted(told.hits, key=lambda hit: hit.start)


def _day_beside(sentence: str, days: list[_Day], match: re.Match[str]) -> _Day | None:
    return next(
        (one for one in days if not sentence[min(one.end, match.end()) : max(one.start, match.start())].strip()), None
    )


def _loosely(
    grammar: Grammar, told: _Told, nights: list[tuple[re.Match[str], _Day | None]], now: datetime, zone: ZoneInfo
) -> None:
    """Take "later today" by its end, "overnight" by the next morning, where no other time is told."""
    today = now.astimezone(zone).date()
    for match in grammar.later.finditer(told.sentence):
        told.take(*match.span(), _at((today, True), 23, 59, now, zone), loose=True)
    for match, own in nights:
        day = (own.day + timedelta(days=1), True) if own is not None and own.day != today else None
        start, end = match.span() if own is None else (min(own.start, match.start()), max(own.end, match.end()))
        told.take(start, end, _at(day, _MORNING, 0, now, zone), loose=True)


def _durations(grammar: Grammar, told: _Told, now: datetime) -> None:
    for pattern, minutes in grammar.spans:
        for match in pattern.finditer(told.left):
            told.take(*match.span(), now + timedelta(minutes=minutes))
    for match in grammar.about.finditer(told.left) if grammar.about else ():
        told.take(*match.span(), now + timedelta(minutes=_minutes(grammar, match)))
    for match in grammar.duration.finditer(told.left):
        told.take(*match.span(), now + timedelta(minutes=_minutes(grammar, match)))


def _without_letter(match: re.Match[str]) -> str:
    """Tell "16h30" as "16:30", and "16h" as "16 ": nothing else changes its place."""
    letter = match["letter"]
    minutes = f":{match['m']}" if match["m"] else ""
    return match[0].removesuffix(letter) + minutes.ljust(len(letter))


def _clocks(grammar: Grammar, told: _Told, days: list[_Day], now: datetime, zone: ZoneInfo) -> None:
    """Times in figures. What joins a list of them has the day of its first, and the part of a day of its last."""
    found = list(grammar.clock.finditer(told.left))
    parts = [match["part"] or match["part0"] for match in found]
    for n in range(len(found) - 2, -1, -1):
        joined = found[n + 1]["more"] and found[n].end() == found[n + 1].start()
        if joined and parts[n] is None and int(found[n]["h"]) <= int(found[n + 1]["h"]):  # "at 4, 6 and 8 pm"
            parts[n] = parts[n + 1]
    ends = {hit.end for hit in told.hits}
    for match, part in zip(found, parts, strict=True):
        start = match.start() + len(match["more"] or "")
        day = _day_of(grammar, start, match.end(), days, told.left)
        sure = bool(match["m_joined"]) and _announced(grammar, told, start)
        at = _clock(grammar, match, part, day, now, zone, listed=match.start() in ends, sure=sure)
        if at is not None:
            told.take(start, match.end(), at)
            ends.add(match.end())


def _announced(grammar: Grammar, told: _Told, start: int) -> bool:
    """Whether a colon behind an announcement says that a time follows: "Next update: 1600"."""
    before = told.left[:start].rstrip()
    return before.endswith(":") and any(
        re.fullmatch(r"\w*[\s\0]*:?", before[cue.end() :]) for cue in grammar.cue.finditer(before + " ")
    )


def _periods(grammar: Grammar, told: _Told, days: list[_Day], now: datetime, zone: ZoneInfo) -> None:
    """Parts of a day by their ends, but for those that only tell of which half of the day an hour beside them is."""
    hours = tuple(told.hits)
    for pattern, (hour, minute) in grammar.periods:
        for match in pattern.finditer(told.left):
            start, end = match.span()
            own = next((one for one in days if one.start < end and start <= one.end), None)  # "tonight", "Friday night"
            day = (own.day, True) if own else _day_of(grammar, start, end, days, told.left)
            start = min(start, own.start) if own else start
            at = _at(day, hour, minute, now, zone)
            if at <= now and hour == _EVENING:  # said late in it
                at = _at(day, 23, 59, now, zone)
            if not any(_beside(grammar, told.sentence, start, end, hit) and abs(hit.at - at) <= _LONG for hit in hours):
                told.take(start, end, at)


def _beside(grammar: Grammar, sentence: str, start: int, end: int, hit: _Hit) -> bool:
    """Whether nothing of weight stands between ``hit`` and the place from ``start`` to ``end``."""
    left, right = min(end, hit.end), max(start, hit.start)
    between = sentence[left:right]
    return len(between) <= _NEAR and not re.search(rf"[;.]|\b(?:{grammar.words.joins})\b", between)


class _Told:
    """What has been read of a sentence, and what is left to read."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        self.left = sentence
        self.hits: list[_Hit] = []

    def take(self, start: int, end: int, at: datetime, *, loose: bool = False) -> None:
        self.hits.append(_Hit(start, end, at, loose))
        self.blank(start, end)

    def blank(self, start: int, end: int) -> None:
        self.left = self.left[:start] + "\0" * (end - start) + self.left[end:]


def _minutes(grammar: Grammar, match: re.Match[str]) -> float:
    words = re.sub(r"\s+", " ", match["n"].lower())
    number = grammar.words.numbers.get(words)
    if number is None:
        number = float(words.replace(",", "."))
    unit = match["unit"]
    if re.fullmatch(grammar.words.minute, unit, re.IGNORECASE):
        return number
    return number * (1440 if re.fullmatch(grammar.words.day, unit, re.IGNORECASE) else 60)


def _days(grammar: Grammar, text: str, today: date) -> list[_Day]:
    found = [
        _Day(match.start(), match.end(), today + timedelta(days=offset))
        for pattern, offset in grammar.days
        for match in pattern.finditer(text)
    ]
    for match in grammar.dates.finditer(text):
        day = _date(grammar, match, today)
        if day is not None and not any(one.start <= match.start() < one.end for one in found):
            found.append(_Day(match.start(), match.end(), day))
    return sorted(found, key=lambda one: one.start)


def _date(grammar: Grammar, match: re.Match[str], today: date) -> date | None:
    """The day that a weekday or a date names: the next such day from today on."""
    if weekday := match["weekday"]:
        names = grammar.words.weekdays
        index = next(i for i, name in enumerate(names) if re.fullmatch(name, weekday, re.IGNORECASE))
        return today + timedelta(days=(index - today.weekday()) % 7)
    month_name = match["month"] or match["month2"]
    month = grammar.words.months.index(month_name.lower()) + 1 if month_name else int(match["mm"])
    number = int(match["day"] or match["day2"] or match["dd"])
    for year in (today.year, today.year + 1):
        try:
            day = date(year, month, number)
        except ValueError:
            continue
        if day >= today:
            return day
    return None


def _day_of(grammar: Grammar, start: int, end: int, days: list[_Day], left: str) -> tuple[date, bool] | None:
    """The day a time belongs to, and whether it stands directly beside it; ``left``: what is not read yet."""
    before = [one for one in days if one.end <= start]
    after = [one for one in days if end <= one.start <= end + 12]
    if after and not grammar.clause.search(left, end, after[0].start):
        return after[0].day, True
    if not before:
        return None
    between = left[before[-1].end : start]
    if "\0" in between and re.fullmatch(rf"(?:[\0\s,]|\b(?:{grammar.words.joins})\b)+", between):
        return before[-1].day, False  # "tomorrow at 2 pm, 4 pm and 6 pm"
    if between.strip() == ",":  # "12 marca, 8:15"
        return before[-1].day, True
    if re.search(r"[,;](?!\s*(?:najpóźniej|o|do|в|к|до|at|by)\s*\Z)\s", between):
        return None
    return before[-1].day, len(between.strip()) <= _LIST_REST


def _spoken(grammar: Grammar, told: Spoken, day: tuple[date, bool] | None, now: datetime, zone: ZoneInfo) -> datetime:
    """When a time told in words comes: the next of the two that it may be, or the waking one of its day."""
    part = _part(grammar, told.part)
    if part == "pm" and told.hour < 12:  # noqa: PLR2004 - noon
        return _at(day, told.hour + 12, told.minute, now, zone)
    if told.sure or (day is not None and told.awake == told.hour):
        return _at(day, told.hour, told.minute, now, zone)
    if day is not None:
        return _at(day, told.awake, told.minute, now, zone)
    return min(_at(None, hour, told.minute, now, zone) for hour in (told.hour, (told.hour + 12) % 24))


def _clock(
    grammar: Grammar,
    match: re.Match[str],
    part_words: str | None,
    day: tuple[date, bool] | None,
    now: datetime,
    zone: ZoneInfo,
    *,
    listed: bool,
    sure: bool,
) -> datetime | None:
    """When a clock time comes, or None where the number is none."""
    hour = int(match["h2"] or match["h"])
    told = (match["m2"] or match["m2_joined"]) if match["h2"] else (match["m"] or match["m_joined"])
    minute = int(told or 0)
    exact = bool(match["h2"] or match["m"] or match["part"] or match["part0"] or match["noun"] or match["hours"])
    if not (exact or sure) and not (
        match["at"] or match["both"] or (listed and match["more"] and match["closed"] is not None)
    ):
        return None
    if hour > 24 or minute > 59 or (hour == 24 and minute):  # noqa: PLR2004 - a clock
        return None
    if match["zone"]:
        zone = ZoneInfo(ZONES[match["zone"].lower()])
    part = _part(grammar, part_words)
    if part == "pm" and hour < 12:  # noqa: PLR2004 - noon
        hour += 12
    elif part == "am" and hour == 12:  # noqa: PLR2004 - midnight
        hour = 0 if grammar.words is WORDINGS["en"] or re.search(r"ноч|nocy", part_words or "", re.IGNORECASE) else 12
    elif part is None and 0 < hour < 12 and day is None and _twelve_hours(grammar, match):  # noqa: PLR2004 - noon
        return min(_at(None, hour, minute, now, zone), _at(None, hour + 12, minute, now, zone))
    return _at(day, hour, minute, now, zone)


def _twelve_hours(grammar: Grammar, match: re.Match[str]) -> bool:
    """Whether "5" or "5:30" may mean the afternoon: not where it is written 05:30."""
    if any((match[group] or "").startswith("0") for group in ("h", "h2")) or match["m_joined"] or match["m2_joined"]:
        return False
    return grammar.words.bare_hour_is_next or not (match["m"] or match["m2"])


def _part(grammar: Grammar, words: str | None) -> str | None:
    if words is None:
        return None
    told = words.strip()
    return next(
        (part for pattern, part in grammar.words.parts.items() if re.fullmatch(pattern, told, re.IGNORECASE)), None
    )


def _at(day: tuple[date, bool] | None, hour: int, minute: int, now: datetime, zone: ZoneInfo) -> datetime:
    """The time on ``day``; where no day stands beside it, the next such time."""
    today = now.astimezone(zone).date()
    base, fixed = day if day is not None else (today, False)
    for _ in range(2):
        local = datetime.combine(base + timedelta(days=hour // 24), time(hour % 24, minute), zone)
        for fold in (0, 1):  # when clocks go back an hour comes twice: the first that is still ahead
            at = local.replace(fold=fold).astimezone(UTC)
            if at > now:
                return at
        if fixed or base > today:
            break
        base += timedelta(days=1)
    return local.astimezone(UTC)


def _by_dateparser(text: str, lang: str, now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    from dateparser.search import (  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to import, seldom needed
        search_dates,
    )

    settings = {
        "PREFER_DATES_FROM": "future",
        "RELATIVE_BASE": now.astimezone(zone).replace(tzinfo=None),
        "TIMEZONE": zone.key,
        "RETURN_AS_TIMEZONE_AWARE": True,
    }
    try:
        found = search_dates(text, languages=[lang], settings=settings) or []
    except ValueError:  # a language that dateparser does not know
        return
    for words, at in found:
        if any(character.isdigit() for character in words):
            yield at.astimezone(UTC)
