"""A mail as it came, read for the little that matters of it. Pure; nothing in it may make it fail.

Whoever can guess our address can send anything here: broken MIME, letters of no known set,
megabytes. What cannot be read is empty, and what is too long is cut.
"""

from __future__ import annotations

import email
import email.errors
import email.header
import hashlib
import re
from email.message import Message
from email.utils import getaddresses
from html.parser import HTMLParser
from itertools import pairwise

import msgspec

from notifiers.plain import many_lines, one_line

_MOST_PARTS, _MOST_TEXT, _MOST_ADDRESSES, _MOST_LINE = 50, 20_000, 100, 1000
_SENT_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")
_MACHINES = re.compile(r"(mailer-daemon|postmaster|no-?reply)@", re.IGNORECASE)
_BULK = {"bulk", "junk", "list", "auto_reply"}
_ENDS = re.compile(r"-- ?|_{8,}|-{3,}.*-{3,}")  # a signature, or another mail below
_BLOCKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "table"}
_HIDDEN = {"blockquote", "style", "script", "head", "title"}


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What was read."""

    key: str  # the same whenever this very mail is read: SHA-256 in hexadecimal
    sender: str  # address in From, in small letters; claimed, not proved
    recipients: tuple[str, ...]  # wherever the mail names them
    subject: str
    message_id: str | None
    machine: bool  # an out-of-office answer, a bounce, a mailing list: nobody typed it
    line: str  # the first line that was typed


def read(raw: bytes) -> Letter:
    """A mail's bytes, perhaps cut short, as a letter."""
    message = email.message_from_bytes(raw)
    ident = re.fullmatch(r"<[!-;=?-~]{1,250}>", _header(message, "message-id"))
    key = hashlib.sha256(ident[0].encode() if ident else raw).hexdigest()
    senders = _addresses(message, ("from",))
    return Letter(
        key=key,
        sender=senders[0] if len(senders) == 1 else "",
        recipients=_addresses(message, _SENT_TO),
        subject=one_line(_decoded(_header(message, "subject")), 200),
        message_id=ident[0] if ident else None,
        machine=_by_a_machine(message, senders),
        line=one_line(first_line(_text(message)), _MOST_LINE),
    )


def first_line(text: str) -> str:
    r"""The first line that was typed: not quoted, nor the line that announces a quotation.

    >>> first_line("> shall we?\n\nack, on it\n\nOn Monday Tocsin wrote:\n> Acme")
    'ack, on it'
    >>> first_line("On Monday Tocsin wrote:\n> Acme")
    ''
    """
    lines = [line.strip() for line in many_lines(text).split("\n") if line.strip()]
    for line, following in pairwise([*lines, ""]):
        if _ENDS.fullmatch(line):
            return ""
        if not line.startswith(">") and not (line.endswith(":") and following.startswith(">")):
            return line
    return ""


def _by_a_machine(message: Message, senders: tuple[str, ...]) -> bool:
    submitted = _header(message, "auto-submitted").partition(";")[0].strip().lower()
    return bool(
        submitted not in {"", "no"}
        or _header(message, "precedence").strip().lower() in _BULK
        or (message.get("return-path") is not None and _header(message, "return-path").strip() in {"", "<>"})
        or any(message.get(name) is not None for name in ("x-autoreply", "x-autorespond", "list-id"))
        or message.get_content_type() == "multipart/report"
        or any(_MACHINES.match(sender) for sender in senders)
    )


# ── headers ──────────────────────────────────────────────────────────────────


def _header(message: Message, name: str) -> str:
    """The first header of that name, on one line."""
    return one_line(str(message.get(name, "")))


def _addresses(message: Message, names: tuple[str, ...]) -> tuple[str, ...]:
    values = [one_line(str(value), 10_000) for name in names for value in message.get_all(name, [])[:10]]
    found = (address.strip().lower() for _, address in getaddresses(values))
    return tuple(dict.fromkeys(address for address in found if "@" in address))[:_MOST_ADDRESSES]


def _decoded(header: str) -> str:
    try:
        return str(email.header.make_header(email.header.decode_header(header)))
    except (ValueError, LookupError, email.errors.HeaderParseError):
        return header


# ── the text ─────────────────────────────────────────────────────────────────


def _text(message: Message) -> str:
    """What was written, from the first part that holds text; HTML only where there is no plain text."""
    parts = [part for part, _ in zip(message.walk(), range(_MOST_PARTS), strict=False)]
    for kind, read_part in (("text/plain", _content), ("text/html", lambda part: _typed(_content(part)))):
        for part in parts:
            if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
                text = read_part(part)
                if text.strip():
                    return text[:_MOST_TEXT]
    return ""


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:  # letters of no known set: those of a command are ASCII in most
        return payload.decode("ascii", "replace")


def _typed(html: str) -> str:
    """The text of a mail in HTML, without what it quotes."""
    reader = _Reader()
    reader.feed(html[: 10 * _MOST_TEXT])
    reader.close()
    return "".join(reader.pieces)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _HIDDEN:
            self._hidden += 1
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(self._hidden - 1, 0)
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)
