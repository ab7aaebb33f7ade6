"""What is read of a mail, however it was written."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter import read


def a_mail(text: str = "ack\n", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Anna <Anna@acme.example>"
    message["To"] = "tocsin+token@acme.example"
    message["Subject"] = "Re: [CRITICAL] internet, nie działa"
    message["Message-ID"] = "<1@acme.example>"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def test_the_little_that_matters_is_read() -> None:
    letter = read(bytes(a_mail("\n  ack  \n\nOn Monday Tocsin wrote:\n> resolve\n")))
    assert letter.sender == "anna@acme.example"
    assert letter.recipients == ("tocsin+token@acme.example",)
    assert letter.subject == "Re: [CRITICAL] internet, nie działa"
    assert letter.message_id == "<1@acme.example>"
    assert letter.line == "ack"
    assert not letter.machine


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ack", "ack"),
        ("> quoted\n> more\n\nresolve all is well\n", "resolve all is well"),
        ("On Monday, Tocsin wrote:\n> 412 mentions\nsnooze 1h", "snooze 1h"),
        ("W dniu 14.10 Tocsin napisał(a):\n> 412\n", ""),
        ("-- \nAnna\nHead of PR", ""),
        ("-----Original Message-----\nack", ""),
        ("________________________________\nFrom: Tocsin\nack", ""),
        ("", ""),
        ("\N{RIGHT-TO-LEFT OVERRIDE}ack\x1b[31m", "ack[31m"),
        ("note: 5 > 3", "note: 5 > 3"),
    ],
)
def test_what_was_typed_is_told_from_what_is_quoted(text: str, line: str) -> None:
    assert read(bytes(a_mail(text))).line == line


@pytest.mark.parametrize("name", ["Delivered-To", "X-Original-To", "Envelope-To", "Cc"])
def test_the_signed_address_is_found_wherever_it_was_kept(name: str) -> None:
    mail = a_mail(To="tocsin@acme.example", **{name.replace("-", "_"): "tocsin+token@acme.example"})
    assert "tocsin+token@acme.example" in read(bytes(mail)).recipients


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; type=vacation"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"Return_Path": "<>"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<list.acme.example>"},
        {"From": "MAILER-DAEMON@acme.example"},
    ],
)
def test_what_a_machine_wrote_is_known(headers: dict[str, str]) -> None:
    assert read(bytes(a_mail(**headers))).machine


def test_a_bounce_is_known() -> None:
    assert read(b"From: a@b.example\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x--\r\n").machine


@pytest.mark.parametrize("headers", [{}, {"Auto_Submitted": "no"}, {"Return_Path": "<anna@acme.example>"}])
def test_what_a_person_wrote_is_known(headers: dict[str, str]) -> None:
    assert not read(bytes(a_mail(**headers))).machine


def test_a_mail_in_html_alone_is_read_without_what_it_quotes() -> None:
    mail = a_mail()
    html = "<html><head><title>x</title><style>p{}</style></head><body><blockquote>resolve</blockquote>"
    mail.set_content(f"{html}<div>ack &amp; on it<br></div><div>Anna</div></body></html>", subtype="html")
    assert read(bytes(mail)).line == "ack & on it"


def test_plain_text_is_preferred_to_html_and_attachments_are_left_alone() -> None:
    mail = EmailMessage()
    mail["From"] = "anna@acme.example"
    mail.set_content("ack\n")
    mail.add_alternative("<p>resolve</p>", subtype="html")
    mail.add_attachment("escalate\n", filename="a.txt")
    assert read(bytes(mail)).line == "ack"


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-2", "koi8-r", "utf-16", "utf-7"])
def test_other_letters_are_read(charset: str) -> None:
    text = {"koi8-r": "note готово", "iso-8859-2": "note działa"}.get(charset, "note działa готово")
    mail = EmailMessage()
    mail["From"] = "anna@acme.example"
    mail.set_content(text.encode(charset), maintype="text", subtype="plain", cte="base64")
    mail.set_param("charset", charset)
    del mail["Content-Disposition"]
    assert read(bytes(mail)).line == text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0" * 1000,
        b"\xff\xfe" * 1000,
        b"From: a@b.example\r\nFrom: c@d.example\r\n\r\nack",
        b"From: =?utf-99?b?////?=\r\nSubject: =?x-unknown?q?=ff?=\r\n\r\nack",
        b"Content-Type: text/plain; charset=x-klingon\r\n\r\n\xffack",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!notbase64",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
        + b"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n" * 999,
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 50_000,
        b"To: " + b"a@b.example, " * 50_000 + b"\r\n\r\nack",
        b"Message-ID: <" + b"a" * 100_000 + b">\r\n\r\nack",
        b"Subject: " + b"a" * 1_000_000,
    ],
)
def test_nothing_in_a_mail_makes_it_fail(raw: bytes) -> None:
    letter = read(raw)
    assert len(letter.key) == 64
    assert len(letter.line) <= 1000
    assert len(letter.subject) <= 200
    assert len(letter.recipients) <= 100


@given(st.binary(max_size=2000))
def test_no_bytes_make_it_fail(raw: bytes) -> None:
    assert read(raw) == read(raw)


def test_the_same_mail_has_the_same_key_and_another_another() -> None:
    first = read(bytes(a_mail("ack")))
    assert read(b"Received: by relay\r\n" + bytes(a_mail("ack"))).key == first.key
    assert read(bytes(a_mail("ack", Message_ID="<2@acme.example>"))).key != first.key


def test_two_senders_are_nobody() -> None:
    assert read(b"From: anna@acme.example, bob@acme.example\r\n\r\nack").sender == ""
