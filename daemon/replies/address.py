"""Forms of address: who says "ty", "ты" to whom, and what the customer's own words ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from daemon.replies.phrases import words

_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_BEFORE = re.compile(r"(?:\A|[.!?…:\n\0–—(\"„«»”-])[\"”»)]*\s*\Z")  # a capital there tells nothing

_IN_PATH = re.compile(r"\s*[>→]")  # of menus: "Dodaj > Z pliku"

_PL_PRONOUNS = words("pl", "pronouns")
_PL_THESE = re.compile(
    r"\s+(?!\w+[ćsz]\b)(?:\w+(?:cy|ci|owie|rzy|dzi|nci|ści|ni|li)\b|sami|państwo|wszyscy|"
    r"co\b|z\b|ludzie|,)",
    re.IGNORECASE,
)
_STARTS = {lang: words(lang, "familiar_starts") for lang in ("pl", "ru")}
_PL_VERBS = words("pl", "familiar_verbs")
_PL_NOT_VERBS = words("pl", "not_familiar")
_PL_SECOND = re.compile(r"(?:\w{2,}(?:łeś|łaś)|\w*byś|\w+(?:a|e|i|y)sz|\w{2,}(?:aj|uj|ij|yj))", re.IGNORECASE)

_RU_PRONOUNS = words("ru", "pronouns")
_RU_IMPERATIVES = words("ru", "familiar_verbs")
_RU_NOT_VERBS = words("ru", "not_familiar")
_RU_SECOND = re.compile(r"\w{2,}(?:ешь|ишь)(?:ся)?|(?:с|за|от|про|пере|соз|из|по|воз)?дашь|\w*ешь", re.IGNORECASE)
# "не заменишь", "не поспоришь": anybody; of one person these say what they want, can, know or see.
_RU_ANYBODY = re.compile(
    r"\bне (?!хоч|мож|зна|вид|понима|помн|работа|получа|чита|слыш|отвеча|успева)\w+(?:ишь|ешь)\Z", re.IGNORECASE
)
_RU_SEND = re.compile(
    # One thing does not "come" in the plural: what stands here in the singular is to be sent.
    r"\s+(?:нам|мне|пожалуйста|сво(?:й|ю|е)|номер|чек|адрес|ссылку|снимок|фотографию|квитанцию|"
    r"фото|скрин\w*|сюда|в\s+лич\w+|в\s+лс|в\s+директ\w*)\b",
    re.IGNORECASE,
)
_RU_BE = re.compile(r"\s+(?:добр|спокоен|спокойна|уверен|уверена|в курсе|на связи|любез)", re.IGNORECASE)

_PL_FORMAL = re.compile(r"\b(?:pan(?:a|u|em|ie)?|pani(?:ą)?|państw(?:o|a|u|em)|pańsk\w+)\b", re.IGNORECASE)
_RU_FORMAL = re.compile(r"\b(?:вы|вас|вам|вами|ваш\w*)\b(?! (?:обо|дво|тро|четвер|втро|вдво|все)\w*)", re.IGNORECASE)

_PL_HE = re.compile(r"(?<![\w/])(?:pan(?:a|u|em)?|panie)(?!\w|\s*/)", re.IGNORECASE)
_PL_SHE = re.compile(r"(?<![\w/])(?:pani|panią)(?!\w|\s*/)", re.IGNORECASE)
_VERY = r"(?:\s+(?:bardzo|już|naprawdę|po prostu|strasznie|trochę|tak|szczerze|mocno|dość|coraz|bardziej)){0,3}"
_PL_HE_SPEAKS = re.compile(
    r"\b(?!kanałem|działem|materiałem|upałem|sygnałem|artykułem|zespołem|tytułem|podziałem|"
    r"udziałem|personałem|oryginałem)"
    r"\w+(?:a|i|y|ą|u)łem\b|\bjestem\s+(?:\w+\s+)?(?:klientem|pacjentem|abonentem|ojcem|tatą|mężem|emerytem)\b|"
    rf"\b(?:jestem|byłem){_VERY}\s+\w+(?:ony|ły|eni|ny)\b",
    re.IGNORECASE,
)
_PL_SHE_SPEAKS = re.compile(
    rf"\b\w+(?:a|i|y|ę|u)ła(?:m|bym)\b|\bjestem{_VERY}\s+\w+(?:ona|ła|na)\b"
    r"|\bjestem\s+(?:\w+\s+)?(?:\w+(?:ntką|rką|czką|lką|nką|cielką)|mamą|matką|kobietą|żoną|babcią|emerytką)\b",
    re.IGNORECASE,
)


def familiar_forms(text: str, lang: str) -> Iterator[re.Match[str]]:
    """Words of ``text`` that address one person as "ty" or "ты"; English has no such form."""
    told = {"pl": _polish, "ru": _russian}.get(lang)
    if told is None:
        return
    for match in _WORD.finditer(text):
        if _IN_PATH.match(text, match.end()) or text[: match.start()].rstrip().endswith((">", "→")):
            continue
        word = match.group()
        begins = _SENTENCE_BEFORE.search(text[max(0, match.start() - 4) : match.start()]) is not None
        named = word[0].isupper() and not begins
        if told(word.lower(), text, match, named) or (begins and word.lower() in _STARTS[lang]):
            yield match


def _polish(word: str, text: str, match: re.Match[str], named: bool) -> bool:  # noqa: FBT001 - one of two languages
    if word in _PL_PRONOUNS:
        return word != "ci" or not _PL_THESE.match(text, match.end())
    if named or word in _PL_NOT_VERBS:
        return False
    return word in _PL_VERBS or _PL_SECOND.fullmatch(word) is not None


def _russian(word: str, text: str, match: re.Match[str], named: bool) -> bool:  # noqa: FBT001 - one of two languages
    if word in _RU_PRONOUNS:
        return True
    if named or word in _RU_NOT_VERBS:
        return False
    if word in {"пришли", "вышли"}:  # also "they came", "they left"
        return _RU_SEND.match(text, match.end()) is not None
    if _RU_ANYBODY.search(text, max(0, match.start() - 3), match.end()):
        return False
    if word == "будь":
        return _RU_BE.match(text, match.end()) is not None
    return word in _RU_IMPERATIVES or _RU_SECOND.fullmatch(word) is not None


_PL_ONE_SPEAKS = re.compile(
    r"\b(?!jestem\b)\w+(?:łem|łam)\b|\b(?:jestem|mam|mój|moja|moje|moją|mojego|mojej|mnie|mi)\b", re.IGNORECASE
)
_PL_ONE = re.compile(
    r"\b(?:szanown(?:y|a) pani?e?|pan(?:u|em)|panią|pani(?: \w+)? (?:ma|może|prosi|wskaże|poda))\b", re.IGNORECASE
)
_PL_YOU_ALL = re.compile(
    r"\b(?:wy|was|wam|wami|wasz(?:ego|emu|ej|ym|ych|ymi|a|ą|e|i)?|"
    r"(?:na|o|do|przy|w|za|z|po|pode|prze|wy|od|u)?"
    r"(?:pisz|pisujc|daj|ślij|syłaj|dzwoń|zwoń|sprawdź|weź|weźm|przyjdź|podejdź|zgłoś|klikn?ij|jrzyj|stawc?|bierz|czekaj|próbuj|"
    r"patrz|zobacz|instaluj|loguj|ezwij|każ|niesi|trzymaj|powiedz|wypełnij|wybierz|wpisz|uzupełnij|przygotuj)cie|"
    # "Możecie Państwo" is careless, and yet no "wy".
    r"(?<!państwo )(?<!wszyscy )(?:możecie|moglibyście|zechcecie|chcielibyście)(?! (?:\w+ )?państwo))\b",
    re.IGNORECASE,
)


def plural_forms(text: str, customer: str) -> Iterator[re.Match[str]]:
    """Where a Polish reply says "wy" to one person, who speaks of "ja" or whom it calls "pan" besides."""
    if _PL_ONE_SPEAKS.search(customer) or _PL_ONE.search(text):
        yield from _PL_YOU_ALL.finditer(text)


def formal_address(text: str, lang: str) -> re.Match[str] | None:
    """Where ``text`` addresses somebody as pan, pani, państwo or вы."""
    pattern = {"pl": _PL_FORMAL, "ru": _RU_FORMAL}.get(lang)
    return pattern.search(text) if pattern else None


_RU_BEFORE = r"(?:\bя\s+(?:(?!и\b)\w+\s+){0,3}|(?:\A|[.!?]\s+)(?:вчера |сегодня |опять |снова |уже )?)"
_RU_HE_SPEAKS = re.compile(_RU_BEFORE + r"\w{2,}[аяеёиуы]л(?:ся)?\b", re.IGNORECASE)
_RU_SHE_SPEAKS = re.compile(_RU_BEFORE + r"\w{2,}[аяеёиуы]ла(?:сь)?\b", re.IGNORECASE)
_RU_YOU_DID = r"\bты\s+(?:(?:не|уже|так|долго|сам|сама|тоже|вчера|сегодня)\s+){0,2}\w{2,}[аяеёиуы]"
_RU_HE = re.compile(
    _RU_YOU_DID + r"л(?:ся)?\b|\bуважаемый\s+\w+\s+\w+(?:овна|евна|ична)\b|\bгосподин\w?\b", re.IGNORECASE
)
_RU_SHE = re.compile(
    _RU_YOU_DID + r"ла(?:сь)?\b|\bты (?:\w+ )?(?:при|за|по|во|у|вы|до|на)?шла\b|\bгоспож[аеуи]\b|"
    r"\b(?:покупательниц|клиентк|читательниц|пользовательниц|посетительниц)[аеуы]\b",
    re.IGNORECASE,
)
_SPEAKS = {"pl": (_PL_HE_SPEAKS, _PL_SHE_SPEAKS), "ru": (_RU_HE_SPEAKS, _RU_SHE_SPEAKS)}
_NAME = re.compile(r"\s+([A-ZŻŹĆŚŁÓ][a-ząćęłńóśźż]{2,})")
_STEM = 3  # letters of a name that stay through its cases
_TOLD = {"pl": (_PL_HE, _PL_SHE), "ru": (_RU_HE, _RU_SHE)}


def gender_mismatch(text: str, customer: str, lang: str) -> re.Match[str] | None:
    """Where a reply takes one who writes as a woman for a man, or the other way round.

    Polish: "Pan" to her, "Pani" to him; "Pan/Pani" and "Państwo" suit everybody. Russian: a verb in the past
    after "ты", a noun with a gender.
    """
    if lang not in _SPEAKS:
        return None
    he, she = (pattern.search(customer) for pattern in _SPEAKS[lang])
    if (he is None) == (she is None):
        return None
    of_him, of_her = _TOLD[lang]
    for match in (of_her if he else of_him).finditer(text):
        named = _NAME.match(text, match.end())
        if named is None or not re.search(rf"\bpan\w{{0,4}} {named[1][:_STEM]}", customer, re.IGNORECASE):
            return match  # else they spoke of that person
    return None
