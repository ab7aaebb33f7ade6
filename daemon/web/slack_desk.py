"""What people do in Slack, done here: buttons, forms and ``/tocsin``, however they reach us.

Slack waits three seconds for an answer. Most acts take milliseconds; one that takes longer goes on
after the answer, and whoever asked is told the outcome where only they see it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import urlsplit

import structlog

from config.schema import Brand, Slack
from daemon.clock import Clock
from daemon.command import Acknowledge, Command, Escalate, FalseAlarm, PostUpdate, ProposeUpdate, Reopen, Resolve
from daemon.consent import with_consent
from daemon.desk import Timelines, handover_of, refused, review_in, timezone_of
from daemon.errors import Conflict, DeliveryError, InputError, NotFound, TocsinError
from daemon.model import Incident
from daemon.replies.lint import Finding
from daemon.web import slack_forms as forms
from daemon.web import slack_words as words
from daemon.web.slack_checks import BUTTON, Checks
from notifiers import slack_blocks as kit
from notifiers.slack_api import SlackApi
from notifiers.slack_messages import headline

Json = dict[str, Any]
_T = TypeVar("_T")
_PATIENCE = 2.0  # seconds of Slack's three
_DRAIN = 3.0
_LISTED = 20
_SNOOZE = "1h"
_BUTTONS: Mapping[str, Command] = {
    "acknowledge": Acknowledge(),
    "snooze": words.snooze(_SNOOZE),
    "escalate": Escalate(),
    "resolve": Resolve(summary="Resolved with the button in Slack"),
    "false_alarm": FalseAlarm(reason="Marked with the button in Slack"),
    "reopen": Reopen(),
}
_log = structlog.get_logger()


class _NotResponder(TocsinError):
    """Who asked may not act."""


class Acts(Timelines, Protocol):
    """What is needed of ``daemon.incidents.Incidents``."""

    async def get(self, incident_id: str) -> Incident:
        """One incident. Raises ``NotFound``."""
        ...

    async def open_ones(self) -> list[Incident]:
        """Every incident that has not ended."""
        ...

    async def act(self, incident_id: str, command: Command, *, actor: str) -> Incident:
        """Carry out a command. Raises ``NotFound``, ``Conflict`` or ``InputError``."""
        ...


class _Said(NamedTuple):
    """What the person who acted is told; empty: what everybody sees is enough."""

    text: str = ""
    blocks: list[kit.Block] | None = None
    form: kit.Block | None = None  # to be shown in the place of the one that was sent

    def message(self) -> Json:
        blocks = {"blocks": self.blocks} if self.blocks is not None else {}
        return {"response_type": "ephemeral", "replace_original": False, "text": self.text, **blocks}


class SlackDesk:
    """Handles what Slack hands over, by HTTP or Socket Mode; payloads must have been verified."""

    def __init__(
        self,
        settings: Slack,
        *,
        incidents: Acts,
        brands: Callable[[], Mapping[str, Brand]],
        api: SlackApi,
        clock: Clock,
        checks: Checks | None = None,
    ) -> None:
        self._responders = frozenset(settings.responders)
        self._hosts = {"hooks.slack.com", urlsplit(settings.api_url).hostname}
        self._incidents = incidents
        self._brands = brands
        self._api = api
        self._clock = clock
        self._checks = checks
        self._tasks: set[asyncio.Task[Any]] = set()

    async def interaction(self, payload: Json) -> Json | None:
        """Do what a button or form asks for; what is returned is the answer's body.

        Raises ``InputError`` for a payload that cannot be Slack's.
        """
        match payload.get("type"):
            case "block_actions":
                await self._in_time(self._pressed(payload), lambda said: self._respond(payload, said))
                return None
            case "view_submission":
                return await self._submission(payload)
            case _:
                return None  # a form closed, a shortcut: nothing to do

    async def command(self, form: Mapping[str, str]) -> Json:
        """Do what was typed after ``/tocsin``; what is returned is the answer's body."""
        said = await self._in_time(self._typed(form), lambda said: self._respond(form, said), tell=False)
        return said.message() if said is not None else _Said("Under way…").message()

    async def close(self) -> None:
        """Finish what is under way, within seconds."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_DRAIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    # ── buttons ──────────────────────────────────────────────────────────────

    async def _pressed(self, payload: Json) -> _Said:
        actor = self._actor((payload.get("user") or {}).get("id"))
        said = _Said()
        for action in payload.get("actions") or ():
            said = await self._press(action, payload, actor)
        return said

    async def _press(  # noqa: PLR0911 - one for each sort of button
        self, action: Json, payload: Json, actor: str
    ) -> _Said:
        name, value = str(action.get("action_id")), action.get("value")
        if name == "snooze_for":
            value, _, duration = str((action.get("selected_option") or {}).get("value", "")).partition(" ")
            return self._outcome(await self._incidents.act(value, words.snooze(duration), actor=actor), name)
        if not isinstance(value, str):
            return _Said()  # a menu of a form
        if name.startswith(BUTTON) and self._checks is not None:
            return _Said(await self._checks.not_negative(value, actor))
        if name == forms.CHECK:
            return await self._check(payload.get("view") or {})
        if name == forms.UPDATE:
            incident = await self._incidents.get(value)
            if incident.state.ended:
                raise Conflict("the incident has ended; reopen it first")
            return await self._show(
                forms.update_form(incident, self._brands().get(incident.brand), _channel(payload)), payload
            )
        if name == forms.NOTE:
            return await self._show(forms.note_form(value, _channel(payload)), payload)
        if name not in _BUTTONS:
            return _Said()
        return self._outcome(await self._incidents.act(value, _BUTTONS[name], actor=actor), name)

    async def _check(self, view: Json) -> _Said:
        """Show in the form what is wrong with its text, if anything."""
        form = await self._checked_form(view, forms.origin(view))
        try:
            await self._api.update_view(str(view.get("id", "")), form)
        except DeliveryError as error:
            _log.warning("slack_form_failed", reason=str(error))
        return _Said()

    async def _checked_form(self, view: Json, about: forms.Origin) -> kit.Block:
        incident, typed = await self._incidents.get(about.incident_id), forms.typed_in(view)
        update = PostUpdate(text=typed.text or "", lang=typed.lang or "en", channel=typed.channel)
        findings = await self._findings(incident, update)
        brand = self._brands().get(incident.brand)
        return forms.update_form(incident, brand, about.channel, typed=typed, findings=findings)

    async def _findings(self, incident: Incident, update: PostUpdate) -> tuple[Finding, ...]:
        return await review_in(
            self._incidents,
            incident,
            update.text,
            lang=update.lang,
            channel=update.channel,
            timezone=timezone_of(self._brands().get(incident.brand)),
            now=self._clock.now(),
        )

    async def _show(self, form: kit.Block, payload: Json) -> _Said:
        try:
            await self._api.open_view(str(payload.get("trigger_id", "")), form)
        except DeliveryError as error:
            _log.warning("slack_form_failed", reason=str(error))
            return _Said("The form did not open. Press again, or type /tocsin help for another way.")
        return _Said()

    def _outcome(self, incident: Incident, name: str) -> _Said:
        """A word to whoever acted, where the message in the channel does not say it all."""
        if name not in {"resolve", "false_alarm"}:
            return _Said()
        text = "Done. What happened, and why? A note helps those who read it later."
        return _Said(text, [kit.line(text, kit.button(forms.NOTE, "Add a note", incident.id))])

    # ── forms ────────────────────────────────────────────────────────────────

    async def _submission(self, payload: Json) -> Json | None:
        view = payload.get("view") or {}
        if view.get("callback_id") not in {forms.UPDATE, forms.NOTE}:
            return None
        about = forms.origin(view)
        user = (payload.get("user") or {}).get("id")
        try:
            command = forms.submitted(view)
        except forms.FormFault as fault:
            return _errors(fault.question, str(fault))

        async def work() -> _Said:
            actor = self._actor(user)
            if isinstance(command, PostUpdate):
                return await self._post(command, view, about, actor)
            await self._incidents.act(about.incident_id, command, actor=actor)
            return _Said()

        async def late(said: _Said) -> None:
            if about.channel is not None:
                await self._api.whisper(about.channel, str(user), said.text)

        said = await self._in_time(work(), late, tell=False, markup=False)
        if said is not None and said.form is not None:
            return {"response_action": "update", "view": said.form}
        return _errors("text", said.text) if said is not None and said.text else None

    async def _post(self, update: PostUpdate, view: Json, about: forms.Origin, actor: str) -> _Said:
        """Record an update that is fit to post, or was called so; what binds the brand waits for a second person."""
        incident = await self._incidents.get(about.incident_id)
        if not incident.state.ended and not forms.anyway(view):
            findings = await self._findings(incident, update)
            if refused(findings):
                errors = [one.message for one in findings if one.severity == "error"]
                return _Said("Not recorded. " + " ".join(errors)[:900], form=await self._checked_form(view, about))
        command = with_consent(update)
        incident = await self._incidents.act(about.incident_id, command, actor=actor)
        if isinstance(command, ProposeUpdate):
            text = f"Not recorded yet: a second person must agree, with /tocsin approve {incident.id}"
            return _Said(text, form=forms.proposed_form(incident.proposal, incident.id))
        return _Said()

    # ── commands ─────────────────────────────────────────────────────────────

    async def _typed(self, form: Mapping[str, str]) -> _Said:
        typed = words.read(form.get("text", ""))
        if typed is not None and typed.verb == "help":
            return _Said(kit.escape_lines(words.HELP))
        if typed is None:
            return await self._list()
        actor = self._actor(form.get("user_id"))
        incident = await self._meant(typed)
        brand = self._brands().get(incident.brand)
        if typed.verb == "handover":
            note = await handover_of(self._incidents, incident, brand, now=self._clock.now())
            return _Said(words.handover_text(note))
        command = words.command(typed, brand.languages if brand is not None else ())
        if isinstance(command, PostUpdate):
            return await self._typed_update(incident, command, actor)
        incident = await self._incidents.act(incident.id, command, actor=actor)
        return _Said(f"Done: {typed.verb}.", [kit.line(f"Done: {typed.verb} – {headline(incident)}")])

    async def _typed_update(self, incident: Incident, update: PostUpdate, actor: str) -> _Said:
        """Record what was typed; what was found in it is told, for a command has no box to tick."""
        findings = await self._findings(incident, update)
        command = with_consent(update)
        incident = await self._incidents.act(incident.id, command, actor=actor)
        done = f"Done: update – {headline(incident)}"
        if isinstance(command, ProposeUpdate):
            done = f"Waits for a second person, who agrees with /tocsin approve {incident.id}"
        lines = [done, *(f"{one.severity.capitalize()}: {one.message}" for one in findings)]
        return _Said(kit.escape_lines("\n".join(lines)), [kit.line(line) for line in lines[:20]])

    async def _meant(self, typed: words.Typed) -> Incident:
        if typed.incident_id is not None:
            return await self._incidents.get(typed.incident_id)
        known = await self._incidents.open_ones()
        if not known:
            raise NotFound("nothing is open")
        if len(known) > 1:
            raise InputError(f"{len(known)} incidents are open: name one, such as /tocsin {typed.verb} {known[-1].id}")
        return known[0]

    async def _list(self) -> _Said:
        found = sorted(await self._incidents.open_ones(), key=lambda incident: incident.opened_at, reverse=True)
        if not found:
            return _Said("All is calm: nothing is open.")
        blocks = [_row(incident) for incident in found[:_LISTED]]
        if len(found) > _LISTED:
            blocks.append(kit.small(f"and {len(found) - _LISTED} more"))
        count = "1 incident is open." if len(found) == 1 else f"{len(found)} incidents are open."
        return _Said(count + "".join(f"\n{kit.escape(_summary(incident))}" for incident in found[:_LISTED]), blocks)

    # ── for all of them ──────────────────────────────────────────────────────

    def _actor(self, user: Any) -> str:
        if not isinstance(user, str) or not re.fullmatch(r"[A-Z0-9]{1,40}", user):
            raise InputError("user: expected a Slack member id such as U012AB3CD")
        if self._responders and user not in self._responders:
            raise _NotResponder("you may look but not act here; ask to be added to notifiers.slack.responders")
        return f"slack:{user}"

    async def _in_time(
        self,
        work: Coroutine[Any, Any, _Said],
        tell_late: Callable[[_Said], Awaitable[None]],
        *,
        tell: bool = True,
        markup: bool = True,
    ) -> _Said | None:
        """What came of ``work``, or None while it goes on; then, or always with ``tell``, ``tell_late`` tells it."""
        worker = self._keep(_outcome_of(work, markup=markup))
        done, _ = await asyncio.wait({worker}, timeout=_PATIENCE)

        async def follow() -> None:
            said = await worker
            if not said.text:
                return
            try:
                await tell_late(said)
            except DeliveryError as error:
                _log.warning("slack_reply_failed", reason=str(error))

        if tell or not done:
            self._keep(follow())
        return worker.result() if done else None

    def _keep(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """A task that `close` waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _respond(self, source: Mapping[str, Any], said: _Said) -> None:
        url = source.get("response_url")
        if not isinstance(url, str) or urlsplit(url).hostname not in self._hosts:
            return
        await self._api.answer(url, said.message())


async def _outcome_of(work: Coroutine[Any, Any, _Said], *, markup: bool) -> _Said:
    """What to say after ``work``: errors are told, not raised."""
    try:
        return await work
    except (NotFound, Conflict, InputError, _NotResponder) as error:
        text = str(error)[:1000]
    except TocsinError as error:
        _log.warning("slack_act_failed", reason=type(error).__name__)
        text = "that could not be done now; try again"
    except Exception:  # noqa: BLE001 - the last place where an error can become an answer
        _log.exception("slack_act_failed")
        text = "something went wrong on our side; it has been logged"
    text = text[:1].upper() + text[1:]
    return _Said(re.sub(r"slack:([A-Z0-9]+)", r"<@\1>", kit.escape(text)) if markup else text)


def _row(incident: Incident) -> kit.Block:
    free = incident.acknowledged_at is None
    button = kit.button("acknowledge", "I have it", incident.id, style="primary") if free else None
    return kit.line(_summary(incident), button)


def _summary(incident: Incident) -> str:
    holder = f", {kit.who(incident.acknowledged_by)} has it" if incident.acknowledged_by is not None else ""
    return f"{headline(incident)}\n{incident.id} · {incident.brand} · {incident.state}{holder}"


def _channel(payload: Json) -> str | None:
    found = (payload.get("channel") or {}).get("id") or (payload.get("container") or {}).get("channel_id")
    return found if isinstance(found, str) else None


def _errors(question: str, message: str) -> Json:
    return {"response_action": "errors", "errors": {question: message}}
