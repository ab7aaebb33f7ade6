"""Sends the summary of each month: once to each target, whatever happens meanwhile."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
import structlog

from config.schema import Config
from daemon.clock import Clock
from daemon.errors import DeliveryError
from daemon.notice import Letter
from daemon.report import Periods, Told
from daemon.reports.month import Month, due
from daemon.reports.period_page import as_html, as_markdown
from daemon.reports.summary import short
from daemon.store.engine import Store
from daemon.store.tables import summaries
from daemon.store.upsert import upsert
from notifiers.base import Notifier, Writes

log = structlog.get_logger()

_LETTER: Final = uuid.UUID("0f1b7a44-27a5-4d39-8a55-6a0d3f6f7f52")  # namespace of letter ids
_AGAIN: Final = timedelta(minutes=10)  # after a failure, or where another daemon was killed over it


class Monthly:
    """Looks whether a summary is due. A row for each month and target says what became of it."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        store: Store,
        periods: Periods,
        notifiers: Mapping[str, Notifier],
    ) -> None:
        self._config = config
        self._clock = clock
        self._store = store
        self._periods = periods
        self._notifiers = notifiers

    async def send_due(self) -> None:
        """Send what is due and was not yet sent."""
        settings = self._config().reports
        month = due(self._clock.now(), settings.timezone)
        if month is not None:
            for target in dict.fromkeys(settings.monthly):
                if await self._claim(month, target):
                    await self._send(month, target)

    async def _claim(self, month: Month, target: str) -> bool:
        """Whether it is ours to send now: nobody has sent it, or tried a moment ago."""
        now = self._clock.now()
        ours = (summaries.c.month == month.name, summaries.c.target == target)
        async with self._store.write() as connection:
            row = (await connection.execute(sa.select(summaries).where(*ours))).mappings().first()
            if row is None:
                fresh = {"month": month.name, "target": target, "claimed_at": now}
                await upsert(connection, summaries, [fresh], ("month", "target"), {"claimed_at": None})
                return True
            if row["done_at"] is not None or now - row["claimed_at"] < _AGAIN:
                return False
            mine = sa.update(summaries).where(*ours, summaries.c.claimed_at == row["claimed_at"])
            return bool((await connection.execute(mine.values(claimed_at=now))).rowcount)

    async def _send(self, month: Month, target: str) -> None:
        name, _, address = target.partition(":")
        letter = letter_of(await self._periods.month(month), month, target, address)
        try:
            await _deliver(self._notifiers.get(name), letter)
        except DeliveryError as error:
            final, reason = not error.retryable, str(error)[:300]
            log.warning("summary_failed", month=month.name, target=target, final=final, reason=reason)
            if final:
                await self._done(month, target, reason)
        else:
            await self._done(month, target, None)
            log.info("summary_sent", month=month.name, target=target)

    async def _done(self, month: Month, target: str, error: str | None) -> None:
        values = {"done_at": self._clock.now(), "error": error}
        async with self._store.write() as connection:
            await connection.execute(
                sa.update(summaries).where(summaries.c.month == month.name, summaries.c.target == target).values(values)
            )


def letter_of(told: Told, month: Month, target: str, address: str) -> Letter:
    """The summary of a month as it is sent to one target."""
    return Letter(
        id=str(uuid.uuid5(_LETTER, f"{month.name}\n{target}")),
        target=address,
        subject=f"Tocsin: {told.title}",
        lines=short(told),
        text=as_markdown(told),
        html=as_html(told),
        page=told.page,
    )


async def _deliver(notifier: object, letter: Letter) -> None:
    if not isinstance(notifier, Writes):
        raise DeliveryError(
            "nothing but a mail or a Slack message can carry it, and that is not set up", retryable=False
        )
    await notifier.write(letter)
