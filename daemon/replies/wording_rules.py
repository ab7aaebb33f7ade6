"""Rules about words: tone, blame, guesses, redirections, promises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache

import msgspec

from daemon.replies import address
from daemon.replies.draft import Draft
from daemon.replies.phrases import found, hollow, phrases, table
from daemon.replies.tone import RULES, load_tone, plain
from daemon.response.promises import announcements, clause_ends, promised_times

GENDER = "gender"  # a message of its own: nothing familiar is in "Pan" for "Pani"
_MAIL = frozenset({"email", "mail"})
_NUMBER = re.compile(r"\d{3}")  # to call
_WRITTEN = re.compile(r"@|mail|adres|address|адрес|почт|письм|reply|odpis|ответ", re.IGNORECASE)
_LISTED = ("belittling", "hostility", "disowning", "blame", "speculation", "refile")
_TONE = frozenset((*_LISTED, "cold_redirect", "vague_link", "levity", "familiarity", "register", "fix_promise"))
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE = 4  # words
_ENOUGH_TOLD = 2  # sentences beside a number or a counter, with which it is not all there is
_MOST = 3  # findings of one rule: more would say nothing new
# Days on one of which nothing that a reply names has passed yet, nor is far off, for when nobody says what time it is.
_SOME_MIDNIGHTS = tuple(datetime(2026, month, 5, tzinfo=UTC) for month in range(1, 13))


class Place(msgspec.Struct, frozen=True):
    """Where a rule is broken: characters of the reply from ``start`` up to ``end``."""

    rule: str
    start: int
    end: int
    known: str = ""  # for fact_conflict: what it differs from
    says: str = ""  # its section in messages.toml, where that is not the rule's


def places_of(rule: str, spans: Iterator[tuple[int, int]]) -> Iterator[Place]:
    """At most a few, none inside another."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if len(kept) < _MOST and not any(begin < end and start < stop for begin, stop in kept):
            kept.append((start, end))
            yield Place(rule, start, end)


def listed(draft: Draft) -> Iterator[Place]:
    """Rules that are phrase lists, some of them for none but those in trouble.

    To a plain question a small number is no belittling, and a form linked to no burden; how a thing is
    filed is the answer to one who asks.
    """
    asks = draft.customer is not None and draft.customer.asks
    calm = draft.customer is not None and not draft.serious
    happy = draft.customer is not None and draft.customer.happy and not draft.serious
    spared = {"refile": asks or (calm and draft.guides), "belittling": asks and calm, "speculation": happy}
    for rule in _LISTED:
        if not spared.get(rule, False):
            spans = (span for span in draft.find(rule) if not means_nothing(draft, rule, *span))
            yield from places_of(rule, (span for span in spans if rule != "belittling" or not _on_sheet(draft, *span)))


def means_nothing(draft: Draft, rule: str, start: int, end: int) -> bool:
    """Whether what a list of ``rule`` found stands in a sentence that is clearly fit."""
    return rule in RULES and all(
        load_tone().is_fit(plain(draft, begin, stop), draft.lang)
        for begin, stop in draft.sentences
        if begin < end and start < stop
    )


def regret_taken_back(draft: Draft, broken: Sequence[Place]) -> Iterator[Place]:
    """Says sorry, "but", to one in trouble, and then neither what we do nor what we ask for.

    What follows makes the trouble small, or lays it on the customer. Sentences in which something
    is ``broken`` already are passed over.
    """
    if draft.customer is None or draft.customer.happy:
        return
    ours, yours = phrases(draft.lang, "but", "ours"), phrases(draft.lang, "but", "yours")
    for start, end in draft.sentences:
        if any(place.rule in _TONE and place.start < end and start < place.end for place in broken):
            continue
        sentence = draft.own[start:end]
        for begin, stop in phrases(draft.lang, "but", "lead").find(sentence):
            rest = sentence[stop:]
            if next(yours.find(rest), None) is not None:
                yield Place("blame", start + begin, end)
            elif next(ours.find(rest), None) is None and not means_nothing(draft, "belittling", start + begin, end):
                yield Place("belittling", start + begin, end)


def overtone(draft: Draft, broken: Sequence[Place]) -> Iterator[Place]:
    """A fault that no list names, in a sentence in which nothing is ``broken`` yet, said to somebody in trouble.

    One who asks where to turn, or writes mail already, is not sent away by being told.
    """
    if not draft.serious:
        return
    asks = draft.customer is not None and (draft.customer.asks or draft.customer.asks_where)
    for start, end in draft.sentences:
        if not any(place.rule in _TONE and place.start < end and start < place.end for place in broken) and not any(
            begin == 0 for begin, _ in found(draft.lang, "signature", "closings", draft.own[start:end])
        ):
            by_mail = draft.channel in _MAIL and _WRITTEN.search(draft.own, start, end) is not None
            spared = {"refile": asks, "cold_redirect": asks or by_mail, "vague_link": draft.guides}
            rule = load_tone().rule_of(plain(draft, start, end), draft.lang)
            if rule is not None and not spared.get(rule, False):
                yield Place(rule, start, end)


def cold_redirect(draft: Draft) -> Iterator[Place]:
    """Sends the customer to phone, mail or counter.

    Within an exchange of mails only a number to call is one. Nor is a counter to which a thing is brought by
    one who is in no trouble, or where a page linked to tells the rest. Where something else was done
    for them already, or enough else is told, a number or a counter is not all they get. Who else knows or
    decides it sends them off only where nothing besides is said, and where they did not ask for that.
    """
    brought = phrases(draft.lang, "cold_redirect", "brought")
    calm = draft.guides or not draft.serious
    asked = draft.customer is not None and draft.customer.asks_where and not draft.customer.angry
    spans = [
        span
        for span in (() if asked else draft.find("cold_redirect"))
        if not means_nothing(draft, "cold_redirect", *span)
        and not (calm and next(brought.find(draft.own[slice(*span)]), None))
        and not (draft.channel in _MAIL and _NUMBER.search(draft.own, *span) is None)
    ]
    spans += _all_there_is(draft) if not spans else []
    helped = list(draft.find("cold_redirect", "helped")) if spans else []
    confirmed = bool(spans) and all(_on_sheet(draft, *span) for span in spans)
    if spans and told_besides(draft, spans) >= (1 if confirmed else _ENOUGH_TOLD):
        return
    if not any(all(stop <= start or end <= begin for start, end in spans) for begin, stop in helped):
        yield from places_of("cold_redirect", iter(spans))


def _on_sheet(draft: Draft, start: int, end: int) -> bool:
    """Whether a number or a word of some length at a place stands on the fact sheet as well."""
    sheet = " ".join(draft.facts).lower()
    told = re.findall(r"\d{3,}|[^\W\d_]{6,}", draft.own[start:end].lower())
    return any(word in sheet for word in told)


def told_besides(draft: Draft, spans: Sequence[tuple[int, int]]) -> int:
    """How many sentences tell something besides where to turn, what is felt, and when our next word comes."""
    others = [
        (begin, stop)
        for begin, stop in draft.sentences
        if not any(start < stop and begin < end for start, end in spans)
    ]
    return sum(
        len(_WORD.findall(draft.own, begin, stop)) >= _SENTENCE
        and not hollow(draft.text[begin:stop], draft.lang, idle=True)
        and not found(draft.lang, "empathy", "patterns", draft.own[begin:stop])
        and not load_tone().is_warm(plain(draft, begin, stop), draft.lang)
        and not announcements(draft.own[begin:stop], draft.lang)
        for begin, stop in others
    )


def _all_there_is(draft: Draft) -> list[tuple[int, int]]:
    """Where a reply that says nothing else names another who is to be asked."""
    spans = list(draft.find("elsewhere"))
    if not spans or (draft.customer is not None and draft.customer.asks_where):
        return []
    rest = " ".join(
        draft.text[start:end] for start, end in draft.sentences if not any(start <= begin < end for begin, _ in spans)
    )
    return spans if hollow(rest, draft.lang) else []


def familiarity(draft: Draft) -> Iterator[Place]:
    """Endearments always, but names that the customer uses; loose words and greetings unless the customer writes so."""
    yield from places_of("familiarity", _loose(draft, "patterns"))
    if draft.customer is None or not draft.customer.informal:
        yield from places_of("familiarity", _loose(draft, "casual"))
        if draft.lang != "en" or (draft.customer is not None and draft.customer.formal):
            yield from places_of("familiarity", draft.find("familiarity", "greetings"))


def _loose(draft: Draft, key: str) -> Iterator[tuple[int, int]]:
    """Loose words, but those that take up the customer's own."""
    return (span for span in draft.find("familiarity", key) if not draft.repeats(*span))


def register(draft: Draft) -> Iterator[Place]:
    """The form of address: formal unless the customer asks for less; one form throughout; the right gender."""
    told = (match.span() for match in address.familiar_forms(draft.own, draft.lang))
    forms = (span for span in told if not draft.repeats(*span))
    informal = draft.customer is not None and draft.customer.informal
    if not informal or address.formal_address(draft.own, draft.lang):
        yield from places_of("register", forms)
    if (draft.customer is not None and draft.customer.formal) or (draft.lang == "en" and not informal):
        keys = ("patterns", "casual", *(("greetings",) if draft.customer is not None and draft.customer.formal else ()))
        loose = (span for key in keys for span in _loose(draft, key))
        yield from places_of("register", loose)
    yield from places_of("register", draft.find("register"))
    if draft.customer is not None:
        if draft.lang == "pl" and not informal:
            yield from places_of("register", (m.span() for m in address.plural_forms(draft.own, draft.customer.text)))
        wrong = address.gender_mismatch(draft.unquoted, draft.customer.text, draft.lang)
        if wrong:
            yield Place("register", *wrong.span(), says=GENDER)


def no_empathy(draft: Draft) -> Iterator[Place]:
    """An upset customer is answered without a word of understanding."""
    if draft.customer is None or not draft.customer.negative or draft.customer.calm or draft.says("empathy"):
        return
    if not draft.customer.angry and draft.says("empathy", "thanks"):
        return
    if (draft.customer.mild and draft.says("empathy", "done")) or (draft.customer.jokes and not draft.incident):
        return
    if any(load_tone().is_warm(plain(draft, *span), draft.lang) for span in draft.sentences):
        return
    start, end = draft.sentences[0] if draft.sentences else (0, len(draft.text))
    yield Place("no_empathy", start, end)


def fix_promise(draft: Draft) -> Iterator[Place]:
    """Says when it will work again: a time told of a repair, not of our next word."""
    if draft.customer is not None and not draft.serious:
        return  # nothing is broken: a timetable, opening hours
    places = []
    for start, end in draft.sentences:
        sentence = draft.own[start:end]
        if sentence.rstrip().endswith("?"):
            continue  # asks whether a time suits
        done = found(draft.lang, "fix", "done", sentence)
        repairs = [
            span
            for span in found(draft.lang, "fix", "verbs", sentence)
            if not any(begin < span[1] and span[0] < stop for begin, stop in done)
        ]
        if not repairs:
            continue
        words = list(announcements(sentence, draft.lang))
        cuts = clause_ends(sentence, draft.lang)
        if means_nothing(draft, "fix_promise", start, end):
            continue
        for begin, stop in found(draft.lang, "fix", "times", sentence):
            near = min(repairs, key=lambda span: _distance(span, begin, stop))
            if _told_of(near, words, cuts, begin, stop):
                places.append((start + min(near[0], begin), start + max(near[1], stop)))
    yield from places_of("fix_promise", iter(places))


def _told_of(
    repair: tuple[int, int], words: Sequence[tuple[int, int]], cuts: Sequence[int], begin: int, stop: int
) -> bool:
    """Whether the time from ``begin`` to ``stop`` is that of ``repair``, not of one of ``words`` that announce.

    The clause of the time decides; where it holds both or neither, what is nearer: within so many
    characters of it, or fewer from another clause.
    """
    left = max((cut for cut in cuts if cut <= begin), default=0)
    right = min((cut for cut in cuts if cut > begin), default=stop)

    def within(span: tuple[int, int]) -> bool:
        return left <= span[0] < right

    announced = any(within(word) for word in words)
    if announced != within(repair):
        return not announced
    gap = _distance(repair, begin, stop)
    return gap <= (60 if announced else 20) and all(_distance(word, begin, stop) > gap for word in words)


def _distance(span: tuple[int, int], begin: int, stop: int) -> int:
    return max(span[0] - stop, begin - span[1], 0)


def no_next_update(draft: Draft) -> Iterator[Place]:
    """In a crisis, without the time of the next word, and not the message that closes it.

    Nor is one owed to a customer who has only good to tell.
    """
    if not draft.incident or not draft.text.strip() or draft.says("closing"):
        return
    if draft.customer is not None and draft.customer.happy:
        return
    days = _SOME_MIDNIGHTS if draft.now is None else (draft.now,)
    if not any(promised_times(draft.text, draft.lang, day, draft.timezone) for day in days):
        start = draft.sentences[-1][0] if draft.sentences else 0
        yield Place("no_next_update", start, len(draft.text))


# ── signed by a person ───────────────────────────────────────────────────────

_INITIALS = re.compile(r"(?:(?<=\s)|^)(?:[\^~]|//?)\s?[A-ZŻŁŚА-Я]{1,3}(?:[a-ząęa-яё]{2,12})?\.?\s*\Z")
_CAPITALISED = r"[A-ZŻŹĆĄŚĘŁÓŃА-ЯЁ][a-ząćęłńóśźżа-яё]+(?:\s+[A-ZŻŹĆĄŚĘŁÓŃА-ЯЁ][\w.'-]*)?"
_YOURS = r"(?:Ваша?|Twój|Twoja|Your)"
_SECOND_NAME = r"(?:\s+[A-ZŻŹĆĄŚĘŁÓŃА-ЯЁ](?:[\w'-]+|\.))?"


def personal_signature(draft: Draft) -> Iterator[Place]:
    """A complaint answered by a private person instead of the company."""
    if not draft.serious or not draft.known:
        return
    spans = (match.span() for match in _signatures(draft))
    yield from places_of("personal_signature", spans)


def _signatures(draft: Draft) -> Iterator[re.Match[str]]:
    text = draft.unquoted
    yield from _INITIALS.finditer(text)
    for pattern in _signature_patterns(draft.lang):
        yield from pattern.finditer(text)


@cache
def _signature_patterns(lang: str) -> tuple[re.Pattern[str], ...]:
    signature = table(lang)["signature"]
    names = "|".join(re.escape(name.replace("ё", "е")) for name in signature["names"].split())
    closings = f"(?i:{'|'.join(signature['closings'])})"
    introductions = f"(?i:{'|'.join(signature['introductions'])})"
    post = f"(?i:{'|'.join((*signature['roles'], *signature['team'], *signature['from']))})"
    who = rf"(?:{names})\b{_SECOND_NAME}"
    team = "|".join(signature["team"])
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"\b{closings}\s*[,.!–—-]*\s*{who}",
            rf"\b{introductions}\s*[:,–—-]*\s+{who}",
            rf"(?:[–—/~]|\s-|\n)\s*{who}[\s.,!]*(?:[,(]?\s*{post}\b[^\n]{{0,60}})?\Z",
            rf"(?i:osobiście|лично|personally),\s*{who}",
            rf"(?<=[.!?])\s*{who}(?:\s*[,(|–—-]?\s*(?:\w+\s+)?{post}\b(?:ds\.|[^.!?\n]){{0,60}})?[.!]?\s*\Z",
            rf"\b{closings}\s*[,.!–—-]*\s*{_CAPITALISED}\s*[,(|–—-]\s*{post}\b",
            rf"(?:(?<=[\w:)»]{{3}}[.!?])|(?<=\n))\s*(?:[A-ZŻŚŁА-ЯЁ]\.\s?){{1,2}}{_CAPITALISED}\s*\Z",
            rf"(?<![^\s,.!?]){who}\s+(?i:{'|'.join(signature['presence'])})\b",
            rf"(?<=[.!?])\s*{who},?\s*[xXхХ]{{1,3}}\s*\Z",
            rf"(?<=[.!?])\s*{_CAPITALISED}\s*@\s*\w+\s*\Z",
            rf"(?<=[.!?])\s*{_YOURS}\s(?!(?i:{team})\b){_CAPITALISED}\s(?:{'|'.join(signature['from'])})\s[^.!?\n]{{1,40}}\Z",
            *(rf"\b(?i:{own})[,.!–—-]*\s+(?!(?i:{team})\b){_CAPITALISED}\s*\Z" for own in signature["personal"]),
        )
    )
