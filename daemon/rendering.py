"""Renders Vega-Lite specifications in a process of its own.

vl-convert holds the interpreter's lock while it renders and keeps 120 to 210 MB for its
JavaScript engine. Both stay out of the daemon: one spawned worker, started on first use, renders.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from typing import Any, Self, TypeVar

import msgspec
import structlog

from daemon.errors import TocsinError
from notifiers.plain import one_line

log = structlog.get_logger()

_T = TypeVar("_T")
_CLOSED = "the chart renderer is closed"


class ChartError(TocsinError):
    """A chart could not be rendered; a message goes out without one."""


class Charts:
    """Renders Vega-Lite specifications, one at a time, in a worker that is replaced when it dies or hangs.

    A chart begun is drawn to its end though nobody waits for it any longer: ending its worker
    would make the next one late as well.
    """

    def __init__(self, *, timeout: float = 20.0) -> None:
        """Seconds for one chart, the start of the worker included: ``timeout``."""
        self._timeout = timeout
        self._one_at_a_time = asyncio.Lock()
        self._under_way: asyncio.Task[Any] | None = None
        self._closed = False
        self._pool: ProcessPoolExecutor | None = None
        self._worker: BaseProcess | None = None

    @property
    def worker_pid(self) -> int | None:
        """The worker's process id while there is one."""
        return None if self._worker is None else self._worker.pid

    async def png(self, spec: dict[str, Any], *, scale: float = 2.0) -> bytes:
        """``spec`` as a PNG, ``scale`` pixels to each of its units.

        Raises ``ChartError``.
        """
        return await self._render(_png, spec, scale)

    async def svg(self, spec: dict[str, Any]) -> str:
        """``spec`` as an SVG document.

        Raises ``ChartError``.
        """
        return await self._render(_svg, spec)

    async def close(self) -> None:
        """End the worker for good; whoever waits for a chart gets a ``ChartError``."""
        self._closed = True
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.wait([self._under_way])
        await self._stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _render(self, draw: Callable[..., _T], spec: dict[str, Any], *args: float) -> _T:
        document = msgspec.json.encode(spec).decode()
        await self._one_at_a_time.acquire()
        task = self._under_way = asyncio.create_task(self._draw(draw, document, *args))
        task.add_done_callback(self._drawn)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if self._closed and task.cancelled():
                raise ChartError(_CLOSED) from None
            raise

    def _drawn(self, task: asyncio.Task[Any]) -> None:
        self._under_way = None
        self._one_at_a_time.release()
        if not task.cancelled():
            task.exception()  # whoever waited has it; nobody may be waiting any longer

    async def _draw(self, draw: Callable[..., _T], document: str, *args: float) -> _T:
        for last in (False, True):
            if self._closed:
                raise ChartError(_CLOSED)
            try:
                async with asyncio.timeout(self._timeout):
                    return await self._attempt(draw, document, *args)
            except BrokenProcessPool:
                log.warning("chart_worker_died", reason="giving up" if last else "starting another")
                await self._stop()
            except TimeoutError:
                await self._stop()
                raise ChartError(f"no chart within {self._timeout:g} s; the renderer was restarted") from None
        raise ChartError("the chart renderer died twice on the same chart")

    async def _attempt(self, draw: Callable[..., _T], document: str, *args: float) -> _T:
        loop = asyncio.get_running_loop()
        if self._pool is None:
            others = multiprocessing.active_children()
            self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_start_worker)
            self._pool.submit(os.getpid)  # starts the worker, which the pool does not name
            self._worker = next(each for each in multiprocessing.active_children() if each not in others)
        try:
            return await loop.run_in_executor(self._pool, draw, document, *args)
        except ValueError as error:  # what vl-convert raises for a specification that it cannot draw
            cause = one_line(str(error), 200)
            raise ChartError(f"not a chart that can be drawn: {cause}") from None

    async def _stop(self) -> None:
        pool, worker, self._pool, self._worker = self._pool, self._worker, None, None
        if pool is None:
            return
        if worker is not None:
            worker.kill()  # nothing in it is worth waiting for
        await asyncio.to_thread(pool.shutdown, cancel_futures=True)


# ── in the worker ────────────────────────────────────────────────────────────


def _start_worker() -> None:
    """Leave Ctrl-C to the daemon, and end with it even when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(0)


def _png(document: str, scale: float) -> bytes:
    import vl_convert  # noqa: PLC0415 - 80 MB that only the worker may load

    return vl_convert.vegalite_to_png(document, scale=scale, allowed_base_urls=[])


def _svg(document: str) -> str:
    import vl_convert  # noqa: PLC0415 - 80 MB that only the worker may load

    return vl_convert.vegalite_to_svg(document, allowed_base_urls=[])
