"""The bodies that the API delivers, as types: what openapi.json describes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from daemon.model import EventKind, HoldingReply, IncidentKind, IncidentState, Severity
from daemon.overview import BrandStatus
from daemon.replies.lint import Finding

Time = Annotated[datetime, Meta(description="RFC 3339 in UTC with Z and milliseconds")]


class MentionBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing somebody wrote about a brand. Unknown fields are ignored."""

    id: Annotated[str, Meta(min_length=1, max_length=256, description="unique per brand")]
    brand: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,63}$", description="a configured brand")]
    channel: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,63}$", description="facebook, x, forum, …")]
    text: Annotated[str, Meta(min_length=1, max_length=20_000, description="as written")]
    published_at: Annotated[datetime, Meta(description="with an offset; default: arrival")] | None = None
    author: Annotated[str, Meta(description="stable id of who wrote it")] | None = None
    author_name: str | None = None
    url: str | None = None
    thread: Annotated[str, Meta(description="id of the post that it answers")] | None = None
    followers: Annotated[int, Meta(ge=0)] | None = None
    engagement: Annotated[int, Meta(ge=0, description="reactions, comments and shares so far")] | None = None
    lang: Annotated[str, Meta(pattern="^[a-z]{2}$", description="ISO 639-1; default: detected")] | None = None
    sentiment: Annotated[float, Meta(ge=-1, le=1, description="from upstream, used instead of ours")] | None = None


class RejectedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the request that was not taken."""

    index: Annotated[int, Meta(ge=0, description="from 0 over array items or non-empty lines")]
    error: str


class MentionsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the posted mentions, after the commit."""

    accepted: int
    duplicates: int
    rejected: list[RejectedItem]


class Brands(msgspec.Struct, frozen=True, kw_only=True):
    """Every brand as it stands now; rates are per hour."""

    brands: list[BrandStatus]


class PointView(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a series."""

    at: Time
    mentions: int
    negative: int
    expected: float
    low: float
    high: float
    covered: Annotated[bool, Meta(description="false where a source was blind")]


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """A brand over time."""

    points: list[PointView]


class ExampleView(msgspec.Struct, frozen=True, kw_only=True):
    """A mention shown with an incident."""

    id: str
    text: str
    url: str | None
    author: str | None
    published_at: Time


class EvidenceView(msgspec.Struct, frozen=True, kw_only=True):
    """Why the incident exists."""

    at: Time
    deciding_mention: str | None
    observed: int
    expected: float
    window_minutes: int
    false_alerts_per_year: float
    distinct_authors: int
    copies: Annotated[int, Meta(description="of them nearly one and the same text, by several authors")]
    loudest: Annotated[int, Meta(description="of them by the one author who wrote the most")]
    channels: dict[str, int]
    languages: dict[str, int]
    terms: list[str]
    topic: str
    topic_confidence: Annotated[float, Meta(ge=0, le=1, description="how sure the topic is")]
    reason: str
    examples: list[ExampleView]


class PromiseView(msgspec.Struct, frozen=True, kw_only=True):
    """A time given to the public."""

    made_at: Time
    due: Time
    lang: str


class TimelineHead(msgspec.Struct, frozen=True, kw_only=True):
    """The last event of the chain: shows a tail cut off."""

    seq: int
    hash: str


class IncidentView(msgspec.Struct, frozen=True, kw_only=True):
    """One crisis of one brand."""

    id: str
    brand: str
    kind: IncidentKind
    severity: Severity
    state: IncidentState
    title: str
    opened_at: Time
    onset_at: Time
    acknowledged_at: Time | None
    acknowledged_by: str | None
    assigned_to: str | None
    resolved_at: Time | None
    snoozed_until: Time | None
    next_update_due: Time | None
    promise: PromiseView | None
    timeline_head: TimelineHead
    evidence: EvidenceView
    drill: Annotated[bool, Meta(description="an exercise, in no figure")]
    hidden_by: Annotated[list[str], Meta(description="ids of the silences and campaigns that have hidden it")]
    holding_replies: list[HoldingReply]


class IncidentList(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents, newest first."""

    incidents: list[IncidentView]


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """One link of an incident's chain."""

    seq: Annotated[int, Meta(ge=1)]
    at: Time
    kind: EventKind
    actor: str
    data: dict[str, Any]
    hash: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """Every event in order."""

    events: list[EventView]


class FactView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the fact sheet."""

    n: Annotated[int, Meta(ge=1, description="running number; one that was replaced is not used again")]
    fact: str
    at: Annotated[datetime, Meta(description="since when it is so, or known")]
    source: str | None
    confirmed_by: str
    written_by: str


class FactSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is confirmed, and may be told."""

    facts: list[FactView]


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What to say to one customer: first the public line, then the private follow-up."""

    replies: list[HoldingReply]


class LintView(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a reply unfit; nothing: it is fit to post."""

    findings: list[Finding]


class CorrectionView(msgspec.Struct, frozen=True, kw_only=True):
    """A correction as it was kept."""

    brand: str
    id: str
    sentiment: Literal["negative", "neutral", "positive"]


class SampledView(msgspec.Struct, frozen=True, kw_only=True):
    """A mention that nobody flagged, to be checked."""

    id: str
    channel: str
    text: str
    author: str | None
    url: str | None
    lang: str
    published_at: Time
    p_negative: Annotated[float, Meta(ge=0, le=1)]


class SampleView(msgspec.Struct, frozen=True, kw_only=True):
    """What is left to be checked, newest first."""

    mentions: list[SampledView]


class RejectedView(msgspec.Struct, frozen=True, kw_only=True):
    """A kept rejection."""

    id: str
    at: Time
    source: str
    topic: str | None
    brand: str | None
    index: Annotated[int | None, Meta(description="null where the payload could not be taken apart")]
    reason: str
    payload: Annotated[str, Meta(description="its first 1,024 bytes; what is not UTF-8 shows as U+FFFD")]


class RejectedList(msgspec.Struct, frozen=True, kw_only=True):
    """Kept rejections, newest first."""

    rejected: list[RejectedView]


class CheckView(msgspec.Struct, frozen=True, kw_only=True):
    """What one part says of itself."""

    ok: bool
    detail: str


class HealthView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the daemon is alive or ready, and what each part says."""

    status: Literal["ok", "failing"]
    checks: dict[str, CheckView]
