"""The mailbox, on a real IMAP server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from daemon.clock import SystemClock
from daemon.mail.mailbox import MOST_BYTES, Arrived, Mailbox, MailboxError
from tests.fakes.dovecot import PASSWORD, PostOffice
from tests.fakes.smtp import client_tls

NOW = SystemClock().now()
OURS = b"From: anna@acme.example\r\nTo: tocsin+token@acme.example\r\nMessage-ID: <%d@x>\r\n\r\nack\r\n"
OTHERS = b"From: anna@acme.example\r\nTo: press@acme.example\r\n\r\nHello\r\n"


def ours(head: bytes) -> bool:
    return b"tocsin+" in head


async def look(mailbox: Mailbox, mine: Callable[[bytes], bool] = ours) -> list[Arrived]:
    return await mailbox.look(NOW, mine)


@pytest.fixture
def mailbox(office: PostOffice) -> Mailbox:
    return Mailbox(office.settings(), tls=client_tls())


async def test_new_mail_is_shown_until_it_is_marked_as_done(office: PostOffice, mailbox: Mailbox) -> None:
    assert await look(mailbox) == []
    for n in range(3):
        office.deliver(OURS % n)
    arrived = await look(mailbox)
    assert [mail.raw for mail in arrived] == [OURS % n for n in range(3)]
    assert office.seen() == [False] * 3
    assert len(await look(mailbox)) == 3, "looking changes nothing"
    await mailbox.done([mail.uid for mail in arrived[:2]])
    assert office.seen() == [True, True, False]
    assert [mail.raw for mail in await look(Mailbox(office.settings(), tls=client_tls()))] == [OURS % 2]


async def test_other_peoples_mail_is_left_as_it_was_and_looked_at_once(office: PostOffice, mailbox: Mailbox) -> None:
    office.deliver(OTHERS)
    seen: list[bytes] = []

    def counted(head: bytes) -> bool:
        seen.append(head)
        return ours(head)

    for _ in range(3):
        assert await look(mailbox, counted) == []
    assert len(seen) == 1
    assert office.seen() == [False]


async def test_of_a_huge_mail_only_the_beginning_is_read(office: PostOffice, mailbox: Mailbox) -> None:
    office.deliver(OURS % 1 + b"x" * 70 + b"\r\n" * 600_000)
    (mail,) = await look(mailbox)
    assert len(mail.raw) == MOST_BYTES
    assert mail.raw.startswith(OURS % 1)


async def test_a_folder_of_another_name_may_be_watched(office: PostOffice) -> None:
    office.deliver(OURS % 1, mailbox='"Odpowiedzi &AVs-"')
    mailbox = Mailbox(office.settings(mailbox="Odpowiedzi ś"), tls=client_tls())
    (mail,) = await look(mailbox)
    await mailbox.done([mail.uid])
    assert office.seen('"Odpowiedzi &AVs-"') == [True]


async def test_without_tls_it_is_read_as_well(office: PostOffice) -> None:
    office.deliver(OURS % 1)
    assert len(await look(Mailbox(office.settings(port=office.plain, tls=False)))) == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password": "wrong"}, "cannot be read: .*[Aa]uthentication failed"),
        ({"mailbox": "Nowhere"}, "mailbox Nowhere on 127.0.0.1:.*cannot be read: .*doesn't exist"),
    ],
)
async def test_what_the_server_refuses_is_told_without_the_password(
    office: PostOffice, changes: dict[str, str], told: str
) -> None:
    with pytest.raises(MailboxError, match=told) as caught:
        await look(Mailbox(office.settings(**changes), tls=client_tls()))
    assert PASSWORD not in str(caught.value)


async def test_a_certificate_that_is_not_trusted_is_refused(office: PostOffice) -> None:
    with pytest.raises(MailboxError, match="certificate"):
        await look(Mailbox(office.settings()))


async def test_a_server_that_is_not_there_is_named(office: PostOffice) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings = office.settings(port=nobody.getsockname()[1], tls=False)
        with pytest.raises(MailboxError, match="cannot be reached"):
            await look(Mailbox(settings))


async def test_a_silent_server_does_not_keep_us(office: PostOffice) -> None:
    """Whoever stops the daemon does not wait for it."""
    asked, gone = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        tag = (await reader.readline()).split()[0]
        writer.write(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")
        await reader.readline()  # LOGIN, and no answer
        asked.set()
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        settings = office.settings(port=server.sockets[0].getsockname()[1], tls=False)
        looking = asyncio.create_task(look(Mailbox(settings)))
        await asked.wait()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        await gone.wait()
