"""Plain words for the pages: short, for somebody who was just woken. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from daemon.model import Incident, IncidentKind, IncidentState, TimelineEvent
from daemon.people import NOBODY, Names, reached, who
from daemon.topics import doubt, named
from daemon.views import parse_time
from daemon.waiting import Waiting

KINDS: Final[dict[str, str]] = {
    "surge": "Surge of negative mentions",
    "reach": "Far-reaching authors",
    "risk": "Words that are never normal",
    "share": "The mood turned negative",
    "blind": "We cannot see",
}
CLUSTERS: Final[dict[str, str]] = {
    "victim": "The public sees the brand as a victim here: it may deny what is untrue; it owes no apology.",
    "accidental": "The public sees an accident: explain, and apologise if you must. Do not deny, do not pay yet.",
    "preventable": "The public holds the brand responsible: apologise, compensate. No excuses, no denial.",
}
STATES: Final[dict[str, str]] = {
    "open": "Nobody has it yet",
    "acknowledged": "Somebody has it",
    "snoozed": "Snoozed",
    "resolved": "Over",
    "false_alarm": "False alarm",
}
LANGUAGES: Final[dict[str, str]] = {"pl": "Polski", "ru": "Русский", "en": "English"}
EVENTS: Final[dict[str, str]] = {
    "opened": "Noticed",
    "evidence": "More evidence",
    "severity": "Severity changed",
    "notified": "Told",
    "notify_failed": "Could not be told",
    "acknowledged": "Acknowledged",
    "unacknowledged": "No longer acknowledged",
    "assigned": "Assigned",
    "snoozed": "Snoozed",
    "escalated": "Escalated",
    "update_posted": "The public was told",
    "promise_made": "Promised the next word",
    "promise_kept": "Promise kept",
    "promise_broken": "Promise broken",
    "reminder": "Reminded",
    "note": "Note",
    "blind": "A source went silent",
    "sighted": "A source is back",
    "resolved": "Resolved",
    "false_alarm": "False alarm",
    "reopened": "Reopened",
}
CLASSES: Final[dict[str, str]] = {
    "product_question": "A question",
    "addressed": "A message to the brand",
    "first_word": "First public word in a crisis",
    "email": "An e-mail",
}
_OWED: Final[dict[str, str]] = {
    "first_reply": "first public reply",
    "next_update": "next public word",
    "promise": "promised word",
}
_WHEN: Final[dict[str, str]] = {"before": "is due soon", "due": "is due now", "overdue": "is overdue"}
_PRACTICALLY_NEVER: Final = 1000  # years


def count(n: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "person", "people"), count(1200, "mention")
    ('1 person', '1,200 mentions')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def about(value: float) -> str:
    """An expectation as one says it.

    >>> about(0.02), about(3.14), about(41.7)
    ('almost none', 'about 3', 'about 42')
    """
    return "almost none" if value < 0.5 else f"about {round(value):,}"  # noqa: PLR2004 - rounds to none


def span(length: timedelta) -> str:
    """A length of time in its two largest units.

    >>> span(timedelta(seconds=40)), span(timedelta(minutes=75)), span(timedelta(days=2, hours=1))
    ('under a minute', '1 h 15 min', '2 d 1 h')
    """
    minutes = int(abs(length).total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    first = next((i for i, (n, _) in enumerate(parts) if n), None)
    if first is None:
        return "under a minute"
    return " ".join(f"{n} {unit}" for n, unit in parts[first : first + 2] if n)


def seconds(length: float) -> str:
    """A length of time in seconds, as `span` says it.

    >>> seconds(5400)
    '1 h 30 min'
    """
    return span(timedelta(seconds=length))


def moment(at: str) -> datetime:
    """A time as the API delivers it."""
    return parse_time(at)


def rarity(false_alerts_per_year: float) -> str:
    """How often evidence as strong arises by chance.

    >>> rarity(12), rarity(0.2), rarity(1e-9)
    ('about 12 times a year', 'about once in 5 years', 'practically never')
    """
    if false_alerts_per_year >= 1.5:  # noqa: PLR2004 - rounds to twice
        return f"about {round(false_alerts_per_year):,} times a year"
    years = math.inf if false_alerts_per_year <= 0 else 1 / false_alerts_per_year
    if years >= _PRACTICALLY_NEVER:
        return "practically never"
    return "about once a year" if years < 1.5 else f"about once in {round(years):,} years"  # noqa: PLR2004 - likewise


def headline(incident: Incident) -> str:
    """What is going on, in one sentence with the numbers."""
    evidence = incident.evidence
    if incident.kind is IncidentKind.BLIND:
        return evidence.reason or "A source that should be delivering is silent: nobody knows whether it is calm."
    people = count(evidence.distinct_authors, "person", "people")
    within = count(evidence.window_minutes, "minute")
    usual = about(evidence.expected)
    match incident.kind:
        case IncidentKind.RISK:
            return f"{people} in {within} wrote of danger: words that are never normal."
        case IncidentKind.REACH:
            return f"Few people write, but many read them: {people} in {within}."
        case IncidentKind.SHARE:
            return f"The usual number of people write, but they turned negative: {people} in {within}, usually {usual}."
        case _:
            return f"{people} complained in {within}. Usually {usual}."


def evidence_facts(incident: Incident) -> list[tuple[str, str]]:
    """The evidence as short facts with their names, most telling first."""
    evidence = incident.evidence
    if incident.kind is IncidentKind.BLIND:
        return [("Why", evidence.reason)]
    facts = [
        ("About", f"{doubt(evidence)} {named(evidence.topic) or 'something else'}".strip()),
        ("Words", ", ".join(evidence.terms)),
        ("Where", _shares(evidence.channels)),
        ("Languages", _shares(evidence.languages)),
        ("Otherwise", f"so much comes up {rarity(evidence.false_alerts_per_year)} in ordinary life"),
        ("In numbers", evidence.reason),
    ]
    return [(name, value) for name, value in facts if value]


def _shares(counts: Mapping[str, int]) -> str:
    top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{name} {n:,}" for name, n in top[:4])
    return shown + (f" and {len(top) - 4} more" if len(top) > 4 else "")  # noqa: PLR2004 - four fit on a phone's line


def public_word(incident: Incident, now: datetime) -> tuple[str, bool] | None:
    """What the public is owed and when, and whether that is overdue; None where nothing is."""
    due = incident.next_update_due
    if due is None or incident.state.ended:
        return None
    what = "First public reply" if incident.updates_posted == 0 else "Next public word"
    if due < now:
        return f"{what} is overdue by {span(now - due)}", True
    return f"{what} due in {span(due - now)}", False


def standing(incident: Incident, now: datetime, names: Names = NOBODY) -> str:
    """Where the incident stands, with who and since when."""
    match incident.state:
        case IncidentState.ACKNOWLEDGED if incident.acknowledged_by and incident.acknowledged_at:
            return f"{who(incident.acknowledged_by, names)} has it, for {span(now - incident.acknowledged_at)}"
        case IncidentState.SNOOZED if incident.snoozed_until:
            return f"Snoozed for another {span(incident.snoozed_until - now)}"
        case state if state.ended and incident.resolved_at:
            return f"{STATES[state.value]}, after {span(incident.resolved_at - incident.opened_at)}"
        case state:
            return STATES[state.value]


def watched(waiting: Waiting | None, zone: ZoneInfo) -> str:
    """More than usual, but not yet an incident: since when, and what would make it wake somebody."""
    if waiting is None:
        return "More than usual, but not yet an incident."
    since = parse_time(waiting.since).astimezone(zone)
    people = count(waiting.observed, "person", "people")
    within = count(waiting.window_minutes, "minute")
    told = [f"Watching since {since:%H:%M}: {people} in {within}, usually {about(waiting.expected)}."]
    if waiting.wakes_at is not None:
        told.append(f"Wakes somebody if it lasts until {parse_time(waiting.wakes_at).astimezone(zone):%H:%M}")
        told[-1] += f", or {waiting.people} more write now." if waiting.people else "."
    elif waiting.people:
        told.append(f"At this pace it wakes nobody; {waiting.people} more now would.")
    return " ".join(told)


def event_detail(  # noqa: PLR0911 - one for each shape
    event: TimelineEvent, zone: ZoneInfo, names: Names = NOBODY
) -> str:
    """What an event says beyond its kind; whatever it may hold, this never fails."""
    data = event.data
    kind = event.kind.value
    if kind == "reminder":
        return f"the {_OWED.get(str(data.get('of')), 'word')} {_WHEN.get(str(data.get('when')), '')}".strip()
    if kind in {"notified", "notify_failed"}:
        told = f"{reached(str(data.get('target', '')), names)} ({data.get('purpose', '')})"
        return f"{told}: {data['reason']}" if data.get("reason") else told
    if "fact" in data:
        return f"Fact {data.get('n')}: {data['fact']}" + (
            f" (replaces {data['replaces']})" if data.get("replaces") else ""
        )
    if "proposed" in data:
        return f"Asks a second person: {data['proposed']}"
    if "approved" in data:
        return f"Agrees to what {who(str(data.get('by')), names)} proposed: {data['approved']}"
    if kind == "severity":
        return f"from {data.get('from', '')} to {data.get('to', '')}"
    if kind == "assigned":
        return who(str(data.get("to", "")), names)
    if kind == "escalated":
        return f"step {data.get('step', '')}: {data.get('reason', '')}"
    for key in ("text", "summary", "reason", "to", "source"):
        if data.get(key):
            return str(data[key])
    return _until(data, zone)


def _until(data: Mapping[str, Any], zone: ZoneInfo) -> str:
    for key in ("due", "until"):
        try:
            return f"by {parse_time(str(data[key])).astimezone(zone):%H:%M}"
        except (KeyError, ValueError):
            continue
    return ""
