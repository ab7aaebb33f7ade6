"""Writes the summary of each month: once to each target, whatever happens meanwhile."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Final

from config.schema import Config
from daemon.clock import Clock
from daemon.letters import Letters
from daemon.notice import Letter
from daemon.report import Periods, Told
from daemon.reports.month import Month, due
from daemon.reports.period_page import as_html, as_markdown
from daemon.reports.summary import short
from daemon.store.engine import Store

_LETTER: Final = uuid.UUID("0f1b7a44-27a5-4d39-8a55-6a0d3f6f7f52")  # namespace of letter ids


class Monthly:
    """Looks whether a summary is due, and writes it once for each target; `Letters` sends it."""

    def __init__(
        self, *, config: Callable[[], Config], clock: Clock, store: Store, periods: Periods, letters: Letters
    ) -> None:
        self._config = config
        self._clock = clock
        self._store = store
        self._periods = periods
        self._letters = letters

    async def write_due(self) -> None:
        """Write what is due and was not yet written."""
        settings = self._config().reports
        month = due(self._clock.now(), settings.timezone)
        if month is None:
            return
        targets = [each for each in settings.monthly if not await self._letters.known(letter_id(month, each))]
        if not targets:
            return
        told, now = await self._periods.month(month), self._clock.now()
        async with self._store.write() as connection:
            for target in targets:
                letter = letter_of(told, month, target, at=now)
                await self._letters.put(connection, target.partition(":")[0], letter)


def letter_id(month: Month, target: str) -> str:
    """The same for the same month and target, whenever it is asked for."""
    return str(uuid.uuid5(_LETTER, f"{month.name}\n{target}"))


def letter_of(told: Told, month: Month, target: str, *, at: datetime) -> Letter:
    """The summary of a month as it is sent to one target."""
    return Letter(
        id=letter_id(month, target),
        at=at,
        target=target.partition(":")[2],
        subject=f"Tocsin: {told.title}",
        lines=short(told),
        text=as_markdown(told),
        html=as_html(told),
        page=told.page,
    )
