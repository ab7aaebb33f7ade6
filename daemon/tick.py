"""Acts at every due time: APScheduler wakes us, the rows in the store say what is owed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from daemon.clock import Clock
from daemon.incidents import Incidents
from daemon.store.engine import transient

log = structlog.get_logger()

_SAFETY_NET = 1.0  # seconds: the machine's clock may be set under our feet


class Ticker:
    """Wakes at the next time owed. Its timetable is rebuilt from the rows, so it holds nothing that matters."""

    def __init__(self, *, clock: Clock, incidents: Incidents) -> None:
        self._clock = clock
        self._incidents = incidents
        # a job that comes late still runs, once
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            executors={"default": AsyncIOExecutor()},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 100},
        )
        self._turn = asyncio.Lock()
        self._jobs = asyncio.Condition()
        self._under_way = 0
        self._arming: asyncio.Task[None] | None = None
        incidents.on_change(self._rearm)

    def every(self, seconds: float, name: str, job: Callable[[], Awaitable[None]]) -> None:
        """Run ``job`` every so many seconds of real time."""
        self._scheduler.add_job(
            self._guarded, "interval", args=(name, job), seconds=seconds, id=name, replace_existing=True
        )

    def once(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        """Run ``job`` at once, in the background."""
        self._scheduler.add_job(self._guarded, args=(name, job), id=name, replace_existing=True)

    async def _guarded(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        self._under_way += 1
        try:
            await job()
        except Exception as error:
            if transient(error):
                log.warning("job_store_failed", job=name, error=type(error).__name__)
            else:
                log.exception("job_failed", job=name)
        finally:
            async with self._jobs:
                self._under_way -= 1
                self._jobs.notify_all()

    async def start(self) -> None:
        """Write every time owed anew, do what is overdue, and wait for the next."""
        await self._incidents.rewrite_dues()
        self._scheduler.start()
        self.every(_SAFETY_NET, "safety-net", self.fire)
        await self.fire()

    async def stop(self) -> None:
        """Wake for nothing more, and let what is under way come to its end."""
        if self._scheduler.running:
            self._scheduler.remove_all_jobs()
            self._scheduler.pause()
            async with self._jobs:
                await self._jobs.wait_for(lambda: self._under_way == 0)
            self._scheduler.shutdown(wait=False)

    async def fire(self) -> None:
        """Do everything whose time has come, then set the alarm for the next."""
        if self._turn.locked():
            return  # under way
        async with self._turn:
            await self._incidents.fire_due()
        await self._arm()

    def _rearm(self) -> None:
        if self._scheduler.running and (self._arming is None or self._arming.done()):
            self._arming = asyncio.get_running_loop().create_task(self._arm_safely())

    async def _arm_safely(self) -> None:
        try:
            await self._arm()
        except Exception as error:
            if not transient(error):
                raise
            log.warning("alarm_store_failed", error=type(error).__name__)  # the safety net will do

    async def _arm(self) -> None:
        due = await self._incidents.next_due()
        if due is None or not self._scheduler.running:
            return
        # a millisecond later, so that the time has surely come
        at = self._clock.wall(due + timedelta(milliseconds=1))
        self._scheduler.add_job(
            self._guarded, "date", args=("next-due", self.fire), run_date=at, id="next-due", replace_existing=True
        )
