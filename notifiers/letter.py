"""What belongs to no incident, as a mail and as a Slack message. Pure."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from daemon.notice import Answered, Letter
from notifiers import slack_blocks as kit
from notifiers.mail_text import POLICY, address, message_id
from notifiers.plain import many_lines, one_line

_SUBJECT = 120  # characters


def mail_of(letter: Letter, *, sender: Address, at: datetime) -> EmailMessage:
    """The whole mail; an answer goes into the thread of what it answers. Marked so that no machine answers it.

    Raises ``ValueError`` for a target that is no address.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = address(letter.target)
    message["Subject"] = one_line(letter.subject, _SUBJECT)
    message["Date"] = at
    message["Message-ID"] = message_id(letter.id, sender)
    if letter.answers is None:
        message["X-Tocsin-Kind"] = "summary"
        message["Auto-Submitted"] = "auto-generated"
    else:
        _answer(message, letter.answers)
    message.set_content(many_lines(letter.text))
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html")
    return message


def _answer(message: EmailMessage, answered: Answered) -> None:
    if answered.reply_to is not None:
        message["Reply-To"] = address(answered.reply_to)
    if answered.message_id is not None:
        message["In-Reply-To"] = answered.message_id
        message["References"] = answered.message_id
    message["X-Tocsin-Incident"] = answered.incident_id
    message["Auto-Submitted"] = "auto-replied"


def answer_subject(subject: str) -> str:
    """The subject of the answer to a mail with this one.

    >>> answer_subject("Re: Acme is down"), answer_subject("")
    ('Re: Acme is down', 'Re: Tocsin')
    """
    return f"Re: {one_line(subject).removeprefix('Re:').strip() or 'Tocsin'}"


def slack_message_of(letter: Letter) -> dict[str, Any]:
    """Text and blocks of the message, with the id by which Slack knows a repeated one."""
    lines = "\n".join(f"{name}: {value}" for name, value in letter.lines)
    pairs = [(kit.escape(name), kit.escape(one_line(value, 300))) for name, value in letter.lines]
    return {
        "text": kit.escape(f"{one_line(letter.subject)}\n{lines}"),
        "blocks": [
            kit.header(letter.subject),
            *(kit.fields(pairs[place : place + 10]) for place in range(0, len(pairs), 10)),
            kit.small_link(letter.page, "The whole report"),
        ],
        "client_msg_id": letter.id,
        "metadata": {"event_type": "tocsin_letter", "event_payload": {"delivery_id": letter.id}},
    }
