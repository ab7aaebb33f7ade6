"""The append-only, hash-chained record of an incident.

An event's hash is the SHA-256 of the hash before it, followed by the RFC 8785 JSON of
what it says; so nothing in the middle can be changed, and the incident's own head shows
whether the end was cut off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import rfc8785

from daemon.model import EventKind, Incident, TimelineEvent
from daemon.views import format_time


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An event before it has its place in a chain."""

    kind: EventKind
    actor: str = "tocsin"
    data: dict[str, Any] = {}


def chain_hash(previous: str, incident_id: str, seq: int, at: datetime, draft: Draft) -> str:
    """Lower-case hex SHA-256 that binds an event to the one before."""
    body = rfc8785.dumps(
        {
            "incident_id": incident_id,
            "seq": seq,
            "at": format_time(at),
            "kind": draft.kind.value,
            "actor": draft.actor,
            "data": draft.data,
        }
    )
    return hashlib.sha256(previous.encode() + body).hexdigest()


def append(incident: Incident, drafts: Sequence[Draft], now: datetime) -> tuple[Incident, list[TimelineEvent]]:
    """Chain ``drafts`` to the incident's timeline; its times never go back."""
    at = now if incident.head_at is None else max(now, incident.head_at)
    events: list[TimelineEvent] = []
    head, seq = incident.head_hash, incident.head_seq
    for draft in drafts:
        seq += 1
        head = chain_hash(head, incident.id, seq, at, draft)
        events.append(
            TimelineEvent(
                incident_id=incident.id,
                seq=seq,
                at=at,
                kind=draft.kind,
                actor=draft.actor,
                data=draft.data,
                hash=head,
            )
        )
    if not events:
        return incident, events
    return msgspec.structs.replace(incident, head_seq=seq, head_hash=head, head_at=at), events


def verify(incident_id: str, head_seq: int, head_hash: str, events: Iterable[TimelineEvent]) -> list[str]:
    """Faults of one chain, each as ``INCIDENT seq N: what is wrong``; empty when it holds."""
    faults: list[str] = []
    previous, seq, at = "", 0, None
    for event in events:
        seq += 1
        where = f"{incident_id} seq {event.seq}"
        if event.seq != seq:
            faults.append(f"{incident_id} seq {seq}: missing, found {event.seq} in its place")
            seq = event.seq
        if at is not None and event.at < at:
            faults.append(f"{where}: its time is before the event before it")
        draft = Draft(kind=event.kind, actor=event.actor, data=event.data)
        if chain_hash(previous, incident_id, event.seq, event.at, draft) != event.hash:
            faults.append(f"{where}: its hash does not match what it says")
        previous, at = event.hash, event.at
    if seq != head_seq:
        faults.append(f"{incident_id} seq {seq + 1}: the incident's head says {head_seq} events, found {seq}")
    elif previous != head_hash:
        faults.append(f"{incident_id} seq {seq}: it is not the incident's head")
    return faults
