"""Which orders wait for their person's morning: read and written within the transaction that orders them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.model import EventKind, Incident
from daemon.notice import Purpose
from daemon.oncall.holding import CALLS, Hold, Person, clock, owner
from daemon.response.ladder import SILENCE_OVER
from daemon.response.policy import Order, Policy
from daemon.store.tables import DRILL, deliveries, incidents
from daemon.timeline import Draft
from daemon.views import format_time

Holds = Mapping[str, Hold]  # by the key of the order
SILENCE = "silence"
_GATHER = timedelta(seconds=3)  # until all that one silence hid is ordered, and can go into one message
_UNCOUNTED = 1 << 30


async def holds_for(
    connection: AsyncConnection, incident: Incident, orders: Sequence[Order], policy: Policy, now: datetime
) -> Holds:
    """Which of ``orders`` are not to go out at once."""
    found: dict[str, Hold] = {}
    already: dict[str, int] = {}
    for order in orders:
        person = owner(policy.roster.people, order.target)
        hold = None
        if person is not None:
            if person.key not in already:
                already[person.key] = await _calls_tonight(connection, person, now)
            hold = person.hold(incident, order.purpose, now, already=already[person.key])
        if hold is None and order.detail.get("reason") == SILENCE_OVER:
            hold = Hold(until=now + _GATHER, reason=SILENCE)
        if hold is not None:
            found[order.key] = hold
    return found


def notes_of(orders: Sequence[Order], holds: Holds, policy: Policy) -> tuple[Draft, ...]:
    """What the timeline says of calls that wait: one line for each person."""
    notes: dict[tuple[str, str], Draft] = {}
    for order in orders:
        hold, person = holds.get(order.key), owner(policy.roster.people, order.target)
        if hold is None or person is None or order.purpose not in CALLS:
            continue
        why = "quiet hours" if hold.reason == "quiet_hours" else "enough alerts in this night"
        data = {
            "text": f"{person.name} is not called before {clock(hold.until, person)}: {why}.",
            "held": person.key,
            "step": order.step,
            "until": format_time(hold.until),
            "reason": hold.reason,
        }
        notes.setdefault((person.key, hold.reason), Draft(kind=EventKind.NOTE, data=data))
    return tuple(notes.values())


async def let_go(connection: AsyncConnection, incident: Incident, policy: Policy, now: datetime) -> None:
    """An incident has become graver: what was held of it, but would not be now, goes out at once."""
    waiting = sa.and_(
        deliveries.c.incident_id == incident.id,
        deliveries.c.state == "pending",
        deliveries.c.held.is_not(None),
        deliveries.c.merged_into.is_(None),
    )
    rows = (await connection.execute(sa.select(deliveries).where(waiting).with_for_update())).mappings().all()
    for row in rows:
        person = owner(policy.roster.people, row["target"])
        purpose = Purpose(row["purpose"])
        if person is None or person.hold(incident, purpose, now, already=_UNCOUNTED) is None:
            freed = sa.update(deliveries).where(deliveries.c.id == row["id"])
            await connection.execute(freed.values(held=None, due_at=now, created_at=now))


async def _calls_tonight(connection: AsyncConnection, person: Person, now: datetime) -> int:
    """How often the person was called, or is about to be, since this night began; a call by several ways is one."""
    since = person.tonight(now)
    if since is None:
        return 0
    drills = sa.select(incidents.c.id).where(incidents.c.kind == DRILL)
    calls = (
        sa.select(deliveries.c.incident_id, deliveries.c.step, deliveries.c.created_at)
        .where(
            deliveries.c.target.in_(person.targets),
            deliveries.c.purpose.in_([purpose.value for purpose in CALLS]),
            deliveries.c.created_at >= since,
            deliveries.c.held.is_(None),
            deliveries.c.state != "cancelled",
            deliveries.c.incident_id.not_in(drills),
        )
        .distinct()
    )
    count = sa.select(sa.func.count()).select_from(calls.subquery())
    return int((await connection.execute(count)).scalar_one())
