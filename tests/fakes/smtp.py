# ruff: noqa: N802 - aiosmtpd looks its handlers up by these names
"""A real mail server (aiosmtpd) on a loopback port, that can be told to misbehave.

async with MailServer() as mail:
    …  # send to mail.host, mail.port
    await mail.wait(1)
    mail.messages[0].message["Subject"]
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import logging
import ssl
import tempfile
import warnings
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from daemon import ports

logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class Received(NamedTuple):
    """One mail that the server accepted."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    content: bytes

    def part(self, kind: str) -> EmailMessage:
        """The first part of a content type."""
        return next(part for part in self.message.walk() if part.get_content_type() == kind)

    def text(self) -> str:
        """The text part."""
        return str(self.part("text/plain").get_content()).replace("\r\n", "\n")

    def html(self) -> str:
        """The HTML part."""
        return str(self.part("text/html").get_content())


class MailServer:
    """Accepts mail and keeps it. Its answers may be changed at any time.

    ``mail_answer``, ``rcpt_answer``, ``data_answer``: said instead of accepting, "450 later".
    ``drop_after_data``: keep the mail, then hang up without an answer. ``hang``: accept
    connections and say nothing. ``users``: demand one of these names with its password.
    ``starttls``: offer STARTTLS, with a certificate that `client_tls` trusts.
    """

    def __init__(self, *, users: dict[str, str] | None = None, starttls: bool = False) -> None:
        self.host = "127.0.0.1"
        self._kept = ports.reserve()
        self.port = ports.number(self._kept)
        self.messages: list[Received] = []
        self.connections = 0
        self.mail_answer: str | None = None
        self.rcpt_answer: str | None = None
        self.data_answer: str | None = None
        self.drop_after_data = False
        self.hang = False
        self._users = users
        self._starttls = starttls
        self._arrived = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.BaseTransport] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        self._kept.close()

    async def start(self) -> None:
        """Listen, on the same port each time."""
        self._server = await asyncio.get_running_loop().create_server(self._connection, self.host, self.port)

    async def stop(self) -> None:
        """Hang up on everybody and listen no longer."""
        if self._server is not None:
            self._server.close()
            for transport in self._open:
                transport.close()
            await asyncio.wait_for(self._server.wait_closed(), 60)
            self._server = None

    async def wait(self, count: int, within: float = 60.0) -> list[Received]:
        """The mails, once there are ``count``. Raises ``TimeoutError``."""
        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(lambda: len(self.messages) >= count), within)
        return self.messages

    def client_tls(self) -> ssl.SSLContext:
        """Trusts this server's certificate, and nobody else's."""
        return client_tls()

    # ── what aiosmtpd asks ──

    async def handle_MAIL(self, _s: SMTP, _n: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        """The sender is named."""
        if self.mail_answer is not None:
            return self.mail_answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _s: SMTP, _n: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        """A recipient is named."""
        if self.rcpt_answer is not None:
            return self.rcpt_answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """The mail is here."""
        if self.data_answer is not None:
            return self.data_answer
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = BytesParser(policy=policy.default).parsebytes(content)
        async with self._arrived:
            self.messages.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), message, content))
            self._arrived.notify_all()
        if self.drop_after_data and server.transport is not None:
            cast("asyncio.WriteTransport", server.transport).abort()
        return "250 OK"

    def _connection(self) -> asyncio.Protocol:
        self.connections += 1
        if self.hang:
            return _Silent(self._open)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # aiosmtpd's advice on passwords without TLS: meant here
            return _Smtp(
                self,
                self._open,
                hostname="mail.acme.example",
                enable_SMTPUTF8=True,
                loop=asyncio.get_running_loop(),
                tls_context=certificate().server if self._starttls else None,
                authenticator=self._authenticate if self._users is not None else None,
                auth_required=self._users is not None,
                auth_require_tls=False,
            )

    def _authenticate(self, _s: SMTP, _n: Session, _e: Envelope, _mechanism: str, data: Any) -> AuthResult:
        known = (
            isinstance(data, LoginPassword) and (self._users or {}).get(data.login.decode()) == data.password.decode()
        )
        return AuthResult(success=known, handled=False)


class _Smtp(SMTP):
    def __init__(self, handler: MailServer, transports: set[asyncio.BaseTransport], **options: Any) -> None:
        super().__init__(handler, **options)
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transports.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._transports.discard(self.transport)
        super().connection_lost(error)


class _Silent(asyncio.Protocol):
    """Accepts a connection and never says a word."""

    def __init__(self, transports: set[asyncio.BaseTransport]) -> None:
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transports.add(transport)


class Certificate(NamedTuple):
    """A server's own, which `client_tls` trusts."""

    public: str
    chain: str  # with its key
    server: ssl.SSLContext


def client_tls() -> ssl.SSLContext:
    """Trusts the certificate of our servers, and nobody else's."""
    return ssl.create_default_context(cadata=certificate().public)


@cache
def certificate() -> Certificate:
    """Made anew in each run, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.acme.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder, "chain.pem")
        chain.write_bytes(public + private)
        context.load_cert_chain(chain)
    return Certificate(public.decode(), (public + private).decode(), context)
