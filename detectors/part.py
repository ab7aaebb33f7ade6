"""One part of a brand: a channel, a topic, a place. How much of the brand's complaints is usually its own."""

from __future__ import annotations

from detectors.base import State

HALF_LIFE = 6 * 1440.0  # minutes
PRIOR_MINE, PRIOR_ALL = 0.5, 25.0
PERIODS = 8  # of the day: the mix of noon is not that of midnight
PRIOR_PERIOD = 10.0  # counts by which a period is shrunk to the day
KEPT = 24  # blocks


class Part:
    """Learns a part's share, and keeps what its last four hours brought.

    >>> part = Part(since=0, everyone=0.0)
    >>> for number in range(300):
    ...     part.add(3, 12)
    ...     part.close(number, 100, 10.0, 1.0)
    >>> round(part.share(7), 3)
    0.03
    """

    __slots__ = ("_due", "_seen", "authors", "blocks", "everyone", "filling", "mine", "needed", "since", "sums")

    def __init__(self, since: int, everyone: float) -> None:
        self.since = since  # step
        self.mine = 0.0
        self.everyone = everyone  # negative authors of the brand meanwhile
        self.authors = 0.0  # of the part, negative or not; 0 where that is not known
        self._seen = [0.0] * PERIODS
        self._due = [0.0] * PERIODS
        self.blocks: list[tuple[int, int, int]] = []  # number, negative and all authors
        self.filling = (0, 0)  # negative and all authors of the present block
        self.sums: list[tuple[int, int]] = []  # of the windows, up to the present block
        self.needed = 0.0  # negative authors of the present block, without which there is no evidence

    def share(self, period: int) -> float:
        """Its part of the brand's negative authors in a period of the day."""
        of_the_day = (self._seen[period] + PRIOR_PERIOD) / (self._due[period] + PRIOR_PERIOD)
        return (self.mine + PRIOR_MINE) / (self.everyone + PRIOR_ALL) * of_the_day

    def add(self, negative: int, everyone: int) -> None:
        """So many more in the present block."""
        self.filling = (self.filling[0] + negative, self.filling[1] + everyone)

    def amend(self, number: int, negative: int, everyone: int) -> None:
        """So many more in a block that is over."""
        for place, (block, before, before_all) in enumerate(self.blocks):
            if block == number:
                self.blocks[place] = (number, before + negative, before_all + everyone)
                return
        self.blocks = sorted([*self.blocks, (number, negative, everyone)])

    def close(self, number: int, everyone: int, minutes: float, weight: float) -> None:
        """The present block is over, in which the whole brand had ``everyone`` negative authors."""
        negative, authors = self.filling
        period = number * PERIODS // 144 % PERIODS
        usual = (self.mine + PRIOR_MINE) / (self.everyone + PRIOR_ALL)
        fade = 0.5 ** (weight * minutes / HALF_LIFE)
        self.mine = self.mine * fade + weight * negative
        self.everyone = self.everyone * fade + weight * everyone
        self.authors = self.authors * fade + weight * authors
        self._seen[period] = self._seen[period] * fade + weight * negative
        self._due[period] = self._due[period] * fade + weight * usual * everyone
        if negative or authors:
            self.blocks.append((number, negative, authors))
        while self.blocks and number - self.blocks[0][0] >= KEPT:
            self.blocks.pop(0)
        self.filling = (0, 0)

    def dump(self) -> State:
        """All that was learned, and the last hours."""
        return [self.since, self.mine, self.everyone, self.authors, self._seen, self._due, self.blocks, self.filling]

    @classmethod
    def restored(cls, state: State) -> Part:
        """What `dump` gave."""
        part = cls(state[0], state[2])
        part.mine, part.authors = state[1], state[3]
        part._seen, part._due = list(state[4]), list(state[5])
        part.blocks = [(number, negative, authors) for number, negative, authors in state[6]]
        part.filling = (state[7][0], state[7][1])
        return part
