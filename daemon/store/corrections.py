"""A moderator's corrections: the log from which the classifier learns, and the counts that follow them.

Entries are only ever added. A ``rollback`` says which of those before it still count, a ``retrain``
that at this point everything in effect is learned anew.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
import sqlalchemy as sa

from daemon.clock import Clock
from daemon.errors import NotFound
from daemon.model import Label
from daemon.store.amend import amend
from daemon.store.engine import Store
from daemon.store.intake import take_turn
from daemon.store.tables import corrections, mentions
from detectors.corrected import Correction

_CHUNK = 400  # parameters of one IN (…)


class EntryKind(enum.StrEnum):
    """What an entry of the log says."""

    CORRECTION = "correction"
    ROLLBACK = "rollback"
    RETRAIN = "retrain"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the log, without the text that it is about."""

    id: int
    kind: EntryKind
    rollback_to: int | None = None  # id of the last entry that still counts
    readable: bool = True  # a correction whose text has not been erased


def in_effect(log: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries that count, in order: corrections that can still be read, and rebuilds."""
    standing: list[Entry] = []
    for entry in log:
        if entry.kind is EntryKind.ROLLBACK:
            while standing and standing[-1].id > (entry.rollback_to or 0):
                standing.pop()
        else:
            standing.append(entry)
    return tuple(entry for entry in standing if entry.readable)


_TEXT_OF = sa.and_(mentions.c.brand == corrections.c.brand, mentions.c.id == corrections.c.mention_id)


class Corrections:
    """Keeps what moderators say of mentions."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._listeners: list[Callable[[], Awaitable[None]]] = []
        self.names: Mapping[str, Sequence[str]] = {}  # of places and products that are counted apart, by brand

    def on_commit(self, listener: Callable[[], Awaitable[None]]) -> None:
        """Await ``listener`` after each commit, before the one who corrected hears of it."""
        self._listeners.append(listener)

    async def correct(self, brand: str, mention_id: str, label: Label, *, actor: str) -> None:
        """Record that the mention is ``label``, and count it so; the last word counts.

        Raises ``NotFound``.
        """
        async with self._store.write() as connection:
            await take_turn(connection, [brand])
            query = sa.select(mentions).where(mentions.c.brand == brand, mentions.c.id == mention_id)
            mention = (await connection.execute(query)).mappings().one_or_none()
            if mention is None:
                raise NotFound(f"no mention with this id of the brand {brand}")
            await amend(
                connection,
                mention,
                negative=label is Label.NEGATIVE,
                now=self._clock.now(),
                names=self.names.get(brand, ()),
            )
            await connection.execute(
                sa.update(mentions)
                .where(mentions.c.brand == brand, mentions.c.id == mention_id)
                .values(corrected=label.value)
            )
            await connection.execute(
                sa.insert(corrections).values(
                    at=self._clock.now(),
                    kind=EntryKind.CORRECTION,
                    brand=brand,
                    mention_id=mention_id,
                    sentiment=label.value,
                    actor=actor,
                )
            )
        await self._tell()

    async def roll_back(self, keep: int, *, actor: str) -> int:
        """Let only the first ``keep`` corrections in effect count from now on; tells how many no longer do.

        What was said of the mentions themselves, and their counts, stay. Raises ``NotFound`` where
        fewer are in effect.
        """
        standing = in_effect(await self.log())
        ids = [entry.id for entry in standing if entry.kind is EntryKind.CORRECTION]
        if keep > len(ids):
            raise NotFound(f"fewer corrections are in effect: {len(ids)}")
        await self._mark(EntryKind.ROLLBACK, actor, rollback_to=ids[keep - 1] if keep else 0)
        return len(ids) - keep

    async def retrain(self, *, actor: str) -> None:
        """Have everything in effect learned anew from here on."""
        await self._mark(EntryKind.RETRAIN, actor)

    async def _mark(self, kind: EntryKind, actor: str, rollback_to: int | None = None) -> None:
        async with self._store.write() as connection:
            await connection.execute(
                sa.insert(corrections).values(at=self._clock.now(), kind=kind, rollback_to=rollback_to, actor=actor)
            )
        await self._tell()

    async def _tell(self) -> None:
        for listener in self._listeners:
            await listener()

    # ── reading

    async def head(self) -> tuple[int, int]:
        """Changes whenever `in_effect` may: the newest entry, and how many corrections can be read."""
        query = sa.select(
            sa.func.coalesce(sa.func.max(corrections.c.id), 0), sa.func.count(mentions.c.text)
        ).select_from(corrections.outerjoin(mentions, _TEXT_OF))
        async with self._store.read() as connection:
            newest, readable = (await connection.execute(query)).one()
            return int(newest), int(readable)

    async def log(self) -> list[Entry]:
        """Every entry, in order."""
        query = (
            sa.select(corrections.c.id, corrections.c.kind, corrections.c.rollback_to, mentions.c.text.is_not(None))
            .select_from(corrections.outerjoin(mentions, _TEXT_OF))
            .order_by(corrections.c.id)
        )
        async with self._store.read() as connection:
            return [
                Entry(
                    id=number,
                    kind=EntryKind(kind),
                    rollback_to=rollback_to,
                    readable=bool(readable) or kind != EntryKind.CORRECTION,
                )
                for number, kind, rollback_to, readable in await connection.execute(query)
            ]

    async def read(self, ids: Sequence[int]) -> dict[int, Correction]:
        """What the corrections of these entries say, where their text has not been erased."""
        found: dict[int, Correction] = {}
        for start in range(0, len(ids), _CHUNK):
            query = (
                sa.select(corrections.c.id, mentions.c.text, mentions.c.lang, corrections.c.sentiment)
                .select_from(corrections.join(mentions, _TEXT_OF))
                .where(corrections.c.id.in_(ids[start : start + _CHUNK]), mentions.c.text.is_not(None))
            )
            async with self._store.read() as connection:
                for number, text, lang, sentiment in await connection.execute(query):
                    found[number] = Correction(text=text, lang=lang, label=Label(sentiment))
        return found
