"""What a text states that can be held against a fact sheet: numbers, times, places, causes, states."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

import msgspec

from daemon.replies.phrases import phrases
from daemon.response.grammar import WORDINGS
from daemon.response.promises import announcements
from detectors.language import load_languages

_THOUSAND = r"(?P<thousand>\s*(?:k|thousand|tys\.?|tysi[ąę]c\w*|тыс\.?|тысяч\w*)\s+)?"
_QUANTITY = re.compile(
    rf"(?<![\w.,:/#-])(\d{{1,3}}(?:[ \u00a0]\d{{3}})+|\d+(?:[.,]\d+)?){_THOUSAND}\s*(%|[^\W\d_]{{2,}})", re.IGNORECASE
)
_THOUSANDS = re.compile(r"\d{1,3},\d{3}")
_MONEY = re.compile(r"([£$€])\s?(\d{1,3}(?:[, \u00a0]\d{3})+|\d+(?:\.\d+)?)")
_UNTIL = re.compile(
    r"\b(?:do|до|by|until|till)\s+(?:(\d{1,2})\s+([^\W\d_]{3,})|([A-Z][a-z]{2,})\s+(\d{1,2}))\b", re.IGNORECASE
)
_MONTHS = {month[:3]: number % 12 + 1 for words in WORDINGS.values() for number, month in enumerate(words.months)}
_MONTH = re.compile("|".join(_MONTHS), re.IGNORECASE)
_DATE = re.compile(
    rf"(?<![\w.,:/-])(?:(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?({'|'.join(_MONTHS)})[^\W\d_]*|"
    rf"({'|'.join(_MONTHS)})[a-z]*\s(\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.])|(\d{{1,2}})\.(0[1-9]|1[0-2])(?!\d))",
    re.IGNORECASE,
)
_HOUR = r"([01]?\d|2[0-3])(?:[:.]([0-5]\d))?\s?(am|pm|a\.m\.|p\.m\.)?"
_RANGE = re.compile(
    rf"(?<![\w.,:/])(?:from|between|od|с|godz\.|в)?\s?(?:godz\.\s?)?{_HOUR}\s?(?:to|until|till|and|do|до|–|—|-)\s?(?:godz\.\s?)?"
    rf"{_HOUR}(?![\w:]|[.,]\d)",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\b(?:do|до|by|until|till)\s(?:godz\.\s?)?([01]?\d|2[0-3])[:.]([0-5]\d)\b", re.IGNORECASE)
_NOBODY = re.compile(
    r"\b(?:пострадавших нет|никто не пострадал|обошлось без пострадавших|(?:brak|nie ma) (?:poszkodowanych|rannych)|"
    r"nikt nie (?:ucierpiał|został ranny)|(?:no ?one|nobody) (?:was |is |has been )?(?:hurt|injured)|"
    r"no (?:injuries|casualties))\b",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    r"\b(?<!no\s)(?:\d+|два|две|двое|три|трое|четыре|четверо|пять|пятеро|один|одна|dwie|dwoje|dwóch|trzy|troje|trzech|cztery|czworo|pięcioro|pięć|"
    r"one|two|three|four|five|several|kilka|kilkoro|несколько)\s(?:(?:[^\W\d_]+\s)?(?:пострадавш|ранен|poszkodowan|rann|injured|hurt)|"
    r"(?:(?!no\b|nie\b|не\b)[^\W\d_]+\s){0,4}(?:(?:in|to) hospital|hospitali[sz]ed|(?:w|do) szpital|hospitalizowan|"
    r"в больниц|госпитализир))\w*",
    re.IGNORECASE,
)
_NOT_LEAKED = re.compile(  # of all customers: of the one who asks it may be so
    r"\b(?:no (?:customer |personal |client )?data (?:was|were|has been|have been) "
    r"(?:leaked|stolen|exposed|compromised)|"
    r"(?:customer|personal|client) data (?:was|were) not (?:leaked|stolen|exposed|compromised)|"
    r"żadne dane (?:klientów |osobowe )?nie (?:wyciekły|zostały (?:skradzione|ujawnione))|nie doszło do wycieku danych|"
    r"nie było wycieku danych|dane (?:klientów|osobowe) nie wyciekły|"
    r"(?:никакие данные|данные клиентов|персональные данные) не (?:утекли|были украдены)|"
    r"утечки (?:персональных )?данных (?:клиентов )?не (?:было|произошло))\b",
    re.IGNORECASE,
)
_LEAKED = re.compile(
    r"\b(?:(?<!no\s)data of (?:(?!not\b)[\w,]+\s){1,5}(?:was|were|has been|have been) "
    r"(?:leaked|stolen|exposed|compromised)|"
    r"(?<!nie\s)wyciekły (?:\w+ )?dane|dane (?:(?!nie\b)\w+\s){0,4}wyciekły|(?<!nie\s)doszło do wycieku danych|"
    r"(?<!не\s)утекли (?:\w+ )?данные|данные (?:(?!не\b)\w+\s){0,4}утекли|произошла утечка (?:\w+ )?данных)\b",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"\b((?:only|just|tylko|zaledwie|jedynie|только|лишь|всего)\s)?"
    r"(?:one|jeden|jedna|jednego|jedną|один|одна|одного|одну)\s([^\W\d_]{4,})",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\b(?:several|many|kilka|kilku|kilkoro|kilkorga|kilkunastu|wiele|wielu|несколько|нескольких|много)\s([^\W\d_]{4,})",
    re.IGNORECASE,
)
_EVERY = re.compile(r"\b(?:co|every|кажды[ей]|раз в)\s(\d{1,3})\s(min|мин|h|god|час|hour|day|dni|дн)", re.IGNORECASE)
_HOUSE = re.compile(
    r"\b([A-ZŻŹĆŚŁÓА-ЯЁ][a-ząćęłńóśźżа-яё]{3,})(?:\s(?=\d+[A-Za-zА-Яа-я]?(?:\s*(?:[,.;:!?)/–—-]|\Z|i\s|and\s|oraz\s|и\s)))|,\s(?=\d+[.;,)]))(\d{1,4})(?!\d|[:.]\d)"
)
_BETWEEN = re.compile(
    r"\b(?:between|pomiędzy|między|между)\s([A-ZŻŹĆŚŁÓА-ЯЁ][\w-]{2,})(?:\s[A-ZŻŹĆŚŁÓА-ЯЁ][\w-]+)?\s(?:and|a|i|oraz|и)\s"
    r"([A-ZŻŹĆŚŁÓА-ЯЁ][\w-]{2,})"
)
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
_SIDED = {stem: (axis, words.split()[0]) for axis, sides in _SIDES.items() for words in sides for stem in words.split()}
_SIDE = re.compile(rf"\b({'|'.join(_SIDED)})\w{{0,4}}[\s-]+([^\W\d_]{{3,}})", re.IGNORECASE)
_GERMS = {  # beginnings of words for what makes ill, or is found in food
    "salmonella": "salmonell сальмонелл", "listeria": "listeri листери", "coli": "coli кишечн эшерих",
    "staphylococcus": "staphyloc gronkow стафилокок", "norovirus": "norovir norowir норовир",
    "legionella": "legionell легионелл", "botulism": "botuli ботули", "glass": "glass szkł szkla стекл",
    "metal": "metal металл", "plastic": "plasti пласти", "mould": "mould pleśn плесен",
}  # fmt: skip


def _beginnings(families: dict[str, str]) -> dict[str, str]:
    return {stem: name for name, stems in families.items() for stem in stems.split()}


_STATED = re.compile(
    r"\b(?:because of|due to|caused by|owing to|z powodu|wskutek|na skutek|w wyniku|из-за|вследствие|по причине)\s"
    r"((?:[^\W\d_]+\s?){1,3})|\b(?:(?:cause|reason|przyczyn[aą]|powód|powodem|причин[аой]+)(?:\s\w+)?\s?[:–—-]|"
    r"(?:przyczyną|powodem|причиной)(?:\s(?!nie\b|не\b)\w+){0,3}?\s(?:jest|są|był[aoy]?|стал[аио]?|был[аио]?)\s|"
    r"(?:cause|reason)(?:\s(?:of|for)(?:\s\w+){1,3}?)?\s(?:is|was)\s(?=an?\b|the\b))\s?((?:[^\W\d_]+\s?){1,5})",
    re.IGNORECASE,
)
_ANY_CAUSE = re.compile(  # says nothing of what it was
    r"(?:awari|usterk|uszkodz|problem|błęd|błąd|kłopot|zdarzeni|incydent|prac|fault|fail|issue|trouble|error|incident|"
    r"technic|mistak|work|leav|arriv|land|depart|open|start|finish|сбо|авари|полом|неисправ|ошибк|проблем|инцидент|работ|"
    r"техни|t?his|that|th[eo]|nasz|nami|naszy|our|side|stron|сторон|наш|это|такого|того|чего|"
    r"czego|tego|któr|котор|high|dużeg|больш|pogod|weath|погод)",
    re.IGNORECASE,
)
_GERM = _beginnings(_GERMS)
_GERM_TOLD = re.compile(rf"\b({'|'.join(_GERM)})\w*", re.IGNORECASE)
_SINCE = re.compile(
    r"\b(?:began at|started at|began around|zaczęł\w+ się o|rozpoczęł\w+ się o|начал\w+ в|"
    r"od|since|from|с|со|from about|od około|około|o|at|в)\s+"
    r"(?:godz\.?\s*|ok\.\s*|about\s+)?([01]?\d|2[0-3])[:.]([0-5]\d)(?!\d)(?!\s?(?:to|until|till|do|до|–|—|-)\s?\d)",
    re.IGNORECASE,
)
_LONG = re.compile(r"[^\W\d_]{4,}")
_BEGUN = re.compile(r"od|since|from|с|began|started|zaczę|rozpoczę|начал", re.IGNORECASE)
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
STEM = 4  # letters by which two forms of a word are taken for one
_BENT = str.maketrans("óąńć", "oęnc")  # letters that change within a word: osób, osoby; rąk, ręka; gość, gości
_UNITS_OF_TIME = re.compile(
    r"(?:minu|godz|hour|hrs?|dni|days?|дн|час|мин|sekun|second|am$|pm$|stycz|luteg|marc|"
    r"kwie|maja|czer|lipc|sier|wrze|paźd|list|grud|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|"
    r"ноя|дек)",
    re.IGNORECASE,
)
CLOCK = re.compile(r"(?<![\d:])([01]?\d|2[0-3])[:.]([0-5]\d)(?![:.]?\d)")
_AFTERNOON = re.compile(r"\s?p\.?m\b", re.IGNORECASE)
_NOON = 12


Spans = tuple[tuple[int, int], ...]
_NEAR = 30  # characters
_ENOUGH = 3  # words beside the names that tell a language


class Fact(msgspec.Struct, frozen=True):
    """One thing stated. Two of the same ``kind`` agree if their values do."""

    kind: str
    value: str
    start: int
    end: int
    words: str


def facts(text: str, lang: str) -> Iterator[Fact]:
    """All that ``text`` states, and where."""
    ours = announcements(text, lang)
    yield from _quantities(text, lang)
    yield from _times(text, ours)
    yield from _hours(text, ours)
    for match in _REFERENCE.finditer(text):
        yield Fact("reference", match[1].upper(), *match.span(), match.group())
    for match in _PLACE.finditer(text):
        if not _NO_PLACE.match(match[1]):
            yield Fact("place", match[1].lower(), *match.span(1), match[1])
    for match in _NAMED.finditer(text):
        if not _NO_PLACE.match(match[2]):
            yield Fact(f"of {match[1].lower()[:STEM]}", match[2].lower(), *match.span(2), match.group())
    yield from _which(text)
    yield from _causes(text)
    for state in ("closing", "ongoing"):
        for start, end in phrases(lang, state).find(text):
            yield Fact("state", state, start, end, text[start:end])


def written_in(fact: str) -> str:
    """The language of a fact, whatever its names are: Łódź alone makes no sentence Polish.

    >>> written_in("A fibre was cut by roadworks near Łódź Widzew.")
    'en'
    """
    first, *others = fact.split()
    common = [word for word in others if not word[0].isupper()]
    return load_languages().detect(" ".join((first, *common)) if len(common) >= _ENOUGH else fact)


def _which(text: str) -> Iterator[Fact]:
    """Which of several like things: a street, a house, a lot, a gate, a side."""
    for match in _STREET.finditer(text):
        yield Fact("of street", match[1].lower(), *match.span(1), match.group())
    for match in _CODED.finditer(text):
        yield Fact(f"which {match[1].lower()[:STEM]}", match[2], *match.span(2), match.group())
    for match in _HOUSE.finditer(text):
        if not _NO_PLACE.match(match[1]):
            yield Fact(f"at {match[1].lower()[:STEM]}", match[2], match.start(1), match.end(), match.group())
    for match in _BETWEEN.finditer(text):
        ends = sorted(place.lower()[:STEM] for place in match.groups())
        yield Fact("between", " ".join(ends), *match.span(), match.group())
    for match in _SIDE.finditer(text):
        axis, side = _SIDED[match[1].lower()]
        yield Fact(f"{axis} of {match[2].lower()[:STEM]}", side, *match.span(), match.group())


def _causes(text: str) -> Iterator[Fact]:
    """What made ill, and what is given as the cause; whether somebody was hurt, and data leaked."""
    for kind, value, pattern in (
        ("hurt", "no", _NOBODY),
        ("hurt", "yes", _SOMEBODY),
        ("leak", "no", _NOT_LEAKED),
        ("leak", "yes", _LEAKED),
    ):
        for match in pattern.finditer(text):
            yield Fact(kind, value, *match.span(), match.group())
    for match in _STATED.finditer(text):
        words = [word[:STEM].lower() for word in _LONG.findall(match[1] or match[2]) if not _ANY_CAUSE.match(word)]
        if words:
            yield Fact("stated", " ".join(words), *match.span(), match.group())
    for match in _GERM_TOLD.finditer(text):
        yield Fact("germ", _GERM[match[1].lower()], *match.span(), match.group())


def _quantities(text: str, lang: str) -> Iterator[Fact]:
    """How many of what, in figures or words, and sums of money."""
    counted = _counted(lang)
    told = [(match, _number(match[1], lang)) for match in _QUANTITY.finditer(text)]
    if counted is not None:
        told += [(match, f"{WORDINGS[lang].numbers[match[1].lower()]:g}") for match in counted.finditer(text)]
    for match, number in told:
        unit = match[3].lower()
        if not _UNITS_OF_TIME.match(unit):
            value = f"{float(number) * 1000:.0f}" if match["thousand"] else number
            yield Fact(f"quantity {_stem(unit)}", value, *match.span(), match.group())
    for match in _ALONE.finditer(text):
        yield Fact(f"many {_stem(match[2])}", "only one" if match[1] else "one", *match.span(), match.group())
    for match in _SEVERAL.finditer(text):
        yield Fact(f"many {_stem(match[1])}", "several", *match.span(), match.group())
    for match in _MONEY.finditer(text):
        yield Fact(f"quantity {match[1]}", re.sub(r"[, \u00a0]", "", match[2]), *match.span(), match.group())


def _times(text: str, ours: Spans) -> Iterator[Fact]:
    """Since when, and until which day, but not when our next word comes: that moves on."""
    for match in _SINCE.finditer(text):
        if _BEGUN.match(match.group()) and not _announced(match, ours):
            yield Fact("since", clock(text, match), *match.span(), match.group())
    for match in _UNTIL.finditer(text):
        day, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        if _MONTH.match(month) and not _announced(match, ours):
            yield Fact(f"until {month.lower()[:3]}", str(int(day)), *match.span(), match.group())
    for match in _DATE.finditer(text):
        day, month = match[1] or match[4] or match[5], match[2] or match[3] or match[6]
        number = int(month) if month.isdigit() else _MONTHS[month.lower()[:3]]
        if not _announced(match, ours):
            yield Fact(f"date {number}", str(int(day)), *match.span(), match.group())


def _hours(text: str, ours: Spans) -> Iterator[Fact]:
    """From when to when, until what time, how often."""
    for match in _RANGE.finditer(text):
        if match[2] or match[5] or match[3] or match[6]:  # else any two numbers
            yield Fact(
                "hours",
                f"{_hour(match[1], match[2], match[3])} {_hour(match[4], match[5], match[6])}",
                *match.span(),
                match.group(),
            )
    for match in _OPEN.finditer(text):
        if not _announced(match, ours):
            yield Fact("open", clock(text, match), *match.span(), match.group())
    for match in _EVERY.finditer(text):
        if not _announced(match, ours, follows=True):
            yield Fact(f"every {match[2].lower()}", match[1], *match.span(), match.group())


def _number(told: str, lang: str) -> str:
    if lang == "en" and _THOUSANDS.fullmatch(told):
        return told.replace(",", "")
    return re.sub(r"[ \u00a0]", "", told.replace(",", "."))


def _stem(word: str) -> str:
    return word.lower().translate(_BENT)[:STEM]


@cache
def _counted(lang: str) -> re.Pattern[str] | None:
    """A number told as a word, from two on, and what is counted."""
    if lang not in WORDINGS:
        return None
    numbers = [word for word, number in WORDINGS[lang].numbers.items() if number >= 2 and word.isalpha()]  # noqa: PLR2004 - "one of"
    return re.compile(rf"\b({'|'.join(numbers)})(?!\w){_THOUSAND}\s*([^\W\d_]{{3,}})", re.IGNORECASE)


def clock(text: str, match: re.Match[str]) -> str:
    """The time of day of which ``match`` holds hour and minute, by 24 hours."""
    hour = int(match[1])
    later = hour < _NOON and _AFTERNOON.match(text, match.end())
    return f"{hour + _NOON if later else hour}:{match[2]}"


def _hour(hour: str, minute: str | None, half: str | None) -> str:
    later = half is not None and half.lower().startswith("p") and int(hour) < _NOON
    return f"{int(hour) + _NOON if later else int(hour)}:{minute or '00'}"


def _announced(match: re.Match[str], ours: Spans, *, follows: bool = False) -> bool:
    """Whether a word from us is announced right before ``match``; or right behind it, if that counts."""
    here = bisect_left(ours, match.start(), key=lambda span: span[0])
    before, behind = ours[max(0, here - 1) : here], ours[here : here + 1] if follows else ()
    gaps = [match.start() - end for _, end in before] + [start - match.end() for start, _ in behind]
    return any(0 <= gap <= _NEAR for gap in gaps)
