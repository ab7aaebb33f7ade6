"""Share: the mix turns negative although no more people write than usual."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from daemon.model import Tick
from detectors.base import Detector, State, step_of
from detectors.calibration import Tail

BLOCK = 10  # minutes
WINDOWS = (6, 12, 24, 48)  # blocks
HALF_LIFE = 6 * 144.0  # blocks
QUARANTINE = 72  # blocks that wait before they teach
LEAST = 5  # negative authors
PRIOR_NEGATIVE, PRIOR_ALL = 1.5, 5.0
PRIOR_SPREAD, PRIOR_WEIGHT = 0.02, 10.0
STRANGE = 9.0  # nats: teaches nothing above, in full under half of it
MOST = 0.95  # a share beyond which there is nothing left to turn


class ShareEvidence(NamedTuple):
    """The strongest window."""

    nats: float
    minutes: int
    negative: int
    expected: float


NONE = ShareEvidence(0.0, BLOCK * WINDOWS[0], 0, 0.0)


class Share(Detector):
    """Binomial likelihood ratio of the negative share against the brand's own, in nats.

    N negative of T authors against the usual share q score
    N ln(N/(qT)) + (T - N) ln((T - N)/((1 - q)T)), divided by the overdispersion 1 + ρ (T - 1) of a
    beta-binomial (Williams 1982) whose ρ is learned. Windows of one to eight hours.

    >>> from datetime import UTC, datetime, timedelta
    >>> share = Share()
    >>> start = datetime(2026, 1, 5, tzinfo=UTC)
    >>> def tick(minute: int, negative: int) -> Tick:
    ...     return Tick(at=start + timedelta(minutes=minute), authors=5, negative_authors=negative)
    >>> for minute in range(4 * 1440):
    ...     share.learn_one(tick(minute, 1))
    >>> share.score_one(tick(5760, 1)) < 0.1
    True
    >>> for minute in range(5760, 5880):
    ...     share.learn_one(tick(minute, 3))
    >>> share.score_one(tick(5880, 3)) > 10
    True
    """

    def __init__(self, step: int = 1) -> None:
        self.step = step
        self.tail = Tail(excess=0.9)
        self.negative, self.all = PRIOR_NEGATIVE, PRIOR_ALL
        self._spread, self._weight = PRIOR_SPREAD * PRIOR_WEIGHT, PRIOR_WEIGHT
        self._blocks: list[list[Any]] = []  # number, negative, all, minutes known, highest evidence
        self._known = 0.0  # minutes
        self._age = 0.0  # minutes known when the present block began
        # what stays the same within a block: its number, sums of the windows, usual share, spread and youth
        self._last: tuple[tuple[int, int, int], ShareEvidence] | None = None
        self._sums: tuple[int, list[tuple[int, int, int]], float, tuple[float, float]] | None = None

    def usual(self) -> float:
        """The brand's own negative share."""
        return self.negative / self.all

    def score_one(self, x: Tick) -> float:
        """Nats of evidence that the share has risen."""
        return self.evidence(x).nats

    def evidence(self, x: Tick) -> ShareEvidence:
        """The strongest window that ends with ``x``."""
        return self.at(step_of(x.at, self.step), x)

    def at(self, step: int, x: Tick) -> ShareEvidence:
        """The strongest window that ends with ``x``, whose step is known."""
        number = step * self.step // BLOCK
        if self._sums is None or self._sums[0] != number:
            self._sums = (number, self._closed(number), min(self.usual(), MOST), self._spread_now())
        _, sums, usual, (spread, youth) = self._sums
        more, more_all = (x.negative_authors, x.authors) if x.covered else (0, 0)
        key = (step, more, more_all)
        if self._last is None or self._last[0] != key:
            self._last = (key, self._strongest(sums, usual, spread, youth, more, more_all))
        return self._last[1]

    def _strongest(
        self, sums: list[tuple[int, int, int]], usual: float, spread: float, youth: float, more: int, more_all: int
    ) -> ShareEvidence:
        best, found = 0.0, NONE
        for window, before, before_all in sums:
            negative, everyone = before + more, before_all + more_all
            if negative < LEAST or everyone < negative or negative <= usual * everyone:
                continue
            nats = negative * math.log(negative / everyone / usual)
            if negative < everyone:
                nats += (everyone - negative) * math.log((1 - negative / everyone) / (1 - usual))
            nats /= (1 + spread * (everyone - 1)) * youth
            if nats > best:
                best, found = nats, ShareEvidence(nats, window * BLOCK, negative, usual * everyone)
        return found

    def _closed(self, number: int) -> list[tuple[int, int, int]]:
        """Negative and all authors of each window up to the step still filling."""
        sums, negative, everyone, place = [], 0, 0, len(self._blocks)
        for window in WINDOWS:
            while place and number - self._blocks[place - 1][0] < window:
                place -= 1
                negative += self._blocks[place][1]
                everyone += self._blocks[place][2]
            sums.append((window, negative, everyone))
        return sums

    def _spread_now(self) -> tuple[float, float]:
        spread = max(self._spread / self._weight, 0.002) + 1 / (self.all + 1)
        return spread, 1 + 0.6 * math.exp(-self._age / 4320)

    def learn_one(self, x: Tick) -> None:
        """Close the step of ``x``."""
        self.learn_at(step_of(x.at, self.step), x)

    def learn_at(self, step: int, x: Tick) -> None:
        """Close ``x``, whose step is known."""
        if not x.covered or x.authors < x.negative_authors:
            return  # unknown, or the number of all authors is
        number = step * self.step // BLOCK
        nats = self.at(step, x).nats
        if not self._blocks or self._blocks[-1][0] < number:
            if self._blocks:
                self._close()
            self._blocks.append([number, 0, 0, 0, 0.0])
        block = self._blocks[-1]
        block[1] += x.negative_authors
        block[2] += x.authors
        block[3] += self.step
        block[4] = max(block[4], nats)
        self._known += self.step
        self._last = None
        if self._sums is not None:
            kept = [(w, n + x.negative_authors, t + x.authors) for w, n, t in self._sums[1]]
            self._sums = (self._sums[0], kept, *self._sums[2:]) if self._sums[0] == number else None

    def amend_at(self, step: int, negative: int, total: int) -> None:
        """Add to a past step, while its block is kept."""
        for block in self._blocks:
            if block[0] == step * self.step // BLOCK:
                block[1] += negative
                block[2] += total
                self._last = self._sums = None

    def _close(self) -> None:
        self.tail.learn(self._blocks[-1][4], self._blocks[-1][3])
        newest = self._blocks[-1][0]
        wait = max(min(float(QUARANTINE), self._known / 4 / BLOCK), WINDOWS[-1])
        while self._blocks and newest - self._blocks[0][0] >= wait:
            self._forget()
        self._age = self._known
        self._sums = None

    def _forget(self) -> None:
        _, negative, everyone, _, _ = self._blocks[0]
        peak = max(block[4] for block in self._blocks)
        weight = min(max(2 - 2 * peak / STRANGE, 0.0), 1.0)
        weight = max(weight, 1 - self._known / 10080, 0.02)
        usual = self.usual()
        fade = 0.5 ** (weight / HALF_LIFE)
        self.negative = self.negative * fade + weight * negative
        self.all = self.all * fade + weight * everyone
        if everyone > 1:
            variance = usual * (1 - usual)
            square = min((negative - usual * everyone) ** 2, 6.25 * everyone * variance * (1 + 0.05 * (everyone - 1)))
            worth = weight * min(1.0, everyone / 20)
            self._spread = self._spread * fade + worth * (square / (everyone * variance) - 1) / (everyone - 1)
            self._weight = self._weight * fade + worth
        self._blocks.pop(0)

    def dump(self) -> State:
        """All that was learned, and the windows."""
        return [self.step, self.negative, self.all, self._spread, self._weight, self._known, self._age,
                [list(block) for block in self._blocks], self.tail.dump()]  # fmt: skip

    def restore(self, state: State) -> Share:
        """Take over what `dump` gave."""
        self.step, self.negative, self.all, self._spread, self._weight, self._known, self._age = state[:7]
        self._blocks = [list(block) for block in state[7]]
        self._sums = None
        self.tail.restore(state[8])
        return self
