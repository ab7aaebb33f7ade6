"""What people type after ``/tocsin``: pure, from the words to a command."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import NamedTuple

from config.values import parse_duration
from daemon.command import (
    Acknowledge,
    AddFact,
    ApproveUpdate,
    Assign,
    Command,
    Escalate,
    FalseAlarm,
    KeepPromise,
    Note,
    PostUpdate,
    Reopen,
    Resolve,
    Snooze,
)
from daemon.errors import InputError
from daemon.people import NOBODY, Names
from daemon.response.handover import Handover
from daemon.web.slack_answers import marked
from notifiers import slack_blocks as kit
from notifiers.plain import one_line

_MOST = 30_000  # characters of a message; Slack takes 40,000
HELP = """\
/tocsin – what is open
/tocsin ack ID – I have it
/tocsin snooze ID 1h – pause it
/tocsin escalate ID – call the next people
/tocsin assign ID @name – who works on it
/tocsin update ID pl TEXT – the public was told this, in Polish
/tocsin note ID TEXT – a remark for colleagues
/tocsin fact ID TEXT – this is confirmed: it goes on the fact sheet
/tocsin facts ID – the fact sheet
/tocsin kept ID – the public has the word that it was promised
/tocsin approve ID – as the second person, I agree to the update that waits
/tocsin handover ID – what the next shift must know
/tocsin resolve ID SUMMARY – it is over
/tocsin false-alarm ID REASON – it never was one
/tocsin reopen ID – it is not over after all
/tocsin oncall – who is on call
ID may be left out of ack, snooze, escalate, facts, kept, approve and handover while only one is open."""

_WITHOUT_ID = {"ack", "acknowledge", "snooze", "escalate", "facts", "kept", "approve", "handover"}
_WITH_ID = {"assign", "update", "note", "fact", "resolve", "false-alarm", "reopen"}
_WITHOUT_INCIDENT = {"help", "oncall"}
_DURATION = re.compile(r"[0-9]+[smhd]")


class Typed(NamedTuple):
    """A command typed; ``incident_id`` is None where it was left out, as it may be."""

    incident_id: str | None
    verb: str
    rest: str


def read(text: str) -> Typed | None:
    """What was typed, or None for nothing: the list.

    >>> read("ack acme-1"), read("snooze 2h"), read("")
    (Typed(incident_id='acme-1', verb='ack', rest=''), Typed(incident_id=None, verb='snooze', rest='2h'), None)

    Raises ``InputError`` for words that it does not know.
    """
    words = html.unescape(text).split(maxsplit=2)
    if not words or words == ["list"]:
        return None
    verb, first, rest = [*words, "", ""][:3]
    verb = verb.lower().replace("_", "-")
    if verb in _WITHOUT_INCIDENT:
        return Typed(None, verb, "")
    if verb not in _WITHOUT_ID | _WITH_ID:
        raise InputError(f"“{verb[:40]}” is no command; /tocsin help lists them")
    if verb == "snooze" and not rest and _DURATION.fullmatch(first):
        first, rest = "", first
    if not first and verb in _WITH_ID:
        raise InputError(f"{verb}: expected the incident's id after it; /tocsin lists them")
    return Typed(first or None, verb, rest.strip())


def command(typed: Typed, languages: Sequence[str]) -> Command:
    """The command for what was typed; ``languages`` are the brand's.

    Raises ``InputError`` naming what is missing.
    """
    asked: Command
    match typed.verb:
        case "snooze":
            asked = snooze(typed.rest or "1h")
        case "escalate":
            asked = Escalate()
        case "reopen":
            asked = Reopen()
        case "assign":
            asked = Assign(to=_member(_needed(typed, "a name")))
        case "note":
            asked = Note(text=_needed(typed, "a text"))
        case "fact":
            asked = AddFact(fact=_needed(typed, "a text"))
        case "kept":
            asked = KeepPromise()
        case "approve":
            asked = ApproveUpdate()
        case "resolve":
            asked = Resolve(summary=_needed(typed, "a summary"))
        case "false-alarm":
            asked = FalseAlarm(reason=_needed(typed, "a reason"))
        case "update":
            asked = _update(_needed(typed, "a text"), languages)
        case _:
            asked = Acknowledge()
    return asked


def snooze(duration: str) -> Snooze:
    """Pause for ``duration``, such as "1h".

    Raises ``InputError``.
    """
    try:
        return Snooze(seconds=int(parse_duration(duration).total_seconds()))
    except ValueError as error:
        raise InputError(f"snooze: {error}") from error


def _update(text: str, languages: Sequence[str]) -> PostUpdate:
    lang, _, rest = text.partition(" ")
    if lang in languages and rest.strip():
        return PostUpdate(text=rest.strip(), lang=lang)
    return PostUpdate(text=text, lang=languages[0] if languages else "en")


def handover_text(note: Handover, names: Names = NOBODY) -> str:
    """The note for the next shift as a message, in mrkdwn."""
    lines = [f"*{kit.escape(note.title)}*"]
    for section in note.sections:
        lines += ["", f"*{section.title}*", *(f"• {marked(one_line(line, 600), names)}" for line in section.lines)]
    return "\n".join(lines)[:_MOST]


def _needed(typed: Typed, what: str) -> str:
    if not typed.rest:
        raise InputError(f"{typed.verb}: expected {what} after the id")
    return typed.rest


def _member(name: str) -> str:
    """A member as an actor where Slack has put the id for the name.

    >>> _member("<@U012AB3CD|anna>"), _member("anna")
    ('slack:U012AB3CD', 'anna')
    """
    match = re.fullmatch(r"<@([A-Z0-9]+)(\|[^>]*)?>", name)
    return f"slack:{match[1]}" if match else name
