"""The signed address that a mail asks to be answered to: ``tocsin+TOKEN@acme.example``. Pure.

The local part of an address has 64 characters at most, and some servers write it in small letters.
So the token is the delivery's id and a truncated HMAC in base32; what the delivery was, and to
whom, is looked up, and both are under the signature. Eighty bits cannot be guessed where every
guess is a mail.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from datetime import datetime, timedelta
from typing import Final

import msgspec

from config.schema import Email
from daemon.errors import TocsinError
from notifiers.mail_text import address

VALID_FOR: Final = timedelta(days=7)  # as the links in mails
_CONTEXT = b"tocsin.reply.1"
_MAC = 10  # bytes
_TOKEN = 42  # characters: (16 + 10) bytes in base32 without padding
LONGEST_LOCAL: Final = 64 - 1 - _TOKEN  # of the address itself, so that the signed one fits


class BadToken(TocsinError):
    """Nobody here signed this address, or it was damaged on its way."""


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that was sent, as the outbox knows it."""

    delivery_id: str  # UUID
    incident_id: str
    address: str  # whom it was sent to
    at: datetime


def replies_to(settings: Email) -> str:
    """The address, without a name, that answers are sent to; ``settings.replies`` is there."""
    named = settings.replies.address if settings.replies is not None else None
    return address(named or settings.sender).addr_spec


def reply_address(base: str, *, secret: str, incident_id: str, address: str, delivery_id: str) -> str:
    """``base`` with the token of the mail ``delivery_id`` about ``incident_id`` to ``address``."""
    local, _, domain = base.rpartition("@")
    delivery = uuid.UUID(delivery_id).bytes
    token = base64.b32encode(delivery + _mac(secret, delivery, incident_id, address)).decode().rstrip("=").lower()
    return f"{local}+{token}@{domain}"


def delivery_of(recipient: str, base: str) -> str | None:
    """The delivery that the address ``recipient`` names; None where it is none of ours. Nothing is verified yet."""
    raw = _token(recipient, base)
    return None if raw is None else str(uuid.UUID(bytes=raw[:16]))


def verify(recipient: str, base: str, mailing: Mailing, *, secret: str) -> None:
    """Whether ``recipient`` is the address that this very mail asked to be answered to.

    Raises `BadToken`. Takes the same time however much of the signature is right.
    """
    raw = _token(recipient, base)
    expected = _mac(secret, uuid.UUID(mailing.delivery_id).bytes, mailing.incident_id, mailing.address)
    if raw is None or not hmac.compare_digest(raw[16:], expected):
        raise BadToken("the address that was answered to is not one of ours")


def expired(mailing: Mailing, now: datetime) -> bool:
    """Whether the mail's seven days are over."""
    return now >= mailing.at + VALID_FOR


def _token(recipient: str, base: str) -> bytes | None:
    local, _, domain = recipient.rpartition("@")
    ours, _, at = base.rpartition("@")
    name, _, token = local.rpartition("+")
    if (name.casefold(), domain.casefold()) != (ours.casefold(), at.casefold()) or len(token) != _TOKEN:
        return None
    try:
        return base64.b32decode(token.upper() + "=" * (-_TOKEN % 8))
    except (binascii.Error, ValueError):
        return None


def _mac(secret: str, delivery: bytes, incident_id: str, address: str) -> bytes:
    key = hmac.digest(secret.encode(), _CONTEXT, hashlib.sha256)
    message = b"\0".join([delivery, incident_id.encode(), address.casefold().encode()])
    return hmac.digest(key, message, hashlib.sha256)[:_MAC]
