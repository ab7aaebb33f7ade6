"""What an answer to a mail does, over real incidents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from email.message import EmailMessage
from unittest.mock import AsyncMock

import pytest

from daemon.clock import ManualClock
from daemon.command import Resolve
from daemon.incidents import Incidents, delivery_id
from daemon.letters import Letters
from daemon.mail.address import reply_address
from daemon.mail.answers import MailAnswers
from daemon.mail.desk import MailDesk, Outcome
from daemon.model import EventKind, IncidentState
from daemon.store.engine import Store
from daemon.store.links import UsedLinks
from daemon.store.mailings import Mailings
from tests.fakes.records import NOON, a_policy, opened

SECRET = "0123456789abcdef-of-the-tests"
BASE = "tocsin@acme.example"
ONCALL, HEAD = "oncall@acme.example", "head@acme.example"


class Desk:
    """A desk over one open incident, whose first step mailed oncall@acme.example."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        self.clock = clock
        self.incidents = Incidents(store, clock, {"acme": a_policy()})
        self._store = store
        self.letters = Letters(store=store, clock=clock, notifiers={})
        self.desk = self.made()

    def made(self, *, lists: frozenset[str] = frozenset()) -> MailDesk:
        """A desk as after a restart."""
        self.desk = MailDesk(
            base=BASE,
            lists=lists,
            secret=lambda: SECRET,
            base_url=lambda: "https://tocsin.example",
            incidents=self.incidents,
            mailings=Mailings(self._store),
            answers=MailAnswers(
                store=self._store, letters=self.letters, used=UsedLinks(self._store, self.clock), clock=self.clock
            ),
            clock=self.clock,
            names=lambda: {"slack:U0ANNA": "Anna Nowak"},
        )
        return self.desk

    def address(self, to: str = ONCALL, *, secret: str = SECRET) -> str:
        delivery = delivery_id("acme-1", f"1:alert:1:email:{to}")
        return reply_address(BASE, secret=secret, incident_id="acme-1", address=to, delivery_id=delivery)

    def mail(
        self,
        line: str,
        headers: Mapping[str, str] | None = None,
        *,
        n: int = 1,
        sender: str = ONCALL,
        to: str | None = None,
    ) -> bytes:
        message = EmailMessage()
        message["From"] = f"Somebody <{sender}>"
        message["To"] = to or self.address()
        message["Subject"] = "Re: [CRITICAL] Acme Mobile"
        message["Message-ID"] = f"<{n}@acme.example>"
        for name, value in (headers or {}).items():
            message[name] = value
        message.set_content(f"{line}\n\n> Acknowledge:\n> http://127.0.0.1/act/token\n")
        return bytes(message)

    async def state(self) -> IncidentState:
        return (await self.incidents.get("acme-1")).state

    async def actors(self, kind: EventKind) -> list[str]:
        return [event.actor for event in await self.incidents.timeline("acme-1") if event.kind is kind]


@pytest.fixture
async def desk(store: Store, clock: ManualClock) -> Desk:
    made = Desk(store, clock)
    await made.incidents.open(opened(now=NOON))
    return made


async def test_ack_acknowledges_in_the_name_of_whom_the_mail_went_to(desk: Desk) -> None:
    reply = await desk.desk.take(desk.mail("ack"))
    assert reply.outcome is Outcome.DONE
    assert (reply.to, reply.reply_to) == (ONCALL, desk.address())
    assert "Done: you have it." in reply.body
    assert "https://tocsin.example/incidents/acme-1" in reply.body
    assert await desk.actors(EventKind.ACKNOWLEDGED) == [f"email:{ONCALL}"]


async def test_snooze_and_resolve_are_done_too(desk: Desk) -> None:
    assert (await desk.desk.take(desk.mail("snooze 1h", n=1))).outcome is Outcome.DONE
    assert (await desk.incidents.get("acme-1")).snoozed_until == NOON + timedelta(hours=1)
    assert (await desk.desk.take(desk.mail("resolve A router.", n=2))).outcome is Outcome.DONE
    (event,) = [e for e in await desk.incidents.timeline("acme-1") if e.kind is EventKind.RESOLVED]
    assert event.data["summary"] == "A router."


async def test_the_act_and_its_answer_are_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in between, neither has happened; the mail, which is new still, is taken again."""
    with monkeypatch.context() as broken:
        broken.setattr(desk.letters, "put", AsyncMock(side_effect=RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            await desk.desk.take(desk.mail("snooze 1h"))
    assert await desk.state() is IncidentState.OPEN
    assert (await desk.desk.take(desk.mail("snooze 1h"))).outcome is Outcome.DONE
    assert (await desk.made().take(desk.mail("snooze 1h"))).outcome is Outcome.REPEATED
    assert len(await desk.actors(EventKind.SNOOZED)) == 1


async def test_the_second_is_told_who_was_first(desk: Desk) -> None:
    await desk.incidents.act("acme-1", Resolve(summary="Over."), actor="slack:U0ANNA")
    reply = await desk.desk.take(desk.mail("ack"))
    assert reply.outcome is Outcome.REFUSED
    assert "by Anna Nowak; reopen it" in reply.body


async def test_the_same_mail_acts_once_even_over_a_restart(desk: Desk) -> None:
    mail = desk.mail("snooze 1h")
    await desk.desk.take(mail)
    desk.clock.advance(timedelta(minutes=5))
    for _ in range(2):
        again = await desk.made().take(b"Received: once more\r\n" + mail)
        assert (again.outcome, again.body) == (Outcome.REPEATED, "")
    assert len(await desk.actors(EventKind.SNOOZED)) == 1


@pytest.mark.parametrize("name", ["Delivered-To", "X-Original-To"])
async def test_the_signed_address_may_stand_in_another_header(desk: Desk, name: str) -> None:
    mail = desk.mail("ack", {name: desk.address().upper()}, to=BASE)
    assert (await desk.desk.take(mail)).outcome is Outcome.DONE


async def test_a_forged_address_does_nothing_and_is_not_answered(desk: Desk) -> None:
    forged = (
        desk.address(secret="another"),
        reply_address(BASE, secret=SECRET, incident_id="acme-1", address=ONCALL, delivery_id="0" * 32),
        BASE,
    )
    for n, address in enumerate(forged):
        reply = await desk.desk.take(desk.mail("ack", n=n, to=address))
        assert (reply.outcome, reply.body) == (Outcome.FORGED, "")
    assert await desk.state() is IncidentState.OPEN


async def test_somebody_else_cannot_answer_in_ones_place_and_one_is_told(desk: Desk) -> None:
    for n, sender in enumerate(["bob@acme.example", "oncall@evil.example"]):
        reply = await desk.desk.take(desk.mail("ack", n=n, sender=sender))
        assert (reply.outcome, reply.to) == (Outcome.STRANGER, ONCALL)
        assert sender in reply.body
    assert await desk.state() is IncidentState.OPEN


async def test_behind_a_list_a_colleague_may_answer_and_a_stranger_not(desk: Desk) -> None:
    listed = desk.made(lists=frozenset({ONCALL}))
    assert (await listed.take(desk.mail("ack", n=1, sender="bob@evil.example"))).outcome is Outcome.STRANGER
    reply = await listed.take(desk.mail("ack", n=2, sender="Bob@acme.example"))
    assert (reply.outcome, reply.to) == (Outcome.DONE, "bob@acme.example")
    assert await desk.actors(EventKind.ACKNOWLEDGED) == ["email:bob@acme.example"]


@pytest.mark.parametrize("headers", [{"Auto-Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return-Path": "<>"}])
async def test_a_machine_neither_acts_nor_is_answered(desk: Desk, headers: dict[str, str]) -> None:
    reply = await desk.desk.take(desk.mail("ack", headers))
    assert (reply.outcome, reply.body) == (Outcome.MACHINE, "")
    assert await desk.state() is IncidentState.OPEN


async def test_after_seven_days_it_is_too_late(desk: Desk) -> None:
    desk.clock.advance(timedelta(days=7))
    reply = await desk.desk.take(desk.mail("ack"))
    assert reply.outcome is Outcome.EXPIRED
    assert "7 days" in reply.body
    assert await desk.state() is IncidentState.OPEN


async def test_what_is_no_command_is_explained_once(desk: Desk) -> None:
    first = await desk.desk.take(desk.mail("What is this?", n=1))
    assert "ack - I have it" in first.body
    second = await desk.made().take(desk.mail("I am on holiday", n=2))
    assert (second.outcome, second.body) == (Outcome.UNCLEAR, "")


async def test_a_time_that_is_none_is_named(desk: Desk) -> None:
    reply = await desk.desk.take(desk.mail("snooze until tomorrow"))
    assert reply.outcome is Outcome.REFUSED
    assert "expected a duration" in reply.body


async def test_only_mail_to_a_signed_address_is_ours(desk: Desk) -> None:
    assert desk.desk.is_ours(desk.mail("ack"))
    assert not desk.desk.is_ours(desk.mail("ack", to="tocsin@acme.example"))
    assert not desk.desk.is_ours(desk.mail("ack", to="other@acme.example"))
