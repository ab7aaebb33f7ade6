"""Which holding reply to offer: a public line and a private follow-up in each language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.model import HoldingReply, Topic
from daemon.replies.channels import fits
from daemon.replies.library import FALLBACK, VISIBILITIES, Library, Pack, load_library


def holding_replies(
    *,
    topic: Topic,
    languages: Sequence[str],
    channel: str,
    brand_name: str,
    status_page: str | None,
    next_update_at: datetime,
    timezone: str,
    register: str = "formal",
    variant: int = 0,
    now: datetime | None = None,
    library: Library | None = None,
) -> tuple[HoldingReply, ...]:
    """For each language a public and a private reply, in the order of ``languages``.

    ``next_update_at`` is told in ``timezone``, the brand's own; the day is named when it
    is not that of ``now`` (without it: taken to be the same day). A language without a
    library falls back to English; no language is offered twice. ``variant`` picks among the alternatives, so that many
    customers do not read the same words. The status line and the brand's signature are
    left out where the channel has no room for them.
    """
    packs = load_library() if library is None else library
    offered = dict.fromkeys(lang if lang in packs else FALLBACK for lang in languages)
    zone = ZoneInfo(timezone)
    replies = []
    for lang in offered:
        pack = packs[lang]
        when = pack.phrases.next_word(next_update_at, zone, now)
        for visibility in VISIBILITIES:
            texts = pack.texts(topic, visibility, register)
            body = texts[variant % len(texts)].format(next=when, brand=brand_name)
            replies.append(
                HoldingReply(
                    lang=lang,
                    register=register,
                    visibility=visibility,
                    channel=channel,
                    text=_with_ending(body, pack, brand_name, status_page, channel),
                )
            )
    return tuple(replies)


def _with_ending(body: str, pack: Pack, brand_name: str, status_page: str | None, channel: str) -> str:
    """``body`` with as much of status line and signature as fits; the link matters more."""
    status = pack.phrases.status.format(status_page=status_page) if status_page else ""
    signature = pack.phrases.signature.format(brand=brand_name)
    for line, sign in ((status, signature), (status, ""), ("", signature)):
        text = "\n".join(filter(None, (" ".join(filter(None, (body, line))), sign)))
        if fits(text, channel):
            return text
    return body
