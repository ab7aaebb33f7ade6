"""The modals that Slack shows for us, and what comes back from them: pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from config.schema import Brand, parse_duration
from daemon.command import Note, PostUpdate
from daemon.errors import InputError
from daemon.model import Incident, Proposal
from daemon.replies.lint import Finding
from notifiers import slack_blocks as kit
from notifiers.plain import one_line
from notifiers.wording import language

UPDATE, NOTE, CHECK = "post_update", "note", "check_reply"
_BY_SEVERITY = "severity"
_WAITS = (("15 minutes", "15m"), ("30 minutes", "30m"), ("1 hour", "1h"), ("2 hours", "2h"), ("4 hours", "4h"))
_MOST_OPTIONS = 100
_MOST_FINDINGS = 12


class FormFault(InputError):
    """An answer that cannot be used; ``question`` is where Slack shows the message."""

    def __init__(self, question: str, message: str) -> None:
        super().__init__(message)
        self.question = question


class Origin(NamedTuple):
    """What a form is about, and the channel in which it was asked for."""

    incident_id: str
    channel: str | None


class Typed(NamedTuple):
    """What stands in an update form; None: what was offered."""

    text: str | None = None
    lang: str | None = None
    channel: str | None = None
    wait: str | None = None


def update_form(
    incident: Incident,
    brand: Brand | None,
    channel: str | None,
    *,
    typed: Typed | None = None,
    findings: Sequence[Finding] | None = None,
) -> kit.Block:
    """Tell the public something: the holding reply stands there to be changed.

    ``typed`` and ``findings``: the form again, with what was found in it.
    """
    reply = next((reply for reply in incident.holding_replies if reply.visibility == "public"), None)
    configured: Sequence[str] = brand.languages if brand is not None else ()
    languages = dict.fromkeys([*([reply.lang] if reply else []), *configured, *incident.evidence.languages]) or ["en"]
    places = dict.fromkeys([*([reply.channel] if reply else []), *incident.evidence.channels])
    first = typed or Typed(
        text=reply.text if reply is not None else "", lang=next(iter(languages)), channel=next(iter(places), None)
    )
    waits = [("As its severity asks for", _BY_SEVERITY), *_WAITS]
    rows = [
        kit.question(
            "text",
            "What the public is told",
            kit.text_input("text", first.text or ""),
            hint="Name the time of the next word, never that of a fix.",
        ),
        *_found(findings),
        kit.actions(kit.button(CHECK, "Check it", incident.id)),
        kit.question(
            "lang",
            "Language",
            kit.choice("lang", "Language", [(language(code), code) for code in languages][:_MOST_OPTIONS], first.lang),
        ),
    ]
    if places:
        menu = kit.choice(
            "channel", "Channel", [(one_line(place), place) for place in places][:_MOST_OPTIONS], first.channel
        )
        rows.append(kit.question("channel", "Posted on", menu, optional=True))
    rows.append(kit.question("next", "Next update in", kit.choice("next", "Time", waits, first.wait or _BY_SEVERITY)))
    if findings and any(one.severity == "error" for one in findings):
        rows.append(kit.question("anyway", "Not fit to post", kit.tick("anyway", "Post anyway"), optional=True))
    return kit.form(UPDATE, "Post update", "It is posted", rows, _private(incident.id, channel))


def _found(findings: Sequence[Finding] | None) -> list[kit.Block]:
    """What a check has found, the errors first, with a text to post instead."""
    if findings is None:
        return []
    if not findings:
        return [kit.small("Checked: fit to post.")]
    ordered = sorted(findings, key=lambda one: one.severity != "error")
    rows = [kit.line(one_line(f"{one.severity.capitalize()}: {one.message}", 500)) for one in ordered]
    better = next((one.suggestion for one in findings if one.suggestion), None)
    return [*rows[:_MOST_FINDINGS], *([kit.copyable("Better:", better[:2500])] if better else [])]


def proposed_form(proposal: Proposal | None, incident_id: str) -> kit.Block:
    """Nothing is posted yet: a second person must agree."""
    parts = " and ".join(proposal.parts) if proposal is not None else "apology or compensation"
    text = f"It holds {parts}: a second person must agree before you post it, on the page or with"
    return kit.message_form("A second person", kit.line(text), kit.copyable("", f"/tocsin approve {incident_id}"))


def typed_in(view: dict[str, Any]) -> Typed:
    """What stands in an update form now."""
    return Typed(
        text=_answer(view, "text") or "",
        lang=_answer(view, "lang") or _offered(view, "lang"),
        channel=_answer(view, "channel"),
        wait=_answer(view, "next"),
    )


def anyway(view: dict[str, Any]) -> bool:
    """Whether it is to be posted whatever was found."""
    entry = view.get("state", {}).get("values", {}).get("anyway", {}).get("anyway") or {}
    return bool(entry.get("selected_options"))


def note_form(incident_id: str, channel: str | None) -> kit.Block:
    """Say what happened, for colleagues and the record."""
    question = kit.question("text", "What happened, and why", kit.text_input("text"))
    return kit.form(NOTE, "Add a note", "Add", [question], _private(incident_id, channel))


def origin(view: dict[str, Any]) -> Origin:
    """What the form that came back is about.

    Raises ``InputError`` for one that is not ours.
    """
    try:
        private = json.loads(view["private_metadata"])
        return Origin(str(private["incident_id"]), private.get("channel"))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("view: expected a form that Tocsin has opened") from error


def submitted(view: dict[str, Any]) -> PostUpdate | Note:
    """The command that the filled-in form asks for.

    Raises `FormFault`.
    """
    text = (_answer(view, "text") or "").strip()
    if not text:
        raise FormFault("text", "Expected some text")
    if view.get("callback_id") == NOTE:
        return Note(text=text)
    lang, wait = _answer(view, "lang") or _offered(view, "lang"), _answer(view, "next")
    if lang is None:
        raise FormFault("lang", "Expected a language")
    try:
        seconds = None if wait in {None, _BY_SEVERITY} else int(parse_duration(str(wait)).total_seconds())
    except ValueError as error:
        raise FormFault("next", str(error)) from error
    return PostUpdate(text=text, lang=lang, channel=_answer(view, "channel"), next_update_in=seconds)


def _answer(view: dict[str, Any], name: str) -> str | None:
    entry = view.get("state", {}).get("values", {}).get(name, {}).get(name) or {}
    chosen = entry.get("selected_option")
    value = chosen.get("value") if isinstance(chosen, dict) else entry.get("value")
    return value if isinstance(value, str) else None


def _offered(view: dict[str, Any], name: str) -> str | None:
    """What stood in a menu at first."""
    elements = (block.get("element", {}) for block in view.get("blocks", ()) if block.get("block_id") == name)
    return next((element["initial_option"]["value"] for element in elements if "initial_option" in element), None)


def _private(incident_id: str, channel: str | None) -> str:
    return json.dumps({"incident_id": incident_id, "channel": channel})
