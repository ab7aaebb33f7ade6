"""Why it alerted, or why it did not: the numbers of an incident, and of any minute of the past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace

from config.schema import Config
from daemon import explain_words as words
from daemon.clock import Clock
from daemon.errors import InputError, NotFound
from daemon.explain_views import IncidentWhy, MomentView, digits, reading_view
from daemon.explain_views import Verdict as Answer
from daemon.explain_words import Reason
from daemon.incidents import Incidents
from daemon.judgements import judgements
from daemon.model import EventKind, Incident, IncidentKind, IncidentState, Reading, TimelineEvent
from daemon.past import Moment, Past
from daemon.people import Names, names_of
from daemon.response.opening import Since, Verdict, family, judge, news_begins
from daemon.series import Forecast
from daemon.store.counts import Counts
from daemon.store.engine import Store
from daemon.store.hindsight import Hindsight, Stretch
from daemon.store.reads import Reads
from daemon.views import format_time
from daemon.what_if import threshold
from detectors.calibration import Judgement
from notifiers.wording import clock_time

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_LAST = 20  # incidents of a brand that may still matter
_TURNS = {
    EventKind.RESOLVED: IncidentState.RESOLVED,
    EventKind.FALSE_ALARM: IncidentState.FALSE_ALARM,
    EventKind.REOPENED: IncidentState.OPEN,
}


class Explainer:
    """Answers for the API, the pages and the command line alike."""

    def __init__(
        self, *, config: Callable[[], Config], clock: Clock, store: Store, incidents: Incidents, forecast: Forecast
    ) -> None:
        self._config = config
        self._clock = clock
        self._incidents = incidents
        self._forecast = forecast
        self._reads = Reads(store)
        self._counts = Counts(store)
        self._hindsight = Hindsight(store)
        self._past = Past(config=config, hindsight=self._hindsight, said=self._said, prior=forecast.prior)

    async def _said(self, brand: str, at: datetime) -> list[Judgement]:
        """What people had made of a brand's incidents at a time."""
        found = await self._incidents.find(brand=brand, limit=100)
        return judgements([one for one in found if one.resolved_at is not None and one.resolved_at <= at])

    def close(self) -> None:
        """End the work under way."""
        self._past.close()

    # ── an incident

    async def incident(self, incident_id: str) -> IncidentWhy:
        """Why an incident is one, what joined it, and what would close it.

        Raises ``NotFound``.
        """
        incident = await self._incidents.get(incident_id)
        events = await self._incidents.timeline(incident_id)
        evidence, now = incident.evidence, self._clock.now()
        clock = self._clock_of(incident.brand, now)
        minute = _minute(evidence.at)
        stretch = await self._stretch(incident.brand, minute, evidence.window_minutes, now)
        blind = incident.kind is IncidentKind.BLIND
        resolve_after = self._config().incidents.resolve_after
        sightless = any(
            one.brand == incident.brand and one.kind is IncidentKind.BLIND for one in await self._incidents.open_ones()
        )
        self_closing = not (incident.state.ended or blind or sightless)
        bar = None if blind else threshold(incident.kind, self._config().detection.false_alerts_per_year)
        share = stretch.negative_authors / stretch.authors if stretch.authors and not blind else None
        return IncidentWhy(
            incident_id=incident.id,
            brand=incident.brand,
            kind=incident.kind,
            severity=incident.severity,
            state=incident.state,
            at=format_time(evidence.at),
            observed=evidence.observed,
            expected=round(evidence.expected, 3),
            window_minutes=evidence.window_minutes,
            distinct_authors=evidence.distinct_authors,
            share=None if share is None else round(share, 3),
            readers=None if blind or not stretch.top_reach else round(10**stretch.top_reach - 1),
            false_alerts_per_year=digits(evidence.false_alerts_per_year),
            threshold_per_year=None if bar is None else digits(bar),
            closes_at=format_time(incident.last_sustained_at + resolve_after) if self_closing else None,
            reasons=[
                Reason(about="evidence", text=words.evidence_sentence(incident, bar)),
                Reason(about="severity", text=await self._severity(incident, events, clock)),
                *words.joined(incident, events, clock),
                Reason(
                    about="end",
                    text=words.closing(incident, resolve_after, blind=sightless, clock=clock, names=self._names),
                ),
            ],
        )

    async def _severity(self, incident: Incident, events: list[TimelineEvent], clock: words.Clock) -> str:
        """By the event that decided it, and what was written in the hour before."""
        decided = [event for event in events if event.kind in {EventKind.OPENED, EventKind.SEVERITY}][-1]
        minute = _minute(decided.at)
        hour = await self._stretch(incident.brand, minute, 60, decided.at)
        expected = self._forecast.expected(incident.brand, minute - _HOUR + _MINUTE, 60)[0]
        return words.severity_reason(incident, decided, hour.negative_authors - expected, hour.top_reach, clock)

    # ── a minute

    async def moment(self, brand: str, at: datetime) -> MomentView:
        """What the detectors say of the minute of ``at``, and what became of it.

        Raises ``NotFound`` for a brand that is not configured, ``InputError`` for a time to come.
        """
        config, now = self._config(), self._clock.now()
        if brand not in config.brands:
            raise NotFound(f"no brand {brand}")
        if at > now:
            raise InputError("at: expected a time that has passed")
        minute = _minute(at)
        moment = await self._past.moment(brand, minute)
        horizon = min(minute + _MINUTE, now)
        hour = await self._stretch(brand, minute, 60, horizon)
        gaps = await self._reads.gaps(minute - _HOUR, minute + _MINUTE)
        clock = self._clock_of(brand, now)
        standing = await self._standing(brand, horizon)
        alerting = [reading for reading in moment.readings.values() if reading.alerting]
        open_ones = [incident for incident in standing if not incident.state.ended]
        ours = next((one for reading in alerting for one in open_ones if one.kind in family(reading.kind)), None)
        ours = ours or next(iter(open_ones), None)
        reasons: list[Reason] = []
        if ours is None:
            for reading in alerting:
                why = await self._why_not(brand, reading, moment, standing, horizon, clock)
                reasons += [reason for reason in why if reason not in reasons]
        reasons += words.held_back(
            hour,
            gaps,
            minute=minute,
            known_since=moment.known_since,
            late_after=config.detection.late_after,
            clock=clock,
        )
        rate = config.detection.false_alerts_per_year
        verdict = _verdict(moment, ours)
        return MomentView(
            brand=brand,
            at=format_time(minute),
            verdict=verdict,
            incident_id=ours.id if ours else None,
            summary=words.summary(verdict, ours, minute=minute, clock=clock, rate=rate),
            false_alerts_per_year=rate,
            readings=[reading_view(moment, reading, rate) for reading in moment.readings.values()],
            last_hour=hour,
            reasons=reasons,
        )

    async def _standing(self, brand: str, at: datetime) -> list[Incident]:
        """The newest incidents of a brand as they were then."""
        found = [one for one in await self._incidents.find(brand=brand, limit=500) if one.opened_at <= at][:_LAST]
        return [as_of(one, await self._incidents.timeline(one.id), at) for one in found]

    async def _why_not(
        self,
        brand: str,
        reading: Reading,
        moment: Moment,
        standing: list[Incident],
        now: datetime,
        clock: words.Clock,
    ) -> list[Reason]:
        """Why an alerting reading opened nothing; the same rules as the watch's."""
        ended = [one for one in standing if one.kind in family(reading.kind) and one.resolved_at is not None]
        last = max(ended, key=lambda one: one.resolved_at or one.opened_at, default=None)
        if last is None:
            return []
        begin, whole = news_begins(last, reading, now)
        risk, far = await self._hindsight.worst(brand, _minute(begin), now)
        since = Since(
            observed=await self._counts.authors_since(brand, begin, now),
            expected=moment.monitor.expected(_minute(begin), max(1, int((now - begin) / _MINUTE)))[0],
            risk=risk,
            top_reach=far,
            whole=whole,
        )
        policy = self._incidents.policies[brand]
        decision = judge(reading, open_one=None, last=last, since=since, now=now, policy=policy)
        return (
            [words.ended_before(last, decision.reason, clock, self._names)]
            if decision.verdict is Verdict.NOTHING
            else []
        )

    # ── both

    async def _stretch(self, brand: str, minute: datetime, minutes: int, seen_by: datetime) -> Stretch:
        return await self._hindsight.stretch(brand, minute - (minutes - 1) * _MINUTE, minute + _MINUTE, seen_by)

    @property
    def _names(self) -> Names:
        return names_of(self._config().people)

    def _clock_of(self, brand: str, now: datetime) -> words.Clock:
        settings = self._config().brands.get(brand)
        zone = settings.timezone if settings else "UTC"
        return lambda at: clock_time(at, zone, now)


def as_of(incident: Incident, events: list[TimelineEvent], at: datetime) -> Incident:
    """Whether the incident was open ``at`` a time, or when and by whom it had been ended."""
    seen = replace(incident, state=IncidentState.OPEN, resolved_at=None, ended_by=None)
    for event in events:
        if event.at <= at and event.kind in _TURNS:
            state = _TURNS[event.kind]
            ended = state.ended
            seen = replace(
                seen,
                state=state,
                resolved_at=event.at if ended else None,
                ended_by=event.actor if ended else None,
            )
    return seen


def _verdict(moment: Moment, ours: Incident | None) -> Answer:
    if ours is not None:
        return "incident"
    if not moment.tick.covered or moment.readings[IncidentKind.BLIND].alerting:
        return "blind"
    return "held_back" if any(reading.alerting for reading in moment.readings.values()) else "quiet"


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
