"""What another sensitivity would have done: the brand's own past at other settings, beside what people said. Pure.

It only ever suggests: what a false alarm costs, and what a crisis seen late, people alone can weigh.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from daemon.model import EventKind, Incident, IncidentState
from daemon.reports.period import Case, Precision, confirmed
from daemon.response.opening import family
from daemon.views import format_time
from daemon.web.words import count
from detectors.waves import Alert

RATES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_SLACK: Final = timedelta(minutes=30)  # an alert so much before or after is of the same incident
_MONTH: Final = timedelta(days=365.25 / 12)


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One setting, and what it would have brought."""

    false_alerts_per_year: float
    alerts: int
    alerts_per_month: float
    confirmed_lost: int  # confirmed incidents that it would not have shown, and the present setting does
    false_alarms_spared: int  # the other way round


class FalseAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """What people called a false alarm, and why."""

    id: str
    brand: str
    title: str
    at: str
    reason: str


class Sensitivity(msgspec.Struct, frozen=True, kw_only=True):
    """What was tried over the past ``days``, and what follows."""

    days: int
    current: float
    suggested: float | None  # None: nothing is better than what is set
    said: str
    line: str | None  # to be written under [detection]
    tried: tuple[Tried, ...]
    confirmed: int
    false_alarms: int
    not_reproduced: int  # incidents that the counts of today do not show again, at the present setting
    precision: tuple[Precision, ...]
    reasons: tuple[FalseAlarm, ...]  # newest first


def sensitivity(
    cases: Sequence[Case],
    alerts: Mapping[float, Mapping[str, Sequence[Alert]]],
    precision: Sequence[Precision],
    *,
    current: float,
    begin: datetime,
    end: datetime,
) -> Sensitivity:
    """Weigh settings; ``alerts`` holds, by setting and brand, what it would have shown from ``begin`` to ``end``."""
    shown = {rate: [_shown(case.incident, by_brand) for case in cases] for rate, by_brand in alerts.items()}
    base = shown[current]
    right = [confirmed(case) for case in cases]
    wrong = [case.incident.state is IncidentState.FALSE_ALARM for case in cases]
    months = (end - begin) / _MONTH
    tried = tuple(
        Tried(
            false_alerts_per_year=rate,
            alerts=(total := sum(len(found) for found in alerts[rate].values())),
            alerts_per_month=round(total / months, 2),
            confirmed_lost=_less(right, base, shown[rate]),
            false_alarms_spared=_less(wrong, base, shown[rate]),
        )
        for rate in sorted(alerts)
    )
    labelled = [good or bad for good, bad in zip(right, wrong, strict=True)]
    best = _best(tried, current)
    days = round((end - begin) / timedelta(days=1))
    return Sensitivity(
        days=days,
        current=current,
        suggested=best.false_alerts_per_year if best else None,
        said=_said(tried, best, current, months, wrong=sum(wrong)),
        line=f"false_alerts_per_year = {best.false_alerts_per_year:g}" if best else None,
        tried=tried,
        confirmed=sum(right),
        false_alarms=sum(wrong),
        not_reproduced=sum(told and not seen for told, seen in zip(labelled, base, strict=True)),
        precision=tuple(precision),
        reasons=tuple(_reason(case) for case, bad in zip(reversed(cases), reversed(wrong), strict=True) if bad),
    )


def _reason(case: Case) -> FalseAlarm:
    said = next((event for event in reversed(case.events) if event.kind is EventKind.FALSE_ALARM), None)
    return FalseAlarm(
        id=case.incident.id,
        brand=case.incident.brand,
        title=case.incident.title,
        at=format_time(case.incident.opened_at),
        reason=str(said.data.get("reason") or "") if said else "",
    )


def _shown(incident: Incident, by_brand: Mapping[str, Sequence[Alert]]) -> bool:
    """Whether some alert is of this incident: of its family, at its time."""
    begin = min(incident.onset_at, incident.opened_at) - _SLACK
    end = (incident.resolved_at or incident.opened_at) + _SLACK
    return any(
        alert.kind in family(incident.kind)
        and alert.opened_at <= end
        and (alert.closed_at is None or alert.closed_at >= begin)
        for alert in by_brand.get(incident.brand, ())
    )


def _less(which: Sequence[bool], base: Sequence[bool], other: Sequence[bool]) -> int:
    """How many of these the base shows and the other does not."""
    return sum(one and seen and not also for one, seen, also in zip(which, base, other, strict=True))


def _best(tried: Sequence[Tried], current: float) -> Tried | None:
    """The calmer setting that spares the most false alarms and loses nothing confirmed; of equals the nearest."""
    fit = [
        one
        for one in tried
        if one.false_alerts_per_year < current and one.false_alarms_spared and not one.confirmed_lost
    ]
    return max(fit, key=lambda one: (one.false_alarms_spared, one.false_alerts_per_year), default=None)


def _said(tried: Sequence[Tried], best: Tried | None, current: float, months: float, *, wrong: int) -> str:
    if best is None:
        if not wrong:
            return "Nothing to change: nobody called anything a false alarm."
        return "Nothing to change: no calmer setting spares a false alarm without losing a confirmed incident."
    now = next(one for one in tried if one.false_alerts_per_year == current)
    fewer = now.alerts - best.alerts
    monthly = round(fewer / months)
    amount, when = (monthly, "a month") if monthly else (fewer, "in all that time")
    spared = count(best.false_alarms_spared, "false alarm")
    alerts = "alert" if amount == 1 else "alerts"
    effect = f"{amount} fewer {alerts} {when}, {spared} among them, none of the confirmed ones lost."
    return f"With {best.false_alerts_per_year:g} false alerts a year instead of {current:g}: {effect}"
