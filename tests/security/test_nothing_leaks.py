"""Secrets stay inside, and what people write stays out of the log, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.security.evening import AUTHOR, MARK, NOTE, SECRETS, SUMMARY, UPDATE, Said


def everything(said: Said) -> Iterator[tuple[str, str]]:
    """All that came out, with where."""
    yield "log", said.log
    for message in said.slack:
        yield "slack", json.dumps([message.text, message.blocks, message.metadata, message.edits], ensure_ascii=False)
    for mail in said.mails:
        yield "mail", mail.content.decode("utf-8", "replace") + mail.text() + mail.html()
    yield from said.pages.items()
    yield from said.answers.items()


def test_no_secret_is_told_to_anybody(said: Said) -> None:
    for where, text in everything(said):
        told = [secret for secret in SECRETS if secret in text]
        assert not told, where
    assert not [secret for secret in SECRETS if secret.encode() in said.stored], "nor kept in the database"


def test_the_log_holds_neither_texts_nor_authors_nor_what_staff_wrote(said: Said) -> None:
    assert MARK in said.stored.decode("utf-8", "replace"), "it did take them in"
    lowered = said.log.casefold()
    for private in (MARK, AUTHOR, "evil.example", NOTE[:12], UPDATE[:8], SUMMARY[:8]):
        assert private.casefold() not in lowered


def test_the_log_is_one_json_object_a_line_and_nobody_can_forge_one(said: Said) -> None:
    entries = [json.loads(line) for line in said.log.splitlines()]
    assert {"started", "delivered", "delivery_failed", "stopped"} <= {entry["event"] for entry in entries}
    assert all(entry["event"] != "forged" for entry in entries)
    assert not [entry for entry in entries if entry["level"] in {"error", "critical"}]
    assert not [character for character in said.log if ord(character) < 32 and character != "\n"]


def test_the_metrics_name_no_person(said: Said) -> None:
    assert "tocsin_mentions_total" in said.answers["/metrics"]
    assert MARK not in said.answers["/metrics"]
    assert AUTHOR not in said.answers["/metrics"]


@pytest.mark.parametrize("form", ["", "?format=csv", "?format=md"])
def test_the_timeline_names_mentions_by_id_alone(said: Said, form: str) -> None:
    timeline = said.answers[f"/api/v1/incidents/ID/timeline{form}"]
    assert "hostile" in timeline
    assert MARK not in timeline
    assert AUTHOR not in timeline
