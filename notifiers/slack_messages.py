"""What Tocsin says in Slack: pure, from a notice to text and blocks.

It is read on a phone, in a hurry: what happened first, then who has it and by when the public is
owed a word, then what to press, and only then what could be answered and why we think so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from daemon.model import HoldingReply, Incident, IncidentKind, IncidentState, Severity
from daemon.notice import Notice, Purpose
from daemon.people import Names, who
from notifiers import digest
from notifiers import slack_blocks as kit
from notifiers.plain import many_lines, one_line
from notifiers.slack_blocks import Block
from notifiers.wording import clock_time, language, ranked, still_promised, what_happens, why_now

_MARKS = {Severity.CRITICAL: "🔴", Severity.MAJOR: "🟠", Severity.MINOR: "🟡"}
_ENDS = {IncidentState.RESOLVED: "✅", IncidentState.FALSE_ALARM: "⚪"}
_SIGNS = {
    Purpose.ESCALATION: "⬆️",
    Purpose.REMINDER: "⏰",
    Purpose.UPDATE: "📣",
    Purpose.RESOLVED: "✅",
}
_SNOOZES = (("30 minutes", "30m"), ("1 hour", "1h"), ("4 hours", "4h"), ("8 hours", "8h"))
_EXAMPLES, _REPLIES, _TERMS, _CHANNELS = 3, 2, 8, 5
_DIGEST = 20  # incidents of a digest that are shown one by one
_EXAMPLE_LENGTH, _NOTE_LENGTH, _FALLBACK_LENGTH = 200, 2500, 600


class Message(NamedTuple):
    """One Slack message: ``text`` is what notifications and screen readers tell."""

    text: str
    blocks: list[Block]


def message(notice: Notice) -> Message:
    """The message for ``notice``: the whole incident where it has no thread yet, or is edited."""
    if notice.digest:
        return Message(kit.escape(digest.headline(notice)), kit.fit(_digest_top(notice), _digest_lines(notice), []))
    if notice.root is None or notice.purpose is Purpose.EDIT:
        return Message(_fallback(notice), kit.fit(_top(notice), _details(notice), [_foot(notice)]))
    return Message(_fallback(notice), kit.fit(_reply(notice), _reply_details(notice), []))


def plain(notice: Notice) -> Message:
    """The same in the plainest blocks, should Slack refuse the others."""
    if notice.digest:
        return Message(kit.escape(digest.headline(notice)), [kit.line(digest.text(notice))])
    return Message(_fallback(notice), [kit.small(_fallback(notice)), *_buttons(notice.incident, notice.names)])


def headline(incident: Incident, brand_name: str = "") -> str:
    """The incident in one line: a mark for how bad it is, or how it ended; an exercise or not; whose; its title."""
    title, brand = one_line(incident.title), one_line(brand_name, 100)
    whose = f"{brand}: " if brand and not title.casefold().startswith(brand.casefold()) else ""
    drill = "DRILL – " if incident.drill else ""
    return f"{_ENDS.get(incident.state) or _MARKS[incident.severity]} {drill}{whose}{title}"


def chart_title(notice: Notice) -> str:
    """What the chart shows."""
    return one_line(f"{notice.brand_name}: negative mentions, usual and now", 120)


def reply_label(reply: HoldingReply) -> str:
    """Where a holding reply is meant to go: ``Polish · public · facebook``."""
    return one_line(f"{language(reply.lang)} · {reply.visibility} · {reply.channel}", 80)


# ── the message in the channel ───────────────────────────────────────────────


def _top(notice: Notice) -> list[Block]:
    """What must be there: it fits Slack's limits whatever the incident holds."""
    incident, seen = notice.incident, notice.incident.evidence
    said = f"*{kit.escape(what_happens(incident))}*"
    if incident.kind is not IncidentKind.BLIND:
        said += f"\n{seen.distinct_authors:,} authors{_channels(incident)}"
    blocks = [
        kit.header(headline(incident, notice.brand_name)),
        kit.section(said),
        _state(notice),
        *_buttons(incident, notice.names),
    ]
    if notice.purpose not in {Purpose.ALERT, Purpose.EDIT}:
        blocks.insert(1, kit.section(_why(notice)))
    return blocks


def _channels(incident: Incident) -> str:
    ranked = sorted(incident.evidence.channels.items(), key=lambda item: (-item[1], item[0]))
    return "".join(f" · {kit.escape(one_line(name, 40))} {n:,}" for name, n in ranked[:_CHANNELS])


def _state(notice: Notice) -> Block:
    incident = notice.incident

    def at(time: datetime | None) -> str:
        return clock_time(time, notice.timezone, notice.at) if time is not None else "–"

    holder = kit.mention(incident.acknowledged_by or "tocsin", notice.names)
    state = {
        IncidentState.OPEN: "*Nobody has it yet*",
        IncidentState.ACKNOWLEDGED: f"{holder} has it since {at(incident.acknowledged_at)}",
        IncidentState.SNOOZED: f"Snoozed until {at(incident.snoozed_until)}",
        IncidentState.RESOLVED: f"*Over* since {at(incident.resolved_at)}",
        IncidentState.FALSE_ALARM: f"*A false alarm*, as of {at(incident.resolved_at)}",
    }[incident.state]
    if incident.calls_if_lasting is not None:
        state += f"; it is minor, and calls people if it still goes on at {at(incident.calls_if_lasting)}"
    if incident.assigned_to is not None and not incident.state.ended:
        state += f", assigned to {kit.mention(incident.assigned_to, notice.names)}"
    lines = [state, f"{incident.severity.capitalize()}, began {at(incident.onset_at)}"]
    if incident.next_update_due is not None and not incident.state.ended:
        owed = "Next public update by" if incident.updates_posted else "First public reply by"
        lines.insert(1, f"{owed} *{at(incident.next_update_due)}*")
    if incident.state.ended and incident.promise is not None:
        lines.insert(1, kit.escape(still_promised(notice)))
    return kit.section("\n".join(lines))


def _buttons(incident: Incident, names: Names) -> list[Block]:
    key = incident.id
    if incident.state.ended:
        again = kit.button("reopen", "Reopen", key, confirm="Is it not over after all?")
        return [kit.actions(again, kit.button("note", "Add a note", key), *_promise_kept(incident))]
    first = []
    if incident.acknowledged_at is None:
        first.append(kit.button("acknowledge", "I have it", key, style="primary"))
    return [
        kit.actions(
            *first,
            kit.button("post_update", "Post update", key),
            kit.button("escalate", "Escalate", key, confirm="Call the next people on the list now?"),
            kit.button("snooze", "Snooze 1 h", key),
            kit.choice("snooze_for", "Snooze for…", [(label, f"{key} {time}") for label, time in _SNOOZES]),
            kit.button("resolve", "Resolve", key, confirm="Is it over?"),
            kit.button("false_alarm", "False alarm", key, style="danger", confirm="Was it never a crisis?"),
            kit.overflow("more", _more(incident)),
        ),
        *_proposal(incident, names),
    ]


def _more(incident: Incident) -> list[tuple[str, str]]:
    """What is needed more rarely: (label, what it asks for and the incident)."""
    key, promise = incident.id, incident.promise
    rows = [("Assign…", f"assign {key}")]
    if incident.kind is not IncidentKind.BLIND:
        rows.append(("Fact sheet…", f"fact {key}"))
    if promise is not None:
        rows.append(("Promise kept", f"promise_kept {key} {_milliseconds(promise.due)}"))
    return [
        *rows,
        ("Resolve, with a summary…", f"resolve_with {key}"),
        ("False alarm, because…", f"false_alarm_because {key}"),
    ]


def _proposal(incident: Incident, names: Names) -> list[Block]:
    """What waits for a second person, for whoever passes to agree."""
    waits = incident.proposal
    if waits is None:
        return []
    parts = kit.escape(" and ".join(waits.parts))
    line = f"✋ *Waits for a second person*, as it holds {parts}. Proposed by {kit.mention(waits.by, names)}:"
    ask = "Do you agree that the public is told this?"
    return [
        kit.section(line),
        kit.quote(kit.words(many_lines(waits.update.text)[:_NOTE_LENGTH])),
        kit.actions(kit.button("approve", "Agree: it is posted", incident.id, style="primary", confirm=ask)),
    ]


def _promise_kept(incident: Incident) -> list[Block]:
    """A button for the promise that is due next, if one stands."""
    if incident.promise is None:
        return []
    kept = f"{incident.id} {_milliseconds(incident.promise.due)}"
    return [kit.button("promise_kept", "Promise kept", kept, confirm="Does the public have that word?")]


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _details(notice: Notice) -> Iterator[Block]:
    """What may be left out, the most useful first."""
    incident, seen = notice.incident, notice.incident.evidence
    if seen.terms:
        yield kit.small("Words: " + ", ".join(one_line(term, 40) for term in seen.terms[:_TERMS]))
    for example in seen.examples[:_EXAMPLES]:
        parts = [kit.words(one_line(example.text, _EXAMPLE_LENGTH))]
        link = kit.link(example.url)
        if link is not None:
            parts += [kit.words("  "), link]
        yield kit.quote(*parts)
    if seen.examples and not incident.state.ended:
        yield kit.actions(
            *(
                kit.button(
                    f"not_negative_{number}",
                    f"Not negative: {number}" if number == 1 else str(number),
                    f"{incident.id} {example.id}",
                )
                for number, example in enumerate(seen.examples[:_EXAMPLES], 1)
            )
        )
    if not incident.state.ended:
        yield from _replies(incident, _REPLIES)
        if len(incident.holding_replies) > _REPLIES:
            yield kit.actions(kit.button("replies", f"All {len(incident.holding_replies)} replies", incident.id))
    if seen.reason and incident.kind is not IncidentKind.BLIND:
        yield kit.small(one_line(seen.reason, 500))


def _replies(incident: Incident, most: int) -> Iterator[Block]:
    """Holding replies to copy: those for the public first, in the languages that most people write in."""
    for reply in ranked(incident.holding_replies, incident.evidence.languages)[:most]:
        yield kit.copyable(reply_label(reply), reply.text)


def _foot(notice: Notice) -> Block:
    brand = one_line(notice.brand_name, 100)
    return kit.small_link(notice.page, "Everything about it", f"{brand} · {notice.incident.id}")


# ── in the thread ────────────────────────────────────────────────────────────


def _reply(notice: Notice) -> list[Block]:
    incident, line = notice.incident, _why(notice)
    if notice.purpose is Purpose.ESCALATION:
        return [kit.section(f"{line}\n{kit.escape(what_happens(incident))}"), *_buttons(incident, notice.names)]
    if notice.purpose is Purpose.REMINDER:
        post = kit.button("post_update", "Post update", incident.id, style="primary")
        return [kit.section(line), kit.actions(post, *_promise_kept(incident))]
    if notice.note_by is not None:
        line += f" – {kit.mention(notice.note_by, notice.names)}"
    said = many_lines(notice.note or "")[:_NOTE_LENGTH]
    return [kit.section(line), *([kit.quote(kit.words(said))] if said.strip() else []), *_report(notice)]


def _report(notice: Notice) -> Iterator[Block]:
    """The figures of what is over, and where the whole report is."""
    if notice.report is not None and notice.purpose is Purpose.RESOLVED:
        yield kit.fields((name, kit.escape(value)) for name, value in notice.report.figures)
        yield kit.small_link(notice.report.page, "The whole report", "with room for lessons")


def _reply_details(notice: Notice) -> Iterator[Block]:
    if notice.purpose is Purpose.REMINDER:
        yield from _replies(notice.incident, 2)


def _why(notice: Notice) -> str:
    sign = _ENDS.get(notice.incident.state) if notice.purpose is Purpose.RESOLVED else _SIGNS.get(notice.purpose)
    if notice.news is not None:
        sign = "📈"
    return f"{sign or '🔔'} *{kit.escape(why_now(notice))}*"


# ── several that waited ──────────────────────────────────────────────────────


def _digest_top(notice: Notice) -> list[Block]:
    return [kit.header(f"🌅 {digest.headline(notice)}")]


def _digest_lines(notice: Notice) -> Iterator[Block]:
    for one in notice.digest[:_DIGEST]:
        yield kit.line(
            f"{_ENDS.get(one.incident.state) or _MARKS[one.incident.severity]} {digest.line(one, notice.names)}"
        )
        yield kit.small_link(one.page, "Everything about it", one.incident.id)
    if len(notice.digest) > _DIGEST:
        yield kit.small(f"and {len(notice.digest) - _DIGEST} more: see the list of incidents")


# ── in words ─────────────────────────────────────────────────────────────────


def _fallback(notice: Notice) -> str:
    """The whole message in a line or two, for notifications; escaped, without markup."""
    incident = notice.incident
    lines = [headline(incident, notice.brand_name), f"{incident.severity.capitalize()}: {what_happens(incident)}"]
    if notice.purpose not in {Purpose.ALERT, Purpose.EDIT}:
        lines.insert(0, why_now(notice))
    if incident.state is IncidentState.ACKNOWLEDGED and incident.acknowledged_by is not None:
        nameless = incident.acknowledged_by.startswith("slack:") and incident.acknowledged_by not in notice.names
        holder = "A colleague" if nameless else who(incident.acknowledged_by, notice.names)
        lines.append(f"{holder} has it.")
    return f"{kit.escape(one_line(' – '.join(lines), _FALLBACK_LENGTH))} {kit.escape(notice.page)}"
