"""Blocks that wait to be learned, until it is known that they were ordinary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from detectors.base import State
from detectors.block import Block

ORDINARY, STRANGE = 5.0, 11.0  # nats: learned in full below, not at all above
WAIT = 600.0  # minutes a block waits
NEW_NORMAL = 2160.0  # minutes of high evidence after which it is no longer strange
WEEK = 10080.0


class Released(NamedTuple):
    """A block to be learned, and how ordinary it was: 0 to 1."""

    block: Block
    weight: float


class Quarantine:
    """Blocks of ``length`` minutes; strange evidence just before, within or after one keeps it from teaching.

    >>> quarantine = Quarantine(10.0)
    >>> for number, peak in enumerate((0.0, 20.0, 0.0, 0.0, 0.0)):
    ...     block = Block(number)
    ...     block.known, block.peak = 10.0, peak
    ...     quarantine.add(block)
    >>> [(block.number, weight) for block, weight in quarantine.release(newest=100, known=20 * 1440)]
    [(0, 0.0), (1, 0.0), (2, 0.0), (3, 0.0), (4, 1.0)]
    """

    def __init__(self, length: float) -> None:
        self._length = length
        self.waiting: list[Block] = []
        self._past = [0.0, 0.0]  # evidence of the two blocks learned last
        self._high = 0.0  # minutes for which the evidence has been high

    def add(self, block: Block) -> None:
        """A block is over."""
        self.waiting.append(block)
        length = self._length
        self._high = self._high + length if block.peak > ORDINARY else max(0.0, self._high - 4 * length)

    def peak(self, blocks: int) -> float:
        """Highest evidence of the newest blocks."""
        return max(block.peak for block in self.waiting[-blocks:])

    def release(self, newest: int, known: float) -> Iterator[Released]:
        """The blocks that have waited long enough for a brand ``known`` for so many minutes."""
        wait = min(WAIT, known / 4) / self._length
        while self.waiting and newest - self.waiting[0].number >= wait:
            block = self.waiting.pop(0)
            peak = max(block.peak, *self._past, *(later.peak for later in self.waiting))
            self._past = [*self._past[1:], block.peak]
            if block.known:
                ordinary = min(max((STRANGE - peak) / (STRANGE - ORDINARY), 0.0), 1.0)
                yield Released(block, max(ordinary, 1 - known / WEEK, min(max(self._high / NEW_NORMAL - 1, 0.0), 1.0)))

    def dump(self) -> State:
        """All of it."""
        return [[block.dump() for block in self.waiting], self._past, self._high]

    def restore(self, state: State) -> Quarantine:
        """Take over what `dump` gave."""
        self.waiting = [Block.restored(part) for part in state[0]]
        self._past, self._high = list(state[1]), state[2]
        return self
