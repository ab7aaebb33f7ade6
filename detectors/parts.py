"""Parts: a small new problem on one channel, of one topic or in one place of a large brand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from daemon.model import Tick
from detectors.base import Detector, State, step_of
from detectors.calibration import Tail
from detectors.dispersion import Dispersion
from detectors.evidence import LEAST_SIZE, RATIO, SLACK, shift
from detectors.part import KEPT, PERIODS, Part

BLOCK = 10  # minutes
WINDOWS = (1, 3, 6, 24)  # blocks, the one still filling among them
LEAST = 5  # negative authors
GATE = 4.0  # times the evidence of the part's own negative share, beyond which it is not believed
MOST_PARTS = 16
LARGEST = 0.5  # share of a part that is the brand itself
YOUNG = 3 * 1440  # minutes: a channel just connected brings more than it did
LARGE = 200.0  # negative authors of about a week; the parts of a smaller brand say nothing
LATE = 20  # minutes for which a step can still be amended
STRANGE = 9.0  # nats: teaches nothing above, in full under half of it
NEW_NORMAL = 2160.0  # minutes of high evidence after which it teaches again
LEAST_ODDS, MOST_ODDS = 0.25, 1e6
EVERYWHERE = ("topic:",)  # kinds of parts that no new source brings: unseen means zero


class PartEvidence(NamedTuple):
    """The strongest part and window."""

    nats: float
    name: str
    minutes: int
    observed: int
    expected: float


NONE = PartEvidence(0.0, "", BLOCK, 0, 0.0)


class Parts(Detector):
    """Scan of every part against the rest of the brand, in nats.

    Of the T negative authors of a window (or of those the brand's rhythm expects, where that is
    more: one silent channel makes no other loud) a part usually has sT. N of them score as in
    `detectors.surge`: the negative-binomial likelihood ratio, its dispersion learned. All parts and
    windows are one family: the peaks of the strongest calibrate them together, so however many
    parts there are, the promise is the same (Tippett 1931: the smallest p-value of many).

    >>> from datetime import UTC, datetime, timedelta
    >>> parts = Parts()
    >>> start = datetime(2026, 1, 5, tzinfo=UTC)
    >>> def tick(minute: int, vk: int) -> Tick:
    ...     at = start + timedelta(minutes=minute)
    ...     return Tick(at=at, negative_authors=9 + vk, parts={"channel:x": (9, 20), "channel:vk": (vk, 2 + vk)})
    >>> for minute in range(5 * 1440):
    ...     parts.learn_one(tick(minute, int(minute % 5 == 0)))
    >>> parts.score_one(tick(7200, 1))
    0.0
    >>> for minute in range(7200, 7206):
    ...     parts.learn_one(tick(minute, 4))
    >>> found = parts.evidence(tick(7206, 4))
    >>> found.name, found.nats > 10
    ('channel:vk', True)
    """

    def __init__(self, step: int = 1) -> None:
        self.step = step
        self.tail = Tail(excess=1.1)
        self.spread = Dispersion(tuple(window * BLOCK // step or 1 for window in WINDOWS), step, prior=0.08)
        self.parts: dict[str, Part] = {}
        self._everyone = 0.0  # negative authors of about a week
        self._begun: int | None = None  # step
        self._high = 0.0  # minutes for which the evidence has been high
        self._hot = False  # there was evidence in the step before
        self._block: list[Any] = [-1, 0, 0.0, 0, 0.0]  # number, negative authors, usual, minutes, highest evidence
        self._blocks: list[tuple[int, int, float]] = []
        self._steps: list[tuple[int, int, dict[str, tuple[int, int]]]] = []  # what can still be amended
        self._number = -1  # of the block that the windows are made for
        self._totals: list[tuple[int, float]] = []

    def score_one(self, x: Tick) -> float:
        """Nats of evidence that one part has grown."""
        return self.evidence(x).nats

    def evidence(self, x: Tick) -> PartEvidence:
        """The strongest part and window that end with ``x``."""
        return self.at(step_of(x.at, self.step), x, float(x.negative_authors))

    def at(self, step: int, x: Tick, usual: float) -> PartEvidence:
        """The strongest part and window that end with ``x``, whose step is known, where ``usual`` were expected."""
        if not self.parts or not (x.parts or self._hot) or not x.covered:
            return NONE
        number = step * self.step // BLOCK
        if number != self._number:
            self._renew(number)
        names: Mapping[str, Any] = self.parts if self._hot else x.parts
        best, negative, due = NONE, x.negative_authors, usual
        if self._block[0] == number:
            negative, due = negative + self._block[1], due + self._block[2]
        for name in names:
            part = self.parts.get(name)
            if part is None:
                continue
            more, more_all = x.parts.get(name, (0, 0))
            if self._block[0] == number:
                more, more_all = more + part.filling[0], more_all + part.filling[1]
            if more >= part.needed:
                for found in self._weigh(name, part, number, (more, more_all), (negative, due)):
                    if found.nats > best.nats or (found.nats == best.nats and name < best.name):
                        best = found
        return best

    def _weigh(
        self, name: str, part: Part, number: int, mine: tuple[int, int], brand: tuple[int, float]
    ) -> Iterator[PartEvidence]:
        share = part.share(number * PERIODS // 144 % PERIODS)
        for place, ((before, before_all), (negative, due)) in enumerate(zip(part.sums, self._totals, strict=True)):
            count = before + mine[0]
            expected = share * max(negative + brand[0], due + brand[1])
            if count < LEAST or count < RATIO * (expected + SLACK):
                continue
            slack = expected + SLACK
            size = max(1 / (self.spread.value(place) + 1 / (part.mine + 1)), LEAST_SIZE)
            nats = count * math.log(count / slack) - (count + size) * math.log((count + size) / (slack + size))
            if part.authors > part.mine > 0:
                odds = min(max(part.authors / part.mine - 1, LEAST_ODDS), MOST_ODDS)
                nats = min(nats, GATE * shift(count, max(before_all + mine[1] - count, 0), odds))
            yield PartEvidence(nats, name, WINDOWS[place] * BLOCK, count, expected)

    def _renew(self, number: int) -> None:
        """Make ready for a block: what the windows hold before it, and what of each part would be worth weighing."""
        self._number = number
        blocks = self._blocks
        if self._block[0] not in {number, -1}:
            blocks = [*blocks, (self._block[0], self._block[1], self._block[2])]  # its end was never seen
        self._totals = []
        for window in WINDOWS:
            within = [block for block in blocks if number - block[0] < window]
            self._totals.append((sum(block[1] for block in within), sum(block[2] for block in within)))
        young = number * BLOCK // self.step - YOUNG // self.step
        for part in self.parts.values():
            share = part.share(number * PERIODS // 144 % PERIODS)
            if part.since > young or share > LARGEST or self._everyone < LARGE:
                part.needed = math.inf
                continue
            part.needed, part.sums = math.inf, []
            for window, (negative, due) in zip(WINDOWS, self._totals, strict=True):
                mine = [block for block in part.blocks if number - block[0] < window]
                count = sum(block[1] for block in mine)
                part.sums.append((count, sum(block[2] for block in mine)))
                part.needed = min(part.needed, RATIO * (share * max(negative, due) + SLACK) - count)

    # ── learning

    def learn_one(self, x: Tick) -> None:
        """Close the step of ``x``."""
        self.learn_at(step_of(x.at, self.step), x, float(x.negative_authors))

    def learn_at(self, step: int, x: Tick, usual: float) -> None:
        """Close ``x``, whose step is known, where ``usual`` were expected."""
        if not x.covered or not (x.parts or self.parts):
            return
        number = step * self.step // BLOCK
        nats = self.at(step, x, usual).nats
        if self._begun is None:
            self._begun = step
        if self._block[0] != number:
            self._close()
            self._block = [number, 0, 0.0, 0, 0.0]
        block = self._block
        block[1] += x.negative_authors
        block[2] += usual
        block[3] += self.step
        block[4] = max(block[4], nats)
        for name, (negative, everyone) in sorted(x.parts.items()):
            self._part(name, step).add(negative, everyone)
        if x.parts:
            self._steps.append((step, x.negative_authors, dict(x.parts)))
        self._hot = nats > 0
        if (step + 1) * self.step // BLOCK != number:
            self._close()

    def _part(self, name: str, step: int) -> Part:
        """The part of a name; a new one takes the place of the smallest where there are too many."""
        part = self.parts.get(name)
        if part is None:
            if len(self.parts) >= MOST_PARTS:
                self.parts.pop(min(self.parts, key=lambda each: (self.parts[each].mine, each)))
            everywhere = name.startswith(EVERYWHERE) and self._begun is not None
            part = Part(self._begun or 0, self._everyone) if everywhere else Part(step, 0.0)
            self.parts[name] = part
            self._number = -1
        return part

    def _close(self) -> None:
        number, negative, usual, minutes, peak = self._block
        if number < 0:
            return
        self._block = [-1, 0, 0.0, 0, 0.0]
        self._number = -1
        self.tail.learn(peak, minutes, number * BLOCK)
        self._high = self._high + minutes if peak > STRANGE / 2 else max(0.0, self._high - 4 * minutes)
        weight = max(min(max(2 - 2 * peak / STRANGE, 0.0), 1.0), min(max(self._high / NEW_NORMAL - 1, 0.0), 1.0))
        fade = 0.5 ** (minutes / (6 * 1440))
        self._everyone = self._everyone * fade + negative
        self._blocks = [block for block in self._blocks if number - block[0] < KEPT]
        self._blocks.append((number, negative, usual))
        for part in self.parts.values():
            part.close(number, negative, minutes, weight)
        if peak < STRANGE:
            self._disperse(number)
        self._steps = [entry for entry in self._steps if (number + 1) * BLOCK - entry[0] * self.step <= LATE]

    def _disperse(self, number: int) -> None:
        period = number * PERIODS // 144 % PERIODS
        for place, window in enumerate(WINDOWS):
            if number % window:
                continue
            negative = sum(block[1] for block in self._blocks if number - block[0] < window)
            for part in self.parts.values():
                share = part.share(period)
                if share < LARGEST:
                    count = sum(block[1] for block in part.blocks if number - block[0] < window)
                    self.spread.learn(place, count, share * negative, window)

    def amend_at(self, step: int, x: Tick) -> None:
        """Replace the counts of one of the last minutes."""
        if self._block[0] < 0 and not self._blocks:
            return
        newest = max(self._block[0], self._blocks[-1][0] if self._blocks else -1)
        if (newest + 1) * BLOCK - step * self.step > LATE:
            return
        before = next((entry for entry in self._steps if entry[0] == step), (step, 0, {}))
        self._steps = sorted(
            [*(entry for entry in self._steps if entry[0] != step), (step, x.negative_authors, dict(x.parts))]
        )
        number, more = step * self.step // BLOCK, x.negative_authors - before[1]
        if number == self._block[0]:
            self._block[1] += more
        else:
            self._blocks = [(each, n + more if each == number else n, due) for each, n, due in self._blocks]
        for name in sorted({**before[2], **x.parts}):
            old, new = before[2].get(name, (0, 0)), x.parts.get(name, (0, 0))
            part, change = self._part(name, step), (new[0] - old[0], new[1] - old[1])
            if number == self._block[0]:
                part.add(*change)
            else:
                part.amend(number, *change)
        self._hot, self._number = True, -1

    def dump(self) -> State:
        """All that was learned, and the windows."""
        steps = [
            [step, negative, [[name, *counts] for name, counts in found.items()]]
            for step, negative, found in self._steps
        ]
        return [
            self.step, self.tail.dump(), self.spread.dump(), [[name, part.dump()] for name, part in self.parts.items()],
            self._everyone, self._begun, self._high, self._hot, list(self._block), self._blocks, steps,
        ]  # fmt: skip

    def restore(self, state: State) -> Parts:
        """Take over what `dump` gave."""
        self.__init__(state[0])  # type: ignore[misc]
        self.tail.restore(state[1])
        self.spread.restore(state[2])
        self.parts = {name: Part.restored(part) for name, part in state[3]}
        self._everyone, self._begun, self._high, self._hot = state[4:8]
        self._block = list(state[8])
        self._blocks = [(number, negative, usual) for number, negative, usual in state[9]]
        self._steps = [
            (step, negative, {name: (mine, everyone) for name, mine, everyone in found})
            for step, negative, found in state[10]
        ]
        return self
