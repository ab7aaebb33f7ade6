"""Why it alerted, or why it did not, in sentences for people who know no statistics. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec

from daemon.model import EventKind, Incident, IncidentKind, IncidentState, Reading, Severity, TimelineEvent
from daemon.people import NOBODY, Names, who
from daemon.store.hindsight import Stretch
from daemon.store.reads import Gap
from daemon.what_if import Shortfall
from detectors.severity import FAR, MANY, RARE, VERY_FAR, VERY_MANY, VERY_RARE
from detectors.signal import often

Clock = Callable[[datetime], str]  # tells a time as the brand's people say it

_KINDS = {
    IncidentKind.SURGE: "a surge of negative mentions",
    IncidentKind.SHARE: "a turn of the mix",
    IncidentKind.REACH: "a far-reaching complaint",
}
_YOUNG = timedelta(days=7)
_SEVERAL = 3  # mentions by people already counted that are worth a word


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence and what it is about."""

    about: str
    text: str


def count(number: int, one: str, many: str) -> str:
    """A number with its noun.

    >>> count(1, "person", "people"), count(1200, "person", "people")
    ('1 person', '1,200 people')
    """
    return f"{number:,} {one if number == 1 else many}"


def span(length: timedelta) -> str:
    """A length of time in words.

    >>> span(timedelta(minutes=8)), span(timedelta(hours=6)), span(timedelta(seconds=40))
    ('8 minutes', '6 hours', '40 seconds')
    """
    seconds = round(length.total_seconds())
    if seconds % 60:
        return count(seconds, "second", "seconds")
    minutes = seconds // 60
    return count(minutes, "minute", "minutes") if minutes % 60 or minutes == 60 else f"{minutes // 60} hours"  # noqa: PLR2004 - an hour is 60 minutes


def reading_sentence(reading: Reading, threshold: float, short: Shortfall | None) -> str:
    """What one detector said, from where it alerts, and what was lacking."""
    said = _sentence(reading.reason)
    if reading.kind is IncidentKind.BLIND:
        return said
    bar = f"Alerts begin at what comes {often(threshold)}"
    if reading.alerting:
        return f"{said} {bar}: this is rare enough."
    return " ".join(filter(None, (said, f"{bar}.", shortfall_words(reading.kind, short) if short else "")))


def evidence_sentence(incident: Incident, threshold: float | None) -> str:
    """The sentence of the evidence, and from where the setting alerts; None where no setting decides."""
    said = _sentence(incident.evidence.reason or "No reason was kept.")
    return said if threshold is None else f"{said} Alerts begin at what comes {often(threshold)}."


def summary(verdict: str, incident: Incident | None, *, minute: datetime, clock: Clock, rate: float) -> str:
    """The answer in one sentence."""
    at = clock(minute)
    if incident is not None:
        if incident.opened_at >= minute:
            return f"Tocsin alerted at {clock(incident.opened_at)}: incident {incident.id}."
        return f"Incident {incident.id} was open at {at}, since {clock(incident.opened_at)}: whatever alerts joins it."
    match verdict:
        case "blind":
            return f"Tocsin could not see at {at}, so it could not tell calm from silence."
        case "held_back":
            return f"What was written at {at} is rare enough to alert, yet no incident was open."
        case _:
            return f"Nothing alerted at {at}: no evidence was rarer than {rate:g} false alarms a year allow."


def shortfall_words(kind: IncidentKind, short: Shortfall) -> str:
    """How much more would have alerted.

    >>> shortfall_words(IncidentKind.SURGE, Shortfall(times_rarer=1.84, people=5, minutes=8))
    'Evidence 1.8 times rarer, or about 5 more people writing negatively within 8 minutes, would have alerted.'
    """
    ways = []
    if short.times_rarer is not None:
        ways.append(f"evidence {_times(short.times_rarer)} times rarer")
    if short.people is not None and short.minutes is not None:
        what = "of such" if kind is IncidentKind.RISK else "negatively"
        more = count(short.people, "more person", "more people")
        ways.append(f"about {more} writing {what} within {span(timedelta(minutes=short.minutes))}")
    if short.readers is not None:
        ways.append(f"one complaint that about {short.readers:,} people may see")
    if not ways:
        return ""
    said = ", or ".join(ways) + ("," if len(ways) > 1 else "")
    return f"{said[0].upper()}{said[1:]} would have alerted."


def held_back(
    stretch: Stretch,
    gaps: list[Gap],
    *,
    minute: datetime,
    known_since: datetime | None,
    late_after: timedelta,
    clock: Clock,
) -> Iterator[Reason]:
    """What kept evidence out of the hour before ``minute``."""
    for gap in gaps:
        until = "and still is not" if gap.until is None else f"until {clock(gap.until)}"
        who = "Tocsin was not running" if gap.source == "daemon" else f"{gap.source} was not delivering"
        yield Reason(
            about="blind", text=f"{who} from {clock(gap.since)} {until}: what did not come is unknown, not calm."
        )
    behind = [
        (stretch.late_negative, "late", f"came over {span(late_after)} after they were written"),
        (stretch.learned_negative, "learned", "were taught as history"),
    ]
    for number, about, what in behind:
        if number:
            mentions = count(number, "negative mention", "negative mentions")
            yield Reason(about=about, text=f"{mentions} of that hour {what}: such teach, and open nothing.")
    if stretch.unseen_negative:
        mentions = count(stretch.unseen_negative, "negative mention", "negative mentions")
        yield Reason(about="unseen", text=f"{mentions} of that hour had not arrived yet; the numbers here count them.")
    if stretch.negative - stretch.negative_authors >= _SEVERAL:
        people = count(stretch.negative_authors, "person", "people")
        yield Reason(
            about="one_author",
            text=f"{stretch.negative:,} negative mentions of that hour count as {people}:"
            " whoever writes again within an hour counts once.",
        )
    if known_since is None:
        yield Reason(
            about="young", text="Nothing had been written about the brand yet: it had no rhythm to compare with."
        )
    elif minute - known_since < _YOUNG:
        days = count((minute - known_since).days, "day", "days")
        yield Reason(about="young", text=f"Tocsin knew the brand for {days} only, so it asked for stronger evidence.")


def ended_before(last: Incident, reason: str, clock: Clock, names: Names = NOBODY) -> Reason:
    """Why strong evidence brought nothing back."""
    ended = clock(last.resolved_at or last.opened_at)
    if reason == "ended_by_hand":
        text = (
            f"It is what incident {last.id} was about, which {who(last.ended_by, names)} ended at {ended}:"
            " it comes back only when twice as many people write as at its worst."
        )
    else:
        text = f"It is what incident {last.id} was about, over since {ended}: too little of it was new."
    return Reason(about=reason, text=text)


def severity_reason(incident: Incident, event: TimelineEvent, excess: float, top_reach: float, clock: Clock) -> str:
    """Why it is as bad as it is said to be.

    ``excess`` people an hour beyond the usual and the farthest reach are of when that was decided.
    """
    word, rate = incident.severity.value, incident.evidence.false_alerts_per_year
    if incident.kind is IncidentKind.BLIND:
        return f"Blindness is always {word}: nobody knows whether it is calm."
    very = incident.severity is Severity.CRITICAL
    if incident.severity is Severity.MINOR:
        return (
            f"It is minor: what comes {often(RARE)}, {MANY:,.0f} people an hour more than usual,"
            f" or {_readers(FAR):,} readers would make it major."
        )
    rare, many, far = (VERY_RARE, VERY_MANY, VERY_FAR) if very else (RARE, MANY, FAR)
    grounds = []
    if rate <= rare:
        grounds.append(f"as much comes {often(rate)} ({word} begins at {often(rare)})")
    if excess >= many:
        grounds.append(f"about {excess:,.0f} people an hour more than usual complained ({word} begins at {many:,.0f})")
    if top_reach >= far:
        grounds.append(
            f"about {_readers(top_reach):,} people may see one complaint ({word} begins at {_readers(far):,})"
        )
    if not grounds:
        grounds.append(f"of its worst: {_sentence(str(event.data.get('reason', ''))).rstrip('.')}")
    return f"It is {word}, since {clock(event.at)}, because {' and '.join(grounds)}."


def joined(incident: Incident, events: list[TimelineEvent], clock: Clock) -> Iterator[Reason]:
    """Other evidence of the same wave that became part of the incident."""
    for event in events:
        kind = str(event.data.get("kind", ""))
        what = next((words for one, words in _KINDS.items() if one.value == kind), None)
        if event.kind is EventKind.EVIDENCE and what is not None and kind != incident.kind.value:
            said = _sentence(str(event.data.get("reason", "")))
            yield Reason(about="joined", text=f"At {clock(event.at)} {what} joined it: {said}")


def closing(incident: Incident, resolve_after: timedelta, *, blind: bool, clock: Clock, names: Names = NOBODY) -> str:
    """What ended it, or what would."""
    if incident.state.ended:
        ended = clock(incident.resolved_at or incident.opened_at)
        if incident.ended_by == "tocsin":
            return f"It ended by itself at {ended}."
        what = "called it a false alarm" if incident.state is IncidentState.FALSE_ALARM else "ended it"
        return f"{who(incident.ended_by, names)} {what} at {ended}."
    if incident.kind is IncidentKind.BLIND:
        return "It ends by itself when the source delivers again."
    rule = f"{span(resolve_after)} without unusual complaints"
    if blind:
        return f"It cannot end by itself while Tocsin is blind; then it ends after {rule}."
    at = clock(incident.last_sustained_at + resolve_after)
    return (
        f"It ends by itself after {rule}: its evidence last held at {clock(incident.last_sustained_at)},"
        f" so at {at} unless more comes."
    )


def _readers(decades: float) -> int:
    return round(10**decades)


def _times(number: float) -> str:
    if number > 1000:  # noqa: PLR2004 - nobody can tell how many
        return "over 1,000"
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"  # noqa: PLR2004 - two digits are enough


def _sentence(text: str) -> str:
    said = text.strip()
    return f"{said[:1].upper()}{said[1:]}" + ("" if said.endswith((".", "!", "?")) else ".")
