"""What people ask for by answering a mail, done here, once, in the name of whom that mail was sent to."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import structlog

from daemon.clock import Clock
from daemon.command import Acknowledge, Command, Escalate, FalseAlarm, Note, Resolve, Snooze
from daemon.errors import Conflict, InputError, NotFound
from daemon.mail import asked
from daemon.mail.address import BadToken, Mailing, delivery_of, expired, reply_address, verify
from daemon.mail.letter import Letter, read
from daemon.model import Incident
from daemon.people import NOBODY, Names, named
from daemon.web.links import page_link

_log = structlog.get_logger()
_DONE: Mapping[type[Command], str] = {
    Acknowledge: "Done: you have it. Nobody else is called.",
    Snooze: "Done: it is snoozed.",
    Resolve: "Done: it is over.",
    FalseAlarm: "Done: it is marked as a false alarm.",
    Escalate: "Done: the next people are being called.",
    Note: "Done: your note is in the record.",
}


class Outcome(enum.StrEnum):
    """What became of a mail; counted in ``tocsin_mail_replies_total``."""

    DONE = "done"
    REFUSED = "refused"  # the incident's state, or the rules, do not allow it
    UNCLEAR = "unclear"  # no command in its first line
    EXPIRED = "expired"
    STRANGER = "stranger"  # a good address, answered by somebody else
    FORGED = "forged"
    MACHINE = "machine"  # out of office, a bounce, a mailing list
    REPEATED = "repeated"  # this very mail was done before
    FAILED = "failed"  # our own fault; tried again at the next look


class Reply(NamedTuple):
    """What became of a mail, and what to write back, if anything."""

    outcome: Outcome
    to: str = ""
    body: str = ""
    letter: Letter | None = None
    incident_id: str = ""
    reply_to: str | None = None


class Acts(Protocol):
    """What is needed of ``daemon.incidents.Incidents``."""

    async def get(self, incident_id: str) -> Incident:
        """One incident. Raises ``NotFound``."""
        ...

    async def act(self, incident_id: str, command: Command, *, actor: str) -> Incident:
        """Carry out a command. Raises ``NotFound``, ``Conflict`` or ``InputError``."""
        ...


class Knows(Protocol):
    """What is needed of ``daemon.store.mailings.Mailings``."""

    async def get(self, delivery_id: str) -> Mailing | None:
        """The mail of that id."""
        ...


class Used(Protocol):
    """What is needed of ``daemon.store.links.UsedLinks``."""

    async def contains(self, nonce: str) -> bool:
        """Whether it was used."""
        ...

    async def add(self, nonce: str) -> None:
        """It is used now."""
        ...


class MailDesk:
    """Verifies a mail and does what it asks for."""

    def __init__(
        self,
        *,
        base: str,
        lists: frozenset[str],
        secret: Callable[[], str],
        base_url: Callable[[], str],
        incidents: Acts,
        mailings: Knows,
        used: Used,
        clock: Clock,
        names: Callable[[], Names] = lambda: NOBODY,
    ) -> None:
        """``base``: the address that signed ones are made of; ``lists``: those behind which several people are.

        ``names``: of people, by actor.
        """
        self._base = base
        self._lists = lists
        self._secret = secret
        self._base_url = base_url
        self._incidents = incidents
        self._mailings = mailings
        self._used = used
        self._clock = clock
        self._names = names

    def is_ours(self, head: bytes) -> bool:
        """Whether a mail's header names one of our signed addresses, true or forged."""
        return any(delivery_of(address, self._base) is not None for address in read(head).recipients)

    async def take(self, raw: bytes) -> Reply:
        """Do what a mail asks for; says what became of it, and what to write back."""
        letter = read(raw)
        found = await self._verified(letter)
        if found is None:
            return Reply(Outcome.FORGED)
        mailing, own = found
        if letter.machine:
            return Reply(Outcome.MACHINE)
        if await self._used.contains(letter.key):
            return Reply(Outcome.REPEATED)
        reply = await self._do(letter, mailing)
        await self._used.add(letter.key)
        return reply._replace(letter=letter, incident_id=mailing.incident_id, reply_to=own)

    async def _verified(self, letter: Letter) -> tuple[Mailing, str] | None:
        """The mail that is answered, and the signed address that proves it."""
        for address in letter.recipients:
            delivery_id = delivery_of(address, self._base)
            mailing = None if delivery_id is None else await self._mailings.get(delivery_id)
            if mailing is None:
                continue
            try:
                verify(address, self._base, mailing, secret=self._secret())
            except BadToken:
                continue
            own = reply_address(
                self._base,
                secret=self._secret(),
                incident_id=mailing.incident_id,
                address=mailing.address,
                delivery_id=mailing.delivery_id,
            )
            return mailing, own
        return None

    async def _do(self, letter: Letter, mailing: Mailing) -> Reply:
        actor = self._actor(letter, mailing)
        if actor is None:  # tell whom it was sent to, not whoever answered in their place
            told = f"Not done: somebody answered in your place, as {letter.sender or 'nobody'}."
            return Reply(Outcome.STRANGER, mailing.address, told)
        to = actor.removeprefix("email:")
        if expired(mailing, self._clock.now()):
            return Reply(Outcome.EXPIRED, to, "Not done: a mail can be answered for 7 days.\n" + self._page(mailing))
        try:
            command = asked.command(letter.line)
            if command is None:
                return await self._unclear(to, mailing)
            incident = await self._incidents.act(mailing.incident_id, command, actor=actor)
        except (Conflict, InputError, NotFound) as error:
            return Reply(Outcome.REFUSED, to, f"Not done: {named(str(error), self._names())}.\n{self._page(mailing)}")
        _log.info("mail_reply_done", incident=incident.id, command=type(command).__name__)
        return Reply(Outcome.DONE, to, f"{_DONE[type(command)]}\n\n{incident.title}\n{self._page(mailing)}")

    def _actor(self, letter: Letter, mailing: Mailing) -> str | None:
        """In whose name it is done: theirs to whom the mail went, or a colleague's behind a list."""
        recipient = mailing.address.casefold()
        if letter.sender == recipient:
            return f"email:{mailing.address}"
        same_house = letter.sender.rpartition("@")[2] == recipient.rpartition("@")[2]
        return f"email:{letter.sender}" if recipient in self._lists and same_house else None

    async def _unclear(self, to: str, mailing: Mailing) -> Reply:
        """Explain once for each mail of ours: two machines must not explain to each other for ever."""
        nonce = hashlib.sha256(f"explained {mailing.delivery_id}".encode()).hexdigest()
        if await self._used.contains(nonce):
            return Reply(Outcome.UNCLEAR)
        await self._used.add(nonce)
        body = f"Not done: the first line is no command. Begin with one of these:\n\n{asked.HELP}\n"
        return Reply(Outcome.UNCLEAR, to, f"{body}\n{self._page(mailing)}")

    def _page(self, mailing: Mailing) -> str:
        return page_link(self._base_url(), mailing.incident_id)
