"""Replays each brand's own counts at other settings, in a thread of its own, once for each state of the past."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

import structlog

from config.schema import Config
from daemon.clock import Clock
from daemon.model import Tick
from daemon.reports.period import Case, precision
from daemon.reports.sensitivity import RATES, Sensitivity, sensitivity
from daemon.store.cases import Cases
from daemon.store.counts import Counts, Gaps
from daemon.store.engine import Store
from detectors.backtest import Backtest
from detectors.waves import Alert

log = structlog.get_logger()

_MINUTE: Final = timedelta(minutes=1)
_WARM: Final = timedelta(days=28)  # of life before, from which the replay learns what is usual
_Key = tuple[int, float, datetime, tuple[str, ...]]


class Trial:
    """Answers what other sensitivities would have done."""

    def __init__(self, *, config: Callable[[], Config], clock: Clock, store: Store) -> None:
        self._config = config
        self._clock = clock
        self._counts = Counts(store)
        self._gaps = Gaps(store)
        self._cases = Cases(store)
        self._one_at_a_time = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="trial")
        self._known: tuple[_Key, Sensitivity] | None = None

    def close(self) -> None:
        """End the thread after what it is doing."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def sensitivity(self, days: int) -> Sensitivity:
        """What the last ``days`` until midnight say; kept until an incident is labelled, or the day is over."""
        config = self._config()
        current = config.detection.false_alerts_per_year
        end = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        begin = end - timedelta(days=days)
        async with self._one_at_a_time:
            cases = [case for case in await self._cases.opened(begin, end) if case.incident.brand in config.brands]
            key = (days, current, end, tuple(f"{case.incident.id} {case.incident.head_seq}" for case in cases))
            if self._known is not None and self._known[0] == key:
                return self._known[1]
            found = await self._try(config, cases, begin, end)
            self._known = (key, found)
            return found

    async def _try(self, config: Config, cases: Sequence[Case], begin: datetime, end: datetime) -> Sensitivity:
        current = config.detection.false_alerts_per_year
        rates = (current, *(rate for rate in RATES if rate != current))
        alerts: dict[float, dict[str, Sequence[Alert]]] = {rate: {} for rate in rates}
        await self._gaps.load(begin - _WARM)
        loop = asyncio.get_running_loop()
        for slug, brand in config.brands.items():
            ticks = [tick for tick in await self._counts.history(slug, end) if begin - _WARM <= tick.at < end]
            backtest = Backtest(rates=rates, timezone=brand.timezone, resolve_after=config.incidents.resolve_after)
            await loop.run_in_executor(self._thread, _replay, backtest, ticks, self._gaps, end)
            for place, rate in enumerate(rates):
                alerts[rate][slug] = [alert for alert in backtest.alerts_of(place) if alert.opened_at >= begin]
            log.info("sensitivity_tried", brand=slug, minutes=len(ticks))
        return sensitivity(cases, alerts, precision(cases), current=current, begin=begin, end=end)


def _replay(backtest: Backtest, ticks: Sequence[Tick], gaps: Gaps, end: datetime) -> None:
    """Show every minute from the first with a mention, calm ones included."""
    if not ticks:
        return
    by_minute = {tick.at: tick for tick in ticks}
    minute = ticks[0].at
    while minute < end:
        tick = by_minute.get(minute)
        backtest.row(tick or Tick(at=minute, covered=gaps.covered(minute, end)), minute)
        minute += _MINUTE
