"""Ten minutes of counts that wait to be learned, until it is known that they were ordinary."""

from __future__ import annotations

from detectors.base import State


class Block:
    """Ten minutes waiting to be learned."""

    __slots__ = ("known", "negative", "number", "peak", "total")

    def __init__(self, number: int) -> None:
        self.number = number
        self.negative = 0.0
        self.total = 0.0
        self.known = 0.0  # minutes
        self.peak = 0.0  # nats

    def dump(self) -> State:
        """All of it."""
        return [self.number, self.negative, self.total, self.known, self.peak]

    @classmethod
    def restored(cls, state: State) -> Block:
        """What `dump` gave."""
        block = cls(state[0])
        block.negative, block.total, block.known, block.peak = state[1:]
        return block
