"""Teaches baselines from past mentions. Opens no incident, and teaches nothing twice."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable

import msgspec

from config.schema import Config
from daemon.clock import Clock
from daemon.ingest import Batch, Ingest
from daemon.metrics import Metrics
from daemon.model import Mention, Rejection
from daemon.store.counts import Counts
from daemon.store.engine import Store
from detectors.text import TextModel

_AT_ONCE = 1000


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a history."""

    accepted: int
    duplicates: int
    rejected: int
    brands: tuple[str, ...]


async def learn(
    config: Config, clock: Clock, store: Store, model: TextModel, history: Iterable[Mention | Rejection]
) -> Learned:
    """Store and count ``history``, then have the baselines of its brands built anew.

    A daemon that runs on the same store notices within seconds.
    """
    ingest = Ingest(
        store=store, clock=clock, model=model, metrics=Metrics(config.brands), late_after=config.detection.late_after
    )
    running = asyncio.create_task(ingest.run())
    accepted = duplicates = rejected = 0
    brands: set[str] = set()
    try:
        for items in _batches(history):
            taken = await ingest.submit(Batch(source="learn", items=items, learned=True))
            accepted += taken.accepted
            duplicates += taken.duplicates
            rejected += taken.rejected
            brands |= {item.brand for item in items if isinstance(item, Mention)}
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    if accepted:
        await Counts(store).forget_monitors(sorted(brands), clock.now())
    return Learned(accepted=accepted, duplicates=duplicates, rejected=rejected, brands=tuple(sorted(brands)))


def _batches(history: Iterable[Mention | Rejection]) -> Iterable[tuple[Mention | Rejection, ...]]:
    items = iter(history)
    while batch := tuple(itertools.islice(items, _AT_ONCE)):
        yield batch
