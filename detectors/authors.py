"""Who counts: however much an author writes, they count once an hour, as angry once, and as telling of harm once.

One fold for what counts live, for what a correction changes and for the past: they cannot differ. Pure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

MEMORY = timedelta(minutes=60)  # an author counts once in so long


class Counted(NamedTuple):
    """What a mention's author counts as, for nothing of the sort was theirs in the hour before."""

    author: bool
    negative: bool
    risk: bool


class Authors:
    """A fold over mentions of one brand in the order of their time.

    >>> from datetime import UTC
    >>> noon, authors = datetime(2026, 3, 4, 12, tzinfo=UTC), Authors()
    >>> authors.see("jan", noon, negative=True, risk=False)
    Counted(author=True, negative=True, risk=False)
    >>> authors.see("jan", noon + timedelta(minutes=5), negative=True, risk=True)
    Counted(author=False, negative=False, risk=True)
    """

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], datetime] = {}

    def see(self, author: str | None, at: datetime, *, negative: bool, risk: bool) -> Counted:
        """What the author of a mention counts as; without a name each is their own.

        ``risk``: it tells of harm, and came in time for that to count.
        """
        return Counted(
            self._new(author, "any", at),
            negative and self._new(author, "negative", at),
            risk and self._new(author, "risk", at),
        )

    def _new(self, author: str | None, what: str, at: datetime) -> bool:
        if author is None:
            return True
        before = self._last.get((author, what))
        self._last[author, what] = at
        return before is None or at - before >= MEMORY
