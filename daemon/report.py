"""Figures over a period: what came in, what became of it, and how fast people answered."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from config.schema import Config
from daemon.answers import ClockReport, read_clocks
from daemon.model import EventKind, IncidentState
from daemon.store.reads import IncidentRow, Reads
from daemon.views import format_time

OUTCOMES: Final = ("accepted", "duplicates", "rejected", "late", "clamped")
PROMISES: Final = (EventKind.PROMISE_MADE, EventKind.PROMISE_KEPT, EventKind.PROMISE_BROKEN)


class MentionFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Mentions by what became of them. Those late or clamped are among the accepted."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    late: int = 0
    clamped: int = 0


class IncidentFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents opened in the period."""

    opened: int
    resolved: int
    false_alarms: int
    still_open: int
    by_kind: dict[str, int]
    by_severity: dict[str, int]


class ResponseFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How fast people were, as medians in seconds from detection; None where it never happened."""

    acknowledged_after: float | None
    first_reply_after: float | None
    resolved_after: float | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Figures from ``begin`` to before ``end``; mentions are counted by whole hours of arrival."""

    begin: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")
    mentions: MentionFigures
    brands: dict[str, MentionFigures]
    incidents: IncidentFigures
    response: ResponseFigures
    promises: dict[str, int]
    clocks: ClockReport
    deliveries: dict[str, dict[str, int]]  # notifier → state → messages


async def read_report(reads: Reads, config: Config, begin: datetime, end: datetime, now: datetime) -> Report:
    """The figures of the time from ``begin`` to before ``end``, as they stand at ``now``."""
    tallies = await reads.tallies(begin, end)
    rows = await reads.incident_rows(begin, end)
    return Report(
        begin=format_time(begin),
        end=format_time(end),
        mentions=mention_figures(tallies),
        brands={
            brand: mention_figures({key: n for key, n in tallies.items() if key[0] == brand})
            for brand in sorted({brand for brand, _ in tallies if brand})
        },
        incidents=incident_figures(rows),
        response=response_figures(rows),
        promises=await reads.event_counts(begin, end, PROMISES),
        clocks=await read_clocks(reads, config, rows, begin, end, now),
        deliveries=await reads.delivery_counts(begin, end),
    )


def mention_figures(tallies: Mapping[tuple[str, str], int]) -> MentionFigures:
    """Sum of tallies by (brand, outcome) over all brands."""
    sums: Counter[str] = Counter()
    for (_, outcome), n in tallies.items():
        sums[outcome] += n
    return MentionFigures(**{outcome: sums[outcome] for outcome in OUTCOMES})


def incident_figures(rows: Sequence[IncidentRow]) -> IncidentFigures:
    """How many, and of which sort."""
    states = Counter(IncidentState(row.state) for row in rows)
    return IncidentFigures(
        opened=len(rows),
        resolved=states[IncidentState.RESOLVED],
        false_alarms=states[IncidentState.FALSE_ALARM],
        still_open=sum(n for state, n in states.items() if not state.ended),
        by_kind=dict(sorted(Counter(row.kind for row in rows).items())),
        by_severity=dict(sorted(Counter(row.severity for row in rows).items())),
    )


def response_figures(rows: Sequence[IncidentRow]) -> ResponseFigures:
    """Medians over the incidents in which it happened."""
    return ResponseFigures(
        acknowledged_after=_median((row.opened_at, row.acknowledged_at) for row in rows),
        first_reply_after=_median((row.opened_at, row.first_update_at) for row in rows),
        resolved_after=_median(
            (row.opened_at, row.resolved_at) for row in rows if row.state == IncidentState.RESOLVED.value
        ),
    )


def _median(spans: Iterable[tuple[datetime, datetime | None]]) -> float | None:
    seconds = [(after - before).total_seconds() for before, after in spans if after is not None]
    return statistics.median(seconds) if seconds else None
