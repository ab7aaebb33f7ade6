"""Takes mentions in: a batch is read, counted and committed as one, and only then acknowledged.

Ingest is idempotent by (brand, id): whatever comes twice is counted once. Counts are by brand and
minute in event time. What the detectors know is a pure function of these counts, so it is
committed with them: see ``daemon.watch``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import structlog
from msgspec.structs import replace

from config.schema import Config
from daemon.clock import Clock
from daemon.errors import StoreBehind
from daemon.metrics import Metrics
from daemon.model import Label, Meaning, Mention, Rejection, ScoredMention
from daemon.store.engine import Store, transient
from daemon.store.intake import Batch, Outcome, write
from detectors.risk import is_risk
from detectors.text import TextModel

__all__ = ["Batch", "Ingest", "Outcome", "is_negative", "names_of", "own_authors", "understand"]

log = structlog.get_logger()

_NEGATIVE_SENTIMENT = -0.05  # an upstream score at or below this is negative (the convention of VADER)
_CERTAIN = 0.5
_CALM = 0.1  # under this chance of negative not even harm counts
_MOST_ITEMS = 2000  # in one commit
_READ_AT_ONCE = 128  # texts, so that the loop is not kept waiting for the interpreter
_QUEUE_ITEMS = 20_000  # waiting; past this HTTP is told to come again, and MQTT is not read on
_RETRY = 1.0
_SLOW = 3.0  # real seconds for one commit
_KEPT_BYTES = 1024  # of what failed


def names_of(config: Config) -> dict[str, tuple[str, ...]]:
    """Places and products by brand."""
    return {slug: brand.named for slug, brand in config.brands.items()}


def own_authors(config: Config) -> dict[str, frozenset[str]]:
    """The accounts of each brand itself."""
    return {slug: frozenset(brand.own_authors) for slug, brand in config.brands.items()}


def is_negative(sentiment: float | None, meaning: Meaning, text: str) -> bool:
    """Whether a mention counts as negative: upstream's word first, else what the text says.

    Harm is often told calmly: ``text`` with words that are never normal counts, unless the reading, or a moderator,
    is sure that it is not negative.
    """
    if sentiment is not None:
        return sentiment <= _NEGATIVE_SENTIMENT
    if meaning.label is Label.NEGATIVE or meaning.complaint >= _CERTAIN or meaning.outage >= _CERTAIN:
        return True
    return meaning.p_negative >= _CALM and is_risk(text, meaning.lang)


def understand(model: TextModel, found: Sequence[Mention]) -> list[tuple[Meaning, bool]]:
    """What each mention says, and whether it counts as negative."""
    meanings = model.read([mention.text for mention in found], [mention.lang for mention in found])
    return [
        (meaning, is_negative(mention.sentiment, meaning, mention.text))
        for mention, meaning in zip(found, meanings, strict=True)
    ]


class _Waiting(msgspec.Struct, frozen=True):
    batch: Batch
    done: asyncio.Future[Outcome]


class Ingest:
    """The one way in, whatever the source."""

    def __init__(
        self, *, store: Store, clock: Clock, model: TextModel, metrics: Metrics, late_after: timedelta
    ) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self.model = model
        self.late_after = late_after
        self.own_authors: Mapping[str, Collection[str]] = {}  # by brand
        self.names: Mapping[str, Sequence[str]] = {}  # of places and products to be counted apart, by brand
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._waiting_items = 0
        self._room = asyncio.Event()
        self._room.set()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="text")
        self._listeners: list[Callable[[], None]] = []
        self._refused = False  # the store has refused the last commit
        self._begun: float | None = None  # when the commit under way began, by the loop's own time

    @property
    def behind(self) -> bool:
        """The store has refused the last commit, or has kept one waiting for seconds."""
        slow = self._begun is not None and asyncio.get_running_loop().time() - self._begun > _SLOW
        return self._refused or slow

    def adopt(self, model: TextModel) -> None:
        """Read what comes from now on with ``model``."""
        self.model = model

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each commit of new mentions."""
        self._listeners.append(listener)

    async def submit(self, batch: Batch, *, wait: bool = True) -> Outcome:
        """Return once everything in ``batch`` has been committed.

        ``wait=False`` raises ``StoreBehind`` where too much is waiting already; otherwise the
        caller waits, which is what holds a source back.
        """
        if not batch.items:
            return Outcome(accepted=0, duplicates=0, rejected=0)
        if not wait and (self.behind or not self._room.is_set()):
            raise StoreBehind
        await self._room.wait()
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting_items += len(batch.items)
        if self._waiting_items >= _QUEUE_ITEMS:
            self._room.clear()
        self._queue.put_nowait(_Waiting(batch, done))
        return await done

    def _own(self, brand: str) -> Collection[str]:
        """The brand's own accounts: what they say of an outage is an answer, no complaint."""
        return self.own_authors.get(brand, ())

    async def run(self) -> None:
        """Commit what comes until cancelled; what was begun is finished."""
        try:
            while True:
                group = [await self._queue.get()]
                await self._commit_group(self._gather(group))
        finally:
            self._reader.shutdown(wait=False, cancel_futures=True)

    def _gather(self, group: list[_Waiting]) -> list[_Waiting]:
        size = len(group[0].batch.items)
        while size < _MOST_ITEMS and not self._queue.empty():
            group.append(self._queue.get_nowait())
            size += len(group[-1].batch.items)
        return group

    async def _commit_group(self, group: list[_Waiting]) -> None:
        task = asyncio.ensure_future(self._commit_until_done([waiting.batch for waiting in group]))
        try:
            outcomes = await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.done() and not self.behind:
                with contextlib.suppress(Exception):
                    await task
            task.cancel()
            raise
        finally:
            self._waiting_items -= sum(len(waiting.batch.items) for waiting in group)
            if self._waiting_items < _QUEUE_ITEMS:
                self._room.set()
        for waiting, outcome in zip(group, outcomes, strict=True):
            if not waiting.done.done():
                waiting.done.set_result(outcome)
        for listener in self._listeners:
            listener()

    async def _commit_until_done(self, batches: Sequence[Batch]) -> list[Outcome]:
        try:
            return await self._commit(batches)
        except Exception:
            log.exception("batch_failed", batches=len(batches))
        return [await self._commit_one_by_one(batch) for batch in batches]

    async def _commit_one_by_one(self, batch: Batch) -> Outcome:
        """Find the item that we cannot work with, and keep it as rejected: it must not come again for ever."""
        outcomes: list[Outcome] = []
        for item in batch.items:
            try:
                outcomes += await self._commit([replace(batch, items=(item,))])
            except Exception as error:
                log.exception("mention_failed", source=batch.source)
                outcomes += await self._commit([replace(batch, items=(self._failed(item, batch.source, error),))])
        return Outcome(
            accepted=sum(outcome.accepted for outcome in outcomes),
            duplicates=sum(outcome.duplicates for outcome in outcomes),
            rejected=sum(outcome.rejected for outcome in outcomes),
        )

    def _failed(self, item: Mention | Rejection, source: str, error: Exception) -> Rejection:
        return Rejection(
            at=self._clock.now(),
            source=source,
            topic=None,
            brand=item.brand,
            index=None,
            reason=f"internal error: {type(error).__name__}; please report it",
            payload=msgspec.json.encode(item)[:_KEPT_BYTES],
        )

    async def _commit(self, batches: Sequence[Batch]) -> list[Outcome]:
        """Commit, however long the store takes; raises only what no waiting can mend."""
        scored = [await self._score(batch) for batch in batches]
        while True:
            self._begun = asyncio.get_running_loop().time()
            try:
                async with self._store.write() as connection:
                    outcomes, tally = await write(connection, batches, scored, now=self._clock.now(), names=self.names)
            except Exception as error:
                if not transient(error):
                    raise
                if not self._refused:
                    log.warning("store_failed", error=type(error).__name__, waiting=self._waiting_items)
                self._refused = True
                await self._clock.sleep(_RETRY)
            else:
                self._refused = False
                for (brand, source, outcome), n in tally.items():
                    self._metrics.mentions(brand, source, outcome, n)
                return outcomes
            finally:
                self._begun = None

    async def _score(self, batch: Batch) -> list[ScoredMention]:
        found = [item for item in batch.items if isinstance(item, Mention)]
        if not found:
            return []
        model = self.model  # it may be replaced while it reads
        read: list[tuple[Meaning, bool]] = []
        for start in range(0, len(found), _READ_AT_ONCE):
            some = found[start : start + _READ_AT_ONCE]
            read += await asyncio.get_running_loop().run_in_executor(self._reader, understand, model, some)
        return [
            ScoredMention(
                mention=mention,
                meaning=meaning,
                negative=negative and mention.author not in self._own(mention.brand),
                late=batch.learned or mention.received_at - mention.published_at > self.late_after,
                model="upstream" if mention.sentiment is not None else model.version,
            )
            for mention, (meaning, negative) in zip(found, read, strict=True)
        ]
