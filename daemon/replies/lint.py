"""Is this reply fit to post? Twenty rules, each explained in docs/reference/lint-rules.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import msgspec

from daemon.replies import fact_rules, form_rules, wording_rules
from daemon.replies.channels import length, limit
from daemon.replies.draft import Customer, Draft
from daemon.replies.phrases import LANGUAGES, table
from daemon.replies.repair import repaired
from daemon.replies.wording_rules import Place

SEVERITY: Mapping[str, str] = MappingProxyType(
    {
        "register": "error",
        "familiarity": "warning",
        "belittling": "error",
        "hostility": "error",
        "disowning": "error",
        "cold_redirect": "warning",  # disliked, yet sometimes there is no other way
        "refile": "error",
        "vague_link": "error",
        "no_empathy": "error",
        "blame": "error",
        "speculation": "error",
        "fact_conflict": "error",
        "fix_promise": "error",
        "no_next_update": "error",
        "levity": "error",
        "shouting": "warning",
        "too_long": "error",
        "personal_signature": "warning",
        "wrong_language": "error",
        "empty": "error",
    }
)
RULES: tuple[str, ...] = tuple(SEVERITY)
_SHOWN = 60  # characters of the place found that a message repeats

_ANY_LANGUAGE: tuple[Callable[[Draft], Iterator[Place]], ...] = (
    form_rules.too_long,
    form_rules.shouting,
    form_rules.levity,
    form_rules.vague_link,
    fact_rules.fact_conflict,
    fact_rules.asked_again,
)
_KNOWN_LANGUAGE: tuple[Callable[[Draft], Iterator[Place]], ...] = (
    wording_rules.register,
    wording_rules.familiarity,
    wording_rules.listed,
    wording_rules.cold_redirect,
    wording_rules.no_empathy,
    wording_rules.fix_promise,
    wording_rules.personal_signature,
)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that makes a reply unfit. ``span``: first character and the one after the last.

    ``suggestion`` is a whole reply to post instead, which itself passes the check, or
    None where we have no words in that language.
    """

    rule: str
    severity: str  # error | warning
    message: str  # in the user's interface language
    span: tuple[int, int]
    suggestion: str | None


def warm(langs: Iterable[str] = LANGUAGES) -> None:
    """Read these languages' phrase lists, so that the first check need not wait for it."""
    for lang in dict.fromkeys(langs):
        check("?!", lang=lang, customer="?", incident=True)


def check(
    reply: str,
    *,
    lang: str,
    customer: str | None = None,
    audience: str = "public",
    channel: str | None = None,
    incident: bool = False,
    facts: Sequence[str] = (),
    previous: Sequence[str] = (),
    interface_lang: str = "en",
    now: datetime | None = None,
    timezone: str = "UTC",
) -> tuple[Finding, ...]:
    """What is wrong with ``reply``, in the order of its text; nothing: fit to post.

    ``customer``: the words it answers. ``facts``: the incident's fact sheet, a sentence each.
    ``previous``: what was said on other channels. ``incident``: said during a crisis, so
    the time of the next word is due. ``now`` and ``timezone`` tell what "tomorrow" is.
    """
    whom = Customer(customer) if customer and customer.strip() else None

    def draft(text: str) -> Draft:
        return Draft(
            text,
            lang=lang,
            customer=whom,
            audience=audience,
            channel=channel,
            incident=incident,
            facts=tuple(facts),
            previous=tuple(previous),
            now=now,
            timezone=timezone,
        )

    subject = draft(reply)
    places = _broken(subject)
    if not places:
        return ()
    suggestion = repaired(subject, places, lambda text: _broken(draft(text)))
    return tuple(
        Finding(
            rule=place.rule,
            severity=SEVERITY[place.rule],
            message=_message(place, subject, interface_lang),
            span=(place.start, place.end),
            suggestion=suggestion,
        )
        for place in places
    )


def _broken(draft: Draft) -> tuple[Place, ...]:
    """Every place where a rule is broken; a foreign reply breaks no others, one that says nothing few."""
    for rule in (form_rules.empty, form_rules.wrong_language):
        places = tuple(rule(draft))
        if any(place.end - place.start >= len(draft.text.strip()) for place in places):
            besides = _beside_nothing(draft) if rule is form_rules.empty else ()
            return (*places, *besides, *wording_rules.no_next_update(draft)) if draft.text.strip() else places
    rules = (*_ANY_LANGUAGE, *(_KNOWN_LANGUAGE if draft.known else ()), wording_rules.no_next_update)
    found = [
        *form_rules.empty(draft),
        *form_rules.wrong_language(draft),
        *(place for rule in rules for place in rule(draft)),
    ]
    if draft.known:
        found += wording_rules.regret_taken_back(draft, tuple(found))
        found += wording_rules.overtone(draft, tuple(found))
        found += form_rules.idle(draft, tuple(found))
    return tuple(sorted(found, key=lambda place: (place.start, place.end, place.rule)))


def _beside_nothing(draft: Draft) -> Iterator[Place]:
    """What is wrong with a reply besides that it says nothing: its length, its voice, its rudeness."""
    for rule in (form_rules.too_long, form_rules.shouting, form_rules.levity):
        yield from rule(draft)
    if draft.known:
        yield from wording_rules.listed(draft)


def _message(place: Place, draft: Draft, interface_lang: str) -> str:
    texts = table("messages")[place.says or place.rule]
    found = " ".join(draft.text[place.start : place.end].split())
    return str(texts.get(interface_lang, texts["en"])).format(
        found=found if len(found) <= _SHOWN else found[: _SHOWN - 1] + "…",
        known=place.known,
        lang=draft.lang,
        length=length(draft.text, draft.channel),
        limit=limit(draft.channel, draft.audience),
    )
