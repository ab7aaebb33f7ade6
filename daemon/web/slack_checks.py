"""“That is not negative”, said with a button under an alert's examples in Slack."""

from __future__ import annotations

from typing import Final, Protocol

from daemon.model import Incident, Label

BUTTON: Final = "not_negative"  # begins the button's action_id; its value names the incident and the mention


class Knows(Protocol):
    """What is needed of ``daemon.incidents.Incidents``."""

    async def get(self, incident_id: str) -> Incident:
        """One incident. Raises ``NotFound``."""
        ...


class Corrects(Protocol):
    """What is needed of ``daemon.store.corrections.Corrections``."""

    async def correct(self, brand: str, mention_id: str, label: Label, *, actor: str) -> None:
        """Keep what was said of a mention. Raises ``NotFound``."""
        ...


class Checks:
    """Keeps what is said with the button."""

    def __init__(self, incidents: Knows, corrections: Corrects) -> None:
        self._incidents = incidents
        self._corrections = corrections

    async def not_negative(self, value: str, actor: str) -> str:
        """Correct the mention that ``value`` names; tells what to answer. Raises ``NotFound``."""
        incident_id, _, mention_id = value.partition(" ")
        incident = await self._incidents.get(incident_id)
        await self._corrections.correct(incident.brand, mention_id, Label.NEUTRAL, actor=actor)
        return "Noted: not negative. What is written like it will be read so."
