"""What each button and menu under an alert asks for: pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from daemon.command import Acknowledge, ApproveUpdate, Command, Escalate, FalseAlarm, KeepPromise, Reopen, Resolve
from daemon.errors import InputError
from daemon.model import Incident
from daemon.web import slack_forms as forms
from daemon.web import slack_words as words
from daemon.web.slack_answers import Said
from notifiers import slack_blocks as kit

_SNOOZE = "1h"
_BUTTONS: Final[Mapping[str, Command]] = {
    "acknowledge": Acknowledge(),
    "snooze": words.snooze(_SNOOZE),
    "escalate": Escalate(),
    "approve": ApproveUpdate(),
    "resolve": Resolve(summary="Resolved with the button in Slack"),
    "false_alarm": FalseAlarm(reason="Marked with the button in Slack"),
    "reopen": Reopen(),
}
_ASKED_AFTERWARDS: Final = {
    "resolve": ("Done. How did it end? It helps those who read it later.", "Add a summary"),
    "false_alarm": ("Done. Why was it no crisis? Detection is judged by it.", "Add the reason"),
}


class Asked(NamedTuple):
    """A command for an incident."""

    incident_id: str
    command: Command


def pressed(action: Mapping[str, Any]) -> tuple[str, str | None]:
    """What was pressed or chosen, and its value; an entry behind ⋯ is as good as a button of its own."""
    name, value = str(action.get("action_id")), action.get("value")
    if value is None:
        value = (action.get("selected_option") or {}).get("value") if name in {"more", "snooze_for"} else None
    if name == "more" and isinstance(value, str):
        name, _, value = value.partition(" ")
    return name, value if isinstance(value, str) else None


def command(name: str, value: str) -> Asked | None:
    """The command of the button ``name``; None for one that is not ours.

    >>> command("snooze_for", "acme-1 30m")
    Asked(incident_id='acme-1', command=Snooze(seconds=1800))

    Raises ``InputError``.
    """
    incident_id, _, rest = value.partition(" ")
    match name:
        case "snooze_for":
            return Asked(incident_id, words.snooze(rest))
        case "promise_kept":
            return Asked(incident_id, KeepPromise(due=_moment(rest) if rest else None))
        case _ if name in _BUTTONS:
            return Asked(value, _BUTTONS[name])
        case _:
            return None


def afterwards(incident: Incident, name: str) -> Said:
    """A word to whoever acted, where the message in the channel does not say it all."""
    if name not in _ASKED_AFTERWARDS:
        return Said()
    text, label = _ASKED_AFTERWARDS[name]
    return Said(text, [kit.line(text, kit.button(forms.NOTE, label, incident.id))])


def _moment(milliseconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise InputError("due: expected a time in milliseconds") from error
