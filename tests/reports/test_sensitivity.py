"""What another sensitivity would have done: weighed by what people said, tried on the brand's own counts."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from daemon.clock import ManualClock
from daemon.incidents import Incidents
from daemon.model import Incident, IncidentKind, IncidentState, Severity, Tick
from daemon.reports.period import Case, precision
from daemon.reports.sensitivity import Sensitivity, sensitivity
from daemon.reports.trial import Trial
from daemon.response.policy import Outcome, Policy
from daemon.store.engine import Store
from daemon.store.tables import counts
from detectors.backtest import Backtest
from detectors.waves import Alert
from tests.fakes.records import NOON, an_incident
from tests.fakes.site import Site, configuration

DAY = timedelta(days=1)
BEGIN, END = NOON - 60 * DAY, NOON


def an_alert(day: int, kind: IncidentKind = IncidentKind.SURGE) -> Alert:
    at = BEGIN + day * DAY
    return Alert(
        kind=kind,
        opened_at=at,
        onset_at=at,
        closed_at=at + timedelta(hours=1),
        severity=Severity.MINOR,
        observed=9,
        expected=1.0,
        window_minutes=8,
        evidence=1.0,
        false_alerts_per_year=1.0,
        reason="",
    )


def a_case(day: int, *, real: bool | None, kind: IncidentKind = IncidentKind.SURGE) -> Case:
    """An incident of that day; ``real``: what people said of it, if anything."""
    at = BEGIN + day * DAY
    state = IncidentState.FALSE_ALARM if real is False else IncidentState.RESOLVED
    incident = an_incident(
        id=f"acme-{day}",
        kind=kind,
        state=state,
        opened_at=at,
        onset_at=at,
        resolved_at=at + timedelta(hours=1),
        ended_by="tocsin" if real is None else "user:anna",
    )
    return Case(incident=incident, events=())


def weighed(cases: list[Case], days: Mapping[float, list[int]], current: float = 4.0) -> Sensitivity:
    """By the days on which each setting alerts."""
    alerts = {rate: {"acme": [an_alert(day) for day in each]} for rate, each in days.items()}
    return sensitivity(cases, alerts, precision(cases), current=current, begin=BEGIN, end=END)


def test_the_calmest_that_is_needed_and_loses_nothing_confirmed_is_suggested() -> None:
    cases = [a_case(1, real=True), a_case(5, real=False), a_case(9, real=False), a_case(20, real=None)]
    found = weighed(cases, {4.0: [1, 5, 9, 20], 2.0: [1, 9, 20], 1.0: [1], 0.5: [1], 8.0: [1, 5, 9, 20, 30]})
    assert (found.suggested, found.line) == (1.0, "false_alerts_per_year = 1")
    assert found.said == (
        "With 1 false alerts a year instead of 4: "
        "2 fewer alerts a month, 2 false alarms among them, none of the confirmed ones lost."
    )
    assert (found.confirmed, found.false_alarms, found.not_reproduced) == (1, 2, 0)
    assert [(one.kind, one.confirmed, one.false_alarms, one.unlabelled) for one in found.precision] == [
        (IncidentKind.SURGE, 1, 2, 1)
    ]


def test_what_would_lose_a_confirmed_one_is_never_suggested() -> None:
    cases = [a_case(1, real=True), a_case(5, real=False)]
    found = weighed(cases, {4.0: [1, 5], 2.0: [5], 1.0: []})
    assert (found.suggested, found.line) == (None, None)
    assert found.said.startswith("Nothing to change: no calmer setting spares")
    assert [one.confirmed_lost for one in found.tried] == [1, 1, 0]


def test_without_a_false_alarm_there_is_nothing_to_suggest() -> None:
    found = weighed([a_case(1, real=True), a_case(3, real=None)], {4.0: [1, 3], 2.0: [1]})
    assert (found.suggested, found.said) == (None, "Nothing to change: nobody called anything a false alarm.")


def test_what_the_counts_no_longer_show_is_said_to_be_so_and_decides_nothing() -> None:
    found = weighed([a_case(1, real=True), a_case(5, real=False)], {4.0: [5], 2.0: []})
    assert (found.not_reproduced, found.suggested) == (1, 2.0)


def test_another_kind_at_the_same_time_is_no_match() -> None:
    found = weighed([a_case(5, real=False, kind=IncidentKind.RISK)], {4.0: [5], 2.0: []})
    assert (found.not_reproduced, found.suggested) == (1, None)


# ── on the brand's own counts ────────────────────────────────────────────────

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
QUIET_SIZE, LOUD_SIZE = 6, 30


def a_past() -> list[Tick]:
    """Seven weeks of ordinary life; small bumps now and then, and two great surges."""
    chance = random.Random(3)
    ticks = []
    for number in range(49 * 1440):
        at = MIDNIGHT - 49 * DAY + timedelta(minutes=number)
        negative = int(chance.random() < 0.02)
        day, minute = divmod(number, 1440)
        if day in {32, 36, 40, 44} and 700 <= minute < 700 + QUIET_SIZE:
            negative += 1
        if day in {34, 42} and 800 <= minute < 800 + LOUD_SIZE:
            negative += 5
        if negative:
            ticks.append(Tick(at=at, mentions=negative, negative=negative, authors=negative, negative_authors=negative))
    return ticks


async def fill(store: Store, ticks: list[Tick]) -> None:
    columns = [column.name for column in counts.columns if column.name not in {"brand", "minute", "updated_at"}]
    rows = [
        {"brand": "acme", "minute": tick.at, "updated_at": tick.at} | {name: getattr(tick, name) for name in columns}
        for tick in ticks
    ]
    async with store.write() as connection:
        for place in range(0, len(rows), 500):
            await connection.execute(sa.insert(counts), rows[place : place + 500])


def as_they_came(ticks: list[Tick], rate: float) -> list[Alert]:
    backtest = Backtest(rates=(rate,), timezone="Europe/Warsaw")
    by_minute = {tick.at: tick for tick in ticks}
    at = ticks[0].at
    while at < MIDNIGHT:
        backtest.row(by_minute.get(at, Tick(at=at)), at)
        at += timedelta(minutes=1)
    return backtest.alerts


async def keep(incidents: Incidents, alert: Alert, number: int) -> Incident:
    """The incident of an alert, labelled: the great ones were real, the small ones were not."""
    real = alert.severity is not Severity.MINOR
    incident = an_incident(
        id=f"acme-{number}",
        kind=alert.kind,
        severity=alert.severity,
        opened_at=alert.opened_at,
        onset_at=alert.onset_at,
        state=IncidentState.RESOLVED if real else IncidentState.FALSE_ALARM,
        resolved_at=alert.closed_at,
        ended_by="user:anna",
    )
    async with incidents.transaction() as connection:
        return await incidents.apply(connection, Outcome(incident=incident, reason="t"), was=None)


@pytest.fixture
async def trial(empty_store: Store) -> tuple[Trial, list[Alert], ManualClock]:
    """A store with that past, and its incidents as people labelled them."""
    ticks = a_past()
    await fill(empty_store, ticks)
    config, clock = configuration(), ManualClock(MIDNIGHT + timedelta(hours=10))
    alerts = [one for one in as_they_came(ticks, 64.0) if one.opened_at >= MIDNIGHT - 19 * DAY]
    detection = config.detection.model_copy(update={"false_alerts_per_year": 64.0})
    config = config.model_copy(update={"detection": detection})
    incidents = Incidents(empty_store, clock, {"acme": Policy.of(config, "acme")})
    for number, alert in enumerate(alerts):
        await keep(incidents, alert, number)
    return Trial(config=lambda: config, clock=clock, store=empty_store), alerts, clock


async def test_the_past_is_tried_again_and_the_story_of_it_is_told(
    trial: tuple[Trial, list[Alert], ManualClock],
) -> None:
    trying, alerts, clock = trial
    try:
        found = await trying.sensitivity(19)
        real = [alert for alert in alerts if alert.severity is not Severity.MINOR]
        assert (found.confirmed, found.false_alarms) == (len(real), len(alerts) - len(real))
        assert len(real) == 2
        assert found.false_alarms >= 2
        assert found.not_reproduced <= 1, "a marginal one, as less of the past is known to it"
        assert found.suggested is not None
        assert found.suggested < 64
        tried = {one.false_alerts_per_year: one for one in found.tried}
        assert tried[found.suggested].false_alarms_spared >= 1
        assert tried[found.suggested].confirmed_lost == 0
        assert "none of the confirmed ones lost" in found.said
        clock.advance(timedelta(hours=1))
        assert await trying.sensitivity(19) is found, "the same past is not tried twice in a day"
    finally:
        trying.close()


async def test_the_page_and_the_api_show_it_and_nothing_can_be_changed_there(site: Site) -> None:
    answer = await site.call("GET", "/api/v1/sensitivity?days=30", role="viewer")
    assert (answer.json["current"], answer.json["suggested"]) == (4.0, None)
    page = await site.visit(await site.signed_in("viewer"), "/sensitivity?days=30")
    assert "Nothing to change: nobody called anything a false alarm." in page.text
    assert [name for name, _ in page.elements].count("form") == 1, "to sign out"
    for wrong in ("6", "366", "x"):
        refused = await site.call("GET", f"/api/v1/sensitivity?days={wrong}", role="viewer")
        assert (refused.status, "days: expected a whole number from 7 to 365" in refused.text) == (422, True)


def test_labels_are_what_people_did() -> None:
    told = a_case(3, real=None)
    spoke = Case(incident=replace(told.incident, updates_posted=1), events=())
    (found,) = precision([a_case(1, real=True), a_case(2, real=False), told, spoke])
    assert (found.confirmed, found.false_alarms, found.unlabelled, found.precision) == (2, 1, 1, 0.6667)
    blind = a_case(4, real=True, kind=IncidentKind.BLIND)
    assert precision([blind]) == []
