"""The roster as it stands: the configuration's, with what the calendars on disk say by now."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from config.oncall_checks import names_of
from config.schema import Config
from daemon.clock import Clock
from daemon.oncall.roster import Roster
from daemon.oncall.rota import Stint

log = structlog.get_logger()

_BEFORE = timedelta(days=7)
_AHEAD = timedelta(days=450)
_ANEW = timedelta(hours=6)  # repetitions are worked out again before the last one comes near


class Duty:
    """Reads calendars, and again when one has changed. One that cannot be read leaves what was known before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._planned: dict[str, tuple[Stint, ...]] = {}
        self._seen: dict[str, tuple[str, float, datetime]] = {}  # rota → file, its time of change, when it was read

    def roster(self, config: Config) -> Roster:
        """Everybody who can be called now; reads files."""
        for key, rota in config.oncall.items():
            if rota.calendar is None:
                self._planned.pop(key, None)
                self._seen.pop(key, None)
            else:
                self._look(config, key, rota.calendar, ZoneInfo(rota.timezone))
        return Roster.of(config, self._planned)

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
