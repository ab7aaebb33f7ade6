"""What the daemon asks of the text part: the interface that every text model fills."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from daemon.model import Meaning


class TextModel(Protocol):
    """Reads texts. Pure and deterministic: the same text gives the same meaning in any batch."""

    @property
    def version(self) -> str:
        """What scored a mention: changes whenever the same text could be read otherwise."""
        ...

    def read(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Meaning]:
        """One meaning for each text, in order. ``langs``: where known, else None to detect.

        Never raises for any text, whatever it holds.
        """
        ...
