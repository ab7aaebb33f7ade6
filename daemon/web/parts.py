"""What the web part is given to work with, and what it asks of each."""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol

from aiohttp import web

from config.schema import Config
from daemon.clock import Clock
from daemon.duty import Duty
from daemon.explain import Explainer
from daemon.health import Health
from daemon.incidents import Incidents
from daemon.metrics import Metrics
from daemon.overview import Waits
from daemon.report import Periods
from daemon.reports.collect import Reporter
from daemon.reports.trial import Trial
from daemon.series import Forecast
from daemon.store.corrections import Corrections
from daemon.store.intake import Batch, Outcome
from daemon.store.links import UsedLinks
from daemon.store.reads import Reads
from daemon.store.samples import Samples


class Intake(Protocol):
    """Takes mentions in: ``daemon.ingest.Ingest``."""

    @property
    def behind(self) -> bool:
        """Whether the store refuses commits, or keeps them waiting."""
        ...

    async def submit(self, batch: Batch, *, wait: bool = True) -> Outcome:
        """Return after the commit. Raises ``StoreBehind`` where ``wait`` is false and the queue is full."""
        ...


class Drawer(Protocol):
    """Renders charts: ``daemon.rendering.Charts``."""

    async def svg(self, spec: dict[str, Any]) -> str:
        """The specification as an SVG document. Raises ``ChartError``."""
        ...


@dataclasses.dataclass(kw_only=True)
class Parts:
    """Everything that a request may need. ``config`` may be replaced while running."""

    config: Config
    clock: Clock
    incidents: Incidents
    ingest: Intake
    forecast: Forecast
    waits: Waits
    explainer: Explainer
    reads: Reads
    reporter: Reporter
    periods: Periods
    trial: Trial
    corrections: Corrections
    samples: Samples
    used_links: UsedLinks
    duty: Duty
    health: Health
    metrics: Metrics
    charts: Drawer


PARTS: web.AppKey[Parts] = web.AppKey("parts", Parts)
