"""Which words to the public bind the brand, so that a second person must agree to them first. Pure."""

from __future__ import annotations

from daemon.command import PostUpdate, ProposeUpdate
from daemon.replies.clusters import NEEDS_APPROVAL, parts_in
from daemon.replies.courtesies import without_courtesies


def binding_parts(text: str, lang: str) -> tuple[str, ...]:
    """The parts of ``text`` that need a second person's consent: an apology, a compensation.

    >>> binding_parts("Przepraszamy za utrudnienia.", "pl"), binding_parts("Przepraszamy za nasz błąd.", "pl")
    ((), ('apology',))
    """
    parts = parts_in(without_courtesies(text), lang)
    return tuple(part.value for part in parts if part in NEEDS_APPROVAL)


def with_consent(update: PostUpdate) -> PostUpdate | ProposeUpdate:
    """Post it, or, where it binds the brand, ask a second person first."""
    parts = binding_parts(update.text, update.lang)
    return ProposeUpdate(update=update, parts=parts) if parts else update
