"""The chart on an incident's page, drawn once for all who look at it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import timedelta
from typing import Final

from aiohttp import web

from daemon.charts import surge_chart
from daemon.model import Incident
from daemon.series import floor, for_chart, read_series
from daemon.web.parts import Parts

_BEFORE: Final = timedelta(hours=3)  # of ordinary life, to compare with
_AFTER: Final = timedelta(hours=1)  # of calm behind an ended incident
_MOST_STEPS: Final = 180
_STEPS: Final = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 15, 30, 60, 240, 1440))
_FRESH: Final = timedelta(seconds=30)
_KEPT: Final = 32


class Pictures:
    """Draws each chart once in half a minute: alerts need the one who draws, too."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._drawn: OrderedDict[tuple[object, ...], asyncio.Task[str]] = OrderedDict()

    async def chart(self, incident: Incident, *, dark: bool, narrow: bool) -> str:
        """What was written around the incident beside what is usual, as an SVG document.

        Raises ``ChartError``.
        """
        key = (incident.id, incident.state, floor(self._parts.clock.now(), _FRESH), dark, narrow)
        task = self._drawn.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._drawn[key] = asyncio.create_task(draw(self._parts, incident, dark=dark, narrow=narrow))
            while len(self._drawn) > _KEPT:
                self._drawn.popitem(last=False)
        return await asyncio.shield(task)


PICTURES: web.AppKey[Pictures] = web.AppKey("pictures", Pictures)


async def draw(parts: Parts, incident: Incident, *, dark: bool, narrow: bool) -> str:
    """Draw it now. Raises ``ChartError``."""
    now = parts.clock.now()
    begin = incident.onset_at - _BEFORE
    end = now if incident.resolved_at is None else min(now, incident.resolved_at + _AFTER)
    step = next((s for s in _STEPS if (end - begin) / s <= _MOST_STEPS), _STEPS[-1])
    points = await read_series(parts.reads, parts.forecast, incident.brand, begin, end, step)
    brand = parts.config.brands.get(incident.brand)
    spec = surge_chart(
        for_chart(points),
        title=brand.name if brand else incident.brand,
        onset=incident.onset_at,
        opened=incident.opened_at,
        dark=dark,
        width=360 if narrow else 800,
        height=180 if narrow else 220,
        timezone=brand.timezone if brand else "UTC",
    )
    return await parts.charts.svg(spec)
