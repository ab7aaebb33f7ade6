"""Sends letters, what belongs to no step of an incident: each a row, leased, retried, looked for before it is repeated.

Its id is made of what it is about, so that the same letter asked for twice is one.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.clock import Clock
from daemon.errors import DeliveryError
from daemon.farewell import finish
from daemon.leases import LEASE, UNFINISHED, Waiting, waiting
from daemon.notice import Letter
from daemon.response.delivery import retry_at
from daemon.store.engine import Store
from daemon.store.tables import letters
from daemon.store.upsert import upsert
from notifiers.base import Notifier, Writes

log = structlog.get_logger()

PATIENCE: Final = timedelta(days=3)  # what could not be sent for so long is news no more
_AT_ONCE: Final = 20
_FAREWELL: Final = 4.0  # seconds for the one that is on its way when we are told to stop
_MAYBE: Final = ("sending", "uncertain")  # an attempt may have arrived


class Letters:
    """The rows, and their way out."""

    def __init__(self, *, store: Store, clock: Clock, notifiers: Mapping[str, Notifier], node: str = "tocsin") -> None:
        """``node``: who sends; a fixed name, so that after a restart we know what was ours."""
        self._store = store
        self._clock = clock
        self._notifiers = notifiers
        self._node = node

    async def recover(self) -> None:
        """At start: what was being sent when we stopped may have arrived; look before sending again."""
        ours = sa.and_(letters.c.state == "sending", letters.c.leased_by == self._node)
        async with self._store.write() as connection:
            await connection.execute(
                sa.update(letters).where(ours).values(state="uncertain", lease_until=None, due_at=self._clock.now())
            )

    async def known(self, letter_id: str) -> bool:
        """Whether it was asked for before."""
        async with self._store.read() as connection:
            return (
                await connection.execute(sa.select(letters.c.id).where(letters.c.id == letter_id))
            ).first() is not None

    async def put(self, connection: AsyncConnection, notifier: str, letter: Letter) -> None:
        """Ask for it in the caller's transaction; one that is there already stays as it is."""
        row = {
            "id": letter.id,
            "notifier": notifier,
            "state": "pending",
            "created_at": letter.at,
            "due_at": letter.at,
            "attempts": 0,
            "body": msgspec.json.encode(letter),
        }
        await upsert(connection, letters, [row], ("id",), {})

    async def send_due(self) -> None:
        """Send whatever waits and may be tried now."""
        now = self._clock.now()
        due = sa.or_(
            sa.and_(letters.c.state.in_(("pending", "uncertain")), letters.c.due_at <= now),
            sa.and_(letters.c.state == "sending", letters.c.lease_until <= now),
        )
        query = sa.select(letters).where(due).order_by(letters.c.created_at, letters.c.id).limit(_AT_ONCE)
        async with self._store.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        for row in rows:
            await finish(self._take_and_send(row), within=_FAREWELL)

    async def waiting(self) -> Waiting:
        """What waits to be sent."""
        unfinished = letters.c.state.in_(UNFINISHED)
        return await waiting(self._store, letters.c.notifier, letters.c.created_at, unfinished)

    async def _take_and_send(self, row: sa.RowMapping) -> None:
        if await self._take(row):
            await self._send(row)

    async def _take(self, row: sa.RowMapping) -> bool:
        """Whether it is ours to send: nobody took it since it was read."""
        same = sa.and_(letters.c.id == row["id"], letters.c.attempts == row["attempts"])
        until = self._clock.now() + LEASE
        values = {"state": "sending", "lease_until": until, "leased_by": self._node, "attempts": row["attempts"] + 1}
        async with self._store.write() as connection:
            return bool((await connection.execute(sa.update(letters).where(same).values(values))).rowcount)

    async def _send(self, row: sa.RowMapping) -> None:
        uncertain = row["state"] in _MAYBE
        letter = msgspec.json.decode(row["body"], type=Letter)
        try:
            await _hand_over(self._notifiers.get(row["notifier"]), letter, uncertain=uncertain)
        except DeliveryError as error:
            await self._failed(row, error, uncertain=uncertain)
        except Exception as error:  # a fault of ours must not keep the others
            log.exception("notifier_failed", notifier=row["notifier"], letter=letter.id)
            fault = DeliveryError(f"internal error: {type(error).__name__}", ambiguous=True)
            await self._failed(row, fault, uncertain=uncertain)
        else:
            await self._write(row, state="sent", finished_at=self._clock.now(), body=b"", error=None)
            log.info("letter_sent", notifier=row["notifier"], letter=letter.id)

    async def _failed(self, row: sa.RowMapping, error: DeliveryError, *, uncertain: bool) -> None:
        now, reason = self._clock.now(), str(error)[:300]
        final = not error.retryable or now - row["created_at"] > PATIENCE
        log.warning("letter_failed", notifier=row["notifier"], letter=row["id"], final=final, reason=reason)
        if final:
            await self._write(row, state="failed", finished_at=now, body=b"", error=reason)
            return
        again = retry_at(now, row["attempts"] + 1, error.retry_after, random.random())  # noqa: S311 - jitter
        state = "uncertain" if error.ambiguous or uncertain else "pending"
        await self._write(row, state=state, due_at=again, lease_until=None, error=reason)

    async def _write(self, row: sa.RowMapping, **values: Any) -> None:
        ours = sa.and_(letters.c.id == row["id"], letters.c.attempts == row["attempts"] + 1)
        async with self._store.write() as connection:
            await connection.execute(sa.update(letters).where(ours).values(**values))


async def _hand_over(notifier: object, letter: Letter, *, uncertain: bool) -> None:
    if not isinstance(notifier, Writes):
        reason = "nothing but a mail or a Slack message can carry it, and that is not set up"
        raise DeliveryError(reason, retryable=False)
    await notifier.write(letter, uncertain=uncertain)
