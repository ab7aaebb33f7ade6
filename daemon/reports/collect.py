"""Reads from the store what the report of an incident tells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from config.schema import Config
from daemon.clock import Clock
from daemon.incidents import Incidents
from daemon.model import Incident, IncidentKind
from daemon.notice import Summary
from daemon.people import names_of
from daemon.reports.delays import Blind, Kept, Unseen
from daemon.reports.incident import report_on
from daemon.reports.phrases import figures
from daemon.reports.record import IncidentReport
from daemon.response.policy import Policy
from daemon.series import Forecast, Point, read_series
from daemon.store.cases import Cases
from daemon.store.hindsight import Hindsight
from daemon.store.reads import Reads
from daemon.web.links import page_link

_BEFORE: Final = timedelta(hours=2)  # of ordinary life, to compare with
_AFTER: Final = timedelta(hours=1)  # of calm behind an ended incident
_MOST_STEPS: Final = 240
_STEPS: Final = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 15, 30, 60, 240, 1440))
_HIDDEN: Final = timedelta(hours=1)  # before the onset: what was blind or late then may have hidden it


class Reporter:
    """Writes the report of an incident as it stands now."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        incidents: Incidents,
        reads: Reads,
        cases: Cases,
        hindsight: Hindsight,
        forecast: Forecast,
    ) -> None:
        self._config = config
        self._clock = clock
        self._incidents = incidents
        self._reads = reads
        self._cases = cases
        self._hindsight = hindsight
        self._forecast = forecast

    async def report(self, incident_id: str) -> IncidentReport:
        """The whole report.

        Raises ``NotFound``.
        """
        incident = await self._incidents.get(incident_id)
        return await self._write(incident, whole=True)

    async def summary(self, incident: Incident) -> Summary:
        """The report in short, for those who are told of the end."""
        report = await self._write(incident, whole=False)
        rows = tuple((name, ", ".join(filter(None, (value, limit)))) for name, value, limit, _ in figures(report))
        return Summary(figures=rows, page=f"{report.page}/report")

    async def _write(self, incident: Incident, *, whole: bool) -> IncidentReport:
        """``whole``: with the series, and what hid it."""
        config, now = self._config(), self._clock.now()
        brand = config.brands.get(incident.brand)
        end = min(now, incident.resolved_at or now)
        gaps = await self._reads.gaps(incident.onset_at - _HIDDEN, end) if whole else []
        return report_on(
            incident,
            await self._incidents.timeline(incident.id),
            policy=self._policy(config, incident),
            brand_name=brand.name if brand else incident.brand,
            page=page_link(config.web.base_url, incident.id),
            now=now,
            series=await self._series(incident) if whole else (),
            blind=[Blind(source=gap.source, since=gap.since, until=gap.until, reason=gap.reason) for gap in gaps],
            unseen=await self._unseen(incident) if whole else None,
            kept=await self._kept(incident) if whole else None,
            names=names_of(config.people),
        )

    async def _kept(self, incident: Incident) -> Kept:
        policy = self._incidents.policies.get(incident.brand)
        known = {silence.id: silence.reason for silence in policy.roster.silences} if policy else {}
        return Kept(
            silences={name: known.get(name, "") for name in incident.hidden_by},
            held=await self._cases.held(incident.id),
        )

    def _policy(self, config: Config, incident: Incident) -> Policy:
        """The limits of its brand, or those of any where it is no longer configured."""
        return self._incidents.policies.get(incident.brand) or Policy.of(config, next(iter(config.brands)))

    async def _series(self, incident: Incident) -> list[Point]:
        if incident.kind is IncidentKind.BLIND:
            return []
        now = self._clock.now()
        begin = incident.onset_at - _BEFORE
        end = now if incident.resolved_at is None else min(now, incident.resolved_at + _AFTER)
        step = next((each for each in _STEPS if (end - begin) / each <= _MOST_STEPS), _STEPS[-1])
        return await read_series(self._reads, self._forecast, incident.brand, begin, end, step)

    async def _unseen(self, incident: Incident) -> Unseen:
        if incident.kind is IncidentKind.BLIND:
            return Unseen(late=0, unseen=0)
        found = await self._hindsight.stretch(
            incident.brand, incident.onset_at - _HIDDEN, incident.opened_at, incident.opened_at
        )
        return Unseen(late=found.late_negative, unseen=found.unseen_negative)
