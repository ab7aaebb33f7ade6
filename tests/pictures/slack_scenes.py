"""Every surface in Slack, as panes of a page."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from config.schema import Brand
from daemon.clock import ManualClock
from daemon.command import Command
from daemon.desk import review
from daemon.model import EventKind, Incident, IncidentState, TimelineEvent
from daemon.notice import Letter
from daemon.replies.lint import Finding
from daemon.response.incident import act
from daemon.response.policy import Policy
from daemon.web import slack_buttons as buttons
from daemon.web import slack_forms as forms
from daemon.web import slack_update_form as update_form
from daemon.web import slack_words as words
from daemon.web.slack_acts import Turns
from daemon.web.slack_answers import Said, outcome_of
from daemon.web.slack_commands import Commands
from daemon.web.slack_updates import Updates
from notifiers import slack_blocks as kit
from notifiers import slack_messages
from notifiers.letter import slack_message_of
from tests.fakes.records import a_policy
from tests.pictures import scene
from tests.pictures.slack_html import form, menu, message, pane

CHANNEL = "#pr-crisis"
WIDE, PHONE = 620, 390
_POOR = "Ty, spoko, naprawimy do 15:00!"


def alert(chart: bytes, *, dark: bool, width: int) -> str:
    """The message in the channel as it opens."""
    notice = scene.notices(CHANNEL)["alert"]
    picture = "data:image/png;base64," + base64.b64encode(chart).decode()
    told = message(slack_messages.message(notice).blocks, at="19:42", picture=picture)
    return pane(told, dark=dark, width=width, title=CHANNEL)


def alert_later(*, dark: bool, width: int) -> str:
    """The same message edited: somebody has it, an update waits for a second person; and what is behind ⋯."""
    blocks = slack_messages.message(scene.a_notice(scene.waiting(), target=CHANNEL)).blocks
    (more,) = [
        e for block in blocks if block["type"] == "actions" for e in block["elements"] if e["action_id"] == "more"
    ]
    shown = message(blocks[:7], at="19:42")
    return pane(shown + menu(more["options"]), dark=dark, width=width, title=f"{CHANNEL}, twenty minutes later")


def ended(*, dark: bool, width: int) -> str:
    """The message at its end, both ways."""
    ends = (scene.over(), scene.over(IncidentState.FALSE_ALARM))
    told = "".join(
        message(_top(slack_messages.message(scene.a_notice(end, target=CHANNEL)).blocks), at="19:42") for end in ends
    )
    told += message(slack_messages.message(scene.morning("@U012AB3CD")).blocks, at="07:00")
    return pane(told, dark=dark, width=width, title=f"{CHANNEL}, at the end; and a direct message in the morning")


def thread(*, dark: bool, width: int) -> str:
    """What follows in the thread."""
    at = {"escalation": "19:47", "update": "19:48", "news": "19:53", "reminder": "20:00", "resolved": "21:17"}
    notices = scene.notices(CHANNEL) | {"news": scene.news(CHANNEL)}
    told = "".join(
        message(slack_messages.message(scene.in_thread(notices[name])).blocks, at=time, thread=True)
        for name, time in at.items()
    )
    return pane(told, dark=dark, width=width, title="Thread")


def letter(told: Letter, *, dark: bool, width: int) -> str:
    """The summary of a month."""
    return pane(message(slack_message_of(told)["blocks"], at="09:00"), dark=dark, width=width, title=CHANNEL)


def views() -> list[kit.Block]:
    """Every form."""
    about, ended = scene.acknowledged(), scene.over()
    poor = update_form.Typed(text=_POOR, lang="pl", channel="facebook")
    told = [(name, about) for name in (forms.FACT, forms.REPLIES, forms.ASSIGN, forms.SUMMARY, forms.REASON)]
    return [
        update_form.update_form(about, scene.BRAND, "C1"),
        update_form.update_form(about, scene.BRAND, "C1", typed=poor, findings=_findings(_POOR)),
        update_form.proposed_form(scene.waiting().proposal, about.id),
        *(
            forms.short_form(name, each, "C1", timezone=scene.ZONE, now=scene.NOW)
            for name, each in (*told, (forms.NOTE, ended))
        ),
    ]


def modals(*, dark: bool, width: int) -> list[str]:
    """Every form, each in a pane."""
    return [pane(form(view), dark=dark, width=width) for view in views()]


async def asides(*, dark: bool, width: int) -> list[str]:
    """What only whoever acted sees, and what commands answer."""
    known = {
        each.id: each
        for each in (
            scene.acknowledged(),
            scene.an_incident(id="fala-20261014-77b2e0", title="Fala Mobile: few, but far-reaching voices"),
        )
    }
    commands = _commands(known)
    list_ = await commands.do("", lambda: scene.ANNA)
    one = _commands({scene.acknowledged().id: scene.acknowledged()})
    facts, note, on_call = [await one.do(typed, lambda: scene.ANNA) for typed in ("facts", "handover", "oncall")]
    taken = await outcome_of(_refused(one, scene.acknowledged()), markup=True)
    resolved = buttons.afterwards(scene.over(), "resolve")
    alarm = buttons.afterwards(scene.over(IncidentState.FALSE_ALARM), "false_alarm")
    given = Said(f"<@U012AB3CD> assigned this to you: {kit.escape(slack_messages.headline(scene.acknowledged()))}")
    return [
        pane(
            "".join(_aside(each) for each in (taken, resolved, alarm, given)),
            dark=dark,
            width=width,
            title="Told to one person",
        ),
        pane(_aside(list_), dark=dark, width=width, title="/tocsin"),
        pane(_aside(facts), dark=dark, width=width, title="/tocsin facts"),
        pane(_aside(on_call), dark=dark, width=width, title="/tocsin oncall"),
        pane(_aside(note), dark=dark, width=width, title="/tocsin handover"),
        pane(_aside(Said(kit.escape_lines(words.HELP))), dark=dark, width=width, title="/tocsin help"),
    ]


async def _refused(commands: Commands, incident: Incident) -> Said:
    return await commands.do(f"ack {incident.id}", lambda: scene.BOB)


def _aside(said: Said) -> str:
    return message(said.blocks or [kit.section(said.text)], at="19:44", only_you=True)


def _top(blocks: list[kit.Block]) -> list[kit.Block]:
    """Down to the first buttons."""
    end = next(n for n, block in enumerate(blocks) if block["type"] == "actions")
    return blocks[: end + 1]


def _findings(text: str) -> tuple[Finding, ...]:
    return review(text, lang="pl", now=scene.NOW, channel="facebook", incident=True)


def _commands(known: Mapping[str, Incident]) -> Commands:
    acts, clock = _Known(known), ManualClock(scene.NOW)
    turns = Turns(acts, clock)
    brands: Mapping[str, Brand] = {"fala": scene.BRAND}
    api: Any = None  # no form is shown here
    updates = Updates(acts, turns, brands=lambda: brands, api=api, clock=clock)
    return Commands(acts, turns, updates, brands=lambda: brands, clock=clock)


class _Known:
    """Incidents that stand still: acting on them is done by the rules, and forgotten."""

    def __init__(self, known: Mapping[str, Incident]) -> None:
        self._known = known
        self.policies: Mapping[str, Policy] = {"fala": a_policy(timezone=scene.ZONE, roster=scene.ROSTER)}

    async def get(self, incident_id: str) -> Incident:
        return self._known[incident_id]

    async def open_ones(self) -> list[Incident]:
        return list(self._known.values())

    async def find(self, *, brand: str | None = None, state: str | None = None, limit: int = 50) -> list[Incident]:
        del brand, state, limit
        return []

    async def timeline(self, incident_id: str) -> list[TimelineEvent]:
        said = {"text": scene.UPDATE, "lang": "pl", "channel": "facebook"}
        at = scene.NOW + timedelta(minutes=2)
        kind = EventKind.UPDATE_POSTED
        return [TimelineEvent(incident_id=incident_id, seq=2, at=at, kind=kind, actor=scene.ANNA, data=said, hash="")]

    async def act(self, incident_id: str, command: Command, *, actor: str) -> Incident:
        return act(self._known[incident_id], command, actor=actor, now=scene.NOW, policy=self.policies["fala"]).incident
