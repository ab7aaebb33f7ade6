"""What people type after ``/tocsin``, done here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from config.schema import Brand
from daemon.clock import Clock
from daemon.command import PostUpdate
from daemon.desk import handover_of, names_in, timezone_of
from daemon.errors import InputError, NotFound
from daemon.model import Incident
from daemon.oncall.views import on_call_lines
from daemon.people import Names
from daemon.web import slack_words as words
from daemon.web.slack_acts import Acts, Turns
from daemon.web.slack_answers import Said
from daemon.web.slack_forms import sheet
from daemon.web.slack_updates import Updates
from notifiers import slack_blocks as kit
from notifiers.slack_messages import headline

_LISTED = 20


class Commands:
    """Carries out what was typed, and says what came of it."""

    def __init__(
        self,
        incidents: Acts,
        turns: Turns,
        updates: Updates,
        *,
        brands: Callable[[], Mapping[str, Brand]],
        clock: Clock,
    ) -> None:
        self._incidents = incidents
        self._turns = turns
        self._updates = updates
        self._brands = brands
        self._clock = clock

    async def do(self, text: str, actor: Callable[[], str]) -> Said:  # noqa: PLR0911 - one for each kind of answer
        """Carry out ``text``; ``actor`` names who typed it, or raises where they may only look.

        Raises ``InputError``, ``NotFound`` and ``Conflict``.
        """
        typed = words.read(text)
        if typed is None:
            return await self._list()
        if typed.verb == "help":
            return Said(kit.escape_lines(words.HELP))
        if typed.verb == "oncall":
            return self._on_call()
        who = actor()
        incident = await self._meant(typed)
        brand = self._brands().get(incident.brand)
        if typed.verb == "handover":
            note = await handover_of(self._incidents, incident, brand, now=self._clock.now(), who=str)
            return Said(words.handover_text(note, names_in(self._incidents)))
        if typed.verb == "facts":
            return Said(
                f"{len(incident.facts)} confirmed of {kit.escape(headline(incident))}",
                sheet(incident, timezone_of(brand), self._clock.now(), names_in(self._incidents)),
            )
        command = words.command(typed, brand.languages if brand is not None else ())
        if isinstance(command, PostUpdate):
            return await self._updates.typed(incident, command, who)
        incident = await self._turns.act(incident.id, command, actor=who)
        return Said(f"Done: {typed.verb}.", [kit.line(f"Done: {typed.verb} – {headline(incident)}")])

    def _on_call(self) -> Said:
        policy = next(iter(self._incidents.policies.values()), None)
        lines = on_call_lines(policy.roster, self._clock.now()) if policy is not None else ()
        return Said("\n".join(kit.escape(line) for line in lines) or "No rota is configured.")

    async def _meant(self, typed: words.Typed) -> Incident:
        if typed.incident_id is not None:
            return await self._incidents.get(typed.incident_id)
        known = await self._incidents.open_ones()
        if not known:
            raise NotFound("nothing is open")
        if len(known) > 1:
            raise InputError(f"{len(known)} incidents are open: name one, such as /tocsin {typed.verb} {known[-1].id}")
        return known[0]

    async def _list(self) -> Said:
        found = sorted(await self._incidents.open_ones(), key=lambda incident: incident.opened_at, reverse=True)
        if not found:
            return Said("All is calm: nothing is open.")
        names = names_in(self._incidents)
        blocks = [block for incident in found[:_LISTED] for block in _row(incident, names)]
        if len(found) > _LISTED:
            blocks.append(kit.small(f"and {len(found) - _LISTED} more"))
        count = "1 incident is open." if len(found) == 1 else f"{len(found)} incidents are open."
        return Said(count + "".join(f"\n{kit.escape(_summary(incident))}" for incident in found[:_LISTED]), blocks)


def _row(incident: Incident, names: Names) -> list[kit.Block]:
    free = incident.acknowledged_at is None
    button = kit.button("acknowledge", "I have it", incident.id, style="primary") if free else None
    taken = incident.acknowledged_by
    holder = f", {kit.mention(taken, names)} has it" if taken is not None else ""
    return [kit.line(headline(incident), button), kit.remark(f"{kit.escape(_where(incident))}{holder}")]


def _summary(incident: Incident) -> str:
    return f"{headline(incident)}\n{_where(incident)}"


def _where(incident: Incident) -> str:
    return f"{incident.id} · {incident.brand} · {incident.state.replace('_', ' ')}"
