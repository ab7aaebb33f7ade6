"""The report of one incident, as a record: figures, what was said, what hid or delayed it, and room for lessons.

It names mentions by their numbers alone. Texts and authors stay in the store, where they can be erased.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from daemon.model import IncidentKind, IncidentState, Severity
from daemon.series import Point
from daemon.views import format_time

LESSONS: Final = (
    "What went well",
    "What went badly",
    "Where we were lucky",
    "Why it came to this",
    "What we change: what, who, until when",
)


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """How long something took, beside its limit."""

    name: str  # detected | alerted | acknowledged | first_word | over
    seconds: float | None  # None: it has not happened
    limit_seconds: float | None = None  # None: there is none
    within: bool | None = None  # None: there is no limit, or there is still time


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """One public word that was owed, and when it came."""

    due: datetime
    at: datetime | None  # None: it did not come
    verdict: str  # in_time | late | missed | open: there is still time


class Promised(msgspec.Struct, frozen=True, kw_only=True):
    """A time given to the public."""

    made_at: datetime
    due: datetime
    verdict: str  # kept | broken | open


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What the public was told."""

    at: datetime
    channel: str | None  # None: on every channel
    lang: str
    by: str
    text: str


class Delay(msgspec.Struct, frozen=True, kw_only=True):
    """Something that hid the incident, or held up the answer to it."""

    kind: str  # blind late_mentions silenced waited not_told told_late unreachable snoozed unacknowledged
    since: datetime
    until: datetime | None  # None: a moment, or still so
    what: str  # a sentence


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the timeline in words."""

    seq: int
    at: datetime
    kind: str
    actor: str
    what: str
    detail: str


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen, in numbers."""

    reason: str
    observed: int
    expected: float
    window_minutes: int
    distinct_authors: int
    peak: int
    topic: str
    channels: dict[str, int]
    languages: dict[str, int]
    terms: tuple[str, ...]


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the fact sheet that stood at the end."""

    n: int
    fact: str
    at: datetime
    source: str | None


class IncidentReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is worth knowing of one incident, as of ``written_at``."""

    id: str
    brand: str
    brand_name: str
    timezone: str  # the brand's own; times in JSON and CSV are UTC
    kind: IncidentKind
    severity: Severity
    state: IncidentState
    drill: bool
    title: str
    onset_at: datetime
    opened_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    names: dict[str, str]  # of those who acted in it, as people know them, by actor
    ending: str  # the summary, or why it was a false alarm
    written_at: datetime
    page: str  # URL of the incident
    seen: Seen
    measures: tuple[Measure, ...]
    updates: tuple[Owed, ...]
    promises: tuple[Promised, ...]
    said: tuple[Word, ...]
    facts: tuple[Stated, ...]
    delays: tuple[Delay, ...]
    lessons: dict[str, str]
    timeline: tuple[Line, ...]
    head: str  # hash of the timeline's last event
    series: tuple[Point, ...]

    def measure(self, name: str) -> Measure:
        """The measure of this name; one that never happened where there is none."""
        return next((one for one in self.measures if one.name == name), Measure(name=name, seconds=None))


def plain(value: Any) -> Any:
    """A record as JSON has it, its times as the API tells them."""
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    return value
