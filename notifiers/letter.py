"""What belongs to no incident, as a mail and as a Slack message. Pure."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from daemon.notice import Letter
from notifiers import slack_blocks as kit
from notifiers.mail_text import POLICY, address, message_id
from notifiers.plain import one_line


def mail_of(letter: Letter, *, sender: Address, at: datetime) -> EmailMessage:
    """The whole mail: text and HTML.

    Raises ``ValueError`` for a target that is no address.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = address(letter.target)
    message["Subject"] = one_line(letter.subject, 69)
    message["Date"] = at
    message["Message-ID"] = message_id(letter.id, sender)
    message["X-Tocsin-Kind"] = "summary"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


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
    }
