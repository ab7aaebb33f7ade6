"""The names that Prometheus reads, and their bounds."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from daemon.metrics import Metrics
from daemon.model import IncidentKind


def read(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics.expose().decode())
        for sample in family.samples
    }


def test_the_names_are_those_agreed() -> None:
    metrics = Metrics(["acme"])
    metrics.mentions("acme", "mqtt", "accepted", 3)
    metrics.set_outbox_pending("slack", 2)
    metrics.delivery("email", "sent")
    metrics.set_source_up("mqtt", up=True)
    metrics.alert_latency(1.5)
    found = read(metrics)
    labels = (("brand", "acme"), ("outcome", "accepted"), ("source", "mqtt"))
    assert found["tocsin_mentions_total", labels] == 3
    assert found["tocsin_incidents_open", (("brand", "acme"), ("kind", "surge"))] == 0
    assert found["tocsin_outbox_pending", (("notifier", "slack"),)] == 2
    assert found["tocsin_deliveries_total", (("notifier", "email"), ("outcome", "sent"))] == 1
    assert found["tocsin_source_up", (("source", "mqtt"),)] == 1
    assert found["tocsin_alert_latency_seconds_count", ()] == 1
    assert found["tocsin_alert_latency_seconds_sum", ()] == 1.5


def test_strangers_cannot_grow_the_number_of_series() -> None:
    metrics = Metrics(["acme"])
    metrics.mentions("acme", "http", "rejected")
    before = len(read(metrics))
    for number in range(1000):
        metrics.mentions(f"made-up-{number}", "http", "rejected")
    metrics.mentions(None, "http", "rejected")
    found = read(metrics)
    assert len(found) == before + 1
    assert found["tocsin_mentions_total", (("brand", "other"), ("outcome", "rejected"), ("source", "http"))] == 1001


def test_an_incident_that_ended_is_no_longer_counted() -> None:
    metrics = Metrics(["acme"])
    metrics.set_incidents_open({("acme", IncidentKind.RISK): 1})
    assert read(metrics)["tocsin_incidents_open", (("brand", "acme"), ("kind", "risk"))] == 1
    metrics.set_incidents_open({})
    assert read(metrics)["tocsin_incidents_open", (("brand", "acme"), ("kind", "risk"))] == 0


def test_two_daemons_in_one_process_do_not_share_figures() -> None:
    first, second = Metrics(["acme"]), Metrics(["acme"])
    first.delivery("slack", "sent")
    assert ("tocsin_deliveries_total", (("notifier", "slack"), ("outcome", "sent"))) not in read(second)
