"""Whether something that was ordered is still worth sending, and when to try again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from daemon.model import Incident, IncidentState
from daemon.notice import Purpose
from daemon.oncall.silence import hiding
from daemon.response.ladder import SILENCE_OVER, climb
from daemon.response.policy import Outcome, Policy
from daemon.views import format_time

STALLED_AFTER = timedelta(minutes=15)  # a target that fails for so long counts as unreachable
GIVE_UP_AFTER = timedelta(hours=24)  # once the incident is over
_BACKOFF_CAP = 300.0


def obsolete(incident: Incident, purpose: Purpose, detail: dict[str, Any]) -> str | None:  # noqa: C901, PLR0911 - one arm for each
    """Why a waiting delivery must not go out any more, or None."""
    match purpose:
        case Purpose.ALERT | Purpose.ESCALATION:
            if detail.get("reason") == SILENCE_OVER:
                return None
            if incident.state.ended:
                return "incident_ended"
            if detail.get("reason") == "overdue" and not incident.overdue_escalated:
                return "public_word_given"
            if detail.get("reason") in {"overdue", "requested"}:
                return None
            if incident.state is not IncidentState.OPEN:
                return incident.state.value
            return None if detail.get("round") == incident.ladder_round else "ladder_restarted"
        case Purpose.REMINDER:
            if incident.state.ended:
                return "incident_ended"
            owed = {format_time(promise.due) for promise in (*incident.broken, *incident.promises)}
            if incident.next_update_due is not None:
                owed.add(format_time(incident.next_update_due))
            return None if detail["reminder"]["due"] in owed else "public_word_given"
        case Purpose.RESOLVED:
            return None if incident.state.ended else "incident_reopened"
        case Purpose.UPDATE if "news" in detail and incident.state.ended:
            return "incident_ended"
        case Purpose.UPDATE | Purpose.EDIT:
            return None


def retry_at(now: datetime, attempts: int, retry_after: float | None, chance: float) -> datetime:
    """When to try again: what the other side asked for, else exponential back-off with full jitter.

    ``chance`` is uniform in 0 to 1. Source of full jitter: M. Brooker, Exponential Backoff
    And Jitter, AWS Architecture Blog, 2015.
    """
    if retry_after is not None:
        return now + timedelta(seconds=max(retry_after, 0.1))
    ceiling = min(_BACKOFF_CAP, 2.0 ** min(attempts, 10))
    return now + timedelta(seconds=max(0.5, ceiling * chance))


def unreachable(incident: Incident, policy: Policy, now: datetime) -> Outcome | None:
    """Nobody of the present step can be reached: take the next one at once, and say why."""
    if incident.state is not IncidentState.OPEN or incident.steps_done >= len(policy.ladder_for(incident.severity)):
        return None
    if hiding(policy.roster.silences, incident, now):
        return None  # its clock stands still
    return climb(incident, policy, now, reason="unreachable")
