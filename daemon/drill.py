"""Exercises: an incident of which nothing is true but what people do about it."""

from __future__ import annotations

from datetime import datetime

from config.schema import Config
from daemon.desk import earlier_crises
from daemon.errors import Conflict, InputError
from daemon.evidence import marked, replies_for
from daemon.incidents import Incidents, new_incident_id
from daemon.model import Evidence, Incident, IncidentKind, Reading, Severity, Topic
from daemon.people import names_of, who
from daemon.replies.library import library_of
from daemon.response.incident import open_incident

_TITLE = "DRILL: an exercise, nothing has happened"


async def begin_drill(
    incidents: Incidents, config: Config, brand: str, severity: Severity, *, actor: str, now: datetime
) -> Incident:
    """Open a drill: it is called about, answered and ended like the real thing, and enters no figure.

    Raises ``InputError`` for a brand that is not configured, ``Conflict`` where a drill of it is open.
    """
    if brand not in config.brands:
        raise InputError(f"brand: expected one of {', '.join(config.brands)}")
    policy = incidents.policies[brand]
    reason = f"A drill, begun by {who(actor, names_of(config.people))}"
    evidence = Evidence(
        at=now,
        deciding_mention=None,
        observed=0,
        expected=0.0,
        window_minutes=15,
        false_alerts_per_year=1.0,
        distinct_authors=0,
        channels={},
        languages={},
        terms=(),
        topic=Topic.OUTAGE.value,
        examples=(),
        reason=reason,
    )
    reading = Reading(
        kind=IncidentKind.SURGE,
        at=now,
        alerting=True,
        sustained=True,
        since=now,
        onset=now,
        severity=severity,
        observed=0,
        expected=0.0,
        window_minutes=15,
        false_alerts_per_year=1.0,
        score=0.0,
        reason=reason,
    )
    due = now + policy.next_update[severity]
    crises = await earlier_crises(incidents, brand, now)
    replies = replies_for(evidence, config.brands[brand], due, now, library_of(config), earlier_crises=crises)
    outcome = open_incident(
        incident_id=new_incident_id(f"drill-{brand}", now),
        brand=brand,
        title=_TITLE,
        reading=reading,
        evidence=evidence,
        replies=marked(replies),
        now=now,
        policy=policy,
        drill=True,
    )
    try:
        return await incidents.open(outcome)
    except Conflict:
        raise Conflict(f"a drill of {brand} is open already; end it first") from None
