"""What a series of the past does not tell of its brand: where it lives, its names, when an incident is over."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from config.schema import Config


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What the daemon knows of a brand by its configuration."""

    timezone: str = "UTC"
    country: str = ""  # whose public holidays it keeps; empty: none are known
    names: tuple[str, ...] = ()  # of places and products
    own_authors: frozenset[str] = frozenset()
    resolve_after: timedelta = timedelta(minutes=30)


def circumstances(config: Config | None, brand: str, otherwise: Circumstances) -> Circumstances:
    """Those of a configured brand; of any other ``otherwise``."""
    found = config.brands.get(brand) if config is not None else None
    if config is None or found is None:
        return otherwise
    return Circumstances(
        timezone=found.timezone,
        country=found.country or "",
        names=found.named,
        own_authors=frozenset(found.own_authors),
        resolve_after=config.incidents.resolve_after,
    )
