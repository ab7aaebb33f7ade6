"""Whether a reply agrees with the fact sheet, with what was said before, and with the customer's own numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import msgspec

from daemon.replies.draft import Draft
from daemon.replies.phrases import phrases
from daemon.replies.wording_rules import Place
from daemon.response.grammar import WORDINGS
from daemon.response.promises import announcements

_QUANTITY = re.compile(r"(?<![\w.,:/#-])(\d{1,3}(?:[ \u00a0]\d{3})+|\d+(?:[.,]\d+)?)\s*(%|[^\W\d_]{2,})")
_NUMBER = re.compile(r"[A-ZА-Я]{0,3}-?\d+(?:[.,]\d+)?[A-ZА-Я]?(?![\w:])|(?<!\w)[A-Z](?!\w)")
_SUM = re.compile(r"\d+(?:[.,]\d+)?")
_SUMS = frozenset(f"quantity {unit}" for unit in ("zł", "złot", "pln", "руб", "рубл", "eur", "euro", "евро", "£", "$", "€"))
_MONEY = re.compile(r"([£$€])\s?(\d{1,3}(?:[, \u00a0]\d{3})+|\d+(?:\.\d+)?)")
_UNTIL = re.compile(
    r"\b(?:do|до|by|until|till)\s+(?:(\d{1,2})\s+([^\W\d_]{3,})|([A-Z][a-z]{2,})\s+(\d{1,2}))\b", re.IGNORECASE
)
_MONTH = re.compile("|".join(month[:3] for words in WORDINGS.values() for month in words.months), re.IGNORECASE)
_NAMED = re.compile(r"\b([a-ząćęłńóśźżа-яё]{5,})\s+([A-ZŻŹĆŚŁÓА-ЯЁ][a-ząćęłńóśźżа-яё]{3,})")  # clients in, of or from X
_CODED = re.compile(  # one of several like things: lot 2218, gate B7
    r"\b((?i:batch|lot\b|series|model|line\b|flight|gate|platform|room|desk|counter|zone|terminal|stop|bay|route|bus\b|"
    r"tram|train|coach|floor|parti[aieęą]|seri[aieęą]|lini[aieęą]|rejs|bramk|peron|tor\b|pok[oó]j|sal[aieęą]|stanowisk|"
    r"okienk|stref|autobus|pociąg|wagon|pięt[er]|парти|сери|модел|лини|рейс|выход|платформ|пут[иья]|кабинет|стойк|"
    r"окн[аоеу]|зон[аеуы]|терминал|автобус|трамва|поезд|вагон|этаж|маршрут|корпус|подъезд))[^\W\d_]{0,3}\s+"
    r"(?:(?:nr|no\.?|number|№)\s*)?([A-ZА-Я]{0,3}-?\d+[A-ZА-Я]?|[A-Z])(?![\w:%]|[.,:]\d)"
)
_STREET = re.compile(
    r"\b(?:ul|al|pl|os|ул|пр|просп|пер)\.\s*(?:[A-ZŻŹĆŚŁÓА-ЯЁ]\.\s*)?([A-ZŻŹĆŚŁÓА-ЯЁ][a-ząćęłńóśźżа-яё]{3,})"
)
_SIDES = {  # beginnings of words, and which of several like things they tell
    "compass": ("north północn северн", "south południow южн", "east wschodni восточн", "west zachodni западн"),
    "hand": ("left lew лев", "right praw прав"),
    "height": ("upper górn верхн", "lower doln нижн"),
}
_SIDED = {
    stem: (axis, words.split()[0]) for axis, sides in _SIDES.items() for words in sides for stem in words.split()
}
_SIDE = re.compile(rf"\b({'|'.join(_SIDED)})\w{{0,4}}[\s-]+([^\W\d_]{{3,}})", re.IGNORECASE)
_SINCE = re.compile(
    r"\b(?:began at|started at|began around|zaczęł\w+ się o|rozpoczęł\w+ się o|начал\w+ в|"
    r"od|since|from|с|со|from about|od około|około|o|at|в)\s+"
    r"(?:godz\.?\s*|ok\.\s*|about\s+)?([01]?\d|2[0-3])[:.]([0-5]\d)\b",
    re.IGNORECASE,
)
_BEGUN = re.compile(r"od|since|from|с|began|started|zaczę|rozpoczę|начал", re.IGNORECASE)
_REFERENCE = re.compile(
    r"\b(?:nr|numer\w*|no\.?|number|№|номер\w*|zamówieni\w*|order|заказ\w*|zgłoszeni\w*|"
    r"ticket|заявк\w*|case)\s*(?:nr|no\.?|№|number|numer|"
    r"номер)?\s*:?\s*#?\s*([A-Z]{0,4}[-/]?\d{4,}(?:[-/]\d+)*)",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"\b([^\W\d_]{4,})\s*(?:nr|no\.?|number|numer|номер|№)?\s*:?\s*#?\s*[A-Z]{0,4}[-/]?\d{3,}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4,}")
_PLACE = re.compile(r"\b(?:w|we|in|в|во)\s+([A-ZŻŹĆŚŁÓА-ЯЁ][a-ząćęłńóśźżа-яё]{3,})")
_NO_PLACE = re.compile(
    r"(?:Państw|Pan|Poniedz|Wtor|Środ|Czwart|Piąt|Sobot|Niedziel|Internec|January|February|"
    r"March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|"
    r"Wednesday|Thursday|Friday|Saturday|Sunday|Ваш|Вас)"
)
_STEM = 4  # letters by which two forms of a word are taken for one
_BENT = str.maketrans("óąń", "oęn")  # vowels that change within a word: osób, osoby; rąk, ręka
_UNITS_OF_TIME = re.compile(
    r"(?:minu|godz|hour|hrs?|dni|days?|дн|час|мин|sekun|second|am$|pm$|stycz|luteg|marc|"
    r"kwie|maja|czer|lipc|sier|wrze|paźd|list|grud|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|"
    r"ноя|дек)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?<![\d:])([01]?\d|2[0-3])[:.]([0-5]\d)(?![:.]?\d)")
_AFTERNOON = re.compile(r"\s?p\.?m\b", re.IGNORECASE)
_NOON = 12


class _Fact(msgspec.Struct, frozen=True):
    kind: str
    value: str
    start: int
    end: int
    words: str


def fact_conflict(draft: Draft) -> Iterator[Place]:
    """A number, a time, a place or a state that differs from what is confirmed or was said elsewhere."""
    told = list(_facts(draft.own, draft.lang))
    known = [fact for text in (*draft.facts, *draft.previous) for fact in _facts(text, draft.lang)]
    if draft.customer is not None:
        known += [fact for fact in _facts(draft.customer.text, draft.lang) if fact.kind == "reference"]
    sheet: dict[str, list[_Fact]] = {}
    for fact in known:
        sheet.setdefault(fact.kind, []).append(fact)
    clocks = {_clock(text, match) for text in (*draft.facts, *draft.previous) for match in _CLOCK.finditer(text)}
    numbers, worked_out = _numbers(draft)
    said = " ".join(_texts(draft)).lower()
    for fact in told:
        others = sheet.get(fact.kind)
        if fact.kind == "since" and fact.value in clocks:
            continue  # of several times on the sheet, which of them it is depends on the words around
        if (fact.kind in _SUMS and fact.value in worked_out) or (fact.kind.startswith("which") and fact.value in numbers):
            continue
        if fact.kind == "of street" and fact.value[:_STEM] in said:
            continue
        if others and all(not _agree(fact, other) for other in others):
            yield Place("fact_conflict", fact.start, fact.end, others[0].words)


def asked_again(draft: Draft) -> Iterator[Place]:
    """Asks for the number of an order, a ticket or the like, which stands in the customer's own words."""
    if draft.customer is None:
        return
    given = {match[1][:_STEM].lower() for match in _GIVEN.finditer(draft.customer.text)}
    for start, end in draft.find("refile", "asked"):
        if not given.isdisjoint(word[:_STEM].lower() for word in _WORD.findall(draft.own[start:end])):
            yield Place("refile", start, end)


def _texts(draft: Draft) -> tuple[str, ...]:
    """What is confirmed, was said elsewhere, or by the customer."""
    return (*draft.facts, *draft.previous, *((draft.customer.text,) if draft.customer is not None else ()))


def _numbers(draft: Draft) -> tuple[frozenset[str], frozenset[str]]:
    """Numbers and codes in the customer's words and on the sheet, and what any two differ by.

    30, where 129 was told and 159 was taken.
    """
    told = frozenset(number for text in _texts(draft) for number in _NUMBER.findall(text))
    sums = [float(number.replace(",", ".")) for number in told if _SUM.fullmatch(number)]
    return told, frozenset(f"{abs(one - other):g}" for one in sums for other in sums if one != other)


def _agree(one: _Fact, other: _Fact) -> bool:
    if one.kind == "place" or one.kind.startswith("of "):
        return one.value[:_STEM] == other.value[:_STEM]
    return one.value == other.value


def _facts(text: str, lang: str) -> Iterator[_Fact]:
    yield from _quantities(text, lang)
    yield from _times(text, lang)
    for match in _REFERENCE.finditer(text):
        yield _Fact("reference", match[1].upper(), *match.span(), match.group())
    for match in _PLACE.finditer(text):
        if not _NO_PLACE.match(match[1]):
            yield _Fact("place", match[1].lower(), *match.span(1), match[1])
    for match in _NAMED.finditer(text):
        if not _NO_PLACE.match(match[2]):
            yield _Fact(f"of {match[1].lower()[:_STEM]}", match[2].lower(), *match.span(2), match.group())
    for match in _STREET.finditer(text):
        yield _Fact("of street", match[1].lower(), *match.span(1), match.group())
    for match in _CODED.finditer(text):
        yield _Fact(f"which {match[1].lower()[:_STEM]}", match[2], *match.span(2), match.group())
    for match in _SIDE.finditer(text):
        axis, side = _SIDED[match[1].lower()]
        yield _Fact(f"{axis} of {match[2].lower()[:_STEM]}", side, *match.span(), match.group())
    for state in ("closing", "ongoing"):
        for start, end in phrases(lang, state).find(text):
            yield _Fact("state", state, start, end, text[start:end])


def _quantities(text: str, lang: str) -> Iterator[_Fact]:
    """How many of what, in figures or words, and sums of money."""
    counted = _counted(lang)
    told = [(match, match[1].replace(",", ".")) for match in _QUANTITY.finditer(text)]
    if counted is not None:
        told += [(match, f"{WORDINGS[lang].numbers[match[1].lower()]:g}") for match in counted.finditer(text)]
    for match, number in told:
        unit = match[2].lower()
        if not _UNITS_OF_TIME.match(unit):
            kind = f"quantity {unit.translate(_BENT)[:_STEM]}"
            yield _Fact(kind, re.sub(r"[ \u00a0]", "", number), *match.span(), match.group())
    for match in _MONEY.finditer(text):
        yield _Fact(f"quantity {match[1]}", re.sub(r"[, \u00a0]", "", match[2]), *match.span(), match.group())


def _times(text: str, lang: str) -> Iterator[_Fact]:
    """Since when, and until which day, but not when our next word comes: that moves on."""
    for match in _SINCE.finditer(text):
        if _BEGUN.match(match.group()) and not _announced(text, match.start(), lang):
            yield _Fact("since", _clock(text, match), *match.span(), match.group())
    for match in _UNTIL.finditer(text):
        day, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        if _MONTH.match(month) and not _announced(text, match.start(), lang):
            yield _Fact(f"until {month.lower()[:3]}", str(int(day)), *match.span(), match.group())


@cache
def _counted(lang: str) -> re.Pattern[str] | None:
    """A number told as a word, from two on, and what is counted."""
    if lang not in WORDINGS:
        return None
    numbers = [word for word, number in WORDINGS[lang].numbers.items() if number >= 2 and word.isalpha()]  # noqa: PLR2004 - "one of"
    return re.compile(rf"\b({'|'.join(numbers)})\s+([^\W\d_]{{3,}})", re.IGNORECASE)


def _clock(text: str, match: re.Match[str]) -> str:
    """The time of day of which ``match`` holds hour and minute, by 24 hours."""
    hour = int(match[1])
    later = hour < _NOON and _AFTERNOON.match(text, match.end())
    return f"{hour + _NOON if later else hour}:{match[2]}"


def _announced(text: str, place: int, lang: str) -> bool:
    return any(0 <= place - end <= 30 for _, end in announcements(text, lang))  # noqa: PLR2004 - characters
