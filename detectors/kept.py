"""What was worked out of words, kept at hand: posts share most of theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar, cast

Value = TypeVar("Value")

_MOST, _LONGEST = 1 << 14, 32  # words, and characters of each; longer ones are worked out each time
_ABSENT = object()


class Kept(dict[str, Value], Generic[Value]):
    """A value for each word, worked out when it is first asked for by ``kept[word]``.

    Of the words that were asked for before the newest 16,384 only those are kept that are asked for again.
    """

    def __init__(self, work_out: Callable[[str], Value]) -> None:
        super().__init__()
        self._work_out = work_out
        self._older: dict[str, Value] = {}

    def __missing__(self, word: str) -> Value:
        value = self._older.get(word, _ABSENT)
        if value is _ABSENT:
            value = self._work_out(word)
        if len(word) <= _LONGEST:
            if len(self) >= _MOST:
                self._older = dict(self)
                self.clear()
            self[word] = cast("Value", value)
        return cast("Value", value)
