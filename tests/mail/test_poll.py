"""From an answer in the mailbox to the act, and the word back: real IMAP and SMTP servers, real daemon."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from unittest.mock import MagicMock, create_autospec

import pytest
import structlog
from msgspec.structs import replace

from config.load import load
from daemon.app import App
from daemon.clock import ManualClock, SystemClock
from daemon.letters import Letters
from daemon.mail.mailbox import Arrived, Mailbox, MailboxError
from daemon.mail.poll import MailReplies
from daemon.metrics import Metrics
from daemon.model import EventKind, IncidentState
from daemon.response.policy import Policy
from tests.fakes.dovecot import PASSWORD, USER, PostOffice
from tests.fakes.records import opened
from tests.fakes.smtp import MailServer, Received

ANNA = "anna@acme.example"
_CONFIG = """
[brands.acme]
name = "Acme"
[sources.http]
[store]
url = "sqlite:///tocsin.db"
[web]
port = 0
secret_key = "{secret}"
[notifiers.email]
port = {smtp}
sender = "Tocsin <tocsin@acme.example>"
[notifiers.email.replies]
port = {imap}
tls = false
username = "{user}"
password = "{password}"
every = "1s"
[[escalation.default.steps]]
after = "0m"
notify = ["email:anna@acme.example"]
"""


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with MailServer() as server:
        yield server


@asynccontextmanager
async def running(folder: Path, office: PostOffice, mail: MailServer) -> AsyncIterator[App]:
    """The daemon, with the mailbox of `office`."""
    file = folder / "tocsin.toml"
    if not file.exists():
        secret = secrets.token_hex(16)
        file.write_text(_CONFIG.format(secret=secret, smtp=mail.port, imap=office.plain, user=USER, password=PASSWORD))
    app = App(load(file, {}), SystemClock())
    task = asyncio.create_task(app.run())
    started = asyncio.create_task(app.started.wait())
    await asyncio.wait({task, started}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield app
    finally:
        started.cancel()
        app.stop()
        await task


async def alert(app: App, mail: MailServer) -> Received:
    """Open an incident and wait for its mail."""
    now = app.clock.now()
    outcome = opened(Policy.of(app.config, "acme"), now)
    steady = replace(outcome.incident, last_sustained_at=now + timedelta(hours=1))
    await app.incidents.open(replace(outcome, incident=steady))
    return (await mail.wait(1))[0]


def answer_to(received: Received, text: str, *, n: int = 1, sender: str = ANNA) -> bytes:
    """What a mail program sends when `received` is answered."""
    message = EmailMessage()
    message["From"] = f"Anna <{sender}>"
    message["To"] = received.message["Reply-To"]
    message["Subject"] = f"Re: {received.message['Subject']}"
    message["Message-ID"] = f"<{n}@anna.acme.example>"
    message["In-Reply-To"] = received.message["Message-ID"]
    quoted = "".join(f"> {line}\n" for line in received.text().splitlines())
    message.set_content(f"{text}\n\nOn Monday, Tocsin wrote:\n{quoted}")
    return bytes(message)


async def test_a_mail_is_answered_with_ack(tmp_path: Path, office: PostOffice, mail: MailServer) -> None:
    async with running(tmp_path, office, mail) as app:
        received = await alert(app, mail)
        assert "answer this mail" in received.text().lower()
        office.deliver(answer_to(received, "Ack, on it"))
        back = (await mail.wait(2))[1]
        incident = await app.incidents.get("acme-1")
        assert (incident.state, incident.acknowledged_by) == (IncidentState.ACKNOWLEDGED, f"email:{ANNA}")
        assert back.recipients == (ANNA,)
        assert "Done: you have it." in back.text()
        assert back.message["In-Reply-To"] == "<1@anna.acme.example>"
        assert back.message["Auto-Submitted"] == "auto-replied"
        assert back.message["Subject"].startswith("Re: [CRITICAL]")
        await _until(lambda: office.seen() == [True])
        exposed = app.metrics.expose().decode()
        assert 'tocsin_mail_replies_total{outcome="done"} 1.0' in exposed
        assert "tocsin_mailbox_up 1.0" in exposed


async def test_an_answer_acts_once_over_restarts_though_it_is_new_again(
    tmp_path: Path, office: PostOffice, mail: MailServer
) -> None:
    async with running(tmp_path, office, mail) as app:
        received = await alert(app, mail)
        office.deliver(answer_to(received, "snooze 1h"))
        await mail.wait(2)
        await _until(lambda: office.seen() == [True])
    with office.client() as somebody:
        somebody.store("1", "-FLAGS", r"(\Seen)")
    office.deliver(answer_to(received, "snooze 1h"))
    async with running(tmp_path, office, mail) as app:
        await _until(lambda: office.seen() == [True, True])
        events = await app.incidents.timeline("acme-1")
        assert len([event for event in events if event.kind is EventKind.SNOOZED]) == 1
    assert len(mail.messages) == 2


async def test_hostile_mail_does_not_stop_the_next_one(tmp_path: Path, office: PostOffice, mail: MailServer) -> None:
    async with running(tmp_path, office, mail) as app:
        received = await alert(app, mail)
        to = str(received.message["Reply-To"]).encode()
        for raw in (
            b"To: " + to + b"\r\nFrom: anna@acme.example\r\n\r\n" + b"\xff" * 300_000,
            b"To: " + to + b'\r\nContent-Type: multipart/mixed; boundary="\r\n\r\n--\r\n',
            b"To: " + to[:-20] + b"x@acme.example\r\n\r\nack\r\n",
            b'Content-Type: text/plain; charset="\xff"\r\nTo: ' + to + b"\r\n\r\n=?",
        ):
            office.deliver(raw)
        office.deliver(answer_to(received, "resolve A router was replaced."))
        await _until_state(app, IncidentState.RESOLVED)
        (end,) = [e for e in await app.incidents.timeline("acme-1") if e.kind is EventKind.RESOLVED]
        assert (end.actor, end.data["summary"]) == (f"email:{ANNA}", "A router was replaced.")


@pytest.mark.parametrize("restarted", [False, True])
async def test_an_answer_that_the_server_refuses_for_now_is_sent_later_also_over_a_restart(
    tmp_path: Path, office: PostOffice, mail: MailServer, *, restarted: bool
) -> None:
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(running(tmp_path, office, mail))
        received = await alert(app, mail)
        mail.mail_answer = "450 later"
        office.deliver(answer_to(received, "ack"))
        await _until_state(app, IncidentState.ACKNOWLEDGED)
        await _until(lambda: office.seen() == [True])
        if restarted:
            await stack.aclose()
            app = await stack.enter_async_context(running(tmp_path, office, mail))
        mail.mail_answer = None
        back = (await mail.wait(2))[1]
    assert "Done: you have it." in back.text()
    assert back.message["In-Reply-To"] == "<1@anna.acme.example>"
    assert len(mail.messages) == 2


async def _until_state(app: App, state: IncidentState) -> None:
    async with asyncio.timeout(60):
        while (await app.incidents.get("acme-1")).state is not state:
            await SystemClock().sleep(0.05)


async def _until(true: object) -> None:
    assert callable(true)
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(true):
            await SystemClock().sleep(0.1)


async def test_a_mailbox_that_is_away_is_told_once_and_found_again(clock: ManualClock) -> None:
    """Alerts do not wait for it; it is asked ever more slowly."""
    metrics, mailbox = Metrics(["acme"]), create_autospec(Mailbox, instance=True)
    away = MailboxError("mailbox INBOX on 127.0.0.1:993 cannot be reached: refused")
    answers: Iterator[BaseException | list[Arrived]] = iter([away, away, away, [], [], asyncio.CancelledError()])
    looked: list[datetime] = []
    up: list[bool] = []

    async def look(*_: object) -> list[Arrived]:
        looked.append(clock.now())
        up.append("tocsin_mailbox_up 1.0" in metrics.expose().decode())
        answer = next(answers)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    mailbox.look = look
    nothing, quiet = MagicMock(), create_autospec(Letters, instance=True)
    poll = MailReplies(mailbox, nothing, every=timedelta(seconds=30), letters=quiet, metrics=metrics, clock=clock)
    with structlog.testing.capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await poll.run()
    assert up == [False, False, False, False, True, True]
    assert [entry["event"] for entry in logs] == ["mailbox_lost", "mailbox_found"]
    assert [(later - earlier).total_seconds() for earlier, later in pairwise(looked)] == [60, 120, 240, 30, 30]
