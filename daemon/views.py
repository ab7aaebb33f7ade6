"""Records as the JSON that the API, the timeline's hashes and webhooks carry."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from daemon.model import Evidence, Incident, TimelineEvent

_OFFSET = re.compile(r"[Tt ].*([Zz]|[+-]\d\d:?\d\d)$")


def format_time(at: datetime) -> str:
    """RFC 3339 in UTC with ``Z`` and milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """An RFC 3339 time with an offset, as UTC.

    Raises ``ValueError`` that says what was expected.
    """
    expected = "expected a time with an offset, such as 2026-01-05T12:00:00Z"
    if not _OFFSET.search(text):
        raise ValueError(expected)
    try:
        return datetime.fromisoformat(text.replace("z", "Z")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(expected) from error


def _or_none(at: datetime | None) -> str | None:
    return None if at is None else format_time(at)


def evidence_view(evidence: Evidence) -> dict[str, Any]:
    """The SPEC's ``evidence`` object."""
    return {
        "at": format_time(evidence.at),
        "deciding_mention": evidence.deciding_mention,
        "observed": evidence.observed,
        "expected": round(evidence.expected, 3),
        "window_minutes": evidence.window_minutes,
        "false_alerts_per_year": float(f"{evidence.false_alerts_per_year:.3g}"),
        "distinct_authors": evidence.distinct_authors,
        "copies": evidence.copies,
        "loudest": evidence.loudest,
        "channels": evidence.channels,
        "languages": evidence.languages,
        "terms": list(evidence.terms),
        "topic": evidence.topic,
        "topic_confidence": evidence.topic_confidence,
        "reason": evidence.reason,
        "examples": [
            {
                "id": example.id,
                "text": example.text,
                "url": example.url,
                "author": example.author,
                "published_at": format_time(example.published_at),
            }
            for example in evidence.examples
        ],
    }


def incident_view(incident: Incident) -> dict[str, Any]:
    """The SPEC's incident object."""
    promise = incident.promise
    return {
        "id": incident.id,
        "brand": incident.brand,
        "kind": incident.kind.value,
        "severity": incident.severity.value,
        "state": incident.state.value,
        "title": incident.title,
        "opened_at": format_time(incident.opened_at),
        "onset_at": format_time(incident.onset_at),
        "acknowledged_at": _or_none(incident.acknowledged_at),
        "acknowledged_by": incident.acknowledged_by,
        "assigned_to": incident.assigned_to,
        "resolved_at": _or_none(incident.resolved_at),
        "snoozed_until": _or_none(incident.snoozed_until),
        "next_update_due": _or_none(incident.next_update_due),
        "promise": None
        if promise is None
        else {"made_at": format_time(promise.made_at), "due": format_time(promise.due), "lang": promise.lang},
        "timeline_head": {"seq": incident.head_seq, "hash": incident.head_hash},
        "evidence": evidence_view(incident.evidence),
        "drill": incident.drill,
        "hidden_by": list(incident.hidden_by),
        "holding_replies": [msgspec.to_builtins(reply) for reply in incident.holding_replies],
    }


def event_view(event: TimelineEvent) -> dict[str, Any]:
    """The SPEC's timeline event."""
    return {
        "seq": event.seq,
        "at": format_time(event.at),
        "kind": event.kind.value,
        "actor": event.actor,
        "data": event.data,
        "hash": event.hash,
    }
