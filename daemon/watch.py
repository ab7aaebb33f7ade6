"""Counts → detectors → readings → incidents.

What a detector knows is a pure function of the counts, and the counts are committed with the
mentions. So nothing is lost by a restart: the newest snapshot is loaded, and the counts that have
changed since are seen again; seeing the same counts twice changes nothing.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace

from config.schema import Config
from daemon.clock import Clock
from daemon.desk import earlier_crises
from daemon.errors import Conflict
from daemon.evidence import gather, newest_negative, replies_again, replies_for, still_true, title_of
from daemon.incidents import Incidents, new_incident_id
from daemon.judgements import judgements
from daemon.model import EventKind, Incident, IncidentKind, IncidentState, Reading, Tick
from daemon.replies.library import library_of
from daemon.response import incident as rules
from daemon.response.opening import Decision, Since, Verdict, family, judge, news_begins
from daemon.showing import of_this_age, seen, teach
from daemon.store.counts import Counts, Gaps, Snapshot
from daemon.store.engine import Store, transient
from daemon.waiting import Waiting, waiting
from detectors.baseline import AT_LARGE
from detectors.monitor import Monitor
from detectors.prior import Rhythm, pooled

log = structlog.get_logger()

_MINUTE = timedelta(minutes=1)
_OVERLAP = timedelta(minutes=2)  # commits that were under way when we last looked
_SNAPSHOT_EVERY = 5  # minutes
_SUSTAIN_STEP = timedelta(seconds=15)
_DISTANT = timedelta(days=3650)
_SIGHT = (EventKind.BLIND, EventKind.SIGHTED)
_JUDGED = 100  # newest incidents of a brand, of whose ends the detectors learn
_NEWEST = 30  # of all brands, among which is what has just ended


class Watch:
    """One monitor per brand, fed with every minute, asked at every commit."""

    def __init__(
        self, *, config: Config, store: Store, clock: Clock, incidents: Incidents, every: float = 10.0
    ) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._incidents = incidents
        self._every = every  # seconds at most between looks
        self._counts = Counts(store)
        self.gaps = Gaps(store)
        self._monitors: dict[str, Monitor] = {}
        self._minutes: dict[str, datetime] = {}  # the newest minute each monitor has seen
        self._seen_at = self._began = clock.now()
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="evidence")
        self._blind: set[str] = set()
        self._ended: set[tuple[str, str]] = set()  # brand and id of what had ended at the last look
        self._overtaken = True  # something has happened to an incident since
        incidents.on_change(self._overtake)

    def wake(self) -> None:
        """New mentions were committed."""
        self._wake.set()

    def adopt(self, config: Config) -> None:
        """Work by new settings from the next look on; what was learned stays."""
        self._config = config
        kept = {brand: monitor for brand, monitor in self._monitors.items() if brand in config.brands}
        self._monitors = {brand: self._new_monitor(brand, monitor.dump()) for brand, monitor in kept.items()}
        self._minutes = {brand: minute for brand, minute in self._minutes.items() if brand in config.brands}

    # ── what others ask

    def expected(self, brand: str, at: datetime, minutes: int = 1) -> tuple[float, float, float]:
        """Mean, low and high of negative authors by the brand's own rhythm in ``minutes`` from ``at``."""
        monitor = self._monitors.get(brand)
        return monitor.expected(at, minutes) if monitor else (0.0, 0.0, 0.0)

    def prior(self, brand: str) -> Rhythm:
        """The rhythm that a brand was taken for before it was known."""
        monitor = self._monitors.get(brand)
        return monitor.prior if monitor else AT_LARGE

    def waiting(self, brand: str) -> Waiting | None:
        """What a bump of this brand still lacks before it wakes anyone; None where there is none."""
        monitor = self._monitors.get(brand)
        if monitor is None or monitor.newest is None:
            return None
        copy = self._new_monitor(brand, monitor.dump())
        return waiting(copy, monitor.newest, self._config.detection.false_alerts_per_year)

    def reading(self, brand: str, kind: IncidentKind = IncidentKind.SURGE) -> Reading | None:
        """The newest reading of one kind."""
        monitor = self._monitors.get(brand)
        return next((one for one in monitor.readings() if one.kind is kind), None) if monitor else None

    # ── start

    async def start(self) -> None:
        """Load what was known, and see what has happened since."""
        now = self._clock.now()
        snapshots = await self._counts.snapshots()
        alive = max((snapshot.at for snapshot in snapshots.values()), default=now)
        if now - alive > self._config.detection.late_after:
            await self.gaps.add("daemon", alive, _minute(now), "Tocsin was not running")
        await self.gaps.load(now - _DISTANT)
        for brand in self._config.brands:
            await self._load(brand, snapshots.get(brand), now)
        self._seen_at = now

    def _new_monitor(self, brand: str, state: bytes | None) -> Monitor:
        settings = {
            "timezone": self._config.brands[brand].timezone,
            "country": self._config.brands[brand].country or "",
            "false_alerts_per_year": self._config.detection.false_alerts_per_year,
            "resolve_after": self._config.incidents.resolve_after,
        }
        if state is not None:
            return Monitor.load(state, **settings)  # type: ignore[arg-type]
        others = [monitor.learned() for other, monitor in sorted(self._monitors.items()) if other != brand]
        return Monitor(prior=pooled(others, AT_LARGE), **settings)  # type: ignore[arg-type]

    async def _load(self, brand: str, snapshot: Snapshot | None, now: datetime) -> None:
        monitor = None
        if snapshot is not None and snapshot.state is not None:
            try:
                monitor = self._new_monitor(brand, snapshot.state)
            except ValueError as error:
                log.warning("snapshot_unusable", brand=brand, reason=str(error))
        if monitor is None or snapshot is None:
            await self._rebuild(brand, now)
            return
        await self._tell(brand, monitor)
        self._monitors[brand], self._minutes[brand] = monitor, snapshot.minute
        changed = await self._counts.changed(snapshot.at - _OVERLAP, snapshot.minute, now)
        self._feed(brand, changed.get(brand, []), now)

    def _overtake(self) -> None:
        self._overtaken = True

    async def _hear(self) -> None:
        """Tell the detectors of every brand of which an incident has ended, or goes on again."""
        if self._overtaken:
            self._overtaken = False
            ended = {(one.brand, one.id) for one in await self._incidents.find(limit=_NEWEST) if one.state.ended}
            for brand in {brand for brand, _ in ended ^ self._ended} & self._monitors.keys():
                await self._tell(brand, self._monitors[brand])
            self._ended = ended

    async def _tell(self, brand: str, monitor: Monitor) -> None:
        """Let the detectors know what people have made of the brand's incidents."""
        monitor.judge(judgements(await self._incidents.find(brand=brand, limit=_JUDGED)))

    async def _rebuild(self, brand: str, now: datetime) -> None:
        """Teach a new monitor everything from the counts, and from what people have said."""
        monitor = self._new_monitor(brand, None)
        await self._tell(brand, monitor)
        ticks = of_this_age(await self._counts.history(brand, now))
        await asyncio.get_running_loop().run_in_executor(self._threads, teach, monitor, ticks, self.gaps, now)
        self._monitors[brand] = monitor
        self._minutes[brand] = ticks[-1].at if ticks else _minute(now)
        self._feed(brand, ticks[-1:], now)
        await self._counts.save([self._snapshot(brand, now)], rebuilt=True)
        log.info("baseline_built", brand=brand, minutes=len(ticks))

    def _snapshot(self, brand: str, now: datetime) -> Snapshot:
        return Snapshot(brand=brand, at=now, minute=self._minutes[brand], state=self._monitors[brand].dump())

    # ── each look

    async def run(self) -> None:
        """Look at every commit, and every few seconds, until cancelled; then keep what is known."""
        try:
            while True:
                self._wake.clear()
                try:
                    await self.look()
                except Exception as error:
                    if not transient(error):
                        raise
                    log.warning("watch_store_failed", error=type(error).__name__)
                    await self._clock.sleep(1.0)
                    continue
                await self._pause()
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def stop(self) -> None:
        """Keep what is known, so that the next start has nothing to learn again."""
        now = self._clock.now()
        await self._counts.save([self._snapshot(brand, now) for brand in self._monitors])

    async def _pause(self) -> None:
        sleeper = asyncio.ensure_future(self._clock.sleep(self._every))
        waiter = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({sleeper, waiter}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeper.cancel()
            waiter.cancel()

    async def look(self) -> None:
        """See what has changed, and decide."""
        async with self._turn:
            now = self._clock.now()
            for brand in await self._counts.outdated():
                if brand in self._config.brands:
                    await self.gaps.load(now - _DISTANT)
                    await self._rebuild(brand, now)
            await self.gaps.load(now - timedelta(days=1))
            oldest = min(self._minutes.values(), default=_minute(now))
            changed = await self._counts.changed(self._seen_at - _OVERLAP, oldest, now)
            self._seen_at = now
            await self._hear()
            under_way = {incident.brand for incident in await self._incidents.open_ones() if not incident.drill}
            due: list[Snapshot] = []
            for brand in self._config.brands:
                if brand not in self._monitors:
                    await self._rebuild(brand, now)
                before = self._minutes[brand]
                self._feed(brand, changed.get(brand, []), now)
                if self._monitors[brand].alerting or brand in under_way:
                    await self._decide(brand, now)
                crossed = int(before.timestamp()) // 60 // _SNAPSHOT_EVERY
                if int(self._minutes[brand].timestamp()) // 60 // _SNAPSHOT_EVERY != crossed:
                    due.append(self._snapshot(brand, now))
            await self._counts.save(due)

    def _feed(self, brand: str, ticks: list[Tick], now: datetime) -> None:
        """Show the monitor what has changed, then every minute up to the present one."""
        monitor, last = self._monitors[brand], self._minutes[brand]
        by_minute = {tick.at: tick for tick in ticks}
        for tick in ticks:
            if tick.at < last:
                monitor.observe(tick)
        minute, present = last, _minute(now)
        while minute <= present:
            monitor.observe(seen(by_minute.get(minute), minute, self.gaps, now))
            minute += _MINUTE
        if last <= present:
            self._minutes[brand] = present

    async def _decide(self, brand: str, now: datetime) -> None:
        readings = {reading.kind: reading for reading in self._monitors[brand].readings()}
        standing = await self._standing(brand)
        blind = readings[IncidentKind.BLIND].sustained if IncidentKind.BLIND in readings else False
        await self._sight(brand, standing, blind=blind)
        for reading in readings.values():
            kinds = family(reading.kind)
            ours = [incident for incident in standing if incident.kind in kinds]
            open_one = next((incident for incident in ours if not incident.state.ended), None)
            if open_one is None and not reading.alerting:
                continue
            if open_one is not None:  # whichever detector sees the wave, it goes on
                open_one = await self._sustain(open_one, reading, now, blind=blind)
            last = max(
                (incident for incident in ours if incident.resolved_at is not None),
                key=lambda incident: incident.resolved_at or incident.opened_at,
                default=None,
            )
            since = await self._since(brand, last, reading, now) if open_one is None and last else _NOTHING
            policy = self._incidents.policies[brand]
            decision = judge(reading, open_one=open_one, last=last, since=since, now=now, policy=policy)
            if decision.verdict is not Verdict.NOTHING:
                await self._carry_out(brand, reading, decision, now)
                if decision.verdict in {Verdict.OPEN, Verdict.REOPEN}:
                    standing = await self._standing(brand)

    async def _standing(self, brand: str) -> list[Incident]:
        """Those that have not ended, however old, and the newest of the others."""
        newest = await self._incidents.find(brand=brand, limit=20)
        seen = {incident.id for incident in newest}
        open_ones = await self._incidents.open_ones()
        found = [*newest, *(one for one in open_ones if one.brand == brand and one.id not in seen)]
        return [one for one in found if not one.drill]

    async def _sustain(self, incident: Incident, reading: Reading, now: datetime, *, blind: bool) -> Incident:
        """Move the time at which the evidence last held; there is no all-clear while blind."""
        at = incident.last_sustained_at
        if (blind and reading.kind is not IncidentKind.BLIND) or (
            reading.kind is IncidentKind.BLIND and reading.sustained
        ):
            at = now
        elif reading.sustained:
            at = await newest_negative(self._store, incident.brand, at, now) or at
        at = max(at, self._began, self.gaps.seeing_since(now) or self._began)  # what nobody saw was not quiet
        patience = self._incidents.policies[incident.brand].resolve_after
        if at - incident.last_sustained_at < min(_SUSTAIN_STEP, patience / 20):
            return incident  # not worth a write
        return await self._incidents.sustain(incident.id, at)

    async def _since(self, brand: str, last: Incident, reading: Reading, now: datetime) -> Since:
        """What the reading's window holds that is newer than the end of ``last``."""
        begin, whole = news_begins(last, reading, now)
        observed = await self._counts.authors_since(brand, begin, now)
        risk, top_reach = await self._counts.worst_since(brand, begin)
        minutes = max(1, int((now - begin) / _MINUTE))
        expected = self.expected(brand, _minute(begin), minutes)[0]
        return Since(observed=observed, expected=expected, risk=risk, top_reach=top_reach, whole=whole)

    async def _sight(self, brand: str, standing: list[Incident], *, blind: bool) -> None:
        if blind == (brand in self._blind):
            return
        for incident in standing:
            if incident.state.ended or incident.kind is IncidentKind.BLIND:
                continue
            said = [event.kind for event in await self._incidents.timeline(incident.id) if event.kind in _SIGHT]
            if blind != (said[-1:] == [EventKind.BLIND]):  # not said already, before a restart
                await self._incidents.change(
                    incident.id,
                    lambda incident, _now, _policy: rules.sight(incident, sighted=not blind, source=incident.brand),
                )
        (self._blind.add if blind else self._blind.discard)(brand)

    async def _carry_out(self, brand: str, reading: Reading, decision: Decision, now: datetime) -> None:
        incident = decision.incident
        try:
            match decision.verdict:
                case Verdict.OPEN:
                    await self._open(brand, reading, now)
                case Verdict.REOPEN if incident is not None:
                    log.info("incident_back", incident=incident.id, reason=decision.reason)
                    await self._incidents.change(
                        incident.id,
                        lambda incident, now, policy: rules.reopen(
                            incident, actor="tocsin", reason="evidence", now=now, policy=policy
                        ),
                    )
                case Verdict.RENEW if incident is not None:
                    if reading.sustained and not still_true(incident, now):
                        await self._renew(incident, reading, now)
                case Verdict.JOIN if incident is not None:
                    await self._incidents.join(incident, reading)
                case Verdict.RESOLVE if incident is not None:
                    await self._incidents.change(
                        incident.id,
                        lambda incident, now, _policy: (
                            None if incident.state.ended else rules.resolve_quiet(incident, now=now)
                        ),
                    )
                case _:
                    pass
        except Conflict as error:  # somebody was quicker; the next look decides anew
            log.info("decision_overtaken", brand=brand, verdict=decision.verdict.value, reason=str(error))

    async def _open(self, brand: str, reading: Reading, now: datetime) -> None:
        settings, policy = self._config.brands[brand], self._incidents.policies[brand]
        evidence = await gather(self._store, brand, reading, now, self._threads, settings.named)
        due = now + policy.next_update[reading.severity]
        crises = await earlier_crises(self._incidents, brand, now)
        replies = replies_for(evidence, settings, due, now, library_of(self._config), earlier_crises=crises)
        outcome = rules.open_incident(
            incident_id=new_incident_id(brand, now),
            brand=brand,
            title=title_of(settings, reading, evidence),
            reading=reading,
            evidence=evidence,
            replies=replies,
            now=self._clock.now(),
            policy=policy,
        )
        await self._incidents.open(outcome)

    async def _renew(self, incident: Incident, reading: Reading, now: datetime) -> None:
        settings = self._config.brands[incident.brand]
        evidence = await gather(self._store, incident.brand, reading, now, self._threads, settings.named)
        if not evidence.examples:  # nothing to show any more: keep what there was
            return
        facts, reworded = incident.facts, replace(incident, evidence=evidence)
        replies = await replies_again(self._incidents, reworded, self._config, now)
        await self._incidents.change(
            incident.id,
            lambda incident, _now, policy: (
                None
                if incident.state in {IncidentState.RESOLVED, IncidentState.FALSE_ALARM}
                else rules.renew(incident, reading, evidence, replies if incident.facts == facts else (), policy)
            ),
        )


_NOTHING = Since(observed=0, expected=0.0)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
