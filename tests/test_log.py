"""What reaches the log, and what must not."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon import log
from daemon.text import escape, one_line

CANARY = "canary-0123456789"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_in_service_an_event_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(json=True)
    structlog.get_logger().info("mentions_stored", brand="zażółć", n=3)
    (line,) = lines(capsys)
    assert list(line)[:3] == ["timestamp", "level", "event"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("timestamp"))
    assert line.pop("logger") == "tests.test_log"
    assert line == {"event": "mentions_stored", "level": "info", "brand": "zażółć", "n": 3}


def test_without_a_terminal_it_is_json_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    structlog.get_logger().warning("late")
    assert lines(capsys)[0]["event"] == "late"


def test_libraries_come_out_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(json=True)
    logging.getLogger("aiohttp.server").warning("bad request from %s", "10.0.0.1")
    (line,) = lines(capsys)
    assert (line["event"], line["logger"], line["level"]) == ("bad request from 10.0.0.1", "aiohttp.server", "warning")


def test_configuring_again_replaces_and_does_not_double(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(json=False)
    log.configure(json=True)
    structlog.get_logger().info("once")
    assert len(lines(capsys)) == 1


@pytest.mark.error_logs_expected
@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_is_told_without_its_secrets(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:  # noqa: FBT001
    log.configure(json=as_json, conceal=[CANARY])
    try:
        int(f"cannot sign in as {CANARY}\x1b[2J")
    except ValueError:
        structlog.get_logger().exception("failed")
    said = capsys.readouterr().err
    assert "cannot sign in as ***" in said
    assert CANARY not in said
    assert "\x1b" not in said


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    "values",
    [
        {"token": CANARY},
        {"bot_token": CANARY},
        {"password": CANARY.encode()},
        {"text": CANARY},
        {"author": CANARY},
        {"author_name": CANARY},
        {"headers": {"Authorization": CANARY}},
        {"items": [{"text": CANARY}]},
        {"reason": f"POST https://u:{CANARY}@host/x"},
        {"url": f"/act?a=1&token={CANARY}&b=2"},
        {"reason": f"sent xoxb-{CANARY}"},
        {"reason": f"sent Bearer {CANARY}"},
        {"reason": f"a configured one: {CANARY}", "conceal": True},
    ],
)
def test_what_is_private_is_struck_out(
    capsys: pytest.CaptureFixture[str],
    values: dict[str, Any],
    as_json: bool,  # noqa: FBT001
) -> None:
    log.configure(json=as_json, conceal=[CANARY] if values.get("conceal") else [])
    structlog.get_logger().warning("event", **values)
    said = capsys.readouterr().err
    assert CANARY not in said
    assert "***" in said


def test_keys_that_only_sound_alike_stay(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(json=True)
    structlog.get_logger().info("x", tokens=3, context="y", authors=7, key="k")
    (line,) = lines(capsys)
    assert (line["tokens"], line["context"], line["authors"], line["key"]) == (3, "y", 7, "k")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(text=st.text())
def test_whatever_is_logged_stays_one_line_and_reads_back(capsys: pytest.CaptureFixture[str], text: str) -> None:
    log.configure(json=True)
    structlog.get_logger().info(text, reason=text)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    json.loads(said)
    said.encode()


@given(text=st.text())
def test_escaped_text_holds_nothing_that_acts(text: str) -> None:
    escaped = escape(text)
    assert len(escaped.splitlines()) <= 1
    assert not re.search("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", escaped)
    escaped.encode()


@given(text=st.text(st.characters(exclude_characters='"\\')))
def test_escaped_text_means_the_same_in_json(text: str) -> None:
    assert json.loads(f'"{escape(text)}"') == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain", "plain"),
        ("a\nb\r\nc", "a b c"),
        ("a\x85b", "a\\u0085b"),
        ("żółć 👍 привет", "żółć 👍 привет"),
        ("", ""),
    ],
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line
