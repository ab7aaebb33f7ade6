"""Mail, against a real SMTP server."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator, Sequence
from html.parser import HTMLParser

import pytest
from pydantic import SecretStr

from config.schema import Email
from daemon.clock import ManualClock
from daemon.errors import ConfigError, DeliveryError
from daemon.model import HoldingReply, IncidentKind, IncidentState, Severity
from daemon.notice import Notice, Purpose, Receipt
from notifiers.email import EmailNotifier
from tests.fakes.smtp import MailServer
from tests.notifiers.contract import (
    DELIVERY,
    HOSTILE,
    NOW,
    SECRET,
    NotifierContract,
    every_purpose,
    evidence,
    hostile,
    incident,
    notice,
)

MESSAGE_ID = f"<{DELIVERY}@acme.example>"
ACT = "http://127.0.0.1:8080/act/signed-token"


def dot() -> bytes:
    """The smallest PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def notifier_for(
    mail: MailServer, *, timeout: float = 2.0, starttls: bool = False, **settings: object
) -> EmailNotifier:
    fields = {"host": mail.host, "port": mail.port, "sender": "Tocsin <tocsin@acme.example>", "starttls": starttls}
    return EmailNotifier(
        Email.model_validate({**fields, **settings}),
        clock=ManualClock(NOW),
        tls=mail.client_tls() if starttls else None,
        timeout=timeout,
    )


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with MailServer() as server:
        yield server


class MailSide:
    """The contract's view of a mail server."""

    target = "oncall@acme.example"

    def __init__(self, mail: MailServer) -> None:
        self.mail = mail
        self.notifier = notifier_for(mail, username="tocsin", password=SecretStr(SECRET))

    async def arrived(self) -> Sequence[str]:
        return [f"{one.message.as_string()}\n{one.text()}\n{one.html()}" for one in self.mail.messages]

    async def go_down(self) -> None:
        await self.mail.stop()


class TestContract(NotifierContract):
    """What holds for every notifier."""

    @pytest.fixture
    async def side(self) -> AsyncIterator[MailSide]:
        async with MailServer(users={"tocsin": SECRET}) as mail:
            yield MailSide(mail)


async def test_a_mail_can_be_answered_where_answers_are_read(mail: MailServer) -> None:
    await notifier_for(mail).send(notice(reply_to="tocsin+token@acme.example", act_link=ACT))
    await notifier_for(mail).send(notice(act_link=ACT))
    can, cannot = mail.messages
    assert can.message["Reply-To"] == "tocsin+token@acme.example"
    assert cannot.message["Reply-To"] is None
    for body, other in ((can.text(), cannot.text()), (can.html(), cannot.html())):
        assert "answer this mail" in body.lower()
        assert "answer this mail" not in other.lower()


async def test_replies_come_in_the_languages_that_people_write_in(mail: MailServer) -> None:
    russian = HoldingReply(lang="ru", register="formal", visibility="public", channel="vk", text="Мы скоро ответим.")
    about = incident(holding_replies=(russian, *incident().holding_replies))
    await notifier_for(mail).send(notice(incident=about))
    body = mail.messages[0].text()
    polish, english = body.index("Przykro nam z powodu"), body.index("We are sorry for the trouble")
    assert polish < body.index("sprawdzamy to zgłoszenie") < english, "most people write in Polish"
    assert "Мы скоро" not in body, "nobody writes in Russian"
    assert "More of them" in body
    assert "More of them" in mail.messages[0].html()


async def test_people_are_named_where_their_names_are_known(mail: MailServer) -> None:
    about = incident(state=IncidentState.ACKNOWLEDGED, acknowledged_by="slack:U012AB3CD", acknowledged_at=NOW)
    await notifier_for(mail).send(notice(incident=about, names={"slack:U012AB3CD": "Anna Nowak"}))
    await notifier_for(mail).send(notice(incident=about))
    named, not_named = (one.text() for one in mail.messages)
    assert "by Anna Nowak at 16:05 CEST" in named
    assert "by U012AB3CD in Slack at 16:05 CEST" in not_named


async def test_an_exercise_says_so_wherever_it_is_read(mail: MailServer) -> None:
    await notifier_for(mail).send(notice(incident=incident(drill=True)))
    (got,) = mail.messages
    assert got.message["Subject"].startswith("[DRILL CRITICAL]")
    assert "drill, critical" in got.html()
    assert "An exercise" in got.text()


async def test_a_reminder_is_short(mail: MailServer) -> None:
    reminder = next(one for one in every_purpose() if one.purpose is Purpose.REMINDER)
    await notifier_for(mail).send(reminder)
    body = mail.messages[0].text()
    assert "Przykro nam z powodu" in body
    assert "sprawdzamy to zgłoszenie" not in body, "what is owed is a word to the public"
    assert "WHAT PEOPLE WRITE" not in body
    assert "By chance" not in body


async def test_an_alert_has_all_that_is_needed_to_act(mail: MailServer) -> None:
    receipt = await notifier_for(mail).send(notice(act_link=ACT, chart=dot()))
    (got,) = mail.messages
    assert (got.sender, got.recipients) == ("tocsin@acme.example", ("oncall@acme.example",))
    assert got.message["From"] == "Tocsin <tocsin@acme.example>"
    assert got.message["To"] == "oncall@acme.example"
    assert got.message["Subject"] == "[CRITICAL] Acme Mobile: internet, nie działa"
    assert got.message["X-Tocsin-Incident"] == "acme-20261014-1"
    assert got.message["X-Tocsin-Severity"] == "critical"
    assert got.message["X-Tocsin-Kind"] == "alert"
    assert got.message["X-Tocsin-Delivery"] == DELIVERY
    assert got.message["Message-ID"] == MESSAGE_ID
    assert got.message["In-Reply-To"] is None
    assert receipt == Receipt(ref={"message_id": MESSAGE_ID})
    for body in (got.text(), got.html()):
        assert "412 negative mentions in 15 minutes; about 3.1 would be usual." in body
        assert "388 authors" in body
        assert "facebook 301, x 111" in body
        assert "once in 10,000 years" in body
        assert "16:00 CEST" in body  # the onset, by the brand's clock
        assert ACT in body
        assert "http://127.0.0.1:8080/incidents/acme-20261014-1" in body
        assert "Internet nie działa od rana" in body
        assert "Przykro nam z powodu utrudnień." in body
        assert "We are sorry for the trouble" in body


async def test_the_chart_stands_inside_the_html(mail: MailServer) -> None:
    await notifier_for(mail).send(notice(chart=dot()))
    (got,) = mail.messages
    image = got.part("image/png")
    assert image.get_content() == dot()
    assert image.get_content_disposition() == "inline"
    assert f'src="cid:{image["Content-ID"][1:-1]}"' in got.html()
    kinds = [part.get_content_type() for part in got.message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]


async def test_without_a_chart_there_is_no_place_for_one(mail: MailServer) -> None:
    await notifier_for(mail).send(notice())
    assert "<img" not in mail.messages[0].html()


async def test_what_follows_stands_in_the_thread_of_the_alert(mail: MailServer) -> None:
    sender = notifier_for(mail)
    root = await sender.send(notice())
    for each in every_purpose():
        await sender.send(Notice(**{**{f: getattr(each, f) for f in each.__struct_fields__}, "root": root}))
    assert {str(one.message["References"]) for one in mail.messages[1:]} == {MESSAGE_ID}
    assert {str(one.message["In-Reply-To"]) for one in mail.messages[1:]} == {MESSAGE_ID}
    assert len({str(one.message["Message-ID"]) for one in mail.messages}) == 1 + len(every_purpose())


async def test_ids_stay_whole_under_a_long_domain(mail: MailServer) -> None:
    domain = f"{'a' * 60}.{'b' * 60}.example"
    sender = notifier_for(mail, sender=f"tocsin@{domain}")
    await sender.send(notice(root=Receipt(ref={"message_id": f"<first@{domain}>"})))
    assert f"In-Reply-To: <first@{domain}>\r\n".encode() in mail.messages[0].content
    assert f"References: <first@{domain}>\r\n".encode() in mail.messages[0].content


async def test_a_second_attempt_carries_the_same_message_id(mail: MailServer) -> None:
    sender = notifier_for(mail)
    await sender.send(notice())
    await sender.send(notice(uncertain=True))
    assert [one.message["Message-ID"] for one in mail.messages] == [MESSAGE_ID, MESSAGE_ID]


async def test_an_edit_is_not_for_mail(mail: MailServer) -> None:
    root = Receipt(ref={"message_id": MESSAGE_ID})
    assert await notifier_for(mail).send(notice(purpose=Purpose.EDIT, root=root)) == root
    assert mail.connections == 0


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (0, "[CRITICAL] Acme Mobile: internet, nie działa"),
        (1, "[CRITICAL] Acme Mobile: nobody has acknowledged yet, this is step 2"),
        (2, "[CRITICAL] Acme Mobile: first public reply due at 16:05 CEST"),
        (3, "[CRITICAL] Acme Mobile: first public reply due now (16:05 CEST)"),
        (4, "[CRITICAL] Acme Mobile: next public update overdue since 16:05 CEST"),
        (5, "[CRITICAL] Acme Mobile: public update posted, next due by 17:05 CEST"),
        (6, "[CRITICAL] Acme Mobile: it is over"),
        (7, "[CRITICAL] Acme Mobile: it was a false alarm"),
    ],
)
async def test_the_subject_says_why_it_comes(mail: MailServer, number: int, line: str) -> None:
    await notifier_for(mail).send(every_purpose()[number])
    assert mail.messages[0].message["Subject"] == line


async def test_a_title_that_names_the_brand_is_not_given_it_twice(mail: MailServer) -> None:
    await notifier_for(mail).send(notice(incident=incident(title="Acme Mobile: outage", severity=Severity.MINOR)))
    assert mail.messages[0].message["Subject"] == "[MINOR] Acme Mobile: outage"


async def test_an_update_says_what_was_said(mail: MailServer) -> None:
    await notifier_for(mail).send(every_purpose()[5])
    for body in (mail.messages[0].text(), mail.messages[0].html()):
        assert "Usuwamy awarię." in body
        assert "anna" in body


async def test_after_the_end_no_replies_are_offered(mail: MailServer) -> None:
    await notifier_for(mail).send(every_purpose()[6])
    assert "Przykro nam" not in mail.messages[0].html()
    assert "The router was replaced." in mail.messages[0].text()


async def test_a_blind_spot_claims_no_numbers(mail: MailServer) -> None:
    seen = evidence(reason="mqtt has delivered nothing for 20 minutes.", examples=(), observed=0)
    await notifier_for(mail).send(notice(incident=incident(kind=IncidentKind.BLIND, evidence=seen)))
    assert "mqtt has delivered nothing for 20 minutes." in mail.messages[0].text()
    assert "negative mentions" not in mail.messages[0].text()


async def test_the_button_says_what_it_leads_to(mail: MailServer) -> None:
    sender = notifier_for(mail)
    await sender.send(notice(act_link=ACT))
    await sender.send(notice())
    await sender.send(
        notice(incident=incident(state=IncidentState.ACKNOWLEDGED, acknowledged_by="user:anna", acknowledged_at=NOW))
    )
    first, second, third = (one.text() for one in mail.messages)
    assert "\nAcknowledge:\n" in first
    assert "\nOpen the incident:\n" in second
    assert "\nOpen the incident:\n" in third
    assert "by anna at 16:05 CEST" in third


# ── other people's text ──────────────────────────────────────────────────────


class Tags(HTMLParser):
    """Every element and attribute of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "br":  # a line break within a text is no harm
            self.shape.append((tag, tuple(name for name, _ in attrs)))
        self.links |= {value or "" for name, value in attrs if name in {"href", "src"}}


@pytest.mark.parametrize("text", HOSTILE)
async def test_others_text_adds_no_element_no_link_and_no_header(mail: MailServer, text: str) -> None:
    sender = notifier_for(mail)
    await sender.send(hostile("harmless"))
    await sender.send(hostile(text))
    calm, odd = mail.messages
    assert Tags(odd.html()).shape == Tags(calm.html()).shape
    assert Tags(odd.html()).links == Tags(calm.html()).links
    assert odd.message.keys() == calm.message.keys()
    assert odd.recipients == calm.recipients
    for body in (odd.text(), odd.html()):
        assert not any(sign in body for sign in "\x00\x07\x1b\x9b\x85\u2028\u2029\u202e\u2066")


async def test_a_link_of_a_mention_shows_where_it_leads(mail: MailServer) -> None:
    await notifier_for(mail).send(notice())
    assert '<a class="link" href="https://social.example/posts/1"' in mail.messages[0].html()
    assert ">social.example</a>" in mail.messages[0].html()


@pytest.mark.parametrize(
    "target",
    [
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
        "nobody",
        "a@b\x00",
        "żółw@acme.example",
        "a@b.example>",
    ],
)
async def test_a_target_that_is_no_address_is_refused(mail: MailServer, target: str) -> None:
    with pytest.raises(DeliveryError, match="no mail can be written to") as caught:
        await notifier_for(mail).send(notice(target=target))
    assert not caught.value.retryable
    assert mail.connections == 0


@pytest.mark.parametrize(
    "sender", ["", "tocsin", "Tocsin <>", "a@b.example\r\nBcc: c@d.example", "żółw@acme.example", "a@b.example>"]
)
def test_a_sender_that_is_no_address_is_a_fault_of_the_configuration(sender: str) -> None:
    with pytest.raises(ConfigError, match=r"^notifiers\.email\.sender: expected an address"):
        EmailNotifier(Email(sender=sender), clock=ManualClock(NOW))


async def test_a_domain_in_other_letters_is_reached(mail: MailServer) -> None:
    await notifier_for(mail).send(notice(target="oncall@żółw.example"))
    assert mail.messages[0].recipients == ("oncall@xn--w-uga1v8h.example",)


# ── a server that misbehaves ─────────────────────────────────────────────────


@pytest.mark.parametrize("phase", ["mail_answer", "rcpt_answer", "data_answer"])
@pytest.mark.parametrize(
    ("answer", "retryable"),
    [
        ("421 4.3.2 closing down", True),
        ("450 4.2.1 try later", True),
        ("452 4.2.2 full", True),
        ("550 5.1.1 no such user", False),
        ("552 5.3.4 too big", False),
    ],
)
async def test_4xx_is_worth_another_attempt_and_5xx_is_not(
    mail: MailServer, phase: str, answer: str, *, retryable: bool
) -> None:
    setattr(mail, phase, answer)
    with pytest.raises(DeliveryError, match=answer) as caught:
        await notifier_for(mail).send(notice())
    assert caught.value.retryable is retryable
    assert not caught.value.ambiguous
    assert mail.messages == []


async def test_lost_after_the_mail_was_handed_over_is_ambiguous(mail: MailServer) -> None:
    mail.drop_after_data = True
    with pytest.raises(DeliveryError, match="may have arrived") as caught:
        await notifier_for(mail).send(notice())
    assert caught.value.ambiguous
    assert caught.value.retryable
    assert len(mail.messages) == 1


async def test_a_server_that_says_nothing_is_given_up(mail: MailServer) -> None:
    mail.hang = True
    with pytest.raises(DeliveryError, match="did not answer in time") as caught:
        await notifier_for(mail, timeout=0.1).send(notice())
    assert caught.value.retryable
    assert not caught.value.ambiguous


async def test_starttls_is_used_when_asked_for() -> None:
    async with MailServer(starttls=True, users={"tocsin": "secret"}) as mail:
        await notifier_for(mail, starttls=True, username="tocsin", password="secret").send(notice())
        assert len(mail.messages) == 1


async def test_without_starttls_nothing_goes_out_where_it_is_demanded() -> None:
    async with MailServer(starttls=False) as mail:
        with pytest.raises(DeliveryError, match="STARTTLS") as caught:
            await notifier_for(mail, starttls=True).send(notice())
        assert caught.value.retryable
        assert mail.messages == []


async def test_an_unknown_certificate_is_not_trusted() -> None:
    async with MailServer(starttls=True) as mail:
        sender = EmailNotifier(
            Email(host=mail.host, port=mail.port, sender="tocsin@acme.example", starttls=True), clock=ManualClock(NOW)
        )
        with pytest.raises(DeliveryError, match="no certificate that is trusted") as caught:
            await sender.send(notice())
        assert caught.value.retryable
        assert mail.messages == []


async def test_a_wrong_password_is_named_without_being_told() -> None:
    async with MailServer(users={"tocsin": "right"}) as mail:
        sender = notifier_for(mail, username="tocsin", password=SECRET)
        with pytest.raises(DeliveryError, match="refused the user name or password") as caught:
            await sender.send(notice())
        assert not caught.value.retryable
        assert SECRET not in str(caught.value)


async def test_many_at_once_all_arrive(mail: MailServer) -> None:
    sender = notifier_for(mail)
    await asyncio.gather(*(sender.send(notice(delivery_id=f"{DELIVERY[:-2]}{n:02d}")) for n in range(10)))
    assert len({str(one.message["Message-ID"]) for one in mail.messages}) == 10


async def test_the_mail_is_ascii_in_short_lines_on_the_wire(mail: MailServer) -> None:
    await notifier_for(mail).send(notice(brand_name="Акме " * 10, chart=dot()))
    assert mail.messages[0].content.isascii()
    assert max(map(len, mail.messages[0].content.split(b"\r\n"))) <= 998
