"""Bytes in, mentions and rejections out: every rule of the mention format, in one pure place.

One bad item never blocks those beside it: whatever can still be told apart is read on its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NoReturn

import msgspec
from msgspec import Meta, Struct

from daemon.clock import whole_milliseconds
from daemon.errors import InputError
from daemon.model import Mention, Rejection
from daemon.sources import lexical

MAX_AHEAD = timedelta(minutes=5)  # a mention published later than this after arrival is clamped to arrival
KEPT_BYTES = 1024  # of a rejected item


_SLUG = r"^[a-z0-9][a-z0-9_-]{0,63}\Z"
_Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
_Slug = Annotated[str, Meta(pattern=_SLUG)]


class _Wire(Struct, frozen=True):
    """A mention as it is sent; ``brand`` and ``channel`` may be left to the transport."""

    id: Annotated[str, Meta(min_length=1, max_length=256)]
    text: Annotated[str, Meta(min_length=1, max_length=20_000)]
    brand: _Slug | None = None
    channel: _Slug | None = None
    published_at: Annotated[datetime, Meta(tz=True)] | None = None
    author: str | None = None
    author_name: str | None = None
    url: str | None = None
    thread: str | None = None
    followers: _Count | None = None
    engagement: _Count | None = None
    lang: Annotated[str, Meta(pattern=r"^[a-z]{2}\Z")] | None = None
    sentiment: Annotated[float, Meta(ge=-1, le=1)] | None = None


SLUG_WORDS = "a slug of 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or digit"
_COUNT_WORDS = f"an integer from 0 to {2**63 - 1}"
_EXPECTED = {
    "id": "a string of 1 to 256 characters",
    "text": "a string of 1 to 20,000 characters",
    "brand": SLUG_WORDS,
    "channel": SLUG_WORDS,
    "published_at": "a time with an offset such as 2026-01-05T12:00:00Z",
    "author": "a string",
    "author_name": "a string",
    "url": "a string",
    "thread": "a string",
    "followers": _COUNT_WORDS,
    "engagement": _COUNT_WORDS,
    "lang": "an ISO 639-1 code such as pl",
    "sentiment": "a number from -1 to 1",
}
_SHOWN = frozenset({"brand", "channel", "published_at", "lang"})  # what people wrote is never repeated in a reason
_LEAP_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:60")
_FIELD = re.compile(r"`\$\.(\w+)`|field `(\w+)`")


def is_slug(text: str) -> bool:
    """Whether ``text`` is a slug, as brands and channels are."""
    return re.match(_SLUG, text) is not None


def decode_payload(
    payload: bytes,
    *,
    source: str,
    topic: str | None,
    brand: str | None,
    channel: str | None,
    brands: Collection[str],
    received_at: datetime,
    form: lexical.Form = "auto",
) -> list[Mention | Rejection]:
    """Read ``payload`` into mentions and rejections, in its order. Never raises for any bytes.

    ``brand`` and ``channel`` are those that the transport names; what an item says must agree.
    ``brands`` are the configured ones. ``form`` "json" is one object or an array, "ndjson" one
    object per line, "auto" any of these. A rejection's index counts array items or non-empty
    lines from 0, is 0 for a single object and None where the payload cannot be taken apart.
    """

    def reject(raw: bytes, index: int | None, reason: str, named: str | None = None) -> Rejection:
        return reject_payload(
            raw, source=source, topic=topic, brand=named, received_at=received_at, reason=reason, index=index
        )

    body = payload.removeprefix(lexical.BOM).strip(lexical.WHITESPACE)
    try:
        items = lexical.split(body, form)
    except InputError as error:
        return [reject(payload, None, str(error), brand)]
    out: list[Mention | Rejection] = []
    for index, raw in enumerate(items):
        named = brand
        try:
            fields = lexical.read_object(raw)
            named = brand or _known(fields.get("brand"), brands)
            out.append(check_mention(fields, brand=brand, channel=channel, brands=brands, received_at=received_at))
        except InputError as error:
            out.append(reject(bytes(raw), index, str(error), named))
    return out


def reject_payload(
    payload: bytes,
    *,
    source: str,
    topic: str | None,
    brand: str | None,
    received_at: datetime,
    reason: str,
    index: int | None = None,
) -> Rejection:
    """A rejection of ``payload`` (one item, or all of it where ``index`` is None), cut to what is kept."""
    return Rejection(
        at=received_at,
        source=source,
        topic=topic,
        brand=brand,
        index=index,
        reason=reason,
        payload=payload[:KEPT_BYTES],
    )


def check_mention(
    fields: dict[str, Any],
    *,
    brand: str | None,
    channel: str | None,
    brands: Collection[str],
    received_at: datetime,
) -> Mention:
    """The mention that ``fields``, as JSON has them, describe.

    ``brand`` and ``channel`` are those that the transport names. Raises ``InputError`` naming
    the field and what was expected.
    """
    try:
        wire = msgspec.convert(fields, _Wire)
    except msgspec.ValidationError as error:
        wire = _after_leap_second(fields) or _refuse(fields, error)
    published_at, clamped = received_at, False
    if wire.published_at is not None:
        published_at = _in_utc(wire.published_at, fields)
        if published_at > received_at + MAX_AHEAD:
            published_at, clamped = received_at, True
    return Mention(
        brand=_configured(_agreed("brand", wire.brand, brand), brands),
        id=wire.id,
        channel=_agreed("channel", wire.channel, channel),
        text=wire.text,
        published_at=published_at,
        received_at=received_at,
        author=wire.author,
        author_name=wire.author_name,
        url=wire.url,
        thread=wire.thread,
        followers=wire.followers,
        engagement=wire.engagement,
        lang=wire.lang,
        sentiment=wire.sentiment,
        clamped=clamped,
    )


def _agreed(field: str, stated: str | None, transport: str | None) -> str:
    """What the item states where the transport is silent; the transport's word else."""
    value = stated if transport is None else transport
    if value is None:
        raise InputError(f"{field}: required, expected {_EXPECTED[field]}")
    if stated is not None and stated != value:
        raise InputError(f"{field}: expected {value} as the topic has it, or nothing, got {stated}")
    return value


def _configured(brand: str, brands: Collection[str]) -> str:
    if brand not in brands:
        raise InputError(f"brand: expected a configured brand, got {brand}")
    return brand


def _known(brand: object, brands: Collection[str]) -> str | None:
    return brand if isinstance(brand, str) and brand in brands else None


def _refuse(fields: dict[str, Any], error: msgspec.ValidationError) -> NoReturn:
    match = _FIELD.search(str(error))
    field = (match[1] or match[2]) if match else "payload"
    if field not in fields:
        raise InputError(f"{field}: required, expected {_EXPECTED[field]}")
    raise InputError(f"{field}: expected {_EXPECTED[field]}, got {_shown(field, fields[field])}")


def _shown(field: str, value: object) -> str:
    """``value`` as a reason may repeat it: short, escaped, and never what people wrote."""
    if field in _SHOWN and isinstance(value, str):
        return ascii(value[:40]) + ("…" if len(value) > 40 else "")  # noqa: PLR2004
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return lexical.kind(value)


def _after_leap_second(fields: dict[str, Any]) -> _Wire | None:
    """RFC 3339 knows 23:59:60 and Python does not: it becomes midnight."""
    stated = fields.get("published_at")
    if not isinstance(stated, str) or not _LEAP_SECOND.match(stated):
        return None
    try:
        wire = msgspec.convert({**fields, "published_at": f"{stated[:17]}59{stated[19:]}"}, _Wire)
        at = wire.published_at and wire.published_at.astimezone(UTC) + timedelta(seconds=1)
    except (msgspec.ValidationError, OverflowError):
        return None
    ends_a_day = at is not None and at.hour == at.minute == at.second == 0
    return msgspec.structs.replace(wire, published_at=at) if ends_a_day else None


def _in_utc(at: datetime, fields: dict[str, Any]) -> datetime:
    try:
        return whole_milliseconds(at.astimezone(UTC))
    except OverflowError:
        shown = _shown("published_at", fields["published_at"])
        raise InputError(f"published_at: expected a time in the years 1 to 9999 UTC, got {shown}") from None
