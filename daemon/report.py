"""Figures over a period: what came in, what became of it, and how fast people answered."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from config.schema import Config
from daemon.answers import ClockReport, read_clocks
from daemon.clock import Clock
from daemon.model import EventKind, IncidentState
from daemon.people import names_of
from daemon.reports.month import Month
from daemon.reports.period import Listed, Precision, Reaction, listed, precision, reaction
from daemon.response.policy import Policy
from daemon.store.cases import Cases
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
    reaction: Reaction  # the same and more, against the limits
    promises: dict[str, int]
    clocks: ClockReport
    deliveries: dict[str, dict[str, int]]  # notifier → state → messages
    precision: list[Precision]
    listed: list[Listed]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A report as people read it."""

    title: str
    month: Month | None  # None: another stretch of time
    begin: datetime
    end: datetime
    timezone: str
    report: Report
    before: Report | None  # of the month before, to compare with
    brands: dict[str, str]  # slug → name
    names: dict[str, str] = {}  # of people, by actor
    page: str


class Periods:
    """Writes the report of a period."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        reads: Reads,
        cases: Cases,
        policies: Callable[[], Mapping[str, Policy]],
    ) -> None:
        self._config = config
        self._clock = clock
        self._reads = reads
        self._cases = cases
        self._policies = policies

    async def report(self, begin: datetime, end: datetime) -> Report:
        """The figures of the time from ``begin`` to before ``end``, as they stand now. Drills are in none of them."""
        reads, now, policies = self._reads, self._clock.now(), self._policies()
        tallies = await reads.tallies(begin, end)
        drills = await self._cases.drills(begin, end)
        rows = await reads.incident_rows(begin, end, without=drills)
        cases = await self._cases.opened(begin, end)
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
            reaction=reaction(cases, policies, now),
            promises=await reads.event_counts(begin, end, PROMISES, without=drills),
            clocks=await read_clocks(reads, self._config(), rows, begin, end, now),
            deliveries=await reads.delivery_counts(begin, end, without=drills),
            precision=precision(cases),
            listed=listed(cases, policies, now),
        )

    async def month(self, month: Month) -> Told:
        """A month beside the one before, by the clock of ``reports.timezone``."""
        zone = self._config().reports.timezone
        begin, end = month.bounds(zone)
        title = f"{begin.astimezone(ZoneInfo(zone)):%B %Y}"
        before = await self.report(*month.before().bounds(zone))
        return await self._told(title, month, begin, end, before)

    async def told(self, begin: datetime, end: datetime) -> Told:
        """Any other stretch of time."""
        zone = ZoneInfo(self._config().reports.timezone)
        title = f"{begin.astimezone(zone):%d %b %Y, %H:%M} to {end.astimezone(zone):%d %b %Y, %H:%M}"
        return await self._told(title, None, begin, end, None)

    async def _told(
        self, title: str, month: Month | None, begin: datetime, end: datetime, before: Report | None
    ) -> Told:
        config = self._config()
        query = f"month={month.name}" if month else f"from={format_time(begin)}&to={format_time(end)}"
        return Told(
            title=title,
            month=month,
            begin=begin,
            end=end,
            timezone=config.reports.timezone,
            report=await self.report(begin, end),
            before=before,
            brands={slug: brand.name for slug, brand in config.brands.items()},
            names=names_of(config.people),
            page=f"{config.web.base_url.rstrip('/')}/report?{query}",
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
