"""What does not reach a person at once: quiet hours, and more alerts in a night than they agreed to. Pure.

What is held is never dropped: it comes at the end of the hours, with all else that came meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from config import oncall as settings
from daemon.model import Incident, IncidentState, Severity
from daemon.notice import Purpose
from daemon.oncall.windows import Window
from daemon.people import actors_of

QUIET, BUDGET = "quiet_hours", "night_budget"
CALLS = (Purpose.ALERT, Purpose.ESCALATION)
HELD = (*CALLS, Purpose.REMINDER, Purpose.UPDATE, Purpose.RESOLVED)


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Until when something waits, and why."""

    until: datetime
    reason: str  # quiet_hours | night_budget


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can be called."""

    key: str
    name: str
    targets: tuple[str, ...]
    timezone: str = "UTC"
    quiet: Window | None = None
    breaks: tuple[Severity, ...] = (Severity.CRITICAL,)
    night: Window | None = None
    alerts: int = 0  # in one night; counts only where there is a ``night``

    @classmethod
    def of(cls, key: str, person: settings.Person) -> Person:
        """One of the configuration."""
        quiet, budget = person.quiet_hours, person.night_budget
        return cls(
            key=key,
            name=person.name or key,
            targets=person.targets,
            timezone=person.timezone,
            quiet=_window(quiet, person.timezone) if quiet is not None else None,
            breaks=tuple(Severity(severity) for severity in quiet.breaks) if quiet is not None else (),
            night=_window(budget, person.timezone) if budget is not None else None,
            alerts=budget.alerts if budget is not None else 0,
        )

    def works_on(self, incident: Incident) -> bool:
        """Whether they have acknowledged it, or it was given to them: then they are awake."""
        who = incident.acknowledged_by if incident.state is IncidentState.ACKNOWLEDGED else None
        return bool({who, incident.assigned_to} & self.actors)

    @property
    def actors(self) -> frozenset[str]:
        """As whom they act."""
        return actors_of(self.key, self.targets)

    def tonight(self, now: datetime) -> datetime | None:
        """Since when the present night lasts in which only so many alerts may come; None by day."""
        around = self.night.around(now) if self.night is not None else None
        return None if around is None else around[0]

    def hold(self, incident: Incident, purpose: Purpose, now: datetime, *, already: int) -> Hold | None:
        """Whether something about an incident waits; ``already``: other calls in this night."""
        if purpose not in HELD or self.works_on(incident):
            return None
        quiet = self.quiet.around(now) if self.quiet is not None else None
        if quiet is not None and incident.severity not in self.breaks:
            return Hold(until=quiet[1], reason=QUIET)
        night = self.night.around(now) if self.night is not None else None
        spent = night is not None and already >= self.alerts
        if night is not None and spent and purpose in CALLS and incident.severity is not Severity.CRITICAL:
            return Hold(until=night[1], reason=BUDGET)
        return None


def owner(people: Mapping[str, Person], target: str) -> Person | None:
    """Whose target it is."""
    return next((person for person in people.values() if target in person.targets), None)


def clock(at: datetime, person: Person) -> str:
    """A time by the person's own clock, as ``07:00``."""
    return f"{at.astimezone(ZoneInfo(person.timezone)):%H:%M}"


def _window(hours: settings.QuietHours | settings.NightBudget, timezone: str) -> Window:
    return Window(timezone=timezone, begins=hours.begins, ends=hours.ends)
