"""Addresses of our own pages, and the signed links in mails.

A signed link names one incident, one address and one delivery, is good for acknowledging that
incident once, and ends after seven days. Looking at it changes nothing: mail scanners follow links.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from daemon.errors import TocsinError

VALID_FOR: Final = timedelta(days=7)
_SALT = "tocsin.act.1"


class BadLink(TocsinError):
    """Nobody here signed this link, or it was damaged on its way."""


class ExpiredLink(TocsinError):
    """The link was ours, but its seven days are over."""


class ActLink(msgspec.Struct, frozen=True):
    """What a signed link allows: ``address`` may acknowledge ``incident_id``, once."""

    incident_id: str
    address: str  # e-mail address of the reader, who becomes the actor email:ADDRESS
    delivery_id: str  # the mail that carried it; each mail's link acts once
    expires: int  # seconds since 1970

    @property
    def actor(self) -> str:
        """Who acts, as the timeline names them."""
        return f"email:{self.address}"


def page_link(base_url: str, incident_id: str) -> str:
    """Address of an incident's page."""
    return f"{base_url.rstrip('/')}/incidents/{incident_id}"


def act_link(*, base_url: str, secret: str, incident_id: str, address: str, delivery_id: str, now: datetime) -> str:
    """A link by which ``address`` may acknowledge the incident without signing in, until seven days after ``now``."""
    expires = int((now + VALID_FOR).timestamp())
    token = _serializer(secret).dumps([incident_id, address, delivery_id, expires])
    return f"{base_url.rstrip('/')}/act/{token}"


def read_act_token(token: str, *, secret: str, now: datetime) -> ActLink:
    """What the last part of a signed link allows.

    Raises ``BadLink`` and ``ExpiredLink``.
    """
    try:
        link = msgspec.convert(_serializer(secret).loads(token), tuple[str, str, str, int])
    except (BadData, msgspec.ValidationError) as error:
        raise BadLink("this link is not one of ours, or it was damaged on its way") from error
    allowed = ActLink(*link)
    if now.timestamp() >= allowed.expires:
        raise ExpiredLink("this link has ended: links in mails are good for 7 days")
    return allowed


def _serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret, salt=_SALT, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
    )
