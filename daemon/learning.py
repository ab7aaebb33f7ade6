"""Teaches baselines from past mentions. Opens no incident, and teaches nothing twice."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from config.schema import Config
from daemon.clock import Clock
from daemon.ingest import Batch, Ingest, names_of, own_authors
from daemon.metrics import Metrics
from daemon.model import Mention, Rejection
from daemon.store.counts import Counts, Gaps
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
    ingest.own_authors, ingest.names = own_authors(config), names_of(config)
    running = asyncio.create_task(ingest.run())
    accepted = duplicates = rejected = 0
    newest: dict[str, datetime] = {}  # by brand
    try:
        for items in _batches(history):
            taken = await ingest.submit(Batch(source="learn", items=items, learned=True))
            accepted += taken.accepted
            duplicates += taken.duplicates
            rejected += taken.rejected
            for item in items:
                if isinstance(item, Mention):
                    newest[item.brand] = max(item.published_at, newest.get(item.brand, item.published_at))
    finally:  # also where the history breaks off: what was committed is known already when it comes again
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        if accepted:
            await _leave_unknown(config, clock, store, newest)
            await Counts(store).forget_monitors(sorted(newest), clock.now())
    return Learned(accepted=accepted, duplicates=duplicates, rejected=rejected, brands=tuple(sorted(newest)))


async def _leave_unknown(config: Config, clock: Clock, store: Store, newest: Mapping[str, datetime]) -> None:
    """From the end of a history to what comes next nobody was watching: that is unknown, not calm."""
    for brand, end in newest.items():
        begin = end.replace(second=0, microsecond=0) + timedelta(minutes=1)
        following = await Counts(store).next_minute(brand, end) or clock.now().replace(second=0, microsecond=0)
        if following - begin > config.detection.late_after:
            await Gaps(store).add("history", begin, following, "after the end of a learned history")


def _batches(history: Iterable[Mention | Rejection]) -> Iterable[tuple[Mention | Rejection, ...]]:
    items = iter(history)
    while batch := tuple(itertools.islice(items, _AT_ONCE)):
        yield batch
