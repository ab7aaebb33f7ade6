"""What people ask for by answering a mail, done here, once, in the name of whom that mail was sent to."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from daemon.clock import Clock
from daemon.command import Acknowledge, Command, Escalate, FalseAlarm, Note, Resolve, Snooze
from daemon.errors import Conflict, InputError, NotFound
from daemon.incidents import Also
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


class _Task(NamedTuple):
    """A mail that was verified, and what every answer to it has in common."""

    letter: Letter
    mailing: Mailing
    blank: Reply

    def replied(self, outcome: Outcome, to: str = "", body: str = "") -> Reply:
        """What became of it."""
        return self.blank._replace(outcome=outcome, to=to, body=body)


class Acts(Protocol):
    """What is needed of ``daemon.incidents.Incidents``."""

    async def act(self, incident_id: str, command: Command, *, actor: str, also: Also | None = None) -> Incident:
        """Carry out a command. Raises ``NotFound``, ``Conflict`` or ``InputError``."""
        ...


class Knows(Protocol):
    """What is needed of ``daemon.store.mailings.Mailings``."""

    async def get(self, delivery_id: str) -> Mailing | None:
        """The mail of that id."""
        ...


class Answers(Protocol):
    """What is needed of ``daemon.mail.answers.MailAnswers``."""

    async def given(self, key: str) -> bool:
        """Whether the mail of that key was taken before."""
        ...

    async def give(self, reply: Reply, keys: Sequence[str], connection: AsyncConnection | None = None) -> None:
        """Remember what was taken, and send what is written back, if anything; in this transaction, if given."""
        ...


class MailDesk:
    """Verifies a mail and does what it asks for: act, answer, and that the mail was taken are one transaction."""

    def __init__(
        self,
        *,
        base: str,
        lists: frozenset[str],
        secret: Callable[[], str],
        base_url: Callable[[], str],
        incidents: Acts,
        mailings: Knows,
        answers: Answers,
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
        self._answers = answers
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
        if await self._answers.given(letter.key):
            return Reply(Outcome.REPEATED)
        task = _Task(letter, mailing, Reply(Outcome.DONE, letter=letter, incident_id=mailing.incident_id, reply_to=own))
        reply = await self._do(task)
        if reply.outcome is not Outcome.DONE:
            keys = (letter.key, _explained(mailing)) if reply.outcome is Outcome.UNCLEAR else (letter.key,)
            await self._answers.give(reply, keys)
        return reply

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

    async def _do(self, task: _Task) -> Reply:
        letter, mailing, _ = task
        actor = self._actor(letter, mailing)
        if actor is None:  # tell whom it was sent to, not whoever answered in their place
            told = f"Not done: somebody answered in your place, as {letter.sender or 'nobody'}."
            return task.replied(Outcome.STRANGER, mailing.address, told)
        to, page = actor.removeprefix("email:"), page_link(self._base_url(), mailing.incident_id)
        if expired(mailing, self._clock.now()):
            return task.replied(Outcome.EXPIRED, to, f"Not done: a mail can be answered for 7 days.\n{page}")

        try:
            command = asked.command(letter.line)
            if command is None:
                return await self._unclear(task, to, page)
            return await self._act(task, command, actor, page)
        except (Conflict, InputError, NotFound) as error:
            why = named(str(error), self._names())
            return task.replied(Outcome.REFUSED, to, f"Not done: {why}.\n{page}")

    async def _act(self, task: _Task, command: Command, actor: str, page: str) -> Reply:
        to = actor.removeprefix("email:")

        def done(incident: Incident) -> Reply:
            return task.replied(Outcome.DONE, to, f"{_DONE[type(command)]}\n\n{incident.title}\n{page}")

        async def answered(connection: AsyncConnection, incident: Incident) -> None:
            await self._answers.give(done(incident), (task.letter.key,), connection)

        incident = await self._incidents.act(task.mailing.incident_id, command, actor=actor, also=answered)
        _log.info("mail_reply_done", incident=incident.id, command=type(command).__name__)
        return done(incident)

    def _actor(self, letter: Letter, mailing: Mailing) -> str | None:
        """In whose name it is done: theirs to whom the mail went, or a colleague's behind a list."""
        recipient = mailing.address.casefold()
        if letter.sender == recipient:
            return f"email:{mailing.address}"
        same_house = letter.sender.rpartition("@")[2] == recipient.rpartition("@")[2]
        return f"email:{letter.sender}" if recipient in self._lists and same_house else None

    async def _unclear(self, task: _Task, to: str, page: str) -> Reply:
        """Explain once for each mail of ours: two machines must not explain to each other for ever."""
        if await self._answers.given(_explained(task.mailing)):
            return task.replied(Outcome.UNCLEAR)
        body = f"Not done: the first line is no command. Begin with one of these:\n\n{asked.HELP}\n"
        return task.replied(Outcome.UNCLEAR, to, f"{body}\n{page}")


def _explained(mailing: Mailing) -> str:
    """The key under which it stands that whoever answers this mail of ours was told how."""
    return hashlib.sha256(f"explained {mailing.delivery_id}".encode()).hexdigest()
