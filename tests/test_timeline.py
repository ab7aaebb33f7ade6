"""The chain of an incident's timeline."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.model import EventKind, Incident, TimelineEvent
from daemon.timeline import Draft, append, verify
from tests.fakes.records import NOON, an_incident


def chained(texts: list[str]) -> tuple[Incident, list[TimelineEvent]]:
    incident, events = an_incident(), []
    for number, text in enumerate(texts):
        draft = Draft(kind=EventKind.NOTE, actor="user:anna", data={"text": text, "n": number})
        incident, added = append(incident, [draft], NOON + timedelta(seconds=number))
        events += added
    return incident, events


def faults(incident: Incident, events: list[TimelineEvent]) -> list[str]:
    return verify(incident.id, incident.head_seq, incident.head_hash, events)


def test_an_untouched_chain_holds() -> None:
    assert faults(*chained(["one", "dwa", "три"])) == []


def test_time_never_goes_back_although_the_clock_does() -> None:
    incident, _ = chained(["one", "two", "three"])
    _, later = append(incident, [Draft(kind=EventKind.NOTE, data={})], NOON - timedelta(days=1))
    assert later[0].at == incident.head_at


def test_the_hash_is_what_the_interface_says() -> None:
    """SHA-256 of the hash before and the canonical JSON, reckoned here by other means."""
    import hashlib  # noqa: PLC0415 - only to reckon it anew
    import json  # noqa: PLC0415

    incident, events = chained(["zażółć <&>", "b"])
    previous = ""
    for event in events:
        said = {
            "incident_id": incident.id,
            "seq": event.seq,
            "at": event.at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{event.at.microsecond // 1000:03}Z",
            "kind": event.kind.value,
            "actor": event.actor,
            "data": event.data,
        }
        canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        previous = hashlib.sha256((previous + canonical).encode()).hexdigest()
        assert event.hash == previous


@given(st.lists(st.text(max_size=20), min_size=2, max_size=6), st.data())
def test_any_change_is_found(texts: list[str], data: st.DataObject) -> None:
    incident, events = chained(texts)
    index = data.draw(st.integers(0, len(events) - 1))
    event = events[index]
    kind = data.draw(st.sampled_from(["text", "actor", "time", "drop", "swap", "tail"]))
    changed = list(events)
    match kind:
        case "text":
            changed[index] = replace(event, data=event.data | {"text": event.data["text"] + "!"})
        case "actor":
            changed[index] = replace(event, actor="user:mallory")
        case "time":
            changed[index] = replace(event, at=event.at + timedelta(milliseconds=1))
        case "drop":
            del changed[index]
        case "swap":
            other = (index + 1) % len(events)
            changed[index], changed[other] = changed[other], changed[index]
        case _:
            changed = changed[:-1]
    assert faults(incident, changed), kind
