"""Whether a reply agrees with the fact sheet, with what was said before, and with the customer's own numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from daemon.replies.draft import Draft
from daemon.replies.phrases import phrases
from daemon.replies.wording_rules import Place
from daemon.response.promises import announcements

_QUANTITY = re.compile(r"(?<![\w.,:/#-])(\d{1,3}(?:[ \u00a0]\d{3})+|\d+(?:[.,]\d+)?)\s*(%|[^\W\d_]{2,})")
_SINCE = re.compile(
    r"\b(?:began at|started at|began around|zaczęł\w+ się o|rozpoczęł\w+ się o|начал\w+ в|"
    r"od|since|from|с|со|from about|od około|około|o|at|в)\s+"
    r"(?:godz\.?\s*|ok\.\s*|about\s+)?([01]?\d|2[0-3])[:.]([0-5]\d)\b",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\b(?:nr|numer\w*|no\.?|number|№|номер\w*|zamówieni\w*|order|заказ\w*|zgłoszeni\w*|"
    r"ticket|заявк\w*|case)\s*(?:nr|no\.?|№|number|numer|"
    r"номер)?\s*:?\s*#?\s*([A-Z]{0,4}[-/]?\d{4,}(?:[-/]\d+)*)",
    re.IGNORECASE,
)
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
    for fact in told:
        others = sheet.get(fact.kind)
        if others and all(not _agree(fact, other) for other in others):
            yield Place("fact_conflict", fact.start, fact.end, others[0].words)


def _agree(one: _Fact, other: _Fact) -> bool:
    if one.kind == "place":
        return one.value[:_STEM] == other.value[:_STEM]
    return one.value == other.value


def _facts(text: str, lang: str) -> Iterator[_Fact]:
    for match in _QUANTITY.finditer(text):
        unit = match[2].lower()
        if not _UNITS_OF_TIME.match(unit):
            number = re.sub(r"[ \u00a0]", "", match[1]).replace(",", ".")
            yield _Fact(f"quantity {unit.translate(_BENT)[:_STEM]}", number, *match.span(), match.group())
    for match in _SINCE.finditer(text):
        if re.match(
            r"od|since|from|с|began|started|zaczę|rozpoczę|начал", match.group(), re.IGNORECASE
        ) and not _announced(text, match.start(), lang):
            yield _Fact("since", f"{int(match[1])}:{match[2]}", *match.span(), match.group())
    for match in _REFERENCE.finditer(text):
        yield _Fact("reference", match[1].upper(), *match.span(), match.group())
    for match in _PLACE.finditer(text):
        if not _NO_PLACE.match(match[1]):
            yield _Fact("place", match[1].lower(), *match.span(1), match[1])
    for state in ("closing", "ongoing"):
        for start, end in phrases(lang, state).find(text):
            yield _Fact("state", state, start, end, text[start:end])


def _announced(text: str, place: int, lang: str) -> bool:
    return any(0 <= place - end <= 30 for _, end in announcements(text, lang))  # noqa: PLR2004 - characters
