"""The answer to one who writes: in their language, by their form of address, in words that vary."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime

from config.schema import Brand
from daemon.model import HoldingReply, Topic
from daemon.replies.choose import holding_replies
from daemon.replies.draft import Customer
from daemon.replies.library import Library
from detectors.language import load_languages


def answer(
    text: str,
    *,
    topic: Topic,
    brand: Brand,
    channel: str,
    next_update_at: datetime,
    now: datetime,
    library: Library,
    earlier_crises: int = 0,
    facts: Sequence[str] = (),
    lang: str | None = None,
) -> tuple[HoldingReply, ...]:
    """A public line and a private follow-up for one who wrote ``text``.

    In ``lang``, else in the language of the text where the library has it, else in the brand's
    first. Informal only to one who writes so; formal when in doubt. Which of the alternatives
    is told by the text, so that the same one is offered for it each time. ``facts``: the fact sheet.
    """
    known = lang or load_languages().detect(text)
    return holding_replies(
        topic=topic,
        languages=[known if known in library else brand.languages[0]],
        channel=channel,
        brand_name=brand.name,
        status_page=brand.status_page,
        next_update_at=next_update_at,
        timezone=brand.timezone,
        earlier_crises=earlier_crises,
        register="informal" if Customer(text).informal else "formal",
        variant=zlib.crc32(text.encode()),
        facts=facts,
        customer=text,
        now=now,
        library=library,
    )
