"""Telling the public something, from Slack: the form, its check, and a second person where one is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

from config.schema import Brand
from daemon.clock import Clock
from daemon.command import PostUpdate, ProposeUpdate
from daemon.consent import with_consent
from daemon.desk import no_next_word, refused, review_in, timezone_of
from daemon.errors import Conflict, DeliveryError
from daemon.model import Incident
from daemon.replies.lint import Finding
from daemon.web import slack_update_form as update_form
from daemon.web.slack_acts import Acts, Turns
from daemon.web.slack_answers import Json, Said
from daemon.web.slack_forms import Origin, origin
from notifiers import slack_blocks as kit
from notifiers.slack_api import SlackApi
from notifiers.slack_messages import headline

_MOST_LINES = 20
_log = structlog.get_logger()


class Updates:
    """Records what the public was told, once it is fit to post or was called so."""

    def __init__(
        self, incidents: Acts, turns: Turns, *, brands: Callable[[], Mapping[str, Brand]], api: SlackApi, clock: Clock
    ) -> None:
        self._incidents = incidents
        self._turns = turns
        self._brands = brands
        self._api = api
        self._clock = clock

    async def form(self, incident_id: str, channel: str | None) -> kit.Block:
        """The form for the incident; ``channel``: where it was asked for.

        Raises ``NotFound``, and ``Conflict`` for an incident that has ended.
        """
        incident = await self._incidents.get(incident_id)
        if incident.state.ended:
            raise Conflict("the incident has ended; reopen it first")
        return update_form.update_form(incident, self._brands().get(incident.brand), channel)

    async def check(self, view: Json) -> Said:
        """Show in the form that is open what is wrong with its text, if anything."""
        form = await self._checked(view, origin(view))
        try:
            await self._api.update_view(str(view.get("id", "")), form)
        except DeliveryError as error:
            _log.warning("slack_form_failed", reason=str(error))
        return Said()

    async def submit(self, update: PostUpdate, view: Json, about: Origin, actor: str) -> Said:
        """Record what the form holds; what binds the brand waits for a second person."""
        incident = await self._incidents.get(about.incident_id)
        if not incident.state.ended:
            findings = await self._findings(incident, update)
            if refused(findings) and not update_form.anyway(view):
                errors = [one.message for one in findings if one.severity == "error"]
                return Said("Not recorded. " + " ".join(errors)[:900], form=await self._checked(view, about))
            if silent := no_next_word(update, findings):
                return Said(f"Not recorded. {silent}")
        command = with_consent(update)
        incident = await self._turns.act(about.incident_id, command, actor=actor)
        if isinstance(command, ProposeUpdate):
            text = f"Not recorded yet: a second person must agree, with /tocsin approve {incident.id}"
            return Said(text, form=update_form.proposed_form(incident.proposal, incident.id))
        return Said()

    async def typed(self, incident: Incident, update: PostUpdate, actor: str) -> Said:
        """Record what was typed; what was found in it is told, for a command has no box to tick.

        Without the time of the next word, and where it does not close, it is refused as in the form.
        """
        findings = await self._findings(incident, update)
        if not incident.state.ended and (silent := no_next_word(update, findings)):
            return Said(f"Not recorded. {silent}")
        command = with_consent(update)
        incident = await self._turns.act(incident.id, command, actor=actor)
        done = f"Done: update – {headline(incident)}"
        if isinstance(command, ProposeUpdate):
            done = f"Waits for a second person, who agrees with /tocsin approve {incident.id}"
        lines = [done, *(f"{one.severity.capitalize()}: {one.message}" for one in findings)]
        return Said(kit.escape_lines("\n".join(lines)), [kit.line(line) for line in lines[:_MOST_LINES]])

    async def _checked(self, view: Json, about: Origin) -> kit.Block:
        incident, typed = await self._incidents.get(about.incident_id), update_form.typed_in(view)
        update = PostUpdate(text=typed.text or "", lang=typed.lang or "en", channel=typed.channel)
        findings = await self._findings(incident, update)
        brand = self._brands().get(incident.brand)
        return update_form.update_form(incident, brand, about.channel, typed=typed, findings=findings)

    async def _findings(self, incident: Incident, update: PostUpdate) -> tuple[Finding, ...]:
        return await review_in(
            self._incidents,
            incident,
            update.text,
            lang=update.lang,
            channel=update.channel,
            interface_lang=update.lang,  # Slack does not tell a member's; whoever writes a language reads it
            timezone=timezone_of(self._brands().get(incident.brand)),
            now=self._clock.now(),
        )
