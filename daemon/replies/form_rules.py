"""Rules about form: emptiness, length, capitals, emoji, links, language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from daemon.replies.channels import length, limit
from daemon.replies.draft import Draft
from daemon.replies.phrases import hollow, words
from daemon.replies.tone import load_tone, plain
from daemon.replies.wording_rules import Place, listed, means_nothing, places_of, told_besides
from daemon.response.promises import announcements
from detectors.language import UNKNOWN, load_languages

_DIGIT = re.compile(r"\d")
_OF_SILENCE = frozenset({"no_empathy", "no_next_update"})  # one who says nothing breaks these as well
_LETTERS = re.compile(r"[^\W\d_]")
_BLANK_FIELD = re.compile(
    r"\{[^}\n]{0,40}\}|_{3,}|\((?:имя|фио|время|дата|ссылка|вставить[^)]*|указать[^)]*)\)|"
    r"\b(?:ЧЧ:ММ|ДД\.ММ)\b|\[[^\]\n]{0,40}\](?!\()|<[A-ZŻŁА-Я][^>\n]{0,30}>|\b[XХ]{3,}\b|\bTODO\b|"
    r"\?\?\?|lorem ipsum|%[^\W\d_]\w*%|<<[^<>]*>>|#[A-Z_]{3,}#|\bTB[AD]\b|placeholder|"
    r"\b(?:tu|tutaj) (?:wpisz|wpisać|wstaw|wstawić)\b|\bwstaw(?:ić)? (?:treść|tekst|imię|nazw|odpowied)\w*|"
    r"\bszablon (?:nr )?\d",
    re.IGNORECASE,
)


def empty(draft: Draft) -> Iterator[Place]:
    """Nothing is said: no letters, nothing but courtesies to one in trouble, or a template left unfilled."""
    field = _BLANK_FIELD.search(draft.text)
    if field is not None:
        yield Place("empty", *field.span())
    elif not _LETTERS.search(draft.text) or _only_courtesy(draft):
        yield Place("empty", 0, len(draft.text))


def _only_courtesy(draft: Draft) -> bool:
    if not draft.known or (draft.customer is not None and draft.customer.happy):
        return False
    if hollow(draft.text, draft.lang):
        return True
    awaited = draft.serious or (draft.customer is not None and "?" in draft.customer.text)
    if not awaited or "?" in draft.text or not hollow(draft.text, draft.lang, idle=True):
        return False
    return next(listed(draft), None) is None  # else it says too much


def idle(draft: Draft, broken: Sequence[Place]) -> Iterator[Place]:
    """Sounds like courtesies throughout to one who praised nothing: no question, no number, no page.

    Nothing else is ``broken`` than what one who says nothing breaks. Or it says how much we value those in trouble,
    and nothing besides.
    """
    if _praises_itself(draft):
        yield Place("empty", 0, len(draft.text))
        return
    whole = plain(draft, 0, len(draft.text))
    if (
        (draft.serious or draft.customer is not None)
        and not (draft.customer is not None and draft.customer.happy)
        and all(place.rule in _OF_SILENCE for place in broken)
        and not (draft.guides or "?" in draft.text or _DIGIT.search(whole))
        and load_tone().is_empty(whole, draft.lang)
        and not any(load_tone().tells(plain(draft, *span), draft.lang) for span in draft.sentences)
    ):
        yield Place("empty", 0, len(draft.text))


def _praises_itself(draft: Draft) -> bool:
    praised = draft.customer is not None and draft.customer.praises
    if praised or not draft.serious or draft.guides or "?" in draft.text:
        return False
    spans = list(draft.find("platitude"))
    return bool(spans) and told_besides(draft, spans) == 0 and not _tells_besides(draft, spans)


def _tells_besides(draft: Draft, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a sentence without any of ``spans``, understanding or a word to come surely says something."""
    felt_or_to_come = (
        *spans,
        *draft.find("empathy"),
        *announcements(draft.own, draft.lang),
    )
    return any(
        load_tone().tells(plain(draft, begin, stop), draft.lang)
        for begin, stop in draft.sentences
        if not any(start < stop and begin < end for start, end in felt_or_to_come)
    )


def too_long(draft: Draft) -> Iterator[Place]:
    """Longer than its channel takes, or than anybody reads there."""
    most = limit(draft.channel, draft.audience)
    if length(draft.text, draft.channel) > most:
        yield Place("too_long", min(most, len(draft.text) - 1), len(draft.text))


# ── shouting ─────────────────────────────────────────────────────────────────

_CAPITALS = re.compile(r"(?<![\w-])[^\W\d_a-zа-яё]{2,}(?:[ ,–-]+[^\W\d_a-zа-яё]+)*(?![\w])")
_MARKS = re.compile(r"!{2,}|[!?]*(?:\?!|!\?)[!?]*|(?:! ?){2,}|(?<!\?)\?{2,}")
_NAME_BEFORE = re.compile(
    r"(?:zesp[oó]\w+|team|команд\w+|sie\w+|bank\w*|firm\w+|the|our|w|z|od|из|в|от|"
    r"aplikacj\w+|apl\w*|компани\w+|банк\w*|at|from|@|#|"
    r"text|reply|treści|wpisz|wyślij|wysłać|отправьте|word|code|słow\w+|hasł\w+|kod\w*|слов\w+|код\w*)\s*[«„\"]?\Z",
    re.IGNORECASE,
)
_ACRONYM = 5  # letters: BOK, RODO, PESEL, IBAN, НДФЛ
_INFLECTED = re.compile(r"(?:BLIK|PESEL|REGON|IBAN|SWIFT|SMS|PIN|VAT|PIT|NFZ|ZUS|BOK)(?:IEM|EM|OWI|ÓW|AMI|OWY|OWEGO)")
_LOUD = words("any", "loud")
# Of a notice.
_HEAD = re.compile(r"\s*(?:UWAGA|WAŻNE|PILNE|ВНИМАНИЕ|ВАЖНО|СРОЧНО|WARNING|IMPORTANT|URGENT|NOTICE)(?=[,:])")
_FIRST_NAME = re.compile(r"[^\W\d_,;:] [A-ZŻŹĆĄŚĘŁÓŃА-ЯЁ][\w-]+\s\Z")  # of a product in two words: "Express ELIXIR"


def shouting(draft: Draft) -> Iterator[Place]:
    """Whole words in capitals that are no acronyms, and heaps of exclamation marks."""
    spans = [match.span() for match in _MARKS.finditer(draft.unquoted)]
    if draft.text.count("!") > 3:  # noqa: PLR2004 - each sentence an exclamation
        spans.append((draft.text.index("!"), draft.text.rindex("!") + 1))
    theirs = draft.customer.text if draft.customer else ""
    head = _HEAD.match(draft.own)
    for match in _CAPITALS.finditer(draft.own, head.end() if head else 0):
        words = re.findall(r"[^\W\d_]+", match.group())
        if _shouted(words, theirs, draft.own[max(0, match.start() - 14) : match.start()]):
            spans.append(match.span())
    yield from places_of("shouting", iter(spans))


def _shouted(words: list[str], theirs: str, before: str) -> bool:
    loud = [word for word in words if word.lower() in _LOUD]
    if len(words) == 1:
        word = words[0]
        if len(word) <= _ACRONYM:
            return bool(loud) and len(word) > 3 and word not in theirs  # noqa: PLR2004 - one NIE or NOT is mere stress
        named = _NAME_BEFORE.search(before) or _FIRST_NAME.search(before) or _INFLECTED.fullmatch(word)
        return word not in theirs and not named
    long = [word for word in words if len(word) > _ACRONYM and word not in theirs]
    return bool(long or len(loud) > 1 or (loud and len(words) > 2)) or sum(map(len, words)) > 4 * _ACRONYM  # noqa: PLR2004


# ── levity ───────────────────────────────────────────────────────────────────

_EMOJI = re.compile(
    "[\U0001f300-\U0001faff\U0001f1e6-\U0001f1ff☀-➿⬀-⯿\u2b50❤]\ufe0f?|(?<![\\w:])[:;=]['-]?[)D(Pp3oO*](?![\\w])|"
    "(?<!\\w)[xX]D+(?!\\w)|<3|\\){2,}|\\({2,}"
)


_MERRY, _FAINT, _WRONG = -6.0, -1.0, 3.0  # of what the text model hears: no wrong at all; from where on there is one


def levity(draft: Draft) -> Iterator[Place]:
    """Jokes, smileys, emoji where somebody is in trouble; words of theirs taken up are none."""
    if not draft.serious:
        return
    glad = _glad(draft)
    spans = [match.span() for match in _EMOJI.finditer(draft.own) if not glad and match.group() not in {"✓", "✔"}]
    if not glad and draft.lang == "ru" and draft.own.count(")") > draft.own.count("("):
        last = draft.own.rindex(")")
        spans.append((last, last + 1))
    spans += [
        span for span in draft.find("levity") if not draft.repeats(*span) and not means_nothing(draft, "levity", *span)
    ]
    yield from places_of("levity", iter(spans))


def _glad(draft: Draft) -> bool:
    """Whether a smile fits: the customer laughs, or tells of no wrong that we are sorry for."""
    regret = draft.says("empathy", "regret")
    if draft.incident or draft.customer is None:
        return not draft.incident and draft.says("levity", "joy") and not regret
    customer = draft.customer
    if customer.jokes or customer.heard < _MERRY:
        return True
    if customer.angry:
        return not regret and customer.heard < _FAINT
    return not regret and (customer.heard < _WRONG or draft.says("levity", "joy"))


# ── links ────────────────────────────────────────────────────────────────────

_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"»”)]+|(?<![\w@./-])(?:[a-zа-яё0-9-]+\.)+(?:pl|ru|com|net|"
    r"org|eu|io|example|рф|uk|de|shop|info|biz|co|app|tv|me)(?:/[^\s<>\"»”)]*)?(?![\w@])",
    re.IGNORECASE,
)
_NOT_A_LINK = re.compile(
    r"(?:zesp[oó]\w+|team|команд\w+|sklep\w*|serwis\w*|firm\w+|the|магазин\w*|сервис\w*|"
    r"компани\w+|domen\w*|domains?|домен\w*|—|–|-|\n|«|„)\s*\Z",
    re.IGNORECASE,
)
_HOUSEHOLD = frozenset({"mail.ru", "gmail.com", "booking.com"})  # names of companies
_CONCRETE_HOST = re.compile(r"^(?:status|awarie|awaria|incident\w*|alert\w*|sbo[iy])\.", re.IGNORECASE)
_OWN_HOST = re.compile(r"(?!www\.)[^.]+\.[^.]{4,}\.[^.]+")  # wifi.acme.example, not acme.co.uk
_HOME = re.compile(r"/?(?:index\.\w+|home|start|pl|ru|en)?/?", re.IGNORECASE)
_SECTION = re.compile(
    r"\b(?:zakładce|zakładka|sekcji|section|tab|раздел\w*|вкладк\w*|facebook\w*|profilu)\b", re.IGNORECASE
)


def vague_link(draft: Draft) -> Iterator[Place]:
    """A bare home page, or "all on our site" with no link that leads to the answer."""
    spans = []
    concrete = False
    for match in _URL.finditer(draft.unquoted):
        address = match.group().rstrip(".,;:!?")
        if address.lower() in _HOUSEHOLD:
            continue
        parts = urlsplit(address if "://" in address else f"//{address}")
        host_of_its_own = _CONCRETE_HOST.match(parts.netloc) or (
            parts.path.strip("/") and _OWN_HOST.fullmatch(parts.netloc)
        )
        if not _HOME.fullmatch(parts.path) or parts.query or parts.fragment or host_of_its_own:
            concrete = True
        elif (
            "://" in address
            or address.lower().startswith("www.")
            or not _NOT_A_LINK.search(draft.text[: match.start()])
        ):
            spans.append((match.start(), match.start() + len(address)))
    if concrete:
        spans = []  # it leads to the answer
    elif not spans:
        spans += [
            span
            for span in draft.find("vague_link")
            if not _SECTION.search(draft.own, span[0], span[1] + 20) and not means_nothing(draft, "vague_link", *span)
        ]
    yield from places_of("vague_link", iter(spans))


# ── language ─────────────────────────────────────────────────────────────────

_CYRILLIC = re.compile(r"[а-яёіїєґў]", re.IGNORECASE)
_LATIN = re.compile(r"[a-ząćęłńóśźż]", re.IGNORECASE)
_UKRAINIAN = re.compile(r"[іїєґ]", re.IGNORECASE)
_COMMON = {code: words("common", code) for code in ("pl", "en", "de", "cs", "es", "fr", "it")}
_ENOUGH = 4  # words that a judgement needs


def wrong_language(draft: Draft) -> Iterator[Place]:
    """The reply, or a whole sentence of it, is in another language than it should be."""
    if _foreign(draft.own, draft.lang) or _of_another(draft.own, draft.lang):
        yield Place("wrong_language", 0, len(draft.text))
        return
    spans = (span for span in draft.sentences if _foreign(draft.own[slice(*span)], draft.lang))
    yield from places_of("wrong_language", spans)


def _of_another(text: str, lang: str) -> bool:
    """Whether a text without one everyday word of ``lang``, and not of names alone, is told to be in another."""
    told = re.findall(r"[^\W\d_]+", text)
    small = sum(word.islower() for word in told)
    if lang not in _COMMON or small < 2 * _ENOUGH or any(word.lower() in _COMMON[lang] for word in told):
        return False
    return load_languages().detect(text.replace("\0", " ")) not in {lang, UNKNOWN}


def _foreign(text: str, lang: str) -> bool:
    cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
    if cyrillic + latin < 12:  # noqa: PLR2004 - letters; a name is no language
        return False
    if lang == "ru":
        return (latin > 2 * cyrillic and _known_words(text) >= 2) or len(_UKRAINIAN.findall(text)) > 2  # noqa: PLR2004
    if lang not in _COMMON:
        return False
    if cyrillic > latin:
        return True
    told = re.findall(r"[^\W\d_]+", text.lower())
    if len(told) < _ENOUGH:
        return False
    scores = {code: sum(word in common for word in told) for code, common in _COMMON.items()}
    own = scores.pop(lang)
    if lang == "pl" and re.search(r"[ąćęłńśźż]", text.lower()):
        own += 2
    best = max(scores.values())
    return best >= 2 and best > 2 * own  # noqa: PLR2004 - two words may be a name


def _known_words(text: str) -> int:
    told = re.findall(r"[^\W\d_]+", text.lower())
    return max(sum(word in common for word in told) for common in _COMMON.values())
