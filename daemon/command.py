"""What people ask for, as frozen typed records. Imports nothing of ours."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Acknowledge(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """I have it: stops the ladder."""


class Assign(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Name who works on it."""

    to: str


class Snooze(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Pause for ``seconds``."""

    seconds: int


class Escalate(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Call the next step now."""


class PostUpdate(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The public was told something; the next word is owed by ``next_update_in`` seconds."""

    text: str
    lang: str
    channel: str | None = None
    next_update_in: int | None = None


class Note(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A remark for colleagues."""

    text: str


class AddFact(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A line for the fact sheet; ``replaces`` is the number of one that was wrong, or is out of date."""

    fact: str
    at: datetime | None = None  # None: now
    source: str | None = None
    confirmed_by: str | None = None  # None: whoever writes it down
    replaces: int | None = None


class ProposeUpdate(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Ask a second person whether the public may be told this."""

    update: PostUpdate
    parts: tuple[str, ...]


class ApproveUpdate(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """I am that second person, and agree: the public is told."""


class KeepPromise(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The public has the word that it was promised, though its text is not on record here."""

    due: datetime | None = None  # None: the promise that is due next


class Resolve(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """It is over."""

    summary: str


class FalseAlarm(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """It never was one."""

    reason: str


class Reopen(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """It is not over after all."""


Command = (
    Acknowledge
    | Assign
    | Snooze
    | Escalate
    | PostUpdate
    | Note
    | AddFact
    | ProposeUpdate
    | ApproveUpdate
    | KeepPromise
    | Resolve
    | FalseAlarm
    | Reopen
)
