"""How each brand stands now, in one word and two numbers."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from daemon.model import Incident, IncidentKind
from daemon.series import Forecast
from daemon.store.reads import Reads
from daemon.waiting import Waiting

RATE_WINDOW = timedelta(hours=1)  # rates are of the last hour
WATCH_WINDOW = timedelta(minutes=15)  # long enough to mean something, short enough to be news


class Waits(Protocol):
    """Who knows what a bump still lacks before it wakes anyone: ``daemon.watch.Watch``."""

    def waiting(self, brand: str) -> Waiting | None:
        """What it waits for; None where there is nothing."""
        ...


class BrandState(enum.StrEnum):
    """One word for a brand."""

    CALM = "calm"
    WATCH = "watch"  # more than its rhythm explains, but not yet an incident
    CRISIS = "crisis"  # an incident is open
    BLIND = "blind"  # a source is silent that should not be: it may be calm, it may not


class BrandStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A brand as the overview shows it; rates are negative mentions per hour."""

    brand: str
    name: str
    state: BrandState
    negative_rate: float
    expected_rate: float
    incident_id: str | None  # the worst open incident
    waiting: Waiting | None = None  # what a bump still lacks before it wakes anyone


def worst(open_incidents: Sequence[Incident]) -> Incident | None:
    """The incident to look at first: a crisis before blindness, then by severity, then the oldest."""
    return min(
        open_incidents,
        key=lambda i: (i.kind is IncidentKind.BLIND, -i.severity.rank, i.opened_at),
        default=None,
    )


def state_of(incident: Incident | None, *, blind_now: bool, negative: int, high: float) -> BrandState:
    """One word, the most pressing that is true. ``negative`` and ``high`` are of ``WATCH_WINDOW``."""
    if incident is not None and incident.kind is not IncidentKind.BLIND:
        return BrandState.CRISIS
    if incident is not None or blind_now:
        return BrandState.BLIND
    return BrandState.WATCH if negative > high else BrandState.CALM


async def brand_status(
    reads: Reads,
    forecast: Forecast,
    waits: Waits,
    brand: str,
    name: str,
    open_incidents: Sequence[Incident],
    now: datetime,
) -> BrandStatus:
    """How ``brand`` stands at ``now``."""
    minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    hour = await reads.step_counts(brand, minute - RATE_WINDOW, minute, RATE_WINDOW)
    recent = await reads.step_counts(brand, minute - WATCH_WINDOW, minute, WATCH_WINDOW)
    mean, _, _ = forecast.expected(brand, minute - RATE_WINDOW, RATE_WINDOW // timedelta(minutes=1))
    _, _, high = forecast.expected(brand, minute - WATCH_WINDOW, WATCH_WINDOW // timedelta(minutes=1))
    incident = worst(open_incidents)
    blind_now = any(gap.until is None for gap in await reads.gaps(now, now))
    state = state_of(
        incident,
        blind_now=blind_now,
        negative=sum(count.negative_authors for count in recent.values()),
        high=high,
    )
    return BrandStatus(
        brand=brand,
        name=name,
        state=state,
        negative_rate=float(sum(count.negative for count in hour.values())),
        expected_rate=round(mean, 3),
        incident_id=None if incident is None else incident.id,
        waiting=waits.waiting(brand) if state is BrandState.WATCH else None,
    )
