"""From signals to alerts by the daemon's own rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from daemon.model import IncidentKind, Severity, Tick
from detectors.base import step_of
from detectors.signal import Signal
from detectors.waves import Alert, Row, Waves

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LOUD, CALM = 5.0, -5.0
Course = Iterator[tuple[Tick, Mapping[IncidentKind, float]]]


def signal(kind: IncidentKind, score: float) -> Signal:
    return Signal(kind, score, score > CALM, score > CALM, 10, 1.0, 60, usual_share=0.2)


def alerts_of(course: Course) -> list[Alert]:
    """The alerts of a course of minutes: each a tick, and how loud each kind is."""
    waves = Waves(4.0, 30 * MINUTE, 1)
    for tick, scores in course:
        signals = [signal(kind, scores.get(kind, CALM)) for kind in IncidentKind if kind is not IncidentKind.BLIND]
        waves.see(Row(step_of(tick.at, 1), tick.at, tick, lambda: 0.1, lambda _, at=tick.at: at), signals)  # type: ignore[misc]
    return waves.alerts


def minutes(*parts: tuple[int, int, Mapping[IncidentKind, float]], covered: bool = True) -> Course:
    """``(how many, negative authors in each, how loud each kind is)`` one after the other."""
    minute = 0
    for count, negative, scores in parts:
        for _ in range(count):
            yield (
                Tick(at=START + minute * MINUTE, negative_authors=negative, authors=negative, covered=covered),
                scores,
            )
            minute += 1


SURGE, SHARE, REACH = {IncidentKind.SURGE: LOUD}, {IncidentKind.SHARE: LOUD}, {IncidentKind.REACH: LOUD}


def test_it_is_over_when_nothing_negative_came_for_half_an_hour_however_long_windows_remember() -> None:
    (alert,) = alerts_of(minutes((10, 5, SURGE), (59, 0, SURGE), (300, 0, {})))
    assert alert.opened_at == START
    assert alert.closed_at == START + 39 * MINUTE


def test_what_windows_still_hold_is_no_news_after_the_end() -> None:
    (alert,) = alerts_of(minutes((10, 5, SURGE), (50, 0, SURGE), (3, 1, SURGE), (300, 0, {})))
    assert alert.closed_at == START + 39 * MINUTE, "three more are few"


def test_news_within_two_hours_is_the_same_alert_and_later_another() -> None:
    (same,) = alerts_of(minutes((10, 5, SURGE), (50, 0, SURGE), (50, 0, {}), (10, 5, SURGE)))
    assert same.closed_at is None
    first, second = alerts_of(minutes((10, 5, SURGE), (50, 0, SURGE), (150, 0, {}), (10, 5, SURGE)))
    assert first.closed_at == START + 39 * MINUTE
    assert second.opened_at == START + 210 * MINUTE


def test_a_surge_names_the_wave_when_several_see_it_at_once() -> None:
    louder = {**SURGE, IncidentKind.SHARE: 2 * LOUD}
    assert [alert.kind for alert in alerts_of(minutes((10, 5, louder)))] == [IncidentKind.SURGE]
    assert [alert.kind for alert in alerts_of(minutes((2, 5, REACH), (10, 5, louder)))] == [IncidentKind.REACH]


def test_what_joins_makes_it_graver() -> None:
    (alert,) = alerts_of(minutes((2, 5, {IncidentKind.REACH: 2.0}), (10, 5, {IncidentKind.SURGE: 9.0})))
    assert (alert.kind, alert.severity) == (IncidentKind.REACH, Severity.CRITICAL)


def test_there_is_no_all_clear_while_blind() -> None:
    def course() -> Course:
        yield from minutes((10, 5, SURGE))
        for minute in range(10, 200):
            yield Tick(at=START + minute * MINUTE, covered=minute > 100), {}

    (alert,) = alerts_of(course())
    assert alert.closed_at == START + 130 * MINUTE


def test_risk_stands_for_itself() -> None:
    both = {**SURGE, IncidentKind.RISK: LOUD}
    assert {alert.kind for alert in alerts_of(minutes((10, 5, both)))} == {IncidentKind.SURGE, IncidentKind.RISK}
