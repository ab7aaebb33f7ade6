"""Forms of address: who says "ty", "ты" to whom, and what the customer's own words ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W\d_]+")

_PL_PRONOUNS = frozenset(
    "ty ciebie cię tobie ci tobą twój twoja twoje twoją twojego twojej twojemu twoim twoich twoimi twoi".split()
)
_PL_THESE = re.compile(
    r"\s+(?!\w+[ćsz]\b)(?:\w+(?:cy|ci|owie|rzy|dzi|nci|ści|ni|li)\b|sami|państwo|wszyscy|"
    r"co\b|z\b|,)",
    re.IGNORECASE,
)
_PL_VERBS = frozenset(
    "jesteś powinieneś powinnaś winieneś żeś sprawdź napisz pisz zadzwoń dzwoń wyślij kliknij zobacz powiedz zostaw "
    "uruchom wejdź przejdź przyjdź podejdź zaloguj wyloguj zgłoś przynieś prześlij opisz wpisz podpisz zapisz dopisz odpisz "
    "wypełnij odśwież włącz wyłącz przełącz podłącz odłącz połącz dołącz załącz odezwij miej weź idź zrób kup przyjedź "
    "wybacz wybierz zabierz odbierz pobierz przypomnij podnieś patrz popatrz zapłać wróć zwróć spójrz zajrzyj upewnij "
    "wyczyść zmień wymień oceń doceń zamień zapomnij chodź pomóż załóż złóż dołóż odłóż włóż zamów umów odpowiedz dowiedz "
    "naciśnij przytrzymaj wyjmij zdejmij zrozum uwierz martw wskaż pokaż skasuj usuń przesuń śledź zerknij przyślij poproś "
    "proś zaproś przekaż powiadom zabezpiecz określ daj podaj dodaj oddaj wydaj miej bierz leć rzuć puść poczuj uwierz ciesz "
    "opowiedz wytrzymaj przeprosz prześledź zatwierdź potwierdź przeczytaj poczekaj zaczekaj czekaj spróbuj zainstaluj".split()
)
_PL_NOT_VERBS = frozenset(
    "nasz wasz klawisz afisz mysz towarzysz gulasz depesz rzesz kasz czasz judasz kraj maj raj zwyczaj rodzaj obyczaj "
    "urodzaj wczoraj dzisiaj tutaj zazwyczaj przedwczoraj tramwaj skraj ekstraj wuj kij gaj haj żmij szyj stacyj buj "
    "niechaj hej ej lokaj ceremoniaj nieurodzaj".split()
)
_PL_SECOND = re.compile(r"(?:\w{2,}(?:łeś|łaś)|\w*byś|\w+(?:a|e|i|y)sz|\w{2,}(?:aj|uj|ij|yj))", re.IGNORECASE)

_RU_PRONOUNS = frozenset(
    "ты тебя тебе тобой тобою твой твоя твое твои твоего твоей твоему твоим твоих твоими твою твоем".split()
)
_RU_IMPERATIVES = frozenset(
    "напиши позвони проверь подожди зайди посмотри скажи расскажи уточни перезагрузи обнови попробуй подскажи дай жди "
    "извини прости пиши звони смотри нажми открой закрой скачай отправь укажи включи выключи введи выбери сообщи обратись "
    "свяжись переживай волнуйся держи заходи приходи успокойся читай прочитай установи войди оставь поставь сделай помоги "
    "поделись назови удали смени поменяй перейди подключи отключи забудь поверь пойми вспомни сохрани опиши верни возьми "
    "узнай заполни подтверди покажи выйди перезвони обращайся заряди сними почитай глянь потерпи скинь кинь вышли черкни "
    "ищи найди попей нервничай злись думай беспокойся сбрось перезапусти проследи пробуй дождись ожидай набери давай".split()
)
_RU_NOT_VERBS = frozenset("лишь брешь плешь мышь вишь роскошь тишь глушь".split())
_RU_SECOND = re.compile(r"\w{2,}(?:ешь|ишь)(?:ся)?|(?:с|за|от|про|пере|соз|из|по|воз)?дашь|\w*ешь", re.IGNORECASE)
_RU_SEND = re.compile(
    r"\s+(?:нам|мне|пожалуйста|номер|фото|скрин\w*|сюда|в\s+лич\w+|в\s+лс|в\s+директ\w*)\b", re.IGNORECASE
)
_RU_BE = re.compile(r"\s+(?:добр|спокоен|спокойна|уверен|уверена|в курсе|на связи|любез)", re.IGNORECASE)

_PL_FORMAL = re.compile(r"\b(?:pan(?:a|u|em|ie)?|pani(?:ą)?|państw(?:o|a|u|em)|pańsk\w+)\b", re.IGNORECASE)
_RU_FORMAL = re.compile(r"\b(?:вы|вас|вам|вами|ваш\w*)\b", re.IGNORECASE)

_PL_HE = re.compile(r"(?<![\w/])(?:pan(?:a|u|em)?|panie)(?!\w|\s*/)", re.IGNORECASE)
_PL_SHE = re.compile(r"(?<![\w/])(?:pani|panią)(?!\w|\s*/)", re.IGNORECASE)
_PL_HE_SPEAKS = re.compile(
    r"\b(?!kanałem|działem|materiałem|upałem|sygnałem|artykułem|zespołem|tytułem|podziałem|"
    r"udziałem|personałem|oryginałem)"
    r"\w+(?:a|i|y|ą|u)łem\b|\b(?:jestem|byłem)\s+(?:bardzo\s+)?\w+(?:ony|ły|eni|ny)\b",
    re.IGNORECASE,
)
_PL_SHE_SPEAKS = re.compile(r"\b\w+(?:a|i|y|ę|u)łam\b|\bjestem\s+(?:bardzo\s+)?\w+(?:ona|ła|na)\b", re.IGNORECASE)


def familiar_forms(text: str, lang: str) -> Iterator[re.Match[str]]:
    """Words of ``text`` that address one person as "ty" or "ты"; English has no such form."""
    told = {"pl": _polish, "ru": _russian}.get(lang)
    if told is None:
        return
    start_of_sentence = True
    for match in _WORD.finditer(text):
        word = match.group()
        named = word[0].isupper() and not start_of_sentence
        if told(word.lower(), text, match, named):
            yield match
        rest = text[match.end() : match.end() + 3]
        start_of_sentence = bool(re.match(r"[\"»”)]?(?:[.!?…:]|\s*[\n–—-])", rest))


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
    if word == "пришли":
        return _RU_SEND.match(text, match.end()) is not None
    if word == "будь":
        return _RU_BE.match(text, match.end()) is not None
    return word in _RU_IMPERATIVES or _RU_SECOND.fullmatch(word) is not None


def formal_address(text: str, lang: str) -> re.Match[str] | None:
    """Where ``text`` addresses somebody as pan, pani, państwo or вы."""
    pattern = {"pl": _PL_FORMAL, "ru": _RU_FORMAL}.get(lang)
    return pattern.search(text) if pattern else None


def gender_mismatch(text: str, customer: str) -> re.Match[str] | None:
    """Where a Polish reply says "Pan" to one who writes as a woman, or "Pani" to a man.

    "Pan/Pani" and "Państwo" suit everybody.
    """
    he, she = _PL_HE_SPEAKS.search(customer), _PL_SHE_SPEAKS.search(customer)
    if (he is None) == (she is None):
        return None
    return _PL_SHE.search(text) if he else _PL_HE.search(text)
