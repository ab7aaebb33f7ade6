"""What is written back to whoever answered a mail: kept with the note that their mail was taken, then sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.clock import Clock
from daemon.letters import Letters
from daemon.mail.desk import Reply
from daemon.notice import Answered, Letter
from daemon.store.engine import Store
from daemon.store.links import UsedLinks
from notifiers.letter import answer_subject

_ANSWER: Final = uuid.UUID("9b3b5c1e-9f0b-4f0e-8f0c-2c6f6b1d8a54")  # namespace of answers' ids


class MailAnswers:
    """Remembers which mails were taken, and puts the answers where they outlast a restart."""

    def __init__(self, *, store: Store, letters: Letters, used: UsedLinks, clock: Clock) -> None:
        self._store = store
        self._letters = letters
        self._used = used
        self._clock = clock

    async def given(self, key: str) -> bool:
        """Whether the mail of that key was taken before."""
        return await self._used.contains(key)

    async def give(self, reply: Reply, keys: Sequence[str], connection: AsyncConnection | None = None) -> None:
        """Remember every key, and send what is written back, if anything; in the caller's transaction where given."""
        if connection is None:
            async with self._store.write() as own:
                await self._give(own, reply, keys)
        else:
            await self._give(connection, reply, keys)

    async def _give(self, connection: AsyncConnection, reply: Reply, keys: Sequence[str]) -> None:
        for key in keys:
            await self._used.use(connection, key)
        if reply.body:
            letter = Letter(
                id=str(uuid.uuid5(_ANSWER, keys[0])),
                at=self._clock.now(),
                target=reply.to,
                subject=answer_subject(reply.letter.subject if reply.letter is not None else ""),
                text=f"{reply.body}\n",
                answers=Answered(
                    incident_id=reply.incident_id,
                    message_id=reply.letter.message_id if reply.letter is not None else None,
                    reply_to=reply.reply_to,
                ),
            )
            await self._letters.put(connection, "email", letter)
