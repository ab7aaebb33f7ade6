"""Mentions of the past as series: read, understood and counted as the daemon does, one series per brand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import log10
from pathlib import Path

import msgspec

from daemon.backtest.circumstances import Circumstances
from daemon.backtest.counts import Progress, name_of
from daemon.backtest.series import Row, Series, Written, steps, whole
from daemon.ingest import understand
from daemon.model import Mention, Tick
from daemon.sources.decode import is_slug
from daemon.sources.files import read_mentions
from daemon.views import format_time
from detectors.authors import Authors
from detectors.partition import parts_of
from detectors.risk import is_risk
from detectors.text import TextModel

_MINUTE = timedelta(minutes=1)
_CHUNK = 512  # texts read at once
_ARRIVAL = datetime(9000, 1, 1, tzinfo=UTC)  # of what does not say when it was published


class EveryBrand(Collection[str]):
    """Contains every slug: a backtest needs no configuration."""

    def __contains__(self, brand: object) -> bool:
        return isinstance(brand, str) and is_slug(brand)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Understood(msgspec.Struct, frozen=True):
    mention: Mention
    negative: bool
    lang: str


def read_series(
    paths: Iterable[Path],
    model: TextModel,
    *,
    keep: bool,
    of: Callable[[str], Circumstances],
    progress: Progress | None = None,
) -> list[Series]:
    """The brands' series in files of mentions, by name. ``keep``: their texts too, for the report.

    ``of`` a brand tells its circumstances.

    Raises ``InputError`` where a file cannot be read.
    """
    by_brand: dict[str, dict[str, Mention]] = {}
    rejected, complaint = 0, ""
    for path in paths:
        name = name_of(path).lower()
        for item in read_mentions(
            path,
            brands=EveryBrand(),
            brand=name if is_slug(name) else None,
            received_at=_ARRIVAL,
            progress=progress,
        ):
            if isinstance(item, Mention) and item.published_at < _ARRIVAL:
                by_brand.setdefault(item.brand, {}).setdefault(item.id, item)
                continue
            rejected += 1
            reason = "published_at: required to tell when" if isinstance(item, Mention) else item.reason
            complaint = complaint or f"{path}: {reason}"
    found = []
    for brand in sorted(by_brand):
        mentions = sorted(by_brand.pop(brand).values(), key=lambda mention: mention.published_at)
        known = of(brand)
        understood = _understand(mentions, model, known.own_authors)
        found.append(
            Series(
                name=brand,
                rows=list(_rows(understood, known.names)),
                step=_MINUTE,
                written=[_written(one) for one in understood] if keep else [],
            )
        )
    if found:
        found[0] = msgspec.structs.replace(found[0], rejected=rejected, complaint=complaint)
    elif rejected:
        found.append(Series(name="", rows=[], step=_MINUTE, rejected=rejected, complaint=complaint))
    return found


def _understand(mentions: list[Mention], model: TextModel, own: Collection[str]) -> list[_Understood]:
    understood = []
    for begin in range(0, len(mentions), _CHUNK):
        part = mentions[begin : begin + _CHUNK]
        understood += [
            _Understood(mention, negative and mention.author not in own, meaning.lang)
            for mention, (meaning, negative) in zip(part, understand(model, part), strict=True)
        ]
    return understood


def _written(one: _Understood) -> Written:
    mention = one.mention
    return Written(mention.published_at, mention.author, mention.text, one.lang, _reach(mention), one.negative)


def _reach(mention: Mention) -> float:
    return log10(1 + (mention.followers or 0) + (mention.engagement or 0))


def _rows(understood: list[_Understood], names: Sequence[str]) -> Iterator[Row]:
    """One row for each mention, and one for each minute without any; ``names`` are counted apart."""
    authors = Authors()
    tick: Tick | None = None
    for one in understood:
        mention = one.mention
        minute = whole(mention.published_at, _MINUTE)
        if tick is None:
            tick = Tick(at=minute)
        elif tick.at < minute:
            for calm in steps(tick.at + _MINUTE, minute, _MINUTE):
                yield Row(calm, format_time(calm), Tick(at=calm), given=False)
            tick = Tick(at=minute)
        risk = one.negative and is_risk(mention.text, one.lang)
        counted = authors.see(mention.author, mention.published_at, negative=one.negative, risk=risk)
        parts = tick.parts
        if counted.author or counted.negative:
            of_it = parts_of(mention.channel, mention.text, names, negative=counted.negative)
            parts = _with(parts, of_it, new=counted.author, angry=counted.negative)
        tick = msgspec.structs.replace(
            tick,
            mentions=tick.mentions + 1,
            negative=tick.negative + one.negative,
            authors=tick.authors + counted.author,
            negative_authors=tick.negative_authors + counted.negative,
            reach=tick.reach + (log10(1 + (mention.followers or 0)) if counted.negative else 0.0),
            top_reach=max(tick.top_reach, _reach(mention)) if one.negative else tick.top_reach,
            parts=parts,
            risk=tick.risk + counted.risk,
        )
        yield Row(mention.published_at, format_time(mention.published_at), tick)


def _with(
    parts: dict[str, tuple[int, int]], names: Sequence[str], *, new: bool, angry: bool
) -> dict[str, tuple[int, int]]:
    """The counts of the parts with one more author, in the parts of these names."""
    channel, *others = names
    counted = dict(parts)
    for part, everyone in ((channel, new), *((part, True) for part in others)):
        before = counted.get(part, (0, 0))
        counted[part] = (before[0] + angry, before[1] + everyone)
    return counted
