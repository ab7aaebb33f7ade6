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
CALM = 1.0  # nats: less is nothing
LEAST_SHARE, MOST = 1e-6, 0.95  # a share beyond which there is nothing left to turn


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
        self.tail = Tail(excess=1.1)
        self.negative, self.all = PRIOR_NEGATIVE, PRIOR_ALL
        self._spread, self._weight = PRIOR_SPREAD * PRIOR_WEIGHT, PRIOR_WEIGHT
        self._blocks: list[list[Any]] = []  # number, negative, all, minutes known, highest evidence
        self._block: list[Any] | None = None  # still filling
        self._known = 0.0  # minutes
        self._age = 0.0  # minutes known when the present block began
        self._number = -1  # of the present block, whose windows are:
        self._sums: list[tuple[int, int, int, int]] = []  # blocks; negative, all and minutes of those that are over
        self._law = (0.0, 0.0, 1.0)  # usual share, spread, youth
        self._last: tuple[tuple[int, int, int, bool], ShareEvidence] | None = (
            None  # what was asked last, and the answer
        )
        self._needed: float | None = None  # negatives beyond the usual share, without which there is no evidence

    def usual(self) -> float:
        """The brand's own negative share."""
        return max(self.negative / self.all, LEAST_SHARE)

    def score_one(self, x: Tick) -> float:
        """Nats of evidence that the share has risen."""
        return self.evidence(x).nats

    def evidence(self, x: Tick) -> ShareEvidence:
        """The strongest window that ends with ``x``."""
        return self.at(step_of(x.at, self.step), x)

    def at(self, step: int, x: Tick) -> ShareEvidence:
        """The strongest window that ends with ``x``, whose step is known."""
        key = (step, x.negative_authors, x.authors, x.covered)
        if self._last is None or self._last[0] != key:
            self._last = (key, self._scan(step, x))
        return self._last[1]

    def _scan(self, step: int, x: Tick) -> ShareEvidence:
        number = step * self.step // BLOCK
        if number != self._number or self._needed is None:
            self._renew(number)
        more = more_all = minutes = 0
        if self._block is not None and self._block[0] == number:
            _, more, more_all, minutes, _ = self._block
        if x.covered:
            more += x.negative_authors
            more_all += x.authors
            minutes += self.step
        usual, spread, youth = self._law
        if self._needed is not None and more - usual * more_all < self._needed:
            return NONE
        best, found = 0.0, NONE
        for window, before, before_all, known in self._sums:
            negative, everyone = before + more, before_all + more_all
            if negative < LEAST or everyone < negative or negative <= usual * everyone or known + minutes < BLOCK:
                continue  # … nor do a few minutes after a gap tell of the mix
            nats = negative * math.log(negative / everyone / usual)
            if negative < everyone:
                nats += (everyone - negative) * math.log((everyone - negative) / everyone / (1 - usual))
            nats /= (1 + spread * (everyone - 1)) * youth
            if nats > best:
                best, found = nats, ShareEvidence(nats, window * BLOCK, negative, usual * everyone)
        return found if best >= CALM else NONE

    def _renew(self, number: int) -> None:
        """Make ready for a block: the windows before it, and how much could make them evidence.

        A likelihood ratio is at most χ² = (N - qT)²/(q(1 - q)T), and T only grows.
        """
        self._number, self._sums = number, []
        negative = everyone = minutes = 0
        blocks = self._blocks
        if self._block is not None and self._block[0] != number:
            blocks = [*blocks, self._block]  # its end was never seen
        place = len(blocks)
        usual = self.usual()
        spread = max(self._spread / self._weight, 0.002) + 1 / (self.all + 1)
        youth = 1 + 0.6 * math.exp(-self._age / 4320)
        self._law, self._needed = (usual, spread, youth), math.inf
        if usual > MOST:
            return
        for window in WINDOWS:
            while place and number - blocks[place - 1][0] < window:
                place -= 1
                negative += blocks[place][1]
                everyone += blocks[place][2]
                minutes += blocks[place][3]
            self._sums.append((window, negative, everyone, minutes))
            enough = CALM * youth * (1 + spread * max(everyone - 1, 0)) * usual * (1 - usual) * everyone
            self._needed = min(self._needed, math.sqrt(enough) - (negative - usual * everyone))

    def learn_one(self, x: Tick) -> None:
        """Close the step of ``x``."""
        self.learn_at(step_of(x.at, self.step), x)

    def learn_at(self, step: int, x: Tick) -> None:
        """Close ``x``, whose step is known."""
        if not x.covered or x.authors < x.negative_authors:
            return  # unknown, or the number of all authors is
        number = step * self.step // BLOCK
        nats = self.at(step, x).nats
        block = self._block
        if block is None or block[0] != number:
            if block is not None:  # its end was never seen
                self._close()
            block = self._block = [number, 0, 0, 0, 0.0]
        self._last = None
        block[1] += x.negative_authors
        block[2] += x.authors
        block[3] += self.step
        block[4] = max(block[4], nats)
        self._known += self.step
        if (step + 1) * self.step // BLOCK != number:
            self._close()

    def amend_at(self, step: int, negative: int, total: int) -> None:
        """Add to a past step, while its block is kept."""
        for block in (*self._blocks, self._block):
            if block is not None and block[0] == step * self.step // BLOCK:
                block[1] += negative
                block[2] += total
                self._needed = self._last = None

    def _close(self) -> None:
        if self._block is None:
            return
        newest, _, _, minutes, peak = self._block
        self._blocks.append(self._block)
        self._block = None
        self.tail.learn(peak, minutes, newest * BLOCK)
        wait = max(min(float(QUARANTINE), self._known / 4 / BLOCK), WINDOWS[-1])
        while self._blocks and newest - self._blocks[0][0] >= wait:
            self._forget()
        self._age = self._known
        self._needed = self._last = None

    def _forget(self) -> None:
        _, negative, everyone, _, _ = self._blocks[0]
        peak = max(block[4] for block in self._blocks)
        weight = min(max(2 - 2 * peak / STRANGE, 0.0), 1.0)
        weight = max(weight, 1 - self._known / 10080, 0.02)
        usual = min(self.usual(), MOST)
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
        blocks = [list(block) for block in self._blocks]
        return [self.step, self.negative, self.all, self._spread, self._weight, self._known, self._age,
                self._block and list(self._block), blocks, self.tail.dump()]  # fmt: skip

    def restore(self, state: State) -> Share:
        """Take over what `dump` gave."""
        self.step, self.negative, self.all, self._spread, self._weight, self._known, self._age = state[:7]
        self._block = state[7] and list(state[7])
        self._blocks = [list(block) for block in state[8]]
        self._needed = self._last = None
        self.tail.restore(state[9])
        return self
