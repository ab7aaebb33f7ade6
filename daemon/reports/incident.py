"""Builds the report of one incident. Pure: (incident, timeline, limits, series) → record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.model import EventKind, Incident, TimelineEvent
from daemon.people import NOBODY, Names
from daemon.reports.delays import Blind, Kept, Unseen, delays
from daemon.reports.figures import measures, promises, said, updates
from daemon.reports.record import LESSONS, IncidentReport, Line, Seen, Stated
from daemon.response.policy import Policy
from daemon.series import Point
from daemon.web.words import EVENTS, event_detail

_ENDINGS = (EventKind.RESOLVED, EventKind.FALSE_ALARM)


def report_on(
    incident: Incident,
    events: Sequence[TimelineEvent],
    *,
    policy: Policy,
    brand_name: str,
    page: str,
    now: datetime,
    series: Sequence[Point] = (),
    blind: Iterable[Blind] = (),
    unseen: Unseen | None = None,
    kept: Kept | None = None,
    names: Names = NOBODY,
) -> IncidentReport:
    """What is to be known of ``incident`` as of ``now``, by the limits of ``policy``; ``names`` are those of people."""
    zone = ZoneInfo(policy.timezone)
    evidence = incident.evidence
    return IncidentReport(
        id=incident.id,
        brand=incident.brand,
        brand_name=brand_name,
        timezone=policy.timezone,
        kind=incident.kind,
        severity=incident.severity,
        state=incident.state,
        drill=incident.drill,
        title=incident.title,
        onset_at=incident.onset_at,
        opened_at=incident.opened_at,
        ended_at=incident.resolved_at,
        ended_by=incident.ended_by,
        names={actor: names[actor] for actor in dict.fromkeys(event.actor for event in events) if actor in names},
        ending=_ending(incident, events),
        written_at=now,
        page=page,
        seen=Seen(
            reason=evidence.reason,
            observed=evidence.observed,
            expected=round(evidence.expected, 3),
            window_minutes=evidence.window_minutes,
            distinct_authors=evidence.distinct_authors,
            peak=max(incident.peak_observed, evidence.observed),
            topic=evidence.topic,
            channels=evidence.channels,
            languages=evidence.languages,
            terms=evidence.terms,
        ),
        measures=measures(incident, events, policy, now),
        updates=updates(incident, events, policy),
        promises=promises(events),
        said=said(events),
        facts=tuple(Stated(n=fact.n, fact=fact.fact, at=fact.at, source=fact.source) for fact in incident.facts),
        delays=delays(incident, events, blind, unseen or Unseen(late=0, unseen=0), kept or Kept(), now, names),
        lessons=dict.fromkeys(LESSONS, ""),
        timeline=tuple(
            Line(
                seq=event.seq,
                at=event.at,
                kind=event.kind.value,
                actor=event.actor,
                what=EVENTS[event.kind.value],
                detail=event_detail(event, zone, names),
            )
            for event in events
        ),
        head=incident.head_hash,
        series=tuple(series),
    )


def _ending(incident: Incident, events: Sequence[TimelineEvent]) -> str:
    if not incident.state.ended:
        return ""
    last = next((event for event in reversed(events) if event.kind in _ENDINGS), None)
    return "" if last is None else str(last.data.get("summary") or last.data.get("reason") or "")
