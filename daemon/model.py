"""The records that flow through Tocsin, frozen and typed. Imports nothing of ours but the commands.

source → mention → meaning → counts → reading → incident → delivery → timeline
"""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import msgspec

from daemon.command import PostUpdate

# ── what people write ────────────────────────────────────────────────────────


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """One thing somebody wrote about a brand, after every rule of the format was checked."""

    brand: str
    id: str
    channel: str
    text: str
    published_at: datetime  # UTC; never more than five minutes after received_at
    received_at: datetime  # UTC
    author: str | None = None  # stable id; None: counts as an author of its own
    author_name: str | None = None
    url: str | None = None
    thread: str | None = None  # id of the post that it answers
    followers: int | None = None
    engagement: int | None = None
    lang: str | None = None  # None: to be detected
    sentiment: float | None = None  # -1 to 1, from upstream; used instead of ours
    clamped: bool = False  # its published_at lay too far ahead and was set to arrival


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """One bad item, kept with its reason. ``index`` is None for an undecodable payload."""

    at: datetime
    source: str  # name of the source: mqtt, http, …
    topic: str | None
    brand: str | None
    index: int | None
    reason: str
    payload: bytes  # its first 1,024 bytes


class Label(enum.StrEnum):
    """Sentiment in three classes."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """What a text says, as the text model reads it."""

    lang: str  # ISO 639-1, or "und" where it cannot be told
    label: Label
    p_negative: float  # 0 to 1
    complaint: float  # 0 to 1: the writer reports a wrong done to them
    outage: float  # 0 to 1: the writer reports that something does not work now


class ScoredMention(msgspec.Struct, frozen=True, kw_only=True):
    """A mention with its meaning, as it is stored and counted."""

    mention: Mention
    meaning: Meaning
    negative: bool  # counts as negative: the one place where that is decided is daemon.ingest
    late: bool  # older than detection.late_after on arrival: teaches, opens nothing
    model: str  # version of the text model, or "upstream"


# ── counts and what the detectors say of them ────────────────────────────────


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """Cumulative counts of one step of one series: what a detector sees.

    ``authors`` and ``negative_authors`` are distinct authors who were not already
    counted in the 60 minutes before. A mention without an author is its own author.
    """

    at: datetime  # start of the step, UTC, on a whole step
    minutes: int = 1  # length of the step
    covered: bool = True  # every source was delivering for the whole step; else unknown
    mentions: int = 0
    negative: int = 0
    authors: int = 0
    negative_authors: int = 0
    reach: float = 0.0  # sum of log10(1 + followers) over negative_authors
    top_reach: float = 0.0  # the largest log10(1 + followers + engagement) of a negative mention
    late_mentions: int = 0  # came too late to be evidence: they teach, and open nothing
    late_negative: int = 0
    late_authors: int = 0
    late_negative_authors: int = 0
    risk: int = 0  # negative authors whose words are never normal (poisoning, data leak, …)
    parts: dict[str, tuple[int, int]] = {}  # negative and all authors by part, "channel:x"


class IncidentKind(enum.StrEnum):
    """What sort of evidence made the incident."""

    SURGE = "surge"
    REACH = "reach"
    RISK = "risk"
    SHARE = "share"
    BLIND = "blind"


class Severity(enum.StrEnum):
    """How bad it is; ordered by ``rank``."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for minor, 1 for major, 2 for critical."""
        return list(Severity).index(self)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What one detector says of one brand now; pure, from counts alone."""

    kind: IncidentKind
    at: datetime  # start of the step whose data this reads
    alerting: bool  # rarer than the setting allows: an incident is due
    sustained: bool  # not over yet: above the lower bar that ends it
    since: datetime | None  # when the present episode first alerted; None outside one
    onset: datetime | None  # estimated beginning of what is going on
    severity: Severity
    observed: int  # distinct negative authors in the window
    expected: float  # the same, by the brand's own rhythm
    window_minutes: int
    false_alerts_per_year: float  # how often as strong evidence arises in a year of ordinary life
    score: float  # -ln(false_alerts_per_year): higher is rarer
    reason: str  # one plain English sentence that names the numbers


# ── incidents ────────────────────────────────────────────────────────────────


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A mention shown with an incident. Never enters the timeline."""

    id: str
    text: str
    url: str | None
    author: str | None
    published_at: datetime


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why the incident exists: the detector's reading and what was written."""

    at: datetime
    deciding_mention: str | None
    observed: int
    expected: float
    window_minutes: int
    false_alerts_per_year: float
    distinct_authors: int
    channels: dict[str, int]  # negative mentions in the window by channel
    languages: dict[str, int]
    terms: tuple[str, ...]
    topic: str
    examples: tuple[Example, ...]
    topic_confidence: float = 1.0  # 0 to 1; older evidence was told as sure
    reason: str = ""
    copies: int = 0  # of them nearly one and the same text, by several authors
    loudest: int = 0  # of them by the one author who wrote the most; 0 where nobody is known


class Topic(enum.StrEnum):
    """What an incident is about."""

    OUTAGE = "outage"
    UNSAFE_PRODUCT = "unsafe_product"
    STAFF = "staff"
    DATA_LEAK = "data_leak"
    PRICE_OR_RULE = "price_or_rule"
    RUMOUR = "rumour"
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> Topic:
        """What an incident kept under other versions was about is something else."""
        del value
        return cls.OTHER


class HoldingReply(msgspec.Struct, frozen=True, kw_only=True):
    """A short answer to post before the cause is known."""

    lang: str
    register: str  # formal | informal
    visibility: str  # public | private
    channel: str
    text: str


class IncidentState(enum.StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"

    @property
    def ended(self) -> bool:
        """Whether it is over: resolved or a false alarm."""
        return self in {IncidentState.RESOLVED, IncidentState.FALSE_ALARM}


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """A time given to the public."""

    made_at: datetime
    due: datetime
    lang: str


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an incident's fact sheet: what is confirmed, and may be told."""

    n: int  # running number within the incident, from 1
    fact: str
    at: datetime  # since when it is so, or known
    source: str | None
    confirmed_by: str  # an actor, or somebody's name
    written_by: str  # actor


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A word to the public that waits for a second person's consent, as it may bind the brand."""

    update: PostUpdate
    parts: tuple[str, ...]  # why: apology, compensation
    by: str  # actor
    at: datetime


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One crisis of one brand. Changed only by the pure rules in daemon.response."""

    id: str
    brand: str
    kind: IncidentKind
    severity: Severity
    state: IncidentState
    title: str
    opened_at: datetime
    onset_at: datetime
    evidence: Evidence
    drill: bool = False  # an exercise: marked everywhere, and in no figure
    holding_replies: tuple[HoldingReply, ...] = ()
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    assigned_to: str | None = None
    resolved_at: datetime | None = None  # set for a false alarm too: when it ended
    ended_by: str | None = None
    snoozed_until: datetime | None = None
    next_update_due: datetime | None = None
    word_from: datetime | None = None  # when the present wait for a public word began
    promises: tuple[Promise, ...] = ()  # not yet kept or broken, the next one first
    broken: tuple[Promise, ...] = ()  # since the last public word
    facts: tuple[Fact, ...] = ()  # that stand; a corrected one is in the timeline alone
    proposal: Proposal | None = None
    # ── what the rules need to remember
    ladder_round: int = 1  # a reopened or unacknowledged incident climbs its ladder anew
    ladder_from: datetime  # steps count from here
    steps_done: int = 0  # ladder steps already notified in this round
    climbing: Severity | None = None  # whose ladder the steps done are of; None: none was taken in this round
    called: dict[str, int] = {}  # every target ever called → the step that called it first
    called_now: tuple[str, ...] = ()  # targets called in this round
    hushed: bool = False  # hidden by a silence: nobody was called yet in this round, or told afterwards
    hidden_by: tuple[str, ...] = ()  # ids of the silences and campaigns that have hidden it
    overdue_escalated: bool = False  # one more step was called since the last public word, as the next was overdue
    updates_posted: int = 0  # 0: the first reply is what is owed
    reminded: tuple[str, ...] = ()  # reminders of the present clocks already given: "before", "due", …
    reminders: int = 0  # how many reminders there were in all
    last_action_at: datetime | None = None  # by a person
    last_sustained_at: datetime  # last time the evidence held
    peak_observed: int = 0
    shown_observed: int = 0  # as the message says that was last written or edited
    material: tuple[str, ...] = ()  # what its thread knows of it: "channel:x", "topic:outage"
    news_at: datetime | None = None  # when its thread was last told something new
    # ── the head of its timeline
    head_seq: int = 0
    head_hash: str = ""
    head_at: datetime | None = None

    @property
    def calls_if_lasting(self) -> datetime | None:
        """Until when a minor one must last before it calls anyone; None where it need not, or has called."""
        minor = self.severity is Severity.MINOR and self.state is IncidentState.OPEN
        uncalled = self.ladder_round == 1 and self.steps_done == 0 and not self.hushed
        return self.ladder_from if minor and uncalled and self.ladder_from > self.opened_at else None

    @property
    def promise(self) -> Promise | None:
        """The promise that is due next."""
        return self.promises[0] if self.promises else None


class EventKind(enum.StrEnum):
    """Kinds of timeline events."""

    OPENED = "opened"
    EVIDENCE = "evidence"
    SEVERITY = "severity"
    NOTIFIED = "notified"
    NOTIFY_FAILED = "notify_failed"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    ESCALATED = "escalated"
    UPDATE_POSTED = "update_posted"
    PROMISE_MADE = "promise_made"
    PROMISE_KEPT = "promise_kept"
    PROMISE_BROKEN = "promise_broken"
    REMINDER = "reminder"
    NOTE = "note"
    BLIND = "blind"
    SIGHTED = "sighted"
    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"
    REOPENED = "reopened"


class TimelineEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One link of an incident's chain."""

    incident_id: str
    seq: int  # from 1, no gap
    at: datetime
    kind: EventKind
    actor: str  # tocsin, slack:U012AB3CD, user:NAME, token:NAME, email:ADDRESS
    data: dict[str, Any]  # JSON; integers only; names mentions by id, never holds their text
    hash: str
