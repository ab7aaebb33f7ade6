"""What every notifier is: one method."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from daemon.notice import Letter, Notice, Receipt


class Notifier(Protocol):
    """Sends a notice to one kind of target.

    A well-behaved notifier raises nothing but ``daemon.errors.DeliveryError``, whose
    attributes say whether to try again and when. With ``notice.uncertain`` set it first looks
    whether an earlier attempt arrived, where the other side can be asked.
    """

    name: str

    async def send(self, notice: Notice) -> Receipt:
        """Deliver ``notice`` and say where it went.

        Raises ``DeliveryError``.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class Finds(Protocol):
    """A notifier that can look whether an uncertain message arrived, without sending it."""

    async def find(self, notice: Notice) -> Receipt | None:
        """Where the message is, or None.

        Raises ``DeliveryError``.
        """
        ...


@runtime_checkable
class Writes(Protocol):
    """A notifier that can send what belongs to no incident."""

    async def write(self, letter: Letter, *, uncertain: bool = False) -> None:
        """Send ``letter``; a repeated one carries the same id.

        ``uncertain``: an earlier attempt may have been accepted; look before sending, where that can be done.

        Raises ``DeliveryError``.
        """
        ...
