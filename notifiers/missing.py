"""Stands where a way out is not set up: says so at once, so that the next step is called."""

from __future__ import annotations

from daemon.errors import DeliveryError
from daemon.notice import Notice, Receipt


class MissingNotifier:
    """Delivers nothing, and says why."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def send(self, notice: Notice) -> Receipt:
        """Always raises ``DeliveryError``, which is final."""
        del notice
        raise DeliveryError(f"no {self.name} notifier is set up: add [notifiers.{self.name}]", retryable=False)

    async def close(self) -> None:
        """Nothing to let go of."""
