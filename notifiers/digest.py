"""Several alerts in one message, for those who were not to be disturbed: in words. Pure."""

from __future__ import annotations

from daemon.model import Incident, IncidentState
from daemon.notice import Digested, Notice
from daemon.people import NOBODY, Names, who
from notifiers.plain import one_line


def headline(notice: Notice) -> str:
    """What the message is.

    One alert of a time gone by, or several of which some may still be open.
    """
    still = sum(not one.incident.state.ended for one in notice.digest)
    several = len(notice.digest) > 1
    what = f"{len(notice.digest)} alerts that waited" if several else "An alert that waited"
    return f"{what}: {f'{still} still open' if still else 'all over' if several else 'it is over'}"


def line(one: Digested, names: Names = NOBODY, *, limit: int = 160) -> str:
    """One incident: how bad, whose, what, and where it stands."""
    incident = one.incident
    title = one_line(incident.title, 100)
    whose = "" if title.lower().startswith(one.brand_name.lower()) else f"{one_line(one.brand_name, 40)}: "
    drill = "DRILL " if incident.drill else ""
    return one_line(f"{drill}{incident.severity.upper()} {whose}{title} – {state(incident, names)}", limit)


def state(incident: Incident, names: Names = NOBODY) -> str:
    """Where an incident stands, in a few words."""
    return {
        IncidentState.OPEN: "nobody has it yet",
        IncidentState.ACKNOWLEDGED: f"{one_line(who(incident.acknowledged_by, names), 60)} has it",
        IncidentState.SNOOZED: "snoozed",
        IncidentState.RESOLVED: "over",
        IncidentState.FALSE_ALARM: "a false alarm",
    }[incident.state]


def text(notice: Notice) -> str:
    """The whole message in plain text."""
    lines = [f"{line(one, notice.names)}\n{one.page}" for one in notice.digest]
    return f"{headline(notice)}\n\n" + "\n\n".join(lines) + "\n"
