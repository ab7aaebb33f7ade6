"""What happened, in plain English: for the mail and the terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.model import Evidence, HoldingReply, Incident, IncidentKind, IncidentState
from daemon.notice import Notice, Purpose, Reminder
from daemon.people import who
from notifiers.plain import one_line

_OWED = {
    "first_reply": "first public reply",
    "next_update": "next public update",
    "promise": "the promise to the public",
}
_LANGUAGES = {"pl": "Polish", "ru": "Russian", "en": "English"}
_SUBJECT = 69  # characters; together with "Subject: " one line of a header, unfolded
_ONCE_IN_MOST = 1_000_000  # years; beyond that the model's own error is larger


def clock_time(at: datetime, timezone: str, near: datetime) -> str:
    """``at`` by the brand's clock; with its day where that is not the day of ``near``.

    >>> from datetime import UTC
    >>> now = datetime(2026, 10, 14, 12, 0, tzinfo=UTC)
    >>> clock_time(now, "Europe/Warsaw", now), clock_time(now.replace(day=15), "Europe/Warsaw", now)
    ('14:00 CEST', '15 Oct 14:00 CEST')
    """
    local = at.astimezone(ZoneInfo(timezone))
    today = local.date() == near.astimezone(ZoneInfo(timezone)).date()
    return f"{local:%H:%M %Z}" if today else f"{local.day} {local:%b %H:%M %Z}"


def subject(notice: Notice) -> str:
    """One short line: how bad, whose, what."""
    brand, title = one_line(notice.brand_name, 40), one_line(notice.incident.title)
    whose = "" if title.lower().startswith(brand.lower()) else f"{brand}: "
    why = _why(notice)
    what = f"{whose}{title}" if notice.purpose is Purpose.ALERT else f"{brand}: {why[0].lower()}{why[1:].rstrip('.')}"
    drill = "DRILL " if notice.incident.drill else ""
    return one_line(f"[{drill}{notice.incident.severity.upper()}] {what}", _SUBJECT)


def why_now(notice: Notice) -> str:
    """Why this is sent, in a sentence."""
    return f"DRILL: {_why(notice)}" if notice.incident.drill else _why(notice)


def _why(notice: Notice) -> str:  # noqa: PLR0911 - one for each purpose
    incident = notice.incident
    if notice.reminder is not None:
        return _reminded(notice.reminder, notice)
    if notice.purpose is Purpose.ESCALATION:
        if incident.state is IncidentState.ACKNOWLEDGED:
            return f"More help is wanted, this is step {notice.step}."
        return f"Nobody has acknowledged yet, this is step {notice.step}."
    if notice.purpose is Purpose.RESOLVED:
        over = "It was a false alarm." if incident.state is IncidentState.FALSE_ALARM else "It is over."
        return over if incident.promise is None else f"{over} {still_promised(notice)}"
    if notice.purpose is Purpose.UPDATE:
        if notice.news is not None:
            return one_line(notice.news, 300)
        due = incident.next_update_due
        owed = "" if due is None else f", next due by {clock_time(due, notice.timezone, notice.at)}"
        return f"Public update posted{owed}."
    return what_happens(incident)


def still_promised(notice: Notice) -> str:
    """What the public was promised, and has not got, though the incident is over."""
    times = [clock_time(promise.due, notice.timezone, notice.at) for promise in notice.incident.promises]
    return f"The public was promised another word by {' and '.join(times)}."


def what_happens(incident: Incident) -> str:
    """The incident in a sentence."""
    seen = incident.evidence
    if incident.drill:
        return "An exercise: nothing has happened. Answer it as if it had, and post nothing."
    if incident.kind is IncidentKind.BLIND:
        return one_line(seen.reason, 300) or "No mentions are coming in: what is being said is unknown, not calm."
    counted = f"{_count(seen.observed, 'negative mention')} in {_count(seen.window_minutes, 'minute')}"
    usual = f"about {usual_count(seen.expected)} would be usual"
    return {
        IncidentKind.SURGE: f"{counted}; {usual}.",
        IncidentKind.SHARE: f"{counted} at the usual volume; {usual}.",
        IncidentKind.REACH: f"{counted}, from authors with a wide reach; {usual}.",
        IncidentKind.RISK: f"{counted} that speak of harm; that is never usual.",
    }[incident.kind]


def ranked(replies: Iterable[HoldingReply], languages: Mapping[str, int]) -> list[HoldingReply]:
    """Replies in the order of their use: for the public first, then by how many write in their language."""
    return sorted(replies, key=lambda reply: (reply.visibility != "public", -languages.get(reply.lang, 0)))


def facts(notice: Notice) -> list[tuple[str, str]]:
    """The numbers, named."""
    incident, seen = notice.incident, notice.incident.evidence
    rows = [("Began", clock_time(incident.onset_at, notice.timezone, notice.at))]
    rows.append(("Noticed", clock_time(incident.opened_at, notice.timezone, notice.at)))
    alarm = notice.purpose in {Purpose.ALERT, Purpose.ESCALATION, Purpose.EDIT}
    if alarm and incident.kind is not IncidentKind.BLIND and not incident.drill:
        rows += [
            ("People", _count(seen.distinct_authors, "author")),
            ("Where", _largest(seen.channels)),
            ("Languages", _largest({_LANGUAGES.get(lang, lang): count for lang, count in seen.languages.items()})),
            ("Words", ", ".join(one_line(term, 40) for term in seen.terms[:8])),
            ("By chance", rarity(seen)),
        ]
    if incident.acknowledged_by is not None and incident.acknowledged_at is not None:
        when = clock_time(incident.acknowledged_at, notice.timezone, notice.at)
        rows.append(("Acknowledged", f"by {one_line(who(incident.acknowledged_by, notice.names), 80)} at {when}"))
    if incident.next_update_due is not None and not incident.state.ended:
        owed = "First reply due" if incident.updates_posted == 0 else "Next update due"
        rows.append((owed, clock_time(incident.next_update_due, notice.timezone, notice.at)))
    if notice.report is not None:  # it is over: how it went, instead of how it stands
        told = {name for name, _ in notice.report.figures}
        rows = [*(row for row in rows if row[0] not in told), *notice.report.figures]
    return [(name, value) for name, value in rows if value]


def rarity(evidence: Evidence) -> str:
    """How often ordinary life would bring as strong evidence."""
    yearly = evidence.false_alerts_per_year
    if yearly * _ONCE_IN_MOST <= 1:
        return "less than once in a million years"
    if yearly < 1:
        years = float(f"{1 / yearly:.2g}")
        return f"once in {years:,.0f} years" if years >= 2 else "about once a year"  # noqa: PLR2004 - "1 years" is no English
    return f"about {yearly:.0f} times a year"


def usual_count(expected: float) -> str:
    """An expected count, in two digits where it is small."""
    return f"{expected:.2g}" if expected < 10 else f"{expected:,.0f}"  # noqa: PLR2004 - two digits are enough to compare by


def language(code: str) -> str:
    """A language's English name, else its code."""
    return _LANGUAGES.get(code, one_line(code, 20))


def reply_label(reply: HoldingReply) -> str:
    """Where and how a holding reply is meant to be said."""
    return one_line(f"{reply.visibility}, {reply.channel}, {reply.register}", 80)


def _reminded(reminder: Reminder, notice: Notice) -> str:
    what = _OWED.get(reminder.of, reminder.of.replace("_", " "))
    what, due = what[0].upper() + what[1:], clock_time(reminder.due, notice.timezone, notice.at)
    return {
        "before": f"{what} due at {due}.",
        "due": f"{what} due now ({due}).",
    }.get(reminder.when, f"{what} overdue since {due}.")


def _largest(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{one_line(name, 40)} {count}" for name, count in ranked[:6])


def _count(number: int, noun: str) -> str:
    """``number`` things, or one.

    >>> _count(1, "author"), _count(1200, "author")
    ('1 author', '1,200 authors')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
