"""`tocsin lint-reply` on the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from daemon.commands.lint_reply import command
from daemon.errors import InputError


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(command, arguments, input=stdin)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_findings_are_json_lines_and_an_error_exits_1() -> None:
    result = run("--lang", "pl", "--incident", "Przykro nam. Naprawimy to do 15:30.")
    assert result.exit_code == 1
    found = lines(result)
    assert {one["rule"] for one in found} == {"fix_promise", "no_next_update"}
    assert all(set(one) == {"rule", "severity", "message", "span", "suggestion"} for one in found)


def test_a_fit_reply_prints_nothing_and_exits_0() -> None:
    result = run("--lang", "pl", "--customer", "Nie działa!", "Przykro nam, sprawdzamy. Wrócimy o 15:30.")
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_warning_alone_exits_0() -> None:
    result = run("--lang", "pl", "--customer", "Nie działa", "Przykro nam. Prosimy o kontakt z infolinią.")
    assert [one["severity"] for one in lines(result)] == ["warning"]
    assert result.exit_code == 0


def test_input_gives_one_line_for_each_reply_in_order() -> None:
    items = [
        {"id": "a", "lang": "en", "reply": "We are sorry. We're checking.", "customer": "It is broken"},
        {"id": "b", "lang": "en", "reply": "That's not our problem.", "customer": None, "audience": "private"},
        {"id": 3, "lang": "ru", "reply": "", "incident": False, "channel": "x", "facts": [{"fact": "5 домов"}]},
    ]
    result = run("--input", "-", stdin="\n".join(json.dumps(item) for item in items) + "\n\n")
    found = lines(result)
    assert [one["id"] for one in found] == ["a", "b", 3]
    assert found[0]["findings"] == []
    assert [one["rule"] for one in found[1]["findings"]] == ["hostility"]
    assert [one["rule"] for one in found[2]["findings"]] == ["empty"]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "line 1: expected a JSON object"),
        ("[1]", "line 1: expected a JSON object"),
        ('{"lang": "pl"}', "line 1: reply: missing"),
        ('{"lang": "pl", "reply": 1}', "line 1: reply: expected"),
        ('{"lang": "pl", "reply": "a", "audience": "all"}', "line 1: audience: expected public or private"),
        ('{"lang": "pl", "reply": "a", "facts": [1]}', "line 1: facts: expected texts"),
        ('{"lang": "pl", "reply": "a", "timezone": "Mars"}', "line 1: timezone: expected a time zone"),
        ('{"lang": "pl", "reply": "a", "now": "today"}', "line 1: now: expected a time"),
    ],
)
def test_a_wrong_line_is_named(line: str, complaint: str) -> None:
    result = run("--input", "-", stdin=line)
    assert isinstance(result.exception, InputError)
    assert str(result.exception).startswith(complaint)


def test_wrong_usage_exits_2() -> None:
    assert run().exit_code == 2
    assert run("Przykro nam.").exit_code == 2
