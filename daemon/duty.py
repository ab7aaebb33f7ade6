"""The roster as it stands: the configuration's, what calendars on disk say by now, and silences made by hand."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from config.oncall_checks import names_of
from config.schema import Config
from config.values import format_duration
from daemon.clock import Clock
from daemon.errors import Conflict, InputError, NotFound
from daemon.incidents import Incidents
from daemon.oncall.roster import Roster
from daemon.oncall.rota import Stint
from daemon.oncall.silence import Silence
from daemon.response.policy import Policy
from daemon.store.silences import Silences

log = structlog.get_logger()

_BEFORE = timedelta(days=7)
_AHEAD = timedelta(days=450)
_ANEW = timedelta(hours=6)  # repetitions are worked out again before the last one comes near


class Duty:
    """Who can be called, and when not; whatever changes in that, the incidents go by at once.

    A calendar that cannot be read leaves what was known before.
    """

    def __init__(self, *, config: Callable[[], Config], clock: Clock, silences: Silences) -> None:
        self._config = config
        self._clock = clock
        self._silences = silences
        self._by_hand: tuple[Silence, ...] = ()
        self._planned: dict[str, tuple[Stint, ...]] = {}
        self._seen: dict[str, tuple[str, float, datetime]] = {}  # rota → file, its time of change, when it was read
        self.roster = Roster()

    async def start(self) -> None:
        """Read everything for the first time."""
        self._by_hand = await self._silences.all()
        await asyncio.to_thread(self.read, self._config())

    def read(self, config: Config) -> Roster:
        """The roster by this configuration; reads the calendars that have changed."""
        for key, rota in config.oncall.items():
            if rota.calendar is None:
                self._planned.pop(key, None)
                self._seen.pop(key, None)
            else:
                self._look(config, key, rota.calendar, ZoneInfo(rota.timezone))
        self.roster = Roster.of(config, self._planned, self._by_hand)
        return self.roster

    def policies(self, config: Config) -> dict[str, Policy]:
        """The policy of each brand."""
        return {brand: Policy.of(config, brand, self.roster) for brand in config.brands}

    async def renew(self, incidents: Incidents) -> None:
        """Take over what has changed in calendars, or was silenced by another daemon."""
        config, before = self._config(), self.roster
        self._by_hand = await self._silences.all()
        roster = await asyncio.to_thread(self.read, config)
        if roster != before and config is self._config():  # else a reload was quicker
            incidents.policies = self.policies(config)
            await incidents.rewrite_dues()

    # ── silences

    async def silence(self, wanted: Silence, incidents: Incidents) -> Silence:
        """Begin a silence made by hand.

        Raises ``InputError`` for one that would never end, or not soon enough, or is over.
        """
        config, now = self._config(), self._clock.now()
        begins = max(wanted.begins or now, now)
        longest = config.silences.longest
        if wanted.brand is not None and wanted.brand not in config.brands:
            raise InputError(f"brand: expected one of {', '.join(config.brands)}")
        if wanted.ends <= begins:
            raise InputError("ends: expected a time after it begins, and after now")
        if wanted.ends - begins > longest:
            raise InputError(f"ends: expected at most {format_duration(longest)} after it begins")
        made = Silence(
            id=uuid.uuid4().hex[:12],
            reason=wanted.reason,
            begins=begins,
            ends=wanted.ends,
            brand=wanted.brand,
            kinds=wanted.kinds,
            channels=wanted.channels,
            hides_critical=wanted.hides_critical,
            by=wanted.by,
        )
        await self._silences.add(made, now)
        log.info("silence_begun", silence=made.id, by=made.by, brand=made.brand)
        await self.renew(incidents)
        return made

    async def unsilence(self, silence_id: str, incidents: Incidents, *, actor: str) -> Silence:
        """Let a silence made by hand end now.

        Raises ``NotFound``, or ``Conflict`` for one that is over or stands in the configuration.
        """
        found = next((one for one in self.roster.silences if one.id == silence_id), None)
        if found is None:
            raise NotFound(f"no silence {silence_id!r:.60}")
        if all(one.id != silence_id for one in self._by_hand):
            raise Conflict("it stands in the configuration; end it there")
        now = self._clock.now()
        if found.ends <= now:
            raise Conflict("it is over")
        await self._silences.end(silence_id, now)
        log.info("silence_ended", silence=silence_id, by=actor)
        await self.renew(incidents)
        return next(one for one in self.roster.silences if one.id == silence_id)

    # ── calendars

    def _look(self, config: Config, key: str, file: str, zone: ZoneInfo) -> None:
        from config.calendars import CalendarError, read_calendar  # noqa: PLC0415 - only where there is a calendar

        now, path = self._clock.now(), Path(file)
        changed = path.stat().st_mtime if path.is_file() else 0.0
        seen = self._seen.get(key)
        if seen is not None and seen[:2] == (file, changed) and now - seen[2] < _ANEW:
            return
        self._seen[key] = (file, changed, now)
        people = {name: person.model_dump(mode="json") for name, person in config.people.items()}
        try:
            entries = read_calendar(path, names_of(people)).entries(now - _BEFORE, now + _AHEAD, zone)
        except CalendarError as error:
            log.warning("calendar_unusable", rota=key, reason=str(error))
            return
        self._planned[key] = tuple(Stint(begins=begin, ends=end, who=who) for begin, end, who in entries)
        log.info("calendar_read", rota=key, shifts=len(entries))
