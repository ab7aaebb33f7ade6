"""What the web part is given to work with, and what it asks of each."""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol

from aiohttp import web

from config.schema import Config
from daemon.clock import Clock
from daemon.health import Health
from daemon.metrics import Metrics
from daemon.model import Command, Incident, TimelineEvent
from daemon.series import Forecast
from daemon.store.corrections import Corrections
from daemon.store.links import UsedLinks
from daemon.store.reads import Reads


class IncidentDesk(Protocol):
    """The only writer of incidents: ``daemon.incidents.Incidents``."""

    async def act(self, incident_id: str, command: Command, *, actor: str) -> Incident:
        """Carry out a command. Raises ``NotFound``, ``Conflict``, ``InputError``."""
        ...

    async def get(self, incident_id: str) -> Incident:
        """One incident. Raises ``NotFound``."""
        ...

    async def find(
        self, *, brand: str | None = None, state: str | None = None, limit: int = 50, before: str | None = None
    ) -> list[Incident]:
        """Newest first; ``before`` is an incident's id."""
        ...

    async def timeline(self, incident_id: str) -> list[TimelineEvent]:
        """Every event, in order. Raises ``NotFound``."""
        ...


class Intake(Protocol):
    """Takes mentions in: ``daemon.ingest.Ingest``."""

    async def submit(self, batch: Any, *, wait: bool = True) -> Any:
        """Return after the commit. Raises ``StoreBehind`` where ``wait`` is false and the queue is full."""
        ...


class Drawer(Protocol):
    """Renders charts: ``daemon.charts.Charts``."""

    async def svg(self, spec: dict[str, Any]) -> str:
        """The specification as an SVG document. Raises ``ChartError``."""
        ...


@dataclasses.dataclass(kw_only=True)
class Parts:
    """Everything that a request may need. ``config`` may be replaced while running."""

    config: Config
    clock: Clock
    incidents: IncidentDesk
    ingest: Intake
    forecast: Forecast
    reads: Reads
    corrections: Corrections
    used_links: UsedLinks
    health: Health
    metrics: Metrics
    charts: Drawer


PARTS: web.AppKey[Parts] = web.AppKey("parts", Parts)
