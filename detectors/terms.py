"""What a surge is about: its over-represented words and phrases, and the texts that show it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from detectors.near import groups
from detectors.places import named
from detectors.words import Word, is_negation, is_stop, words

_PRIOR = 20.0  # words of the brand's past that the prior weighs as much as
_KNOWN = 20  # texts of the past, without which nothing can be told to be unusual
_EVIDENCE = 1.0  # standard deviations: few, for a small surge has few texts; the order decides
_SHARE = 0.02  # of the surge's texts that a term must be in
_LEAST = 2
_NAMED = 0.1  # of the different texts that a place or product must be in
_COVERS = 0.6  # a phrase stands for a word that is mostly in it

Stems = tuple[str, ...]


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A text that may be shown as an example."""

    text: str
    author: str | None
    published_at: datetime
    reach: float


def describe(
    surge: Sequence[tuple[str, str]],
    background: Sequence[tuple[str, str]],
    limit: int = 6,
    *,
    names: Sequence[str] = (),
) -> tuple[str, ...]:
    """Words and phrases that are over-represented in ``surge`` against ``background``: (text, language) pairs.

    ``names`` that one in ten of the different texts holds stand first, as they are configured. All else is in the
    form most writers used, the most telling first. Copies count once. Ordered by the
    log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008,
    "Fightin' Words"), the prior being what the brand is usually written about.
    """
    now, forms = _count(surge)
    past, _ = _count(background)
    size, past_size = sum(now.values()), sum(past.values())
    vocabulary = len(now.keys() | past.keys())
    texts = max(1, len(surge))
    scored = []
    for term, count in now.items():
        if count < max(min(_LEAST, texts), _SHARE * size / 20):
            continue
        prior = _PRIOR * (past[term] + 0.5) / (past_size + 0.5 * vocabulary)
        z = _log_odds(count + prior, size + _PRIOR) - _log_odds(past[term] + prior, past_size + _PRIOR)
        z /= math.sqrt(1 / (count + prior) + 1 / (past[term] + prior))
        if z > _EVIDENCE or texts == 1 or len(background) < _KNOWN:
            scored.append((z + math.log(count), len(term), term))
    scored.sort(key=lambda entry: (-entry[0], -entry[1], entry[2]))
    told = _named(surge, names)[:limit]
    chosen: list[Stems] = []
    for _, _, term in scored:
        if len(told) + len(chosen) == limit:
            break
        if not any(_overlap(term, other) for other in chosen) and not named(_written(forms[term]), told):
            chosen.append(_fullest(term, now))
    return (*told, *(_written(forms[term]) for term in chosen))


def _named(surge: Sequence[tuple[str, str]], names: Sequence[str]) -> list[str]:
    """The names that enough of the different texts hold, the most frequent first."""
    if not names:
        return []
    first = groups([text for text, _ in surge])
    different = [text for index, (text, _) in enumerate(surge) if first[index] == index]
    counts = Counter(name for text in different for name in named(text, names))
    least = max(1, _NAMED * len(different))
    return [name for name, count in counts.most_common() if count >= least]


def _log_odds(count: float, size: float) -> float:
    return math.log(count / max(size - count, 0.5))


def _overlap(term: Stems, other: Stems) -> bool:
    return bool(set(term) & set(other))


def _fullest(term: Stems, counts: Counter[Stems]) -> Stems:
    """The phrase that the word is mostly written in, else the word."""
    if len(term) > 1:
        return term
    phrases = [other for other in counts if len(other) > 1 and term[0] in other]
    best = max(phrases, key=lambda other: (counts[other], other), default=term)
    return best if counts[best] >= max(_LEAST, _COVERS * counts[term]) else term


def _count(pairs: Sequence[tuple[str, str]]) -> tuple[Counter[Stems], dict[Stems, Counter[str]]]:
    """In how many different texts each word and phrase is, and how it was written."""
    read = [words(text) for text, _ in pairs]
    first = groups([text for text, _ in pairs])
    counts: Counter[Stems] = Counter()
    forms: dict[Stems, Counter[str]] = defaultdict(Counter)
    for index, (found, (_, lang)) in enumerate(zip(read, pairs, strict=True)):
        if first[index] != index:
            continue
        said = dict(_terms(found, lang))
        counts.update(said.keys())
        for term, form in said.items():
            forms[term][form] += 1
    return counts, forms


def _terms(found: Sequence[Word], lang: str) -> Iterable[tuple[Stems, str]]:
    previous: Word | None = None
    for word in found:
        stop = is_stop(word.form, lang)
        if not stop:
            yield (word.stem,), word.form
            if previous is not None and (not is_stop(previous.form, lang) or is_negation(previous.form)):
                yield (previous.stem, word.stem), f"{previous.form} {word.form}"
        previous = word


def _written(forms: Counter[str]) -> str:
    return min(forms, key=lambda form: (-forms[form], form))


def examples(candidates: Sequence[Candidate], limit: int = 5) -> list[int]:
    """Indices of three to five texts by different authors: the earliest, the furthest-reaching, the most typical."""
    stems = [{word.stem for word in words(candidate.text)} for candidate in candidates]
    spread: Counter[str] = Counter(stem for said in stems for stem in said)
    first = groups([candidate.text for candidate in candidates])
    typical = [sum(spread[stem] for stem in said) / (len(said) + 3) if said else 0.0 for said in stems]
    places = range(len(candidates))
    orders = [
        sorted(places, key=lambda index: (candidates[index].published_at, index)),
        sorted(places, key=lambda index: (-candidates[index].reach, candidates[index].published_at, index)),
        sorted(places, key=lambda index: (-typical[index], index)),
    ]
    chosen: list[int] = []
    for order in (*orders, *[orders[2]] * max(0, limit - len(orders))):
        for index in order:
            if len(chosen) < limit and _different(index, chosen, candidates, first):
                chosen.append(index)
                break
    return chosen


def _different(index: int, chosen: Sequence[int], candidates: Sequence[Candidate], first: Sequence[int]) -> bool:
    author = candidates[index].author
    return all(
        index != other and first[index] != first[other] and (author is None or author != candidates[other].author)
        for other in chosen
    )
