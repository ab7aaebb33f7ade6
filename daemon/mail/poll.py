"""Looks into the mailbox now and then, for as long as the daemon runs; nothing in there can end it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from daemon.clock import Clock
from daemon.letters import Letters
from daemon.mail.desk import MailDesk, Outcome
from daemon.mail.mailbox import Arrived, Mailbox, MailboxError
from daemon.metrics import Metrics
from daemon.store.engine import transient

_SLOWEST: Final = 300.0  # seconds between two looks while the mailbox cannot be read
_log = structlog.get_logger()


class MailReplies:
    """Takes answers from the mailbox to the desk, and sends the desk's words back."""

    def __init__(
        self,
        mailbox: Mailbox,
        desk: MailDesk,
        *,
        every: timedelta,
        letters: Letters,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._mailbox = mailbox
        self._desk = desk
        self._every = every.total_seconds()
        self._letters = letters
        self._metrics = metrics
        self._clock = clock

    async def run(self) -> None:
        """Look until cancelled."""
        wait, lost = self._every, False
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - alerts go out whatever is wrong with the mailbox
                if not lost and isinstance(error, MailboxError):
                    _log.warning("mailbox_lost", reason=str(error))
                elif not lost:
                    _log.error("mailbox_lost", error=type(error).__name__)
                self._metrics.set_mailbox_up(up=False)
                wait, lost = min(max(wait * 2, 1.0), max(_SLOWEST, self._every)), True
            else:
                if lost:
                    _log.info("mailbox_found")
                self._metrics.set_mailbox_up(up=True)
                wait, lost = self._every, False
            await self._clock.sleep(wait)

    async def look(self) -> None:
        """Take what is new, do it, mark it as read, and answer.

        Raises `MailboxError`.
        """
        now = self._clock.wall(self._clock.now())
        arrived = await self._mailbox.look(now, self._is_ours)
        taken = [mail.uid for mail in arrived if await self._take(mail)]
        await self._mailbox.done(taken)
        await self._letters.send_due()  # the answers; what cannot go out now waits in the store

    def _is_ours(self, head: bytes) -> bool:
        try:
            return self._desk.is_ours(head)
        except Exception as error:  # noqa: BLE001 - a head may hold anything; what cannot be read is not for us
            _log.error("mail_reply_failed", error=type(error).__name__, again=False)
            self._metrics.mail_reply(Outcome.FAILED)
            return False

    async def _take(self, mail: Arrived) -> bool:
        """Do what a mail asks for; False where it has to be tried again."""
        try:
            reply = await self._desk.take(mail.raw)
        except Exception as error:  # noqa: BLE001 - a mail may hold anything, and the next one matters as well
            again = transient(error)
            _log.error("mail_reply_failed", error=type(error).__name__, again=again)
            self._metrics.mail_reply(Outcome.FAILED)
            return not again
        self._metrics.mail_reply(reply.outcome)
        if reply.outcome is not Outcome.DONE:
            _log.info("mail_reply_not_done", outcome=reply.outcome.value)
        return True
