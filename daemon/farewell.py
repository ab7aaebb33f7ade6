"""What has been begun is finished, also when we are told to stop meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

_log = structlog.get_logger()


async def finish(work: Coroutine[Any, Any, None], *, within: float) -> None:
    """Do ``work`` to its end; cancelled meanwhile, go on for ``within`` seconds at most, then leave.

    Raises what ``work`` raises; what it raises after the cancellation is logged, as nobody waits for it any more.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=within)
        if not task.cancel() and not task.cancelled() and (error := task.exception()):
            _log.warning("stopped_with_a_failure", why=str(error))
        raise
