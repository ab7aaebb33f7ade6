"""What has been begun is finished, also when we are told to stop meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def finish(work: Coroutine[Any, Any, None], *, within: float) -> None:
    """Do ``work`` to its end; cancelled meanwhile, go on for ``within`` seconds at most, then leave."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=within)
        task.cancel()
        raise
