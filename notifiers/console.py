"""The terminal: what staff would see, where there is no Slack and no mail."""

from __future__ import annotations

import asyncio
import errno

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from daemon.errors import DeliveryError
from daemon.model import IncidentKind, IncidentState, Severity
from daemon.notice import Notice, Purpose, Receipt
from daemon.people import who
from notifiers import digest, wording
from notifiers.plain import many_lines, one_line

_COLORS = {Severity.CRITICAL: "red", Severity.MAJOR: "yellow", Severity.MINOR: "cyan"}
_WIDTH = 100
_EXAMPLES, _REPLIES = 3, 4


class ConsoleNotifier:
    """Prints notices on a terminal. A target only says which; it is shown, not looked up."""

    name = "console"

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)

    async def send(self, notice: Notice) -> Receipt:
        """Print the notice.

        Raises ``DeliveryError`` when the terminal is gone.
        """
        try:
            await asyncio.to_thread(self._print, render(notice))
        except OSError as error:
            raise DeliveryError(f"the terminal cannot be written to: {error.strerror}", retryable=False) from None
        return Receipt(ref={"console": notice.target, "delivery_id": notice.delivery_id})

    async def close(self) -> None:
        """Nothing is held."""

    def _print(self, shown: RenderableType) -> None:
        try:
            self._console.print(shown, width=min(self._console.width, _WIDTH))
        except SystemExit:  # how rich answers a closed pipe, for programs that only print
            raise BrokenPipeError(errno.EPIPE, "the pipe is closed") from None


def render(notice: Notice) -> RenderableType:
    """The notice as it is printed: a panel for what calls somebody, a line for what only tells."""
    if notice.purpose is Purpose.EDIT:
        return _line(notice)
    if notice.digest:
        return Panel(Text(digest.text(notice).rstrip()), box=box.ROUNDED, padding=(1, 2))
    first: list[RenderableType] = [Text(wording.why_now(notice), style="bold")]
    if notice.purpose is not Purpose.ALERT and not notice.incident.state.ended:
        first.append(Text(wording.what_happens(notice.incident)))
    parts = [first]
    if notice.note:
        said = f"{one_line(who(notice.note_by or 'tocsin', notice.names), 80)}: "
        parts.append([Text.assemble((said, "dim"), many_lines(notice.note))])
    if notice.purpose in {Purpose.ALERT, Purpose.ESCALATION}:
        parts += [[_facts(notice)], _examples(notice)]
    if notice.purpose is Purpose.ALERT:
        parts += [[reply] for reply in _replies(notice)]
    parts.append([Text(one_line(notice.page), style="underline")])
    spaced = [line for part in parts if part for line in (*part, Text())]
    return Panel(
        Group(*spaced[:-1]),
        title=Text(f" {_head(notice)} ", style="bold"),
        title_align="left",
        subtitle=Text(f" {notice.purpose} to {one_line(notice.target, 60)}, step {notice.step} ", style="dim"),
        subtitle_align="right",
        border_style="green" if notice.incident.state.ended else _COLORS[notice.incident.severity],
        box=box.ROUNDED,
        padding=(1, 2),
    )


def _head(notice: Notice) -> str:
    incident = notice.incident
    brand, title = one_line(notice.brand_name, 40), one_line(incident.title, 100)
    whose = "" if title.lower().startswith(brand.lower()) else f"{brand}: "
    ended = {IncidentState.RESOLVED: "RESOLVED", IncidentState.FALSE_ALARM: "FALSE ALARM"}
    return f"{ended.get(incident.state, incident.severity.upper())}  {whose}{title}"


def _line(notice: Notice) -> Text:
    """What became of an incident that was told of before."""
    incident = notice.incident
    states = {
        IncidentState.OPEN: "is open",
        IncidentState.ACKNOWLEDGED: f"acknowledged by {one_line(who(incident.acknowledged_by, notice.names), 80)}",
        IncidentState.SNOOZED: "snoozed"
        if incident.snoozed_until is None
        else f"snoozed until {wording.clock_time(incident.snoozed_until, notice.timezone, notice.at)}",
        IncidentState.RESOLVED: "resolved",
        IncidentState.FALSE_ALARM: "a false alarm",
    }
    numbers = "" if incident.kind is IncidentKind.BLIND else f", {incident.evidence.observed:,} negative mentions"
    return Text.assemble(
        (f"{wording.clock_time(notice.at, notice.timezone, notice.at)}  ", "dim"),
        (_head(notice), "green" if incident.state.ended else _COLORS[incident.severity]),
        f" – {states[incident.state]}{numbers}",
    )


def _facts(notice: Notice) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, value in wording.facts(notice):
        table.add_row(Text(name), Text(value))
    return table


def _examples(notice: Notice) -> list[RenderableType]:
    return [
        Text(f"“{one_line(example.text, 200)}”", style="italic")
        for example in notice.incident.evidence.examples[:_EXAMPLES]
    ]


def _replies(notice: Notice) -> list[RenderableType]:
    """Replies for the public, the first of each language before a second of any."""
    if notice.incident.state.ended:
        return []
    public = [reply for reply in notice.incident.holding_replies if reply.visibility == "public"]
    seen: dict[str, int] = {}
    ranked = []
    for reply in public:
        seen[reply.lang] = seen.get(reply.lang, 0) + 1
        ranked.append((seen[reply.lang], reply))
    ranked.sort(key=lambda pair: pair[0])
    return [
        Text.assemble(
            (f"{wording.language(reply.lang)}, {wording.reply_label(reply)}\n", "dim"), many_lines(reply.text)
        )
        for _, reply in ranked[:_REPLIES]
    ]
