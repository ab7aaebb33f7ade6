"""Texts as hashed features: what the text model sees of a text.

A text is folded (case, diacritics, Cyrillic written in Latin letters, look-alikes,
repeats, numbers, links, names), split into tokens, and described by its words,
neighbouring words and character n-grams, each hashed into one of ``2**BITS`` buckets.

All substrings of a batch are hashed at once: with ``P[i]`` the sum of
``code[j] * B**j`` for ``j < i`` (modulo 2**64, ``B`` odd, hence invertible), the
polynomial hash of the substring from ``s`` to ``e`` is ``(P[e] - P[s]) * B**-s``
(Karp and Rabin 1987). A text's features do not depend on its neighbours in the batch.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.kept import Kept

BITS = 20
LIMIT = 4000  # characters of a text that are read: its beginning and its end
_HEAD = 3000
_SEPARATOR = "\n"  # between texts; never inside a folded one

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_NAME = re.compile(r"@[\w.]+")
_MASKED = re.compile(_URL.pattern + "|" + _NAME.pattern)  # in lower case
_REPEAT = re.compile(r"(.)\1{2,}", re.DOTALL)
_NUMBER = re.compile(r"\d[\d.,:]*")
_TOKEN = re.compile(r"¤?[^\W_]+(?:'[^\W_]+)?|[^\w\s]")

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "у": "u", "ф": "f", "х": "h", "ц": "c", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "y", "ь": "",
    "э": "e", "ю": "yu", "я": "ya", "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "u", "ђ": "dj", "ј": "j",
    "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dz",
}  # fmt: skip
_LATIN = {"ł": "l", "ß": "ss", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "æ": "ae", "œ": "oe"}
_INVISIBLE = dict.fromkeys(map(chr, (0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xFE0E, 0xFE0F)), "")
UNSEEN = str.maketrans(_INVISIBLE)
_MARKS = {chr(c): "" for c in [*range(0x300, 0x370), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]}
_SKIN = {chr(c): "" for c in range(0x1F3FB, 0x1F400)}
_ALIKE = {  # Greek letters, as what they look like in a word of Latin letters, and in one of Cyrillic ones
    "latin": str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαγεηικνορτυχ", "ABEZHIKMNOPTYXayenikvoptux"),
    "cyrillic": str.maketrans("ΑΒΓΕΗΚΜΟΠΡΤΥΦΧαγεικορτυφχ", "АВГЕНКМОПРТУФХауеікортуфх"),
}
_GREEK = re.compile("[\u0391-\u03c9]")
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN_LETTER, _CYRILLIC_LETTER = re.compile("[A-Za-z\u00c0-\u024f]"), re.compile("[\u0400-\u052f]")
_CONTROL = {chr(c): " " for c in [*range(0x20), *range(0x7F, 0xA0)]}
_QUOTES = {"’": "'", "‘": "'", "`": "'", "´": "'"}
_ITSELF = {chr(c): chr(c) for c in [*range(0x20, 0x250), *range(0x400, 0x530)]}  # not listed: slow
_FOLD = str.maketrans(_ITSELF | _CYRILLIC | _LATIN | _INVISIBLE | _MARKS | _SKIN | _CONTROL | _QUOTES)


# letters that NFKD takes apart stand without their mark: й is и, ё is е, ї is і


# languages that share words, hence features
_FAMILIES: tuple[tuple[str, ...], ...] = (
    ("en", "und"),
    ("pl", "ru", "uk", "be", "cs", "sk", "sr", "hr", "bs", "sl", "mk", "bg"),
    ("de", "sv", "da", "no", "nl"),
    ("es", "pt", "fr", "it", "ca", "gl", "ro"),
    ("hu",),
    ("sq",),
    ("ar",),
    ("hi",),
)
_FAMILY = {lang: number for number, langs in enumerate(_FAMILIES, 1) for lang in langs}
_ENGLISH = _FAMILY["en"]  # what every language borrows words and emoji from


def family(lang: str) -> int:
    """Number of the family of languages whose features a language shares; that of English for any other."""
    return _FAMILY.get(lang, _ENGLISH)


def fold(text: str) -> str:
    """The text as it is compared: tokens in Latin letters without marks, separated by one space.

    >>> fold("Нет связи!!!! @acme https://a.example 15:30")
    'net svyazi ! ! ¤n ¤u 0'
    >>> fold("NIE DZIAŁA od rana") == fold("nie dziala od rana")
    True
    """
    if len(text) > LIMIT:
        text = text[:_HEAD] + " " + text[_HEAD - LIMIT :]
    if not text.isascii() and _GREEK.search(text):
        text = _LETTERS.sub(_unmasked, text)
    shouted = " ¤c" if len(text) > 8 and text.isupper() else ""  # noqa: PLR2004 - shorter ones are abbreviations
    text = text.lower()
    kept = _KEPT[text.isascii() and not _MASKED.search(text)]
    return " ".join(filter(None, [kept[word] for word in text.split()])) + shouted


def _unmasked(match: re.Match[str]) -> str:
    """A word with Greek letters among others, in those others alone; one that is all Greek stays so."""
    word = match[0]
    if not _GREEK.search(word):
        return word
    if _LATIN_LETTER.search(word):
        return word.translate(_ALIKE["latin"])
    return word.translate(_ALIKE["cyrillic"]) if _CYRILLIC_LETTER.search(word) else word


def _folded(word: str, *, ascii_alone: bool) -> str:
    """What stands between two spaces, folded: one token or several, or none."""
    if "/" in word or "@" in word or "www." in word:
        word = _NAME.sub(" ¤n ", _URL.sub(" ¤u ", word))
    alone = word.isalpha()  # most are, and are one token
    if not ascii_alone and not (alone and word.isascii()):
        word = unicodedata.normalize("NFKD", word).translate(_FOLD)
        alone = word.isalpha()
    if not alone:
        word = _NUMBER.sub("0", word)
    if _REPEAT.search(word):
        word = _REPEAT.sub(r"\1\1", word)
    return word if alone else " ".join(_TOKEN.findall(word))


_KEPT = {
    plain: Kept(partial(_folded, ascii_alone=plain)) for plain in (True, False)
}  # of texts in ASCII without a mask, and of others


class Features(NamedTuple):
    """Hashed features of several texts: those of text ``i`` are ``indices[start[i] : start[i + 1]]``."""

    indices: npt.NDArray[np.int32]
    start: npt.NDArray[np.int64]


_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(int(_BASE), -1, 1 << 64))
_MIX = np.uint64(0xD6E8FEB86659FD93)
_SEED = np.uint64(0x00517CC1B7272202)
_NGRAMS = (2, 3, 4, 5)
_WORD, _PAIR, _NGRAM = 1, 2, 3
_SPACE = ord(" ")


def _powers(base: np.uint64, n: int) -> npt.NDArray[np.uint64]:
    powers = np.full(n, base, dtype=np.uint64)
    powers[:1] = 1
    return np.multiply.accumulate(powers)


def _before(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """How many are true before each place, and in all."""
    counts = np.zeros(len(mask) + 1, dtype=np.int64)
    np.cumsum(mask, out=counts[1:])
    return counts


def _codes(joined: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32)


def _sums(code: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """``P``: before each place, and after the last, the sum of ``code[j] * B**j`` (of codes from 1)."""
    sums = np.zeros(len(code) + 1, dtype=np.uint64)
    np.cumsum((code.astype(np.uint64) + np.uint64(1)) * _powers(_BASE, len(code)), out=sums[1:])
    return sums


def _bucket(
    value: npt.NDArray[np.uint64], families: npt.NDArray[np.uint64], kind: int, bits: int
) -> npt.NDArray[np.int32]:
    value = value + families * _SEED + np.uint64(kind)
    value ^= value >> np.uint64(32)
    value *= _MIX
    return (value >> np.uint64(64 - bits)).astype(np.int32)


class WordHashes(NamedTuple):
    """Of single words, what the features of pairs are made of: ``before`` of the first, ``step`` times ``own``."""

    own: npt.NDArray[np.uint64]
    before: npt.NDArray[np.uint64]  # the hash of the word and the space behind it
    step: npt.NDArray[np.uint64]  # what the hash of anything behind both is multiplied by


def word_hashes(words: Sequence[str]) -> WordHashes:
    """Hashes of folded words, none of them empty."""
    lengths = np.array([len(word) for word in words], dtype=np.int64)
    sums = _sums(_codes("".join(words)))
    end = np.cumsum(lengths)
    start = end - lengths
    own = (sums[end] - sums[start]) * _powers(_INVERSE, len(sums))[start]
    power = _powers(_BASE, int(lengths.max(initial=0)) + 2)
    return WordHashes(own, own + np.uint64(_SPACE + 1) * power[lengths], power[lengths + 1])


def pair_buckets(
    first: WordHashes, second: npt.NDArray[np.uint64], families: npt.NDArray[np.uint64], bits: int = BITS
) -> npt.NDArray[np.int32]:
    """The feature of each first word with the second behind it, as in :func:`hashed`."""
    return _bucket(first.before + first.step * second, families, _PAIR, bits)


def hashed(folded: Sequence[str], families: Sequence[int], bits: int = BITS) -> Features:
    """Features of folded texts: words, pairs of neighbours, character n-grams inside a word and its borders.

    ``families``: the same word of another family of languages is another feature.
    """
    code = _codes(" " + f" {_SEPARATOR} ".join(folded) + " ")
    n = len(code)
    inverse, prefix = _powers(_INVERSE, n + 1), _sums(code)
    spaces, lines = _before(code == _SPACE), _before(code == ord(_SEPARATOR))
    of_family = np.asarray(families, dtype=np.uint64)
    found: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]] = []

    def add(start: npt.NDArray[np.int64], end: npt.NDArray[np.int64], kind: int) -> None:
        owner = lines[start]
        value = (prefix[end] - prefix[start]) * inverse[start]
        found.append((_bucket(value, of_family[owner], kind, bits), owner))

    gap = np.flatnonzero(code == _SPACE)
    first, last = gap[:-1] + 1, gap[1:]
    word = (last > first) & (lines[last] == lines[first])
    first, last = first[word], last[word]
    add(first, last, _WORD)
    neighbours = lines[first[:-1]] == lines[first[1:]]
    add(first[:-1][neighbours], last[1:][neighbours], _PAIR)
    for size in _NGRAMS:
        start = np.arange(max(n - size + 1, 0))
        end = start + size
        keep = (spaces[end - 1] == spaces[start + 1]) & (lines[end] == lines[start])
        add(start[keep], end[keep], _NGRAM)
    owner = np.concatenate([owners for _, owners in found])
    order = np.argsort(owner, kind="stable")
    indices = np.concatenate([each for each, _ in found])[order]
    return Features(indices, np.searchsorted(owner[order], np.arange(len(folded) + 1)))
