"""What people do in Slack, done here: buttons, forms and ``/tocsin``, however they reach us.

Slack waits three seconds for an answer. Most acts take milliseconds; one that takes longer goes on
after the answer, and whoever asked is told the outcome where only they see it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog

from config.schema import Brand, Slack
from daemon.clock import Clock
from daemon.command import Assign
from daemon.desk import names_in, timezone_of
from daemon.errors import Conflict, DeliveryError, InputError
from daemon.model import Incident
from daemon.web import slack_buttons as buttons
from daemon.web import slack_forms as forms
from daemon.web import slack_update_form as update_form
from daemon.web.slack_acts import Acts, Turns
from daemon.web.slack_answers import Json, NotResponder, Said, outcome_of
from daemon.web.slack_checks import BUTTON, Checks
from daemon.web.slack_commands import Commands
from daemon.web.slack_updates import Updates
from notifiers import slack_blocks as kit
from notifiers.slack_api import SlackApi
from notifiers.slack_messages import headline

_T = TypeVar("_T")
_PATIENCE = 2.0  # seconds of Slack's three
_DRAIN = 3.0
_log = structlog.get_logger()


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
        self._turns = Turns(incidents, clock)
        self._updates = Updates(incidents, self._turns, brands=brands, api=api, clock=clock)
        self._commands = Commands(incidents, self._turns, self._updates, brands=brands, clock=clock)
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
        work = self._commands.do(form.get("text", ""), lambda: self._actor(form.get("user_id")))
        said = await self._in_time(work, lambda said: self._respond(form, said), tell=False)
        return said.message() if said is not None else Said("Under way…").message()

    async def close(self) -> None:
        """Finish what is under way, within seconds."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_DRAIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    # ── buttons ──────────────────────────────────────────────────────────────

    async def _pressed(self, payload: Json) -> Said:
        actor = self._actor((payload.get("user") or {}).get("id"))
        said = Said()
        for action in payload.get("actions") or ():
            said = await self._press(*buttons.pressed(action), payload, actor)
        return said

    async def _press(  # noqa: PLR0911 - one for each sort of button
        self, name: str, value: str | None, payload: Json, actor: str
    ) -> Said:
        if value is None:
            return Said()  # a menu of a form
        if name.startswith(BUTTON) and self._checks is not None:
            return Said(await self._checks.not_negative(value, actor))
        if name == update_form.CHECK:
            return await self._updates.check(payload.get("view") or {})
        if name == update_form.UPDATE:
            return await self._show(await self._updates.form(value, _channel(payload)), payload)
        if name in forms.FORMS:
            return await self._show(await self._form(name, value, _channel(payload)), payload)
        asked = buttons.command(name, value)
        if asked is None:
            return Said()
        incident = await self._turns.act(asked.incident_id, asked.command, actor=actor)
        return buttons.afterwards(incident, name)

    async def _form(self, name: str, incident_id: str, channel: str | None) -> kit.Block:
        incident = await self._incidents.get(incident_id)
        if incident.state.ended and name != forms.NOTE:
            raise Conflict("the incident has ended; reopen it first")
        zone = timezone_of(self._brands().get(incident.brand))
        names = names_in(self._incidents)
        return forms.short_form(name, incident, channel, timezone=zone, now=self._clock.now(), names=names)

    async def _show(self, form: kit.Block, payload: Json) -> Said:
        try:
            await self._api.open_view(str(payload.get("trigger_id", "")), form)
        except DeliveryError as error:
            _log.warning("slack_form_failed", reason=str(error))
            return Said("The form did not open. Press again, or type /tocsin help for another way.")
        return Said()

    # ── forms ────────────────────────────────────────────────────────────────

    async def _submission(self, payload: Json) -> Json | None:
        view = payload.get("view") or {}
        name = view.get("callback_id")
        if name != update_form.UPDATE and name not in forms.FORMS:
            return None
        about = forms.origin(view)
        user = (payload.get("user") or {}).get("id")
        try:
            update = update_form.submitted(view) if name == update_form.UPDATE else None
            command = forms.submitted(view) if update is None else update
        except forms.FormFault as fault:
            return _errors(fault.question, str(fault))

        async def work() -> Said:
            actor = self._actor(user)
            if update is not None:
                return await self._updates.submit(update, view, about, actor)
            incident = await self._turns.act(about.incident_id, command, actor=actor)
            if isinstance(command, Assign):
                self._keep(self._tell_assigned(incident, command.to, about.channel, actor))
            return Said()

        async def late(said: Said) -> None:
            if about.channel is not None:
                await self._api.whisper(about.channel, str(user), said.text)

        said = await self._in_time(work(), late, tell=False, markup=False)
        if said is not None and said.form is not None:
            return {"response_action": "update", "view": said.form}
        return _errors(forms.first_question(view), said.text) if said is not None and said.text else None

    async def _tell_assigned(self, incident: Incident, to: str, channel: str | None, actor: str) -> None:
        """Tell a colleague what was given to them: an edited message rings nobody's phone."""
        if channel is None or to == actor:
            return
        text = f"{kit.mention(actor, names_in(self._incidents))} assigned this to you: {kit.escape(headline(incident))}"
        try:
            await self._api.whisper(channel, to.removeprefix("slack:"), text)
        except DeliveryError as error:
            _log.warning("slack_reply_failed", reason=str(error))

    # ── for all of them ──────────────────────────────────────────────────────

    def _actor(self, user: Any) -> str:
        if not isinstance(user, str) or not re.fullmatch(r"[A-Z0-9]{1,40}", user):
            raise InputError("user: expected a Slack member id such as U012AB3CD")
        if self._responders and user not in self._responders:
            raise NotResponder("you may look but not act here; ask to be added to notifiers.slack.responders")
        return f"slack:{user}"

    async def _in_time(
        self,
        work: Coroutine[Any, Any, Said],
        tell_late: Callable[[Said], Awaitable[None]],
        *,
        tell: bool = True,
        markup: bool = True,
    ) -> Said | None:
        """What came of ``work``, or None while it goes on; then, or always with ``tell``, ``tell_late`` tells it."""
        worker = self._keep(outcome_of(work, markup=markup, names=names_in(self._incidents)))
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

    async def _respond(self, source: Mapping[str, Any], said: Said) -> None:
        url = source.get("response_url")
        if not isinstance(url, str) or urlsplit(url).hostname not in self._hosts:
            return
        await self._api.answer(url, said.message())


def _channel(payload: Json) -> str | None:
    found = (payload.get("channel") or {}).get("id") or (payload.get("container") or {}).get("channel_id")
    return found if isinstance(found, str) else None


def _errors(question: str, message: str) -> Json:
    return {"response_action": "errors", "errors": {question: message}}
