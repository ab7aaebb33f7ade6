"""The only writer of incidents: state, timeline, times owed and outbox in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.clock import Clock
from daemon.command import AddFact, Command
from daemon.errors import Conflict, NotFound
from daemon.holds import Holds, holds_for, let_go, notes_of
from daemon.model import EventKind, HoldingReply, Incident, IncidentKind, IncidentState, Reading, TimelineEvent
from daemon.response import incident as rules
from daemon.response.dues import Due, fire, owed
from daemon.response.policy import Order, Outcome, Policy
from daemon.store.engine import Store
from daemon.store.events import events_of, row_of
from daemon.store.tables import DRILL, deliveries, dues, incidents, timeline
from daemon.store.upsert import upsert
from daemon.timeline import Draft, append

log = structlog.get_logger()

_DELIVERY = uuid.UUID("5d5b1f64-3f0e-4b7c-9a53-7c1f9f1c8f10")  # namespace of delivery ids
_ENDED = [state.value for state in IncidentState if state.ended]
Replies = Callable[[Incident], Awaitable[tuple[HoldingReply, ...]]]
Rule = Callable[[Incident, datetime, Policy], Outcome | None]
Also = Callable[[AsyncConnection, Incident], Awaitable[None]]
_decode = msgspec.json.Decoder(Incident).decode


def delivery_id(incident_id: str, key: str) -> str:
    """The id of a delivery: the same for the same thing to be sent, whenever it is asked for."""
    return str(uuid.uuid5(_DELIVERY, f"{incident_id}\n{key}"))


class Incidents:
    """Reads and changes incidents."""

    def __init__(
        self, store: Store, clock: Clock, policies: Mapping[str, Policy], replies: Replies | None = None
    ) -> None:
        """``replies``: what to offer anew, when facts change or somebody is called; None: what was offered stays."""
        self._store = store
        self._replies = replies
        self._clock = clock
        self.policies = policies
        self._joined: set[tuple[str, IncidentKind]] = set()
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each commit by which something may be due, or to be sent."""
        self._listeners.append(listener)

    def changed(self) -> None:
        """Tell the listeners."""
        for listener in self._listeners:
            listener()

    # ── reading

    async def get(self, incident_id: str) -> Incident:
        """One incident.

        Raises ``NotFound``.
        """
        async with self._store.read() as connection:
            return await load(connection, incident_id)

    async def find(
        self, *, brand: str | None = None, state: str | None = None, limit: int = 50, before: str | None = None
    ) -> list[Incident]:
        """Incidents, newest first; ``before`` is the id of the last one already seen."""
        query = sa.select(incidents.c.body).order_by(incidents.c.opened_at.desc(), incidents.c.id.desc()).limit(limit)
        if brand is not None:
            query = query.where(incidents.c.brand == brand)
        if state is not None:
            query = query.where(incidents.c.state == state)
        if before is not None:
            last = await self.get(before)
            query = query.where(
                sa.or_(
                    incidents.c.opened_at < last.opened_at,
                    sa.and_(incidents.c.opened_at == last.opened_at, incidents.c.id < last.id),
                )
            )
        async with self._store.read() as connection:
            return [_decode(body) for body in (await connection.execute(query)).scalars()]

    async def open_ones(self) -> list[Incident]:
        """Every incident that has not ended."""
        query = sa.select(incidents.c.body).where(incidents.c.state.not_in(_ENDED)).order_by(incidents.c.opened_at)
        async with self._store.read() as connection:
            return [_decode(body) for body in (await connection.execute(query)).scalars()]

    async def timeline(self, incident_id: str) -> list[TimelineEvent]:
        """The events of one incident in order.

        Raises ``NotFound``.
        """
        async with self._store.read() as connection:
            await load(connection, incident_id)
            return [event async for event in events_of(connection, incident_id)]

    # ── changing

    async def act(self, incident_id: str, command: Command, *, actor: str, also: Also | None = None) -> Incident:
        """Carry out what a person asked for; ``also`` is done in the same transaction.

        Raises ``NotFound``, ``Conflict`` or ``InputError``.
        """
        incident = await self.change(
            incident_id,
            lambda incident, now, policy: rules.act(incident, command, actor=actor, now=now, policy=policy),
            also=also,
        )
        return await self._reword(incident) if isinstance(command, AddFact) else incident

    async def _reword(self, incident: Incident) -> Incident:
        """Offer replies that tell what is confirmed by now, and name a time to come."""
        if self._replies is None or incident.state.ended or not incident.holding_replies:
            return incident
        replies, facts = await self._replies(incident), incident.facts
        return await self.change(incident.id, lambda found, _now, _policy: rules.reword(found, replies, told=facts))

    async def change(self, incident_id: str, rule: Rule, *, also: Also | None = None) -> Incident:
        """Apply a pure rule to an incident, with all that follows from it, in one transaction."""
        try:
            async with self._store.write() as connection:
                was = incident = await load(connection, incident_id, lock=True)
                now = self._clock.now()
                outcome = rule(incident, now, self._policy(incident))
                if outcome is not None:
                    incident = await self.apply(connection, outcome, was=incident, now=now)
                if also is not None:
                    await also(connection, incident)
        except IntegrityError as error:
            raise Conflict("another incident of this kind is open for the brand") from error
        if outcome is not None and (outcome.events or outcome.orders or self._owed(was) != self._owed(incident)):
            self.changed()
        return incident

    async def open(self, outcome: Outcome) -> Incident:
        """Write a new incident.

        Raises ``Conflict`` where one of its kind is open for the brand already.
        """
        try:
            async with self._store.write() as connection:
                incident = await self.apply(connection, outcome, was=None, now=outcome.incident.opened_at)
        except IntegrityError as error:
            raise Conflict("another incident of this kind is open for the brand") from error
        self.changed()
        return incident

    async def sustain(self, incident_id: str, at: datetime) -> Incident:
        """The evidence still held ``at`` this time."""
        return await self.change(
            incident_id,
            lambda incident, _now, _policy: Outcome(
                incident=replace(incident, last_sustained_at=max(at, incident.last_sustained_at)), reason="sustained"
            ),
        )

    async def join(self, incident: Incident, reading: Reading) -> None:
        """Another detector sees the same wave; it is written down once, and whenever it makes it graver."""
        key = (incident.id, reading.kind)
        if key not in self._joined:
            told = {
                event.data.get("kind") for event in await self.timeline(incident.id) if event.kind is EventKind.EVIDENCE
            }
            if reading.kind.value not in told:
                await self.change(incident.id, lambda found, _now, _policy: rules.joined(found, reading))
            self._joined.add(key)
        if reading.severity.rank > incident.severity.rank:
            await self.change(incident.id, lambda found, _now, _policy: rules.worsen(found, reading))

    async def apply(
        self, connection: AsyncConnection, outcome: Outcome, *, was: Incident | None, now: datetime | None = None
    ) -> Incident:
        """Write an outcome, decided at ``now``, in the caller's transaction; the caller calls `changed` after it."""
        now = now or self._clock.now()
        policy = self._policy(outcome.incident)
        holds = await holds_for(connection, outcome.incident, outcome.orders, policy, now)
        drafts = (*outcome.events, *notes_of(outcome.orders, holds, policy))
        incident, events = append(outcome.incident, drafts, now)
        if was is not None and incident == was and not outcome.orders:
            return incident
        row = {
            "id": incident.id,
            "brand": incident.brand,
            "kind": DRILL if incident.drill else incident.kind.value,
            "severity": incident.severity.value,
            "state": incident.state.value,
            "opened_at": incident.opened_at,
            "resolved_at": incident.resolved_at,
            "head_seq": incident.head_seq,
            "body": msgspec.json.encode(incident),
        }
        if was is None:
            await connection.execute(sa.insert(incidents), row)
        else:
            await connection.execute(sa.update(incidents).where(incidents.c.id == incident.id).values(row))
        if events:
            await connection.execute(sa.insert(timeline), [row_of(event) for event in events])
        await self._write_dues(connection, incident)
        if was is not None and was.severity is not incident.severity:
            await let_go(connection, incident, policy, now)
        await self._write_orders(connection, incident, outcome.orders, holds, now)
        if events or outcome.orders:
            log.info(
                "incident",
                incident=incident.id,
                brand=incident.brand,
                state=incident.state.value,
                reason=outcome.reason,
                events=[event.kind.value for event in events],
                orders=len(outcome.orders),
            )
        return incident

    def _policy(self, incident: Incident) -> Policy:
        """The brand's; one no longer configured calls nobody, but what is open can still be worked on and ended."""
        found = self.policies.get(incident.brand)
        return (
            found
            if found is not None
            else replace(next(iter(self.policies.values())), ladder=(), ladders={}, timezone="UTC")
        )

    def _owed(self, incident: Incident) -> tuple[Due, ...]:
        policy = self.policies.get(incident.brand)
        return owed(incident, policy) if policy is not None else ()

    async def _write_dues(self, connection: AsyncConnection, incident: Incident) -> None:
        """What the incident owes, anew; one of a brand that is no longer configured owes nothing."""
        await connection.execute(sa.delete(dues).where(dues.c.incident_id == incident.id))
        rows = [{"incident_id": incident.id, "name": due.name, "at": due.at} for due in self._owed(incident)]
        if rows:
            await connection.execute(sa.insert(dues), rows)

    async def _write_orders(
        self,
        connection: AsyncConnection,
        incident: Incident,
        orders: tuple[Order, ...],
        holds: Holds,
        now: datetime,
    ) -> None:
        rows = [
            {
                "id": delivery_id(incident.id, order.key),
                "incident_id": incident.id,
                "key": order.key,
                "purpose": order.purpose.value,
                "step": order.step,
                "notifier": order.target.partition(":")[0],
                "target": order.target,
                "state": "pending",
                "created_at": now,
                "due_at": holds[order.key].until if order.key in holds else now,
                "attempts": 0,
                "lease_until": None,
                "detail": msgspec.json.encode(_detail(order, holds)),
                "finished_at": None,
                "error": None,
                "held": holds[order.key].reason if order.key in holds else None,
            }
            for order in orders
        ]
        fresh = {"state", "created_at", "due_at", "attempts", "lease_until", "finished_at", "error"}
        await upsert(connection, deliveries, rows, ("incident_id", "key"), dict.fromkeys(fresh), only=_is_edit)

    # ── times owed

    async def next_due(self) -> datetime | None:
        """When the next thing is owed."""
        async with self._store.read() as connection:
            at: datetime | None = (await connection.execute(sa.select(sa.func.min(dues.c.at)))).scalar_one_or_none()
            return at

    async def fire_due(self) -> int:
        """Do everything whose time has come; tells how many things that was."""
        now = self._clock.now()
        async with self._store.read() as connection:
            rows = (
                await connection.execute(sa.select(dues.c.incident_id).where(dues.c.at <= now).order_by(dues.c.at))
            ).scalars()
            due_incidents = list(dict.fromkeys(rows))
        fired = 0
        for incident_id in due_incidents:
            await self._freshen(incident_id)
            while await self._fire_one(incident_id):
                fired += 1
        return fired

    async def _freshen(self, incident_id: str) -> None:
        """Whoever is called now reads what can be posted now; nobody goes uncalled for want of words."""
        try:
            await self._reword(await self.get(incident_id))
        except Exception:
            log.exception("replies_not_renewed", incident=incident_id)

    async def _fire_one(self, incident_id: str) -> bool:
        """Do the first thing that the incident owes by now: each is a transaction of its own."""
        async with self._store.write() as connection:
            incident = await load(connection, incident_id, lock=True)
            now, policy = self._clock.now(), self.policies.get(incident.brand)
            due = next((due for due in owed(incident, policy) if due.at <= now), None) if policy else None
            if due is None or policy is None:  # the row was out of date
                await self._write_dues(connection, incident)
                return False
            await self.apply(connection, fire(incident, due, now=now, policy=policy), was=incident, now=now)
        self.changed()
        return True

    async def record(
        self, connection: AsyncConnection, incident_id: str, kind: EventKind, data: dict[str, Any]
    ) -> Incident:
        """Write one event of our own within the caller's transaction."""
        incident = await load(connection, incident_id, lock=True)
        draft = Draft(kind=kind, data=data)
        return await self.apply(
            connection, Outcome(incident=incident, events=(draft,), reason=kind.value), was=incident
        )

    async def rewrite_dues(self) -> None:
        """Write every time owed anew from the incidents: at start, and after new settings."""
        async with self._store.write() as connection:
            await connection.execute(sa.delete(dues).where(dues.c.incident_id.not_in(sa.select(incidents.c.id))))
            owing = sa.or_(incidents.c.state.not_in(_ENDED), incidents.c.id.in_(sa.select(dues.c.incident_id)))
            query = sa.select(incidents.c.body).where(owing).order_by(incidents.c.id)
            for body in (await connection.execute(query.with_for_update())).scalars().all():
                await self._write_dues(connection, _decode(body))
        self.changed()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction after which the listeners are told."""
        async with self._store.write() as connection:
            yield connection
        self.changed()


def _detail(order: Order, holds: Holds) -> dict[str, Any]:
    """What it says, and, to be read afterwards, what held it back."""
    return order.detail | ({"held": holds[order.key].reason} if order.key in holds else {})


def _is_edit(row: Mapping[str, Any]) -> bool:
    return bool(row["purpose"] == "edit")


async def load(connection: AsyncConnection, incident_id: str, *, lock: bool = False) -> Incident:
    """One incident within a transaction; ``lock`` keeps other writers out until it ends.

    Raises ``NotFound``.
    """
    query = sa.select(incidents.c.body).where(incidents.c.id == incident_id)
    body = (await connection.execute(query.with_for_update() if lock else query)).scalar_one_or_none()
    if body is None:
        raise NotFound(f"no incident {incident_id!r:.60}")
    return _decode(body)


def new_incident_id(brand: str, now: datetime) -> str:
    """A readable id: the brand, the day, and enough chance to be unique."""
    return f"{brand[:18].replace('_', '-')}-{now:%Y%m%d}-{uuid.uuid4().hex[:6]}".strip("-")
