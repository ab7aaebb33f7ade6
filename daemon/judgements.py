"""What people have said of a brand's incidents, as the detectors learn from it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from daemon.model import Incident, IncidentState
from daemon.response.opening import WAVE
from detectors.calibration import Judgement

_NEWEST = 30  # older ones have taught what they could


def judgements(incidents: Iterable[Incident]) -> list[Judgement]:
    """The judgements of those that people have ended: resolved is a crisis, a false alarm is ordinary life.

    What ended by itself says nothing.
    """
    found = [
        Judgement(
            int(incident.onset_at.timestamp()) // 60,
            int(incident.resolved_at.timestamp()) // 60,
            incident.state is IncidentState.RESOLVED,
        )
        for incident in incidents
        if not incident.drill
        and incident.kind in WAVE
        and incident.resolved_at is not None
        and incident.ended_by not in {None, "tocsin"}
    ]
    return sorted(found)[-_NEWEST:]
