"""What the parts say of themselves becomes one word."""

from __future__ import annotations

from daemon.health import Health


def test_nobody_has_spoken_yet() -> None:
    health = Health("store", "mqtt")
    assert (health.alive, health.is_ready) == (True, False)
    assert health.live()["status"] == "ok"
    assert health.ready() == {
        "status": "failing",
        "checks": {"store": {"ok": False, "detail": "starting"}, "mqtt": {"ok": False, "detail": "starting"}},
    }


def test_only_what_is_vital_makes_it_dead() -> None:
    health = Health("store", "mqtt")
    health.set("store", True, "sqlite")
    health.set("mqtt", False, "connection refused")
    assert (health.alive, health.is_ready) == (True, False)
    health.set("mqtt", True, "subscribed")
    assert health.is_ready
    health.set("store", False, "disk I/O error")
    assert (health.alive, health.is_ready) == (False, False)


def test_a_part_that_was_not_announced_counts_too() -> None:
    health = Health("store")
    health.set("store", True, "sqlite")
    health.set("outbox", False, "3 waiting for over 15 minutes")
    assert not health.is_ready
    assert health.checks["outbox"].detail.startswith("3 waiting")
