"""Composes the answer to somebody who answered our mail: pure."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage

from notifiers.mail_text import POLICY, address
from notifiers.plain import many_lines, one_line

_SUBJECT = 120


def answer(
    *,
    sender: Address,
    to: str,
    reply_to: str | None,
    subject: str,
    body: str,
    incident_id: str,
    message_id: str,
    in_reply_to: str | None,
    at: datetime,
) -> EmailMessage:
    """A short mail in the thread of the one that it answers; marked so that no machine answers it.

    Raises ``ValueError`` for an address that cannot be written to.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = address(to)
    if reply_to is not None:
        message["Reply-To"] = address(reply_to)
    bare = one_line(subject).removeprefix("Re:").strip() or "Tocsin"
    message["Subject"] = one_line(f"Re: {bare}", _SUBJECT)
    message["Date"] = at
    message["Message-ID"] = message_id
    if in_reply_to is not None:
        message["In-Reply-To"] = in_reply_to
        message["References"] = in_reply_to
    message["X-Tocsin-Incident"] = incident_id
    message["Auto-Submitted"] = "auto-replied"
    message.set_content(many_lines(body) + "\n")
    return message
