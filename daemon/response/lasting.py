"""A minor incident may have to last before it wakes anyone. Pure.

It is open meanwhile, and shown on the pages and in the channels of its first step. It calls people as soon as
negative mentions have gone on for ``incidents.minor_wait``, or it gets worse. One that does not last ends by
itself, and woke nobody.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from daemon.model import Incident, Severity
from daemon.response.policy import Policy


def waits_until(incident: Incident, policy: Policy) -> datetime | None:
    """Until when it must last to call anyone; None where it need not, or has called somebody already."""
    first_round = incident.ladder_round == 1 and incident.steps_done == 0
    if incident.severity is not Severity.MINOR or not policy.minor_wait or not first_round:
        return None
    return incident.opened_at + policy.minor_wait


def lasts(incident: Incident, policy: Policy) -> bool:
    """Whether it may call: it need not wait, or has gone on for as long as it must."""
    until = waits_until(incident, policy)
    return until is None or incident.last_sustained_at >= until


def risen(incident: Incident, at: datetime) -> Incident:
    """An incident that is not minor any more has waited long enough: its ladder begins ``at`` the latest."""
    if incident.severity is Severity.MINOR or incident.steps_done:
        return incident
    return replace(incident, ladder_from=min(incident.ladder_from, at))
