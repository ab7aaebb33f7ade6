"""The form in which people write down what the public is told, and what comes back from it: pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from config.schema import Brand
from config.values import parse_duration
from daemon.command import PostUpdate
from daemon.model import Incident, Proposal
from daemon.replies.lint import Finding
from daemon.web.slack_forms import FormFault, answer, private
from notifiers import slack_blocks as kit
from notifiers.plain import one_line
from notifiers.wording import language

UPDATE, CHECK = "post_update", "check_reply"
_AS_TOLD = "text"
_WAITS = (
    ("In 15 minutes", "15m"),
    ("In 30 minutes", "30m"),
    ("In 1 hour", "1h"),
    ("In 2 hours", "2h"),
    ("In 4 hours", "4h"),
)
_MOST_OPTIONS = 100
_MOST_FINDINGS = 12


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
    waits = [("As the text says", _AS_TOLD), *_WAITS]
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
    rows.append(kit.question("next", "Next word", kit.choice("next", "Time", waits, first.wait or _AS_TOLD)))
    if findings and any(one.severity == "error" for one in findings):
        rows.append(kit.question("anyway", "Not fit to post", kit.tick("anyway", "Post anyway"), optional=True))
    return kit.form(UPDATE, "Post update", "It is posted", rows, private(incident.id, channel))


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
    text = f"It holds {parts}: before you post it, a second person must press Agree under the alert, or type"
    return kit.message_form("A second person", kit.line(text), kit.copyable("", f"/tocsin approve {incident_id}"))


def typed_in(view: dict[str, Any]) -> Typed:
    """What stands in an update form now."""
    return Typed(
        text=answer(view, "text") or "",
        lang=answer(view, "lang") or _offered(view, "lang"),
        channel=answer(view, "channel"),
        wait=answer(view, "next"),
    )


def anyway(view: dict[str, Any]) -> bool:
    """Whether it is to be posted whatever was found."""
    entry = view.get("state", {}).get("values", {}).get("anyway", {}).get("anyway") or {}
    return bool(entry.get("selected_options"))


def submitted(view: dict[str, Any]) -> PostUpdate:
    """The update that the filled-in form asks for.

    Raises `FormFault`.
    """
    text = (answer(view, "text") or "").strip()
    if not text:
        raise FormFault("text", "Expected some text")
    lang, wait = answer(view, "lang") or _offered(view, "lang"), answer(view, "next")
    if lang is None:
        raise FormFault("lang", "Expected a language")
    try:
        seconds = None if wait in {None, _AS_TOLD} else int(parse_duration(str(wait)).total_seconds())
    except ValueError as error:
        raise FormFault("next", str(error)) from error
    return PostUpdate(text=text, lang=lang, channel=answer(view, "channel"), next_update_in=seconds)


def _offered(view: dict[str, Any], name: str) -> str | None:
    """What stood in a menu at first."""
    elements = (block.get("element", {}) for block in view.get("blocks", ()) if block.get("block_id") == name)
    return next((element["initial_option"]["value"] for element in elements if "initial_option" in element), None)
