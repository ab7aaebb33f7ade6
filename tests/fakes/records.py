"""Records to test with: complete, ordinary, and changed by naming what matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from daemon.model import (
    Evidence,
    Example,
    Incident,
    IncidentKind,
    Label,
    Meaning,
    Mention,
    Reading,
    ScoredMention,
    Severity,
)
from daemon.response.incident import open_incident
from daemon.response.policy import Outcome, Policy, Step

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_policy(**changes: Any) -> Policy:
    """Two steps, five minutes apart, and the SPEC's deadlines."""
    given: dict[str, Any] = {
        "ladder": (
            Step(after=timedelta(0), targets=("slack:#pr-crisis", "email:oncall@acme.example")),
            Step(after=timedelta(minutes=5), targets=("slack:@U012AB3CD", "email:head@acme.example")),
        ),
        "first_reply": timedelta(minutes=60),
        "next_update": {
            Severity.CRITICAL: timedelta(minutes=30),
            Severity.MAJOR: timedelta(minutes=60),
            Severity.MINOR: timedelta(hours=2),
        },
        "remind_before": timedelta(minutes=10),
        "overdue_after": timedelta(minutes=10),
        "unacknowledge_after": timedelta(hours=2),
        "resolve_after": timedelta(minutes=30),
        "reopen_within": timedelta(hours=2),
    }
    return Policy(**given | changes)


def a_reading(**changes: Any) -> Reading:
    """A clear surge."""
    given: dict[str, Any] = {
        "kind": IncidentKind.SURGE,
        "at": NOON,
        "alerting": True,
        "sustained": True,
        "since": NOON,
        "onset": NOON - timedelta(minutes=3),
        "severity": Severity.CRITICAL,
        "observed": 40,
        "expected": 3.1,
        "window_minutes": 15,
        "false_alerts_per_year": 0.0001,
        "score": 9.2,
        "reason": "40 people wrote negatively within 15 minutes where 3.1 are usual",
    }
    return Reading(**given | changes)


def an_evidence(**changes: Any) -> Evidence:
    """What was written in that surge."""
    given: dict[str, Any] = {
        "at": NOON,
        "deciding_mention": "m40",
        "observed": 40,
        "expected": 3.1,
        "window_minutes": 15,
        "false_alerts_per_year": 0.0001,
        "distinct_authors": 38,
        "channels": {"facebook": 30, "x": 10},
        "languages": {"pl": 36, "ru": 4},
        "terms": ("internet", "nie działa"),
        "topic": "outage",
        "examples": (
            Example(id="m1", text="Internet nie działa!", url=None, author="a1", published_at=NOON),
            Example(id="m2", text="Nie mam zasięgu", url=None, author="a2", published_at=NOON),
        ),
        "reason": "40 people wrote negatively within 15 minutes where 3.1 are usual",
    }
    return Evidence(**given | changes)


def opened(policy: Policy | None = None, now: datetime = NOON, **changes: Any) -> Outcome:
    """An incident that has just opened, with all that follows from it."""
    given: dict[str, Any] = {
        "incident_id": "acme-1",
        "brand": "acme",
        "title": "Acme Mobile: surge of negative mentions",
        "reading": a_reading(),
        "evidence": an_evidence(),
        "replies": (),
        "now": now,
        "policy": policy or a_policy(),
    }
    return open_incident(**given | changes)


def an_incident(**changes: Any) -> Incident:
    """An open incident, before its first step is written down."""
    return replace(opened().incident, **changes)


def a_mention(mention_id: str = "m1", **changes: Any) -> Mention:
    """A mention that has just arrived."""
    given: dict[str, Any] = {
        "brand": "acme",
        "id": mention_id,
        "channel": "facebook",
        "text": "Internet nie działa od rana!",
        "published_at": NOON,
        "received_at": NOON,
    }
    return Mention(**given | changes)


def a_meaning(*, negative: bool = True, lang: str = "pl") -> Meaning:
    """What a text model may say of it."""
    return Meaning(
        lang=lang,
        label=Label.NEGATIVE if negative else Label.NEUTRAL,
        p_negative=0.9 if negative else 0.1,
        complaint=0.0,
        outage=0.0,
    )


def a_scored_mention(mention: Mention, *, negative: bool = True, late: bool = False) -> ScoredMention:
    """A mention with its meaning."""
    return ScoredMention(mention=mention, meaning=a_meaning(negative=negative), negative=negative, late=late, model="t")
