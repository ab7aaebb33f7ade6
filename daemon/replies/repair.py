"""A reply to post instead: what was good of the draft, with stock sentences for what was not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from daemon.replies.draft import Draft
from daemon.replies.phrases import table
from daemon.replies.wording_rules import Place

# What stands in for a sentence that a rule took out; the others need nothing in its place.
_INSTEAD = {
    "cold_redirect": "private",
    "disowning": "action",
    "fix_promise": "action",
    "refile": "registered",
    "speculation": "unknown",
    "fact_conflict": "unknown",
    "vague_link": "private",
    "register": "private",
}
_MARKS = re.compile(r"[!?]*![!?]*")
_BEGINNING = re.compile(r"(?:^|[.!?…]\s+)[^\W\d_]")
_WHOLE = frozenset({"empty", "wrong_language", "too_long"})


def repaired(draft: Draft, places: Sequence[Place], broken: Callable[[str], Sequence[Place]]) -> str | None:
    """A reply that passes: the draft without its faulty sentences, or else stock sentences alone.

    ``broken`` finds faults in a text on the same occasion. None where the language has no stock.
    """
    stock = table("stock").get(draft.lang)
    if stock is None:
        return None
    quiet = _quieted(draft.text, places)
    if quiet != draft.text and not broken(quiet):
        return quiet
    upset = draft.serious
    candidates: list[list[str]] = []
    if not any(place.rule in _WHOLE and place.end - place.start > len(draft.text) // 2 for place in places):
        kept = _mended(draft, places, stock)
        candidates += [kept] if len(kept) > 1 else []  # a sentence alone is curt
        candidates.append([*kept, stock["next"]])
    if upset or draft.incident:
        candidates.append([stock["empathy"], stock["action"], stock["next"]])
    candidates.append([stock["thanks"], stock["next"]])
    texts = (" ".join(dict.fromkeys(each)) for each in candidates)
    return next((text for text in texts if not broken(text)), None)


def _quieted(text: str, places: Sequence[Place]) -> str:
    """The same words without raising one's voice: what is shouted in small letters, no exclamation marks."""
    shouted = [place for place in places if place.rule == "shouting"]
    if not shouted:
        return text
    for place in shouted:
        said = text[place.start : place.end]
        if said.isupper():
            text = text[: place.start] + re.sub(r"\bi\b", "I", said.lower()) + text[place.end :]
    told = _MARKS.sub(lambda marks: "?" if "?" in marks[0] else ".", text)
    return _BEGINNING.sub(lambda begin: begin[0].upper(), told)


def _mended(draft: Draft, places: Sequence[Place], stock: dict[str, str]) -> list[str]:
    kept: list[str] = []
    for start, end in draft.sentences:
        hurt = [
            place
            for place in places
            if place.rule not in {"no_empathy", "no_next_update"} and place.start < end and start < place.end
        ]
        new = [stock[_INSTEAD[place.rule]] for place in hurt if place.rule in _INSTEAD][:1] if hurt else []
        sentence = draft.text[start:end].strip()
        kept += [text for text in (new if hurt else [sentence]) if text and text not in kept]
    rules = {place.rule for place in places}
    if draft.serious and ("no_empathy" in rules or not any(_has_feeling(draft, text) for text in kept)):
        kept.insert(0, stock["empathy"])
    return kept


def _has_feeling(draft: Draft, text: str) -> bool:
    probe = Draft(text, lang=draft.lang, audience=draft.audience, timezone=draft.timezone)
    return probe.says("empathy")
