"""What the first line of an answer asks for. Pure."""

from __future__ import annotations

import re
from datetime import timedelta

from config.values import parse_duration
from daemon.command import Acknowledge, Command, Escalate, FalseAlarm, Note, Resolve, Snooze
from daemon.errors import InputError

HELP = """\
ack - I have it: nobody else is called
snooze 1h - pause it for so long
resolve SUMMARY - it is over
false alarm REASON - it never was one
escalate - call the next people now
note TEXT - a remark for colleagues"""

_SNOOZE = timedelta(hours=1)
_LINE = re.compile(r"\W*(?P<verb>false[ -]alarm|i have it|\w+)(?:\W+(?P<rest>.*))?", re.IGNORECASE | re.DOTALL)
_SPAN = re.compile(r"(?:for\s+)?(?P<n>[0-9]{1,6})\s*(?P<unit>[smhd])[a-z]*\b", re.IGNORECASE)


def command(line: str) -> Command | None:  # noqa: PLR0911 - one for each word
    """The command in a line; None where there is none.

    >>> command("Ack, thanks!"), command("snooze 2h"), command("Please call me")
    (Acknowledge(), Snooze(seconds=7200), None)

    Raises ``InputError`` for one that cannot be carried out as it stands.
    """
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    verb, rest = match["verb"].casefold().replace("-", " "), (match["rest"] or "").strip()
    match verb:
        case "ack" | "acknowledge" | "acknowledged" | "i have it":
            return Acknowledge()
        case "snooze":
            return Snooze(seconds=_seconds(rest))
        case "resolve" | "resolved":
            return Resolve(summary=rest or "Resolved by mail")
        case "false alarm":
            return FalseAlarm(reason=rest or "Marked by mail")
        case "escalate":
            return Escalate()
        case "note" if rest:
            return Note(text=rest)
        case _:
            return None


def _seconds(rest: str) -> int:
    if not rest:
        return int(_SNOOZE.total_seconds())
    span = _SPAN.match(rest)
    try:
        return int(parse_duration(f"{int(span['n'])}{span['unit'].lower()}" if span else rest).total_seconds())
    except ValueError as error:
        raise InputError(f"snooze: {error}") from error
