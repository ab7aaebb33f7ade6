"""What is sent: one message to one target, with all that a notifier needs to write it."""

from __future__ import annotations

import enum
from datetime import datetime

import msgspec

from daemon.model import Incident


class Purpose(enum.StrEnum):
    """Why something is sent. ``edit`` renews an earlier message and is no event of the timeline."""

    ALERT = "alert"
    ESCALATION = "escalation"
    REMINDER = "reminder"
    UPDATE = "update"
    RESOLVED = "resolved"
    EDIT = "edit"


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is reminded of."""

    of: str  # first_reply | next_update | promise
    when: str  # before | due | overdue
    due: datetime
    n: int  # running number within the incident


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Where a message ended up, in the other side's words: {"channel": "C1", "ts": "1.2"}."""

    ref: dict[str, str]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """An incident's report in short, shown when it ends."""

    figures: tuple[tuple[str, str], ...]  # ("First public word", "12 min, within its 1 h")
    page: str  # URL of the whole report


class Digested(msgspec.Struct, frozen=True, kw_only=True):
    """One incident of several that are told of together."""

    incident: Incident
    brand_name: str
    page: str


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The mail that a letter answers."""

    incident_id: str
    message_id: str | None
    reply_to: str | None  # signed address by which the reader may act again


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is sent beside what incidents call for: the summary of a month, the answer to a mail."""

    id: str  # UUID; the same over all attempts
    at: datetime  # when it was written
    target: str  # without the notifier's name
    subject: str
    text: str  # the whole of it
    html: str | None = None
    lines: tuple[tuple[str, str], ...] = ()  # what matters of it: name and value
    page: str = ""  # URL
    answers: Answered | None = None


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one target, with all that a notifier needs to write it."""

    delivery_id: str  # UUID; the same over all attempts
    purpose: Purpose
    target: str  # "#pr-crisis", "@U012AB3CD", "oncall@acme.example": without the notifier's name
    step: int  # of the ladder, from 1
    at: datetime  # when it was decided
    incident: Incident  # as it is now, read just before sending
    brand_name: str
    timezone: str  # IANA name: the brand's own
    page: str  # URL of the incident's page
    names: dict[str, str] = {}  # of people, by the actors that they are: {"slack:U012AB3CD": "Anna Nowak"}
    act_link: str | None = None  # signed link for acting without a session (e-mail)
    reply_to: str | None = None  # signed address by which the reader may act (e-mail)
    chart: bytes | None = None  # PNG
    reminder: Reminder | None = None
    note: str | None = None  # for an update or the end: what was said, or the summary
    note_by: str | None = None
    news: str | None = None  # for an update that is not the public's: what has changed, in our words
    report: Summary | None = None  # for the end
    digest: tuple[Digested, ...] = ()  # alerts that waited for this target, told in one message; else empty
    root: Receipt | None = None  # of the first message to this target: its thread
    uncertain: bool = False  # an earlier attempt may have been accepted: look before sending
