"""The public clock: a word is posted, the next one is owed, and what was promised is kept or broken. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from daemon.command import KeepPromise, PostUpdate
from daemon.errors import Conflict, InputError
from daemon.model import EventKind, Incident, Promise
from daemon.notice import Purpose
from daemon.response.policy import Outcome, Policy, edits, tell
from daemon.response.promises import promised_times
from daemon.timeline import Draft
from daemon.views import format_time

_LONGEST = 7 * 86400  # seconds until the next word


class Named(msgspec.Struct, frozen=True):
    """The times of the next word that an update names."""

    told: tuple[datetime, ...]  # in its text, ascending
    chosen: datetime | None  # beside it

    @property
    def times(self) -> tuple[datetime, ...]:
        """All of them."""
        return self.told if self.chosen is None else (self.chosen, *self.told)


def named_by(update: PostUpdate, *, at: datetime, policy: Policy) -> Named:
    """What ``update``, written ``at`` this time, names. Raises ``InputError``."""
    if update.next_update_in is not None and not 0 < update.next_update_in <= _LONGEST:
        raise InputError("next_update_in: expected a duration of at most 7d")
    chosen = None if update.next_update_in is None else at + timedelta(seconds=update.next_update_in)
    return Named(promised_times(update.text, update.lang, at, policy.timezone), chosen)


def post_update(
    incident: Incident,
    update: PostUpdate,
    *,
    actor: str,
    now: datetime,
    policy: Policy,
    written_at: datetime | None = None,
) -> Outcome:
    """The public was told something; a time that the text or ``next_update_in`` names is a promise.

    The next word is owed by ``next_update_in``, else by the first time that the text names, else
    by severity. ``written_at``: what the times are read by where it was written before ``now``.
    Raises ``InputError``.
    """
    named = named_by(update, at=written_at or now, policy=policy)
    due = next(iter(named.times), now + policy.next_update[incident.severity])
    settled, rest = _settle(incident, now)
    promised = {promise.due for promise in rest}
    times = named.told or named.times
    made = tuple(Promise(made_at=now, due=at, lang=update.lang) for at in dict.fromkeys(times) if at not in promised)
    posted = {
        "text": update.text,
        "lang": update.lang,
        "channel": update.channel,
        "next_update_due": format_time(due),
    }
    events = (
        *settled,
        Draft(kind=EventKind.UPDATE_POSTED, actor=actor, data=posted),
        *(
            Draft(
                kind=EventKind.PROMISE_MADE, actor=actor, data={"due": format_time(promise.due), "lang": promise.lang}
            )
            for promise in made
        ),
    )
    kept_marks = tuple(mark for mark in incident.reminded if mark.startswith("promise:"))
    changed = replace(
        incident,
        updates_posted=incident.updates_posted + 1,
        next_update_due=due,
        word_from=now,
        promises=tuple(sorted((*rest, *made), key=lambda promise: promise.due)),
        broken=(),
        reminded=kept_marks,
        overdue_escalated=False,
    )
    note = {"note": update.text, "note_by": actor}
    orders = tell(changed, Purpose.UPDATE, f"update:{changed.updates_posted}", note)
    return Outcome(incident=changed, events=events, orders=(*orders, *edits(changed)), reason="update_posted")


def _settle(incident: Incident, now: datetime) -> tuple[tuple[Draft, ...], tuple[Promise, ...]]:
    """A word keeps the promise that was due next; later ones stand."""
    if not incident.promises:
        return (), ()
    first, *rest = incident.promises
    return (_verdict(first, now),), tuple(rest)


def keep_promise(incident: Incident, command: KeepPromise, *, actor: str, now: datetime, policy: Policy) -> Outcome:
    """The public has the word that was promised; the one after it is owed by the next promise, else by severity.

    Raises ``Conflict`` where no such promise stands.
    """
    kept = next((promise for promise in incident.promises if command.due in {None, promise.due}), None)
    if kept is None:
        raise Conflict("no promise to the public stands: none was made, or each has been kept or broken")
    rest = [promise for promise in incident.promises if promise is not kept]
    changed = replace(incident, promises=tuple(rest))
    if not incident.state.ended:  # then no other word is owed
        changed = replace(
            changed,
            broken=(),
            next_update_due=rest[0].due if rest else now + policy.next_update[incident.severity],
            word_from=now,
            reminded=tuple(mark for mark in incident.reminded if mark.startswith("promise:")),
            overdue_escalated=False,
        )
    event = Draft(kind=EventKind.PROMISE_KEPT, actor=actor, data={"due": format_time(kept.due)})
    return Outcome(incident=changed, events=(event,), orders=edits(changed), reason="promise_kept")


def break_promise(incident: Incident, due: datetime) -> Outcome:
    """Its time, or any up to ``due``, has passed without a word."""
    broken = tuple(promise for promise in incident.promises if promise.due <= due)
    standing = tuple(promise for promise in incident.promises if promise.due > due)
    return Outcome(
        incident=replace(incident, promises=standing, broken=(*incident.broken, *broken)),
        events=tuple(
            Draft(kind=EventKind.PROMISE_BROKEN, data={"due": format_time(promise.due)}) for promise in broken
        ),
        reason="promise_broken",
    )


def _verdict(promise: Promise, now: datetime) -> Draft:
    kind = EventKind.PROMISE_KEPT if now <= promise.due else EventKind.PROMISE_BROKEN
    return Draft(kind=kind, data={"due": format_time(promise.due)})
