"""E-mail: one thread for each incident, with everything needed to act from a phone."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

import aiosmtplib

from config.schema import Email
from daemon.clock import Clock
from daemon.errors import ConfigError, DeliveryError
from daemon.notice import Letter, Notice, Purpose, Receipt
from notifiers.letter import mail_of
from notifiers.mail_text import address, compose, message_id
from notifiers.plain import one_line

_SUBMISSIONS = 465  # the port where TLS comes before everything else (RFC 8314)
_PERMANENT = 500  # first of SMTP's answers that will not change
_FAREWELL = 2.0  # seconds; the mail is accepted already


class EmailNotifier:
    """Sends a notice to one address, over a connection of its own.

    ``tls``: trust other certificates than the system does. ``timeout``: seconds for each
    answer of the server; a whole delivery gets three times as long.
    """

    name = "email"

    def __init__(
        self, settings: Email, *, clock: Clock, tls: ssl.SSLContext | None = None, timeout: float = 15.0
    ) -> None:
        self._settings = settings
        try:
            self.sender = address(settings.sender)
        except ValueError as error:
            raise ConfigError(f"notifiers.email.sender: {error}") from None
        self._clock = clock
        self._tls = tls
        self._timeout = timeout
        self._server = f"mail server {settings.host}:{settings.port}"

    async def send(self, notice: Notice) -> Receipt:
        """Hand the mail over to the server and tell its ``Message-ID``.

        A mail once sent cannot be edited: for such a notice nothing is done. Nor can a server be
        asked about an earlier attempt; its mail would carry the same ``Message-ID``.

        Raises ``DeliveryError``.
        """
        if notice.purpose is Purpose.EDIT:
            return notice.root or Receipt(ref={})
        try:
            message = compose(notice, sender=self.sender, at=self._clock.now())
        except ValueError as error:
            cause = one_line(str(error), 200)
            raise DeliveryError(
                f"no mail can be written to {one_line(notice.target, 100)}: {cause}", retryable=False
            ) from None
        await self._deliver(address(notice.target).addr_spec, message.as_bytes())
        return Receipt(ref={"message_id": message_id(notice.delivery_id, self.sender)})

    async def write(self, letter: Letter, *, uncertain: bool = False) -> None:
        """Send what belongs to no step of an incident.

        A server cannot be asked about an earlier attempt; its mail would carry the same ``Message-ID``.

        Raises ``DeliveryError``.
        """
        del uncertain
        try:
            message = mail_of(letter, sender=self.sender, at=self._clock.now())
        except ValueError as error:
            raise DeliveryError(f"no mail can be written: {one_line(str(error), 200)}", retryable=False) from None
        await self._deliver(address(letter.target).addr_spec, message.as_bytes())

    async def close(self) -> None:
        """Nothing is held between deliveries."""

    async def _deliver(self, target: str, message: bytes) -> None:
        settings = self._settings
        smtp = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.username,
            password=settings.password.get_secret_value() if settings.password is not None else None,
            timeout=self._timeout,
            use_tls=settings.port == _SUBMISSIONS and not settings.starttls,
            start_tls=settings.starttls,  # demanded or not used: never a downgrade
            tls_context=self._tls,
        )
        handing_over = False
        try:
            async with asyncio.timeout(3 * self._timeout):
                await smtp.connect()
                await smtp.mail(self.sender.addr_spec)
                await smtp.rcpt(target)
                handing_over = True
                await smtp.data(message)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._failure(error, handing_over=handing_over) from None
        else:
            with suppress(aiosmtplib.SMTPException, OSError):
                await smtp.quit(timeout=_FAREWELL)
        finally:
            smtp.close()

    def _failure(self, error: Exception, *, handing_over: bool) -> DeliveryError:
        """What went wrong in our words; nothing in it was said in confidence."""
        if isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPResponseException):
            answer = f"{error.code} {one_line(error.message, 200)}".rstrip()
            what = {
                aiosmtplib.SMTPAuthenticationError: "refused the user name or password",
                aiosmtplib.SMTPSenderRefused: f"refused the sender {self.sender.addr_spec}",
                aiosmtplib.SMTPRecipientRefused: "refused the recipient",
                aiosmtplib.SMTPDataError: "refused the mail",
            }.get(type(error), "refused")
            return DeliveryError(f"{self._server} {what}: {answer}", retryable=error.code < _PERMANENT)
        if isinstance(error, aiosmtplib.SMTPServerDisconnected | ConnectionError) and not isinstance(
            error, aiosmtplib.SMTPConnectError
        ):
            what = "hung up"
        elif isinstance(error, TimeoutError):
            what = "did not answer in time"
        elif isinstance(error, ssl.SSLError):
            what = f"showed no certificate that is trusted: {one_line(str(error), 200)}"
        else:
            what = f"cannot be used: {one_line(str(error), 200)}"
        if handing_over:
            what += " after the mail was handed over, which may have arrived"
        return DeliveryError(f"{self._server} {what}", ambiguous=handing_over)
