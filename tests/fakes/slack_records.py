"""What the fake Slack keeps of each message, and the ways in which it can be told to fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One way to fail one call. ``accepted``: what was asked for is done all the same."""

    status: int = 200
    body: Json | None = None
    headers: tuple[tuple[str, str], ...] = ()
    accepted: bool = False
    hangs: bool = False
    drops: bool = False


def rate_limited(seconds: int = 1) -> Fault:
    """429 with Retry-After."""
    return Fault(429, {"ok": False, "error": "ratelimited"}, (("Retry-After", str(seconds)),))


def refused(error: str) -> Fault:
    """``ok: false``."""
    return Fault(body={"ok": False, "error": error})


def broken(status: int = 500) -> Fault:
    """A server error without any JSON."""
    return Fault(status)


def hangs(*, accepted: bool = False) -> Fault:
    """No answer until the workspace closes."""
    return Fault(hangs=True, accepted=accepted)


def answer_lost() -> Fault:
    """Done and recorded, but the connection breaks before the answer."""
    return Fault(drops=True, accepted=True)


def connection_lost() -> Fault:
    """The connection breaks before anything is done."""
    return Fault(drops=True)


@dataclass
class Posted:
    """One message as the channel shows it now; ``edits`` are its earlier states."""

    channel: str
    ts: str
    text: str
    blocks: list[Json]
    metadata: Json | None = None
    client_msg_id: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    edits: list[tuple[str, list[Json]]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def delivery_id(self) -> str | None:
        """The delivery that it names in its metadata."""
        return ((self.metadata or {}).get("event_payload") or {}).get("delivery_id")

    @property
    def incident_id(self) -> str | None:
        """The incident that it names in its metadata."""
        return ((self.metadata or {}).get("event_payload") or {}).get("incident_id")

    def to_json(self, *, metadata: bool) -> Json:
        """As Slack's API tells it."""
        message: Json = {"type": "message", "user": "U0TOCSIN", "bot_id": "B0TOCSIN", "ts": self.ts, "text": self.text}
        more: Json = {"blocks": self.blocks, "thread_ts": self.thread_ts, "client_msg_id": self.client_msg_id}
        if self.files:
            more["files"] = [{"id": file, "mimetype": "image/png"} for file in self.files]
        more["metadata"] = self.metadata if metadata else None
        return message | {key: value for key, value in more.items() if value is not None}
