"""Whether a reply agrees with the fact sheet, with what was said before, and with the customer's own numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from daemon.replies.draft import Draft
from daemon.replies.facts import CLOCK, STEM, Fact, clock, facts, written_in
from daemon.replies.wording_rules import Place

_NUMBER = re.compile(r"(?<![\w:])[A-ZА-Я]{0,3}-?\d+(?:[.,]\d+)?[A-ZА-Я]?(?!\w|:\d)|(?<!\w)[A-Z](?!\w)")
_SUM = re.compile(r"\d+(?:[.,]\d+)?")
_SUMS = frozenset(
    f"quantity {unit}" for unit in ("zł", "złot", "pln", "руб", "рубл", "eur", "euro", "евро", "£", "$", "€")
)
_GIVEN = re.compile(
    r"\b([^\W\d_]{4,})\s*(?:nr|no\.?|number|numer|номер|№)?\s*:?\s*#?\s*[A-Z]{0,4}[-/]?\d{3,}", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]{4,}")


def fact_conflict(draft: Draft) -> Iterator[Place]:
    """A number, a time, a place, a cause or a state that differs from what is confirmed or was said elsewhere."""
    known = [
        fact
        for text in (*draft.facts, *draft.previous)
        for fact in facts(text, draft.lang)
        if fact.kind != "stated" or written_in(text) == draft.lang  # a cause in another language may be the same
    ]
    if draft.customer is not None:
        known += [fact for fact in facts(draft.customer.text, draft.lang) if fact.kind == "reference"]
    sheet: dict[str, list[Fact]] = {}
    for fact in known:
        sheet.setdefault(fact.kind, []).append(fact)
    for fact in facts(draft.own, draft.lang):
        others = sheet.get(fact.kind)
        if not others or any(_agree(fact, other) for other in others):
            continue
        if not _excused(fact, others, draft):
            yield Place("fact_conflict", fact.start, fact.end, others[0].words)


def _excused(fact: Fact, others: Sequence[Fact], draft: Draft) -> bool:
    """Whether what stands nowhere among the ``others`` of its kind need not: it is told elsewhere, or follows."""
    texts = _texts(draft)
    excused = False
    match fact.kind.split()[0]:
        case "since" | "open":  # of several times on the sheet, which of them it is depends on the words around
            excused = fact.value in {clock(text, match) for text in texts for match in CLOCK.finditer(text)}
        case "quantity":
            told = _numbers(texts if fact.kind in _SUMS else (*draft.facts, *draft.previous))
            excused = fact.value in told or (fact.kind in _SUMS and fact.value in _differences(texts))
            excused = excused or any(_rounded(other.value) == fact.value for other in others)
        case "many":  # one of several may be told of, one who is the only one not
            excused = fact.value == "one" or (
                fact.value == "only one" and any(other.value == "one" for other in others)
            )
        case "which" | "date":
            excused = fact.value in _numbers(texts)
        case "of" if fact.kind == "of street":
            excused = fact.value[:STEM] in " ".join(texts).lower()
        case "stated":  # in other words; kabel, kabla
            stems = (word if draft.lang == "en" else word.rstrip("eе") for word in fact.value.split())
            excused = any(stem in " ".join(texts).lower() for stem in stems)
        case "hours" | "between":  # one end alone changed is a slip, both are another matter
            excused = not any(set(fact.value.split()) & set(other.value.split()) for other in others)
    return excused


def asked_again(draft: Draft) -> Iterator[Place]:
    """Asks for the number of an order, a ticket or the like, which stands in the customer's own words."""
    if draft.customer is None:
        return
    given = {match[1][:STEM].lower() for match in _GIVEN.finditer(draft.customer.text)}
    for start, end in draft.find("given"):
        if not given.isdisjoint(word[:STEM].lower() for word in _WORD.findall(draft.own[start:end])):
            yield Place("refile", start, end)


def _texts(draft: Draft) -> tuple[str, ...]:
    """What is confirmed, was said elsewhere, or by the customer."""
    return (*draft.facts, *draft.previous, *((draft.customer.text,) if draft.customer is not None else ()))


def _numbers(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(number for text in texts for number in _NUMBER.findall(text))


def _differences(texts: Sequence[str]) -> frozenset[str]:
    """What any two numbers told differ by: 30, where 129 was asked and 159 was taken."""
    sums = [float(number.replace(",", ".")) for number in _numbers(texts) if _SUM.fullmatch(number)]
    return frozenset(f"{abs(one - other):g}" for one in sums for other in sums if one != other)


def _rounded(number: str) -> str:
    """In thousands: 2987 is about 3000."""
    return f"{round(float(number), -3):.0f}"


def _agree(one: Fact, other: Fact) -> bool:
    if one.kind == "place" or one.kind.startswith("of "):
        return one.value[:STEM] == other.value[:STEM]
    return one.value == other.value
