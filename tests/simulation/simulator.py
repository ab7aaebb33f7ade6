"""Brands that live an ordinary life, and crises of several shapes. Seeded: the same seed, the same minutes.

The noise is not the detectors' own model on purpose: rates vary log-normally and drift from hour
to hour, days have moods, minutes come in clumps, and the mix of praise and blame wanders.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from daemon.model import Tick

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
Floats = npt.NDArray[np.float64]


class Crisis(NamedTuple):
    """What happened: minutes from the start, and its shape."""

    kind: str
    onset: int
    end: int


@dataclass
class Brand:
    """A simulated brand; ``rate`` is its ordinary negative authors a minute."""

    seed: int
    rate: float
    share: float = 0.3
    days: int = 21
    moody: float = 0.18  # log-normal spread of days
    restless: float = 0.15  # of the slow drift within a day
    chatty: float = 0.0  # replies that each mention draws, of its own kind, within some minutes
    holidays: frozenset[int] = frozenset()  # days from the start, on which half as many write as on a Sunday
    resting: float = 0.5
    mix: tuple[float, ...] = ()  # of channels: what each has of the mentions
    crises: list[Crisis] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.minutes = self.days * 1440
        volume = self._volume()
        wander = 0.06 * self._drift(2880)
        share = 1 / (1 + np.exp(-(math.log(self.share / (1 - self.share)) + wander)))
        self._clumps = self.rng.gamma(12, 1 / 12, (2, self.minutes))
        everyone = self.rate / self.share * volume
        self.negative = self.rng.poisson(everyone * share * self._clumps[0])
        self.others = self.rng.poisson(everyone * (1 - share) * self._clumps[1])
        if self.chatty:
            self.negative, self.others = self._replied(self.negative), self._replied(self.others)
        self.covered = np.ones(self.minutes, dtype=bool)
        self._usual = everyone * share
        self._alone: dict[int, npt.NDArray[np.int64]] = {}  # by channel: what happens there alone

    def _replied(self, first: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """With the replies, and the replies to those: a self-exciting process (Hawkes 1971)."""
        found, wave = first.copy(), first
        while wave.any():
            at = np.repeat(np.arange(self.minutes), self.rng.poisson(self.chatty * wave))
            at = at + self.rng.exponential(12, len(at)).astype(np.int64)
            wave = np.bincount(at[at < self.minutes], minlength=self.minutes)
            found += wave
        return found

    def _drift(self, memory: float) -> Floats:
        """A stationary AR(1) of unit variance with so many minutes of memory."""
        keep = math.exp(-10 / memory)
        steps = self.rng.normal(0, math.sqrt(1 - keep * keep), self.minutes // 10 + 1)
        value, path = self.rng.normal(), []
        for step in steps:
            value = keep * value + step
            path.append(value)
        return np.repeat(path, 10)[: self.minutes]

    def _volume(self) -> Floats:
        minute = np.arange(self.minutes)
        peak = self.rng.uniform(11, 21)
        hour = (minute / 60) % 24
        day = 0.9 * np.cos(2 * np.pi * (hour - peak) / 24) + 0.25 * np.cos(4 * np.pi * (hour - peak) / 24)
        week_days = self.rng.normal(0, 0.2, 7)
        week = week_days[(minute // 1440) % 7]
        mood = self.rng.normal(0, self.moody, self.days)[minute // 1440]
        off = np.isin(minute // 1440, list(self.holidays))
        week = np.where(off, week_days[6] + math.log(self.resting), week)
        growth = self.rng.normal(0, 0.005) * minute / 1440
        volume = np.exp(day + week + mood + growth + self.restless * self._drift(240))
        return np.asarray(volume / volume.mean(), dtype=np.float64)

    # ── crises

    def crisis(self, kind: str, onset: int, *, size: float) -> Crisis:
        """Let something happen at minute ``onset``; ``size``: its peak in times the usual mean rate."""
        length, shape = _SHAPES[kind]
        along = np.linspace(0, 1, length, endpoint=False)
        extra = size * self.rate * np.array([shape(part) for part in along])
        angry = self.rng.poisson(extra * self.rng.gamma(8, 1 / 8, length))
        span = slice(onset, onset + length)
        if kind == "turn":
            return self.turn(onset, length, part=0.3)
        self.negative[span] += angry
        self.others[span] += self.rng.binomial(angry, 0.25)
        happened = Crisis(kind, onset, onset + length)
        self.crises.append(happened)
        return happened

    def turn(self, onset: int, length: int, *, part: float) -> Crisis:
        """Let ``part`` of those who would not complain do so: as many people as ever, another mood."""
        span = slice(onset, onset + length)
        turned = self.rng.binomial(self.others[span], part)
        self.negative[span] += turned
        self.others[span] -= turned
        happened = Crisis("turn", onset, onset + length)
        self.crises.append(happened)
        return happened

    def problem(self, channel: int, onset: int, length: int, a_minute: float) -> Crisis:
        """Let so many people a minute complain on one channel of `mix`, and nowhere else."""
        alone = self._alone.setdefault(channel, np.zeros(self.minutes, dtype=np.int64))
        alone[onset : onset + length] += self.rng.poisson(a_minute * self.rng.gamma(8, 1 / 8, length))
        happened = Crisis(f"channel:c{channel}", onset, onset + length)
        self.crises.append(happened)
        return happened

    def _channels(self) -> Iterator[dict[str, tuple[int, int]]]:
        """Negative and all authors by channel, minute by minute; the mix has its own day, and wanders."""
        hour = np.arange(self.minutes) / 60 % 24
        weights = [
            math.log(part) + 0.3 * np.cos(2 * np.pi * (hour - self.rng.uniform(0, 24)) / 24) + 0.2 * self._drift(720)
            for part in self.mix
        ]
        shares = np.exp(np.array(weights)).T
        shares /= shares.sum(axis=1, keepdims=True)
        negative = self.rng.multinomial(self.negative, shares)
        others = self.rng.multinomial(self.others, shares)
        for channel, alone in self._alone.items():
            negative[:, channel] += alone
            self.negative += alone
        for minute in range(self.minutes):
            yield {
                f"channel:c{channel}": (int(angry), int(angry + calm))
                for channel, (angry, calm) in enumerate(zip(negative[minute], others[minute], strict=True))
                if angry + calm
            }

    def praise(self, onset: int, *, length: int = 100, size: float = 15.0) -> None:
        """Let praise go viral: many more people, few of them angry."""
        span = slice(onset, onset + length)
        happy = self.rng.poisson(size * self.rate / self.share * np.linspace(1, 0.1, length))
        self.others[span] += happy
        self.negative[span] += self.rng.binomial(happy, 0.25 * self.share)

    def gap(self, onset: int, length: int, *, known: bool, backlog: bool = False) -> None:
        """Let the source fail; ``known``: it says so. With ``backlog`` all comes at once when it is back."""
        span, after = slice(onset, onset + length), onset + length
        if backlog:
            self.negative[after] += self.negative[span].sum()
            self.others[after] += self.others[span].sum()
        self.negative[span] = 0
        self.others[span] = 0
        if known:
            self.covered[span] = False

    # ── out

    def ticks(self) -> Iterator[Tick]:
        """One tick for each minute."""
        channels = self._channels() if self.mix else itertools.repeat({})
        for minute, parts in zip(range(self.minutes), channels):  # noqa: B905 - repeat() has no end
            negative, others = int(self.negative[minute]), int(self.others[minute])
            yield Tick(
                at=START + timedelta(minutes=minute),
                covered=bool(self.covered[minute]),
                mentions=negative + others,
                negative=negative,
                authors=negative + others,
                negative_authors=negative,
                parts=parts,
            )


def _waves(part: float) -> float:
    return math.sin(3 * math.pi * part) ** 2


def _sigmoid(part: float) -> float:
    return 1 / (1 + math.exp(-12 * (part - 0.35)))


# kind: its length in minutes, and its course from 0 to 1
_SHAPES: dict[str, tuple[int, Callable[[float], float]]] = {
    "outage": (150, lambda part: 1.0 if part > 0.02 else part / 0.02),  # a wall, until it is mended
    "video": (90, lambda part: math.exp(-4 * part)),  # at once, then fading
    "boycott": (600, _sigmoid),  # slowly everywhere
    "waves": (360, _waves),  # time zones, one after the other
    "turn": (600, lambda _: 0.0),  # see Brand.turn
}
