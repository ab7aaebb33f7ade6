"""Blind: nothing is known, which is neither crisis nor calm."""

from __future__ import annotations

from datetime import datetime

from daemon.model import IncidentKind, Reading, Severity
from detectors.signal import per_year
from detectors.silence import NATS


def blind_reading(*, at: datetime, since: datetime | None, nats: float, unknown: int, step: int) -> Reading:
    """What is to be said of blindness that lasts ``since`` (None: we see).

    ``nats``: how improbable the silence is; ``unknown``: minutes without delivery; ``step``: minutes of one.
    """
    if nats > NATS:
        what = "Nobody at all has written, which is too improbable to be calm: the source may be silent."
    elif since is not None:
        what = f"The source has not been delivering for {unknown} minutes: its silence is unknown, not calm."
    else:
        what = "Mentions arrive as they should."
    return Reading(
        kind=IncidentKind.BLIND,
        at=at,
        alerting=since is not None,
        sustained=since is not None,
        since=since,
        onset=since,
        severity=Severity.MAJOR,
        observed=0,
        expected=0.0,
        window_minutes=max(unknown, step),
        false_alerts_per_year=per_year(nats),
        score=nats,
        reason=what,
    )
