"""From readings to incidents: what opens, joins, comes back, stays, or is over. Pure."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta

import msgspec

from daemon.model import Incident, IncidentKind, Reading
from daemon.response.policy import Policy
from detectors.news import is_news

WAVE = (IncidentKind.SURGE, IncidentKind.SHARE, IncidentKind.REACH)  # one wave is one incident
_AGAIN = 2.0  # what a person has ended comes back only when it has grown by this factor


class Verdict(enum.StrEnum):
    """What is to be done about one reading."""

    OPEN = "open"
    JOIN = "join"
    RENEW = "renew"
    REOPEN = "reopen"
    RESOLVE = "resolve"
    NOTHING = "nothing"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict with its named reason, and the incident that it is about."""

    verdict: Verdict
    reason: str
    incident: Incident | None = None


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """What was written since an incident ended."""

    observed: int  # distinct negative authors
    expected: float
    risk: int = 0  # of them with words that are never normal
    top_reach: float = 0.0  # decades of the farthest
    whole: bool = False  # all of the reading's window came after the end: it is news in itself


def family(kind: IncidentKind) -> tuple[IncidentKind, ...]:
    """The kinds that are one incident together with ``kind``."""
    return WAVE if kind in WAVE else (kind,)


def news_begins(last: Incident, reading: Reading, now: datetime) -> tuple[datetime, bool]:
    """Since when what the reading's window holds is newer than the end of ``last``, and whether all of it is."""
    ended = last.resolved_at or last.opened_at
    window = min(reading.at - timedelta(minutes=reading.window_minutes - 1), now)
    return max(ended, window), window > ended


def judge(  # noqa: PLR0911 - each way out has its named reason
    reading: Reading,
    *,
    open_one: Incident | None,
    last: Incident | None,
    since: Since,
    now: datetime,
    policy: Policy,
) -> Decision:
    """What one reading asks for.

    ``open_one``: the open incident of the reading's family; ``last``: the one that ended last;
    ``since``: the evidence that has come after that.
    """
    if open_one is not None:
        return _standing(reading, open_one, now, policy)
    if not reading.alerting:
        return Decision(verdict=Verdict.NOTHING, reason="calm")
    if last is None or last.resolved_at is None:
        return Decision(verdict=Verdict.OPEN, reason="evidence")
    recent = now - last.resolved_at <= policy.reopen_within
    if reading.kind is not IncidentKind.BLIND:
        if not _fresh(reading.kind, since):
            return Decision(verdict=Verdict.NOTHING, reason="already_ended", incident=last)
        handled = reading.since is None or reading.since <= last.resolved_at
        if handled and last.ended_by != "tocsin" and since.observed < _AGAIN * last.peak_observed:
            return Decision(verdict=Verdict.NOTHING, reason="ended_by_hand", incident=last)
    if recent and last.state.value == "resolved":
        return Decision(verdict=Verdict.REOPEN, reason="back_within_grace", incident=last)
    return Decision(verdict=Verdict.OPEN, reason="evidence")


def _fresh(kind: IncidentKind, since: Since) -> bool:
    """Whether what alerts is newer than the end of the incident before."""
    return since.whole or is_news(
        kind, observed=since.observed, expected=since.expected, risk=since.risk, top_reach=since.top_reach
    )


def _standing(reading: Reading, incident: Incident, now: datetime, policy: Policy) -> Decision:
    if reading.kind is not incident.kind:
        verdict = Verdict.JOIN if reading.alerting else Verdict.NOTHING
        return Decision(verdict=verdict, reason="same_wave", incident=incident)
    quiet = now - incident.last_sustained_at
    over = reading.kind is IncidentKind.BLIND and not reading.sustained
    if over or quiet >= policy.resolve_after:
        return Decision(verdict=Verdict.RESOLVE, reason="quiet", incident=incident)
    return Decision(verdict=Verdict.RENEW, reason="goes_on", incident=incident)
