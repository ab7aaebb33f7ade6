"""What Prometheus reads at /metrics. Labels are bounded: brands, sources and notifiers come from the configuration.

The names are those of docs/reference/http-api.md. A brand that is not configured is counted as ``other``,
so that what strangers send can never grow the number of series.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from daemon.model import IncidentKind

OTHER: Final = "other"
CONTENT_TYPE: Final = CONTENT_TYPE_LATEST

_LATENCY_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0)

disable_created_metrics()  # type: ignore[no-untyped-call] # a second series for each counter, which nobody reads


class Metrics:
    """All figures of one daemon, in a registry of their own."""

    def __init__(self, brands: Iterable[str]) -> None:
        """``brands``: slugs of the configured brands, the only ones that become labels."""
        self.registry = CollectorRegistry()
        self._brands = frozenset(brands)
        self._mentions = Counter(
            "tocsin_mentions",
            "Mentions by what became of them: accepted, duplicates, rejected, late, clamped.",
            ["brand", "source", "outcome"],
            registry=self.registry,
        )
        self._incidents_open = Gauge(
            "tocsin_incidents_open", "Incidents that have not ended.", ["brand", "kind"], registry=self.registry
        )
        self._outbox_pending = Gauge(
            "tocsin_outbox_pending", "Messages waiting to be sent.", ["notifier"], registry=self.registry
        )
        self._deliveries = Counter(
            "tocsin_deliveries",
            "Attempts to send, by how they ended: sent, retried, failed, cancelled.",
            ["notifier", "outcome"],
            registry=self.registry,
        )
        self._source_up = Gauge(
            "tocsin_source_up",
            "1 while a source is delivering, 0 while it is blind.",
            ["source"],
            registry=self.registry,
        )
        self._mail_replies = Counter(
            "tocsin_mail_replies",
            "Answers to mails, by what became of them: done, refused, unclear, expired, stranger, forged, machine, "
            "repeated, failed.",
            ["outcome"],
            registry=self.registry,
        )
        self._mailbox_up = Gauge(
            "tocsin_mailbox_up", "1 while the mailbox for answers can be read.", registry=self.registry
        )
        self._alert_latency = Histogram(
            "tocsin_alert_latency_seconds",
            "From the commit of the deciding mention to the receipt of the first alert.",
            buckets=_LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.set_incidents_open({})

    def _brand(self, brand: str | None) -> str:
        return brand if brand is not None and brand in self._brands else OTHER

    def mentions(self, brand: str | None, source: str, outcome: str, n: int = 1) -> None:
        """Count ``n`` mentions; ``outcome`` is one of those named in the help text."""
        self._mentions.labels(self._brand(brand), source, outcome).inc(n)

    def set_incidents_open(self, open_now: dict[tuple[str, IncidentKind], int]) -> None:
        """State how many incidents are open; a brand and kind not named has none."""
        for brand in self._brands:
            for kind in IncidentKind:
                self._incidents_open.labels(brand, kind.value).set(open_now.get((brand, kind), 0))

    def set_outbox_pending(self, notifier: str, n: int) -> None:
        """State how many messages wait for ``notifier`` (slack, email, webhook, …)."""
        self._outbox_pending.labels(notifier).set(n)

    def delivery(self, notifier: str, outcome: str) -> None:
        """Count one attempt to send."""
        self._deliveries.labels(notifier, outcome).inc()

    def set_source_up(self, source: str, *, up: bool) -> None:
        """State whether ``source`` is delivering."""
        self._source_up.labels(source).set(1 if up else 0)

    def mail_reply(self, outcome: str) -> None:
        """Count one answer to a mail."""
        self._mail_replies.labels(outcome).inc()

    def set_mailbox_up(self, *, up: bool) -> None:
        """State whether the mailbox for answers can be read."""
        self._mailbox_up.set(1 if up else 0)

    def alert_latency(self, seconds: float) -> None:
        """Count one first alert that took so long."""
        self._alert_latency.observe(max(seconds, 0.0))

    def expose(self) -> bytes:
        """Everything in the text format of Prometheus (content type: ``CONTENT_TYPE``)."""
        return generate_latest(self.registry)
