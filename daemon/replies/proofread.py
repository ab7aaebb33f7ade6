"""A user's own texts held to our check, and to what the kind of crisis allows, before anybody needs them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from daemon.model import Topic
from daemon.replies.cluster_rule import unsuited
from daemon.replies.clusters import cluster_of
from daemon.replies.library import USUAL_BRAND, Library, load_library
from daemon.replies.lint import Finding, check

_NOW = datetime(2027, 3, 2, 12, 0, tzinfo=UTC)
_DUE = _NOW + timedelta(hours=3, minutes=30)
_FRIENDLY = {  # informal texts answer nobody else
    "pl": "Hej, możesz sprawdzić, czemu mi nie działa?",
    "ru": "Привет! Ты можешь проверить, почему не работает?",
    "en": "hey guys, it's down, can u check?",
}


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one text, and where that stands."""

    path: str  # file and field
    finding: Finding
    grave: bool  # an error, or a text that is never offered


def proofread(library: Library) -> Iterator[Remark]:
    """What is wrong with the texts of ``library`` that are not ours, with sample values filled in."""
    shipped = load_library()
    for lang, pack in library.items():
        ours = shipped.get(lang)
        told_alike = ours is not None and ours.phrases == pack.phrases
        fields = {"next": pack.phrases.next_word(_DUE, ZoneInfo("UTC"), _NOW), "brand": USUAL_BRAND}
        for key, texts in pack.replies.items():
            if told_alike and ours is not None and ours.replies.get(key) == texts:
                continue
            topic, visibility, register = key
            for index, text in enumerate(texts):
                path = f"{lang}.toml: {topic}.{visibility}.{register}[{index}]"
                for finding, grave in _findings(text.format_map(fields), lang, key):
                    yield Remark(path=path, finding=finding, grave=grave)


def _findings(text: str, lang: str, key: tuple[Topic, str, str]) -> Iterator[tuple[Finding, bool]]:
    topic, visibility, register = key
    customer = _FRIENDLY.get(lang) if register == "informal" else None
    for finding in check(text, lang=lang, customer=customer, audience=visibility, incident=True, now=_NOW):
        yield finding, finding.severity == "error"
    for finding in unsuited(text, lang, cluster_of(topic)):
        yield finding, True
