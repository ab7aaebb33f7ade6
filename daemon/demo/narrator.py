"""Tells on the terminal what happens, as the daemon's own timeline and counts say it."""

from __future__ import annotations

from datetime import datetime, timedelta

from rich.console import Console
from rich.markup import escape

from daemon.demo.crowd import BRAND, ZONE
from daemon.incidents import Incidents
from daemon.model import EventKind, TimelineEvent
from daemon.people import who
from daemon.store.reads import Reads
from daemon.views import parse_time
from daemon.watch import Watch

_QUIET = {EventKind.NOTIFIED, EventKind.PROMISE_MADE}


class Narrator:
    """Prints each event of the timeline once, and the counts between."""

    def __init__(self, console: Console, *, incidents: Incidents, reads: Reads, watch: Watch) -> None:
        self._console = console
        self._incidents = incidents
        self._reads = reads
        self._watch = watch
        self._told: dict[str, int] = {}

    def say(self, at: datetime, text: str, style: str = "") -> None:
        """One line with its time of day."""
        clock = f"{at.astimezone(ZONE):%H:%M}"
        self._console.print(
            f"[dim]{clock}[/dim]  [{style}]{text}[/{style}]" if style else f"[dim]{clock}[/dim]  {text}"
        )

    async def counts(self, now: datetime) -> None:
        """What is written, against what is usual."""
        minute = now.replace(second=0, microsecond=0)
        begin = minute - timedelta(minutes=5)
        found = await self._reads.step_counts(BRAND, begin, minute, timedelta(minutes=5))
        negative = sum(step.negative for step in found.values())
        mean, _low, high = self._watch.expected(BRAND, begin, 5)
        bar = "█" * min(negative, 60)
        style = "red" if negative > high else "green"
        self.say(now, f"last 5 min: [{style}]{negative:3d} negative {bar}[/{style}] [dim](usual {mean:.1f})[/dim]")

    async def events(self) -> list[TimelineEvent]:
        """Tell what is new in every timeline; gives these events."""
        new: list[TimelineEvent] = []
        for incident in reversed(await self._incidents.find(brand=BRAND, limit=5)):
            events = await self._incidents.timeline(incident.id)
            new += events[self._told.get(incident.id, 0) :]
            self._told[incident.id] = len(events)
        for event in new:
            if event.kind not in _QUIET:
                text, style = _told(event)
                self.say(event.at, text, style)
        return new


def _told(event: TimelineEvent) -> tuple[str, str]:  # noqa: PLR0911 - one arm for each kind
    data = event.data
    actor = escape(who(event.actor))
    match event.kind:
        case EventKind.OPENED:
            return f"ALERT: {escape(data['reason'])}", "bold red"
        case EventKind.ESCALATED:
            return f"nobody has acknowledged: step {data['step']} of the ladder is called", "yellow"
        case EventKind.ACKNOWLEDGED:
            return f"{actor} acknowledges; the ladder stops", "bold green"
        case EventKind.REMINDER:
            what = "first reply" if data["of"] == "first_reply" else "next update"
            when = {"before": "soon due", "due": "due now", "overdue": "OVERDUE"}[data["when"]]
            return f"reminder: the public's {what} is {when}", "yellow"
        case EventKind.UPDATE_POSTED:
            return f"{actor} posts: “{escape(data['text'])}”", "cyan"
        case EventKind.PROMISE_KEPT:
            return "the promised time was kept", "green"
        case EventKind.PROMISE_BROKEN:
            return "the promised time was not kept", "red"
        case EventKind.SEVERITY:
            return f"severity rises from {data['from']} to {data['to']}", "red"
        case EventKind.EVIDENCE:
            return f"growing: {escape(data['reason'])}", "red"
        case EventKind.RESOLVED:
            times = [f"{parse_time(due).astimezone(ZONE):%H:%M}" for due in data.get("promised", ())]
            owed = f" The public was promised another word by {' and '.join(times)}." if times else ""
            return f"ALL CLEAR: {escape(str(data.get('summary', '')))}{owed}", "bold green"
        case _:
            return f"{event.kind.value} {actor}", ""
