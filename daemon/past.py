"""What the detectors say of a minute of the past, with nothing known of what came after it.

A fresh monitor is shown every minute of the three months up to then, as the watch shows them when it starts
without a snapshot. States at the ends of days are kept, so that the next question about the brand is quick.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec

from config.schema import Config
from daemon.model import IncidentKind, Reading, Tick
from daemon.store.counts import Gaps
from daemon.store.hindsight import Hindsight, Mark
from daemon.store.intake import EVIDENCE_REACHES
from daemon.what_if import Shortfall, shortfalls
from detectors.calibration import Judgement
from detectors.monitor import Monitor
from detectors.prior import Rhythm
from detectors.signal import Signal

_MINUTE, _DAY, _WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(days=7)
_LONG_CALM = timedelta(days=14)  # without a mention: what lies before is of another life of the brand
_LOOK_BACK = timedelta(days=90)  # what was learned before hardly counts any more …
_GRID = timedelta(days=30)  # … and begins here, so that questions about neighbouring days share their walk
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT_MOMENTS = 16
_KEPT_STATES = 400  # of some 15 kB each


Said = Callable[[str, datetime], Awaitable[Sequence[Judgement]]]  # by people, of a brand, up to a time


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What the detectors say of one minute, and how far each was from alerting."""

    minute: datetime
    known_since: datetime | None  # the brand's first minute with a mention; None: nothing is known of it
    tick: Tick
    readings: dict[IncidentKind, Reading]
    signals: dict[IncidentKind, Signal]
    shortfalls: dict[IncidentKind, Shortfall]
    monitor: Monitor  # as it was then; only to be asked what was usual


class _Settings(msgspec.Struct, frozen=True):
    timezone: str
    country: str
    false_alerts_per_year: float
    resolve_after: timedelta
    prior: Rhythm

    def monitor(self, state: bytes | None = None) -> Monitor:
        given = msgspec.structs.asdict(self)
        prior = given.pop("prior")
        return Monitor(prior=prior, **given) if state is None else Monitor.load(state, **given)


class _State(msgspec.Struct, frozen=True):
    """A monitor that has seen everything before a minute, from where it began."""

    mark: Mark
    begun: datetime
    known_since: datetime
    last: datetime | None
    packed: bytes


class _Walk(msgspec.Struct):
    """A monitor on its way through the past."""

    monitor: Monitor
    minute: datetime  # the next to be shown
    begun: datetime  # the first that was
    known_since: datetime | None
    last: datetime | None = None  # the newest with a mention


class Past:
    """Recomputes moments, one at a time, in a thread of its own; keeps the last few."""

    def __init__(
        self, *, config: Callable[[], Config], hindsight: Hindsight, said: Said, prior: Callable[[str], Rhythm]
    ) -> None:
        self._config = config
        self._said = said
        self._prior = prior  # what a brand was taken for before it was known
        self._hindsight = hindsight
        self._one_at_a_time = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="past")
        self._moments: OrderedDict[tuple[str, datetime, _Settings, Mark], Moment] = OrderedDict()
        self._states: OrderedDict[tuple[str, datetime, _Settings], _State] = OrderedDict()

    def close(self) -> None:
        """End the thread after what it is doing."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def moment(self, brand: str, minute: datetime) -> Moment:
        """What the detectors say of ``minute`` of a configured brand, by the present settings."""
        config = self._config()
        settings = _Settings(
            timezone=config.brands[brand].timezone,
            country=config.brands[brand].country or "",
            false_alerts_per_year=config.detection.false_alerts_per_year,
            resolve_after=config.incidents.resolve_after,
            prior=self._prior(brand),
        )
        async with self._one_at_a_time:
            key = (brand, minute, settings, await self._hindsight.mark(brand, _EPOCH, minute + _MINUTE))
            moment = self._moments.get(key)
            if moment is None:
                moment = self._moments[key] = await self._replay(brand, minute, settings)
                while len(self._moments) > _KEPT_MOMENTS:
                    self._moments.popitem(last=False)
            self._moments.move_to_end(key)
            return moment

    async def _replay(self, brand: str, minute: datetime, settings: _Settings) -> Moment:
        loop = asyncio.get_running_loop()
        walk = await self._begin(brand, minute, settings)
        walk.monitor.judge(await self._said(brand, minute))
        gaps = Gaps(self._hindsight.store)
        while walk.minute < minute:
            await gaps.load(walk.minute)
            end = min(_next_day(walk.minute), minute)
            ticks = await self._hindsight.ticks(brand, walk.minute, end, minute)
            await loop.run_in_executor(self._thread, _teach, walk, ticks, end, gaps, minute)
            walk.last = ticks[-1].at if ticks else walk.last
            if _worth_keeping(end, minute):
                await self._keep(brand, walk, settings)
            if not ticks:
                await self._skip(brand, walk, minute, settings)
        await gaps.load(minute)
        ticks = await self._hindsight.ticks(brand, minute, minute + _MINUTE, minute)
        tick = ticks[0] if ticks else _calm(minute, gaps, minute + _MINUTE)
        known_since = walk.known_since or (minute if ticks else None)
        return await loop.run_in_executor(self._thread, _look, walk.monitor, tick, known_since, settings)

    async def _begin(self, brand: str, minute: datetime, settings: _Settings) -> _Walk:
        """From the newest state that still holds, or from the first mention."""
        first = await self._hindsight.next_minute(brand, datetime.min.replace(tzinfo=UTC))
        begin = minute if first is None or first >= minute else max(first, _on_grid(minute - _LOOK_BACK))
        old = [key for key in self._states if key[0] == brand and key[2] == settings and key[1] <= minute]
        for key in sorted(old, key=lambda key: key[1], reverse=True):
            state = self._states[key]
            if key[1] > minute - EVIDENCE_REACHES or state.begun != begin:
                continue
            if state.mark == await self._hindsight.mark(brand, begin, key[1]):
                self._states.move_to_end(key)
                return _Walk(settings.monitor(state.packed), key[1], begin, state.known_since, state.last)
            del self._states[key]
        return _Walk(settings.monitor(), begin, begin, first if begin < minute else None)

    async def _keep(self, brand: str, walk: _Walk, settings: _Settings) -> None:
        if walk.known_since is not None:
            mark = await self._hindsight.mark(brand, walk.begun, walk.minute)
            self._states[brand, walk.minute, settings] = _State(
                mark, walk.begun, walk.known_since, walk.last, walk.monitor.dump()
            )
            while len(self._states) > _KEPT_STATES:
                self._states.popitem(last=False)

    async def _skip(self, brand: str, walk: _Walk, minute: datetime, settings: _Settings) -> None:
        """Begin anew behind a long calm."""
        found = await self._hindsight.next_minute(brand, walk.minute)
        if found is not None and found <= minute and walk.last is not None and found - walk.last > _LONG_CALM:
            walk.monitor, walk.minute, walk.known_since = settings.monitor(), found, found
            walk.monitor.judge(await self._said(brand, minute))


def _on_grid(at: datetime) -> datetime:
    return at - (at - _EPOCH) % _GRID


def _worth_keeping(end: datetime, asked: datetime) -> bool:
    """Each day before the one that was asked about, and one day in the weeks before that: who asks, asks again."""
    whole = end == _next_day(end - _MINUTE) and end <= asked - EVIDENCE_REACHES
    return whole and (asked - end < _WEEK or (end - _EPOCH) % _WEEK == timedelta(0))


def _next_day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY


def _calm(minute: datetime, gaps: Gaps, now: datetime) -> Tick:
    return Tick(at=minute, covered=gaps.covered(minute, now))


# ── in the thread ────────────────────────────────────────────────────────────


def _teach(walk: _Walk, ticks: list[Tick], end: datetime, gaps: Gaps, now: datetime) -> None:
    """Show every minute up to before ``end``, calm ones included."""
    by_minute = {tick.at: tick for tick in ticks}
    while walk.minute < end:
        walk.monitor.observe(by_minute.get(walk.minute) or _calm(walk.minute, gaps, now))
        walk.minute += _MINUTE


def _look(monitor: Monitor, tick: Tick, known_since: datetime | None, settings: _Settings) -> Moment:
    monitor.observe(tick)
    readings = {reading.kind: reading for reading in monitor.readings()}
    signals = {signal.kind: signal for signal in monitor.signals()}
    return Moment(
        minute=tick.at,
        known_since=known_since,
        tick=tick,
        readings=readings,
        signals=signals,
        shortfalls=shortfalls(monitor, tick, settings.false_alerts_per_year),
        monitor=monitor,
    )
