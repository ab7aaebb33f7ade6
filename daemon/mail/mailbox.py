"""A mailbox on an IMAP server, looked into from a thread: `imaplib` waits for its server."""

from __future__ import annotations

import asyncio
import imaplib
import re
import ssl
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, TypeVar

from config.schema import MailReplies
from daemon.errors import TocsinError
from daemon.mail.address import VALID_FOR
from notifiers.plain import one_line

_T = TypeVar("_T")
MOST_BYTES: Final = 256 * 1024  # of one mail that are read: the typed text comes first
_MOST_AT_ONCE = 100
_REMEMBERED = 10_000
_CONNECT, _TIMEOUT = 5.0, 20.0  # seconds for a connection, and for each answer of the server
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MailboxError(TocsinError):
    """The mailbox cannot be looked into."""


class Arrived(NamedTuple):
    """A mail that nobody has read yet."""

    uid: str
    raw: bytes  # its first 256 KiB


class Mailbox:
    """Shows what is new. Mails that are not for us are left as they were.

    ``tls``: trust other certificates than the system does.
    """

    def __init__(self, settings: MailReplies, *, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._tls = tls
        self._name = f"mailbox {settings.mailbox} on {settings.host}:{settings.port}"
        self._looked_at: OrderedDict[str, None] = OrderedDict()  # UIDs under the present UIDVALIDITY
        self._validity: bytes | None = None
        self._server: imaplib.IMAP4 | None = None  # while a thread talks to it

    async def look(self, now: datetime, ours: Callable[[bytes], bool]) -> list[Arrived]:
        """New mails of the last days whose head is one of ``ours``; ``now`` is the real time.

        Raises `MailboxError`.
        """
        return await self._in_thread(lambda: self._look(now, ours))

    async def done(self, uids: list[str]) -> None:
        """Mark as read.

        Raises `MailboxError`.
        """
        if uids:
            await self._in_thread(lambda: self._mark(uids))

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        try:
            return await asyncio.to_thread(work)
        except asyncio.CancelledError:
            if self._server is not None:  # the thread must not outlive us: its server may be silent for long
                with suppress(OSError):
                    self._server.shutdown()
            raise

    # ── in the thread ────────────────────────────────────────────────────────

    def _look(self, now: datetime, ours: Callable[[bytes], bool]) -> list[Arrived]:
        with self._open() as server:
            self._remember_under(server)
            since = now - VALID_FOR - timedelta(days=2)  # the server's days are of its own zone
            day = f"{since.day:02d}-{_MONTHS[since.month - 1]}-{since.year}"
            found = _answer(server.uid("SEARCH", "UNSEEN", "SINCE", day))
            uids = [uid.decode() for uid in found[0].split()] if found and isinstance(found[0], bytes) else []
            fresh = [uid for uid in uids if uid not in self._looked_at][:_MOST_AT_ONCE]
            arrived = []
            for uid in fresh:
                head = _literal(_answer(server.uid("FETCH", uid, f"(BODY.PEEK[HEADER]<0.{MOST_BYTES}>)")))
                if ours(head):
                    whole = _literal(_answer(server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")))
                    arrived.append(Arrived(uid, whole))
                else:
                    self._remember(uid)
            return arrived

    def _mark(self, uids: list[str]) -> None:
        with self._open() as server:
            self._remember_under(server)
            _answer(server.uid("STORE", ",".join(uids), "+FLAGS.SILENT", r"(\Seen)"))
            for uid in uids:
                self._remember(uid)

    def _remember(self, uid: str) -> None:
        self._looked_at[uid] = None
        if len(self._looked_at) > _REMEMBERED:
            self._looked_at.popitem(last=False)

    def _remember_under(self, server: imaplib.IMAP4) -> None:
        """Forget the numbers of a mailbox that was made anew."""
        validity = server.response("UIDVALIDITY")[1][0]
        if validity != self._validity:
            self._looked_at.clear()
            self._validity = validity if isinstance(validity, bytes) else None

    @contextmanager
    def _open(self) -> Iterator[imaplib.IMAP4]:
        settings = self._settings
        try:
            server = self._connect()
        except (imaplib.IMAP4.error, OSError) as error:
            raise MailboxError(f"{self._name} cannot be reached: {_cause(error)}") from None
        self._server = server
        try:
            server.sock.settimeout(_TIMEOUT)
            server.login(settings.username, settings.password.get_secret_value())
            _answer(server.select(_quoted(settings.mailbox)))
            yield server
        except (imaplib.IMAP4.error, OSError, ValueError) as error:
            raise MailboxError(f"{self._name} cannot be read: {_cause(error)}") from None
        finally:
            self._server = None
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()

    def _connect(self) -> imaplib.IMAP4:
        settings = self._settings
        if not settings.tls:
            return imaplib.IMAP4(settings.host, settings.port, timeout=_CONNECT)
        context = self._tls or ssl.create_default_context()
        return imaplib.IMAP4_SSL(settings.host, settings.port, ssl_context=context, timeout=_CONNECT)


def _answer(answer: tuple[str, list[Any]]) -> list[Any]:
    """What the server answered. Raises ``imaplib.IMAP4.error`` where it refused."""
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(data[0] if data else status)
    return data


def _literal(data: list[Any]) -> bytes:
    """The bytes that were fetched; none for a mail that has gone meanwhile."""
    return next((bytes(part[1]) for part in data if isinstance(part, tuple)), b"")


def _quoted(mailbox: str) -> str:
    """A mailbox's name as IMAP writes it: modified UTF-7 in quotation marks."""
    encoded = re.sub(
        r"&|[^ -~]+",
        lambda match: "&-" if match[0] == "&" else f"&{_utf7(match[0])}-",
        mailbox,
    )
    escaped = encoded.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _utf7(text: str) -> str:
    return text.encode("utf-7").decode("ascii").removeprefix("+").removesuffix("-").replace("/", ",")


def _cause(error: Exception) -> str:
    said = error.args[0] if error.args else type(error).__name__
    return one_line(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(error), 200)
