"""The public of the demo: who writes what, and how often, at each minute. Deterministic by its seed."""

from __future__ import annotations

import math
import random
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from daemon.model import Mention

BRAND = "fala"
ZONE = ZoneInfo("Europe/Warsaw")
_MINUTE = timedelta(minutes=1)
_LANGUAGES, _SPOKEN = ("pl", "ru", "en"), (80, 13, 7)
_CHANNELS, _POPULAR = ("facebook", "x", "instagram", "forum"), (60, 22, 10, 8)
_MOODS, _FELT = ("good", "plain", "bad"), (25, 55, 20)
_PEOPLE = 40_000


class Crowd:
    """Writes mentions."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a play, not a secret
        self._count = 0
        texts = resources.files("daemon.demo").joinpath("texts.toml").read_text(encoding="utf-8")
        self._texts: dict[str, dict[str, list[str]]] = tomllib.loads(texts)

    def minute(self, at: datetime, *, angry: float = 0.0) -> list[Mention]:
        """What is written in the minute from ``at``; ``angry``: how many more write about an outage."""
        mentions = [self._write(at, self._pick(_MOODS, _FELT)) for _ in range(self._poisson(usual(at)))]
        mentions += [self._write(at, "outage") for _ in range(self._poisson(angry))]
        return sorted(mentions, key=lambda mention: mention.published_at)

    def history(self, begin: datetime, end: datetime) -> Iterator[Mention]:
        """Ordinary weeks."""
        at = begin
        while at < end:
            yield from self.minute(at)
            at += _MINUTE

    def _write(self, minute: datetime, mood: str) -> Mention:
        chance = self._random
        lang = self._pick(_LANGUAGES, _SPOKEN)
        said = self._texts[lang]
        at = minute + timedelta(milliseconds=chance.randrange(60_000))
        when = (at.astimezone(ZONE) - timedelta(minutes=chance.randrange(1, 15))).strftime("%H:%M")
        text = chance.choice(said[mood]).format(
            place=chance.choice(said["places"]), n=chance.randrange(5, 60), time=when
        )
        self._count += 1
        return Mention(
            brand=BRAND,
            id=f"{minute:%Y%m%d%H%M}-{self._count}",
            channel=self._pick(_CHANNELS, _POPULAR),
            text=text,
            published_at=at,
            received_at=at,
            author=f"u{chance.randrange(_PEOPLE)}",
            followers=int(chance.paretovariate(0.8) * 20),
        )

    def _pick(self, options: tuple[Any, ...], weights: tuple[int, ...]) -> Any:
        return self._random.choices(options, weights)[0]

    def _poisson(self, mean: float) -> int:
        """A Poisson number (Knuth, The Art of Computer Programming 2, 3.4.1)."""
        limit, product, count = math.exp(-mean), self._random.random(), 0
        while product > limit:
            product *= self._random.random()
            count += 1
        return count


def usual(at: datetime) -> float:
    """Mentions a minute in ordinary life: few at night, most in the evening, fewer on Saturdays."""
    local = at.astimezone(ZONE)
    hour = local.hour + local.minute / 60
    day = 0.55 + 0.45 * math.cos(2 * math.pi * (hour - 18.5) / 24)
    return 0.75 * day * (0.75 if local.weekday() == 5 else 1.0)  # noqa: PLR2004 - Saturday


def outage(minutes: float) -> float:
    """How many more write each minute, so long after an outage began: a ramp, a plateau, and the repair."""
    lasting, peak = 40.0, 14.0
    if not 0 <= minutes < lasting:
        return peak * math.exp(-(minutes - lasting) / 4) if lasting <= minutes < lasting + 20 else 0.0
    return peak * min(1.0, 0.15 + minutes / 10)
