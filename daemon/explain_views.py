"""The answers to why, as the API delivers them: one form for pages and command line alike."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from daemon import explain_words as words
from daemon.explain_words import Reason
from daemon.model import IncidentKind, IncidentState, Reading, Severity
from daemon.past import Moment
from daemon.store.hindsight import Stretch
from daemon.what_if import Shortfall, threshold

Verdict = Literal["incident", "held_back", "quiet", "blind"]

Stamp = Annotated[
    str, Meta(description="RFC 3339 in UTC with Z and milliseconds", extra_json_schema={"format": "date-time"})
]


class ReadingView(msgspec.Struct, frozen=True, kw_only=True):
    """What one detector says of a minute, and what it would have taken to alert."""

    kind: IncidentKind
    alerting: bool
    severity: Severity
    observed: int
    expected: float
    window_minutes: int
    share: Annotated[float | None, Meta(description="of those who wrote in the window; of share alone")] = None
    usual_share: float | None = None
    readers: Annotated[int | None, Meta(description="who may see the farthest-reaching complaint; of reach alone")] = (
        None
    )
    false_alerts_per_year: float
    threshold_per_year: Annotated[float | None, Meta(description="alerts from there down, by the setting")] = None
    times_rarer: Annotated[float | None, Meta(description="evidence so much rarer would have alerted")] = None
    more_people: Annotated[int | None, Meta(description="so many more within more_minutes would have alerted")] = None
    more_minutes: int | None = None
    needed_readers: Annotated[int | None, Meta(description="a complaint that so many may see would have")] = None
    text: str


class MomentView(msgspec.Struct, frozen=True, kw_only=True):
    """A minute of a brand's past, recomputed from its counts."""

    brand: str
    at: Annotated[Stamp, Meta(description="start of the minute")]
    verdict: Verdict
    incident_id: str | None
    summary: str
    false_alerts_per_year: Annotated[float, Meta(description="the setting")]
    readings: list[ReadingView]
    last_hour: Annotated[Stretch, Meta(description="what was written in the hour that ends with the minute")]
    reasons: list[Reason]


class IncidentWhy(msgspec.Struct, frozen=True, kw_only=True):
    """Why an incident is one: the numbers of its evidence, and what they mean."""

    incident_id: str
    brand: str
    kind: IncidentKind
    severity: Severity
    state: IncidentState
    at: Annotated[Stamp, Meta(description="of the evidence")]
    observed: int
    expected: float
    window_minutes: int
    distinct_authors: int
    share: Annotated[float | None, Meta(description="of those who wrote in the window, negatively")]
    readers: Annotated[int | None, Meta(description="who may see the farthest-reaching complaint of the window")]
    false_alerts_per_year: float
    threshold_per_year: Annotated[float | None, Meta(description="alerts from there down, by the setting")]
    closes_at: Annotated[Stamp | None, Meta(description="when it ends by itself unless more comes")]
    reasons: list[Reason]


def reading_view(moment: Moment, reading: Reading, rate: float) -> ReadingView:
    """One of the moment's readings beside what the setting, ``rate`` false alerts a year, asks for."""
    kind = reading.kind
    signal = moment.signals.get(kind)
    short = moment.shortfalls.get(kind, Shortfall(times_rarer=None))
    bar = None if signal is None else threshold(kind, rate)
    turned = signal is not None and kind is IncidentKind.SHARE and signal.usual_share > 0 and signal.expected > 0
    far = signal is not None and kind is IncidentKind.REACH and signal.top_reach > 0
    return ReadingView(
        kind=kind,
        alerting=reading.alerting,
        severity=reading.severity,
        observed=reading.observed,
        expected=round(reading.expected, 3),
        window_minutes=reading.window_minutes,
        share=round(signal.observed * signal.usual_share / signal.expected, 3) if turned and signal else None,
        usual_share=round(signal.usual_share, 3) if turned and signal else None,
        readers=round(10**signal.top_reach - 1) if far and signal else None,
        false_alerts_per_year=digits(reading.false_alerts_per_year),
        threshold_per_year=None if bar is None else digits(bar),
        times_rarer=None if short.times_rarer is None else digits(short.times_rarer),
        more_people=short.people,
        more_minutes=short.minutes,
        needed_readers=short.readers,
        text=words.reading_sentence(reading, bar or 0.0, short),
    )


def digits(number: float) -> float:
    """As far as such a number can be told: three digits, as in the evidence."""
    return float(f"{number:.3g}")
