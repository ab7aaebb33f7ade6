"""Puts together what a notifier needs beside the incident: names, links and the chart."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from config.schema import Config
from daemon.charts import ChartPoint, surge_chart
from daemon.clock import Clock
from daemon.desk import timezone_of
from daemon.mail.address import replies_to, reply_address
from daemon.model import Incident, IncidentKind
from daemon.people import names_of
from daemon.rendering import ChartError, Charts
from daemon.reports.collect import Reporter
from daemon.series import Forecast, read_series
from daemon.store.reads import Reads
from daemon.web.links import act_link, page_link

log = structlog.get_logger()

_BEFORE_ONSET = timedelta(hours=2)
_LONGEST = timedelta(hours=12)
_MOST_POINTS = 180
_PATIENCE = 2.0  # seconds: an alert does not wait longer for its picture
_ANY = datetime(2026, 1, 5, tzinfo=UTC)
_STEPS = (1, 2, 5, 10, 15, 30, 60)  # minutes


class Composer:
    """Fields of a notice that come from settings and the store."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        reads: Reads,
        reporter: Reporter,
        forecast: Forecast,
        charts: Charts,
    ) -> None:
        self._config = config
        self._clock = clock
        self._reads = reads
        self._reporter = reporter
        self._forecast = forecast
        self._charts = charts

    async def __call__(self, incident: Incident, target: str, delivery_id: str) -> dict[str, Any]:
        """Brand name, time zone, links, the report of what is over, and the chart where it can be drawn in time."""
        config = self._config()
        brand = config.brands.get(incident.brand)  # None: no longer configured, and still there is a last word to send
        timezone = timezone_of(brand)
        notifier, _, address = target.partition(":")
        link = reply_to = None
        if notifier == "email":
            reply_to = self._reply_to(config, incident, address, delivery_id)
            link = act_link(
                base_url=config.web.base_url,
                secret=config.web.secret_key.get_secret_value(),
                incident_id=incident.id,
                address=address,
                delivery_id=delivery_id,
                now=self._clock.now(),
            )
        return {
            "brand_name": brand.name if brand is not None else incident.brand,
            "timezone": timezone,
            "page": page_link(config.web.base_url, incident.id),
            "names": names_of(config.people),
            "act_link": link,
            "report": await self._reporter.summary(incident) if incident.state.ended else None,
            "reply_to": reply_to,
            "chart": await self.chart(incident, timezone)
            if notifier in {"slack", "email"} and brand is not None
            else None,
        }

    @staticmethod
    def _reply_to(config: Config, incident: Incident, address: str, delivery_id: str) -> str | None:
        mail = config.notifiers.email
        if mail is None or mail.replies is None:
            return None
        return reply_address(
            replies_to(mail),
            secret=config.web.secret_key.get_secret_value(),
            incident_id=incident.id,
            address=address,
            delivery_id=delivery_id,
        )

    async def chart(self, incident: Incident, timezone: str) -> bytes | None:
        """The surge as a PNG; None where there is nothing to draw, or it takes too long."""
        if incident.kind is IncidentKind.BLIND or incident.drill:
            return None
        end = min(self._clock.now(), incident.resolved_at or self._clock.now())
        begin = max(incident.onset_at - _BEFORE_ONSET, end - _LONGEST)
        minutes = next((step for step in _STEPS if (end - begin) / timedelta(minutes=step) <= _MOST_POINTS), 60)
        series = await read_series(self._reads, self._forecast, incident.brand, begin, end, timedelta(minutes=minutes))
        if not series:
            return None
        points = [
            ChartPoint(
                at=point.at,
                negative=point.negative,
                expected=point.expected,
                low=point.low,
                high=point.high,
                covered=point.covered,
            )
            for point in series
        ]
        spec = surge_chart(
            points, title="Negative mentions", onset=incident.onset_at, opened=incident.opened_at, timezone=timezone
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._charts.png(spec)
        except (ChartError, TimeoutError) as error:
            log.warning("chart_left_out", incident=incident.id, reason=str(error) or "it took too long")
            return None


async def warm(charts: Charts) -> None:
    """Start the worker that draws, so that the first alert need not wait for it."""
    point = ChartPoint(at=_ANY, negative=0, expected=0.0, low=0.0, high=1.0, covered=True)
    with contextlib.suppress(ChartError):
        await charts.png(surge_chart([point], title="", onset=None, opened=None))
