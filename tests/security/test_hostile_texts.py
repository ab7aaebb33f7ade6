"""Other people's texts are shown as they are written, and do nothing."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

from tests.faults.street import Json
from tests.security.evening import MARK, Said
from tests.security.markup import Page

HEADERS = {  # all that a mail of ours may have
    "from",
    "to",
    "subject",
    "date",
    "importance",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
    "x-auto-response-suppress",
    "x-tocsin-incident",
    "x-tocsin-severity",
    "x-tocsin-kind",
    "x-tocsin-delivery",
}


def _objects(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)


def test_slack_shows_them_and_calls_nobody(said: Said) -> None:
    literal = ""
    for message in said.slack:
        parsed = [message.text, *(text for text, _ in message.edits)]
        for item in _objects([message.blocks, *(blocks for _, blocks in message.edits)]):
            if item.get("type") == "mrkdwn":
                parsed.append(item["text"])
            elif item.get("type") in {"text", "plain_text"}:
                literal += item["text"] + "\n"
            elif item.get("type") == "link":
                assert item["url"].startswith(("http://127.0.0.1", "https://forum.example/")), item
            else:
                assert item.get("type") not in {"broadcast", "usergroup", "user", "channel"}, item
        for text in parsed:  # what Slack takes as its own language
            for command in ("<!", "<https://evil", "<http://evil", "<script", "<@U012AB3CD> <"):
                assert command not in text, text
    assert "<!channel> <!here>" in literal, "as it was written"
    assert "<script>" in literal


def test_mails_show_them_and_carry_nothing_else(said: Said) -> None:
    assert said.mails
    shown = written = ""
    for mail in said.mails:
        assert {name.lower() for name in mail.message} <= HEADERS
        assert mail.recipients in {("oncall@acme.example",), ("head@acme.example",)}
        assert "victim" not in str(mail.message["To"]) + str(mail.message["Subject"])
        for part in mail.message.walk():
            assert isinstance(part, EmailMessage)
            assert part.get_content_type() in {
                "multipart/alternative",
                "multipart/related",
                "multipart/mixed",
                "text/plain",
                "text/html",
                "image/png",
            }
        page = Page(mail.html())
        assert page.dangers() == []
        assert "script" not in {tag for tag, _ in page.elements}
        shown += page.text
        written += mail.text()
    assert '<script>alert("1")</script>' in shown
    assert '<script>alert("1")</script>' in written
    assert _invisible(shown) == _invisible(written) == set()


def test_pages_show_them_and_run_nothing(said: Said) -> None:
    for path, html in said.pages.items():
        assert Page(html).dangers() == [], path
    page = Page(said.pages["/incidents/ID"])
    assert '<script>alert("1")</script>' in page.text
    assert "{{ 7 * 7 }}" in page.text, "nor is any a template"
    assert "<b>note</b> <!channel>" in page.text
    assert _invisible(page.text) == set()


def test_a_spreadsheet_computes_nothing_of_the_export(said: Said) -> None:
    rows = list(csv.reader(io.StringIO(said.answers["/api/v1/incidents/ID/timeline?format=csv"])))
    assert len(rows) > 5
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(tuple("=+-@|%"))]
    assert any("=HYPERLINK" in cell for row in rows for cell in row), "it is all there"


def test_programs_get_them_unchanged(said: Said) -> None:
    incident = json.loads(said.answers["/api/v1/incidents/ID"])
    texts = [example["text"] for example in incident["evidence"]["examples"]]
    assert any("<script>" in text or "<!channel>" in text for text in texts)
    assert all(MARK in text for text in texts)


def _invisible(text: str) -> set[str]:
    """Characters that steer a terminal or turn the direction of reading."""
    return {
        f"U+{ord(character):04X}"
        for character in text
        if (unicodedata.category(character) == "Cc" and character not in "\n\r\t")
        or unicodedata.bidirectional(character) in {"LRE", "RLE", "LRO", "RLO", "LRI", "RLI", "FSI"}
    }
