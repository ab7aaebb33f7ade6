"""The short modals that Slack shows for us, and the commands that come back from them: pure."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from daemon.command import AddFact, Assign, Command, FalseAlarm, Note, Resolve
from daemon.errors import InputError
from daemon.model import Fact, Incident, IncidentState
from daemon.people import NOBODY, Names
from notifiers import slack_blocks as kit
from notifiers.plain import one_line
from notifiers.slack_messages import reply_label
from notifiers.wording import clock_time, ranked

ASSIGN, FACT, NOTE, SUMMARY, REASON = "assign", "fact", "note", "resolve_with", "false_alarm_because"
REPLIES = "replies"  # only to be read
FORMS: Final = frozenset({ASSIGN, FACT, NOTE, SUMMARY, REASON, REPLIES})
_MOST_FACTS = 20  # shown: a modal takes 100 blocks, and nobody reads so many
_MOST_REPLIES = 50
_NAME = 200


class FormFault(InputError):
    """An answer that cannot be used; ``question`` is where Slack shows the message."""

    def __init__(self, question: str, message: str) -> None:
        super().__init__(message)
        self.question = question


class Origin(NamedTuple):
    """What a form is about, and the channel in which it was asked for."""

    incident_id: str
    channel: str | None


def short_form(
    name: str, incident: Incident, channel: str | None, *, timezone: str, now: datetime, names: Names = NOBODY
) -> kit.Block:
    """The form called ``name``; times are shown by the clock of ``timezone``."""
    about = private(incident.id, channel)
    match name:
        case "assign":
            who = kit.question("to", "Who works on it", kit.members("to", "Choose a colleague"))
            return kit.form(ASSIGN, "Assign", "Assign", [who], about)
        case "replies":
            ordered = ranked(incident.holding_replies, incident.evidence.languages)
            boxes = [kit.copyable(reply_label(reply), reply.text) for reply in ordered[:_MOST_REPLIES]]
            return kit.message_form("Replies to copy", *boxes)
        case "fact":
            blocks = [*sheet(incident, timezone, now, names), *_ask(now)]
            return kit.form(FACT, "Fact sheet", "Add the fact", blocks, about)
        case "resolve_with":
            text = kit.question("text", "How did it end?", kit.text_input("text"), hint="Goes into the record.")
            return kit.form(SUMMARY, "Resolve", "It is over", [text], about)
        case "false_alarm_because":
            text = kit.question(
                "text", "Why was it no crisis?", kit.text_input("text"), hint="Detection is judged by it."
            )
            return kit.form(REASON, "False alarm", "It never was one", [text], about)
        case _:
            ask = {
                IncidentState.RESOLVED: "How did it end?",
                IncidentState.FALSE_ALARM: "Why was it no crisis?",
            }.get(incident.state, "What should colleagues know?")
            return kit.form(NOTE, "Add a note", "Add", [kit.question("text", ask, kit.text_input("text"))], about)


def sheet(incident: Incident, timezone: str, now: datetime, names: Names = NOBODY) -> list[kit.Block]:
    """The fact sheet, to read."""
    if not incident.facts:
        return [kit.line("Nothing is confirmed yet. What stands here may be told to the public.")]
    rows = [row for fact in incident.facts[-_MOST_FACTS:] for row in _fact(fact, timezone, now, names)]
    left_out = len(incident.facts) - _MOST_FACTS
    return [kit.small(f"{left_out} older ones are on the page"), *rows] if left_out > 0 else rows


def _fact(fact: Fact, timezone: str, now: datetime, names: Names) -> list[kit.Block]:
    told = [f"since {clock_time(fact.at, timezone, now)}", f"confirmed by {kit.mention(fact.confirmed_by, names)}"]
    if fact.source is not None:
        told.append(f"source: {kit.escape(one_line(fact.source, _NAME))}")
    return [kit.line(f"{fact.n}. {fact.fact}"), kit.remark(" · ".join(told))]


def _ask(now: datetime) -> list[kit.Block]:
    return [
        kit.question("fact", "What is confirmed", kit.text_input("fact", most=2000)),
        kit.question("at", "Since when", kit.moment("at", now)),
        kit.question("source", "Source", kit.text_input("source", most=_NAME, lines=False), optional=True),
        kit.question(
            "confirmed_by",
            "Confirmed by",
            kit.text_input("confirmed_by", most=_NAME, lines=False),
            optional=True,
            hint="Leave it empty where you confirm it yourself.",
        ),
    ]


def origin(view: dict[str, Any]) -> Origin:
    """What the form that came back is about.

    Raises ``InputError`` for one that is not ours.
    """
    try:
        told = json.loads(view["private_metadata"])
        return Origin(str(told["incident_id"]), told.get("channel"))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("view: expected a form that Tocsin has opened") from error


def submitted(view: dict[str, Any]) -> Command:
    """The command that the filled-in short form asks for.

    Raises `FormFault`.
    """
    match view.get("callback_id"):
        case "assign":
            return Assign(to=f"slack:{_needed(view, 'to', 'a colleague')}")
        case "fact":
            return AddFact(
                fact=_needed(view, "fact", "some text"),
                at=_moment(view, "at"),
                source=(answer(view, "source") or "").strip() or None,
                confirmed_by=(answer(view, "confirmed_by") or "").strip() or None,
            )
        case "resolve_with":
            return Resolve(summary=_needed(view, "text", "some text"))
        case "false_alarm_because":
            return FalseAlarm(reason=_needed(view, "text", "some text"))
        case _:
            return Note(text=_needed(view, "text", "some text"))


def answer(view: dict[str, Any], name: str) -> str | None:
    """What was typed or chosen under ``name``."""
    entry = _entry(view, name)
    chosen = entry.get("selected_option")
    value = chosen.get("value") if isinstance(chosen, dict) else entry.get("value", entry.get("selected_user"))
    return value if isinstance(value, str) else None


def first_question(view: dict[str, Any]) -> str:
    """Where Slack shows what is wrong with the form as a whole."""
    return next((str(block["block_id"]) for block in view.get("blocks", ()) if block.get("type") == "input"), "text")


def private(incident_id: str, channel: str | None) -> str:
    """What a form carries with it, for `origin`."""
    return json.dumps({"incident_id": incident_id, "channel": channel})


def _needed(view: dict[str, Any], name: str, what: str) -> str:
    text = (answer(view, name) or "").strip()
    if not text:
        raise FormFault(name, f"Expected {what}")
    return text


def _moment(view: dict[str, Any], name: str) -> datetime | None:
    chosen = _entry(view, name).get("selected_date_time")
    try:
        return datetime.fromtimestamp(chosen, UTC) if isinstance(chosen, int) else None
    except (OverflowError, OSError, ValueError) as error:
        raise FormFault(name, "Expected a day and a time") from error


def _entry(view: dict[str, Any], name: str) -> dict[str, Any]:
    entry = view.get("state", {}).get("values", {}).get(name, {}).get(name)
    return entry if isinstance(entry, dict) else {}
