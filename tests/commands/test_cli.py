"""What holds for every command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from daemon import cli
from daemon.errors import ConfigError, Conflict
from tests.commands.conftest import Run

_NAMES = cli.group.list_commands(click.Context(cli.group))


def _fails(error: BaseException) -> click.Command:
    def _raise() -> None:
        raise error

    return click.Command("fails", callback=_raise)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda _self, _ctx, _name: _fails(Conflict("x")))
    return monkeypatch


def test_names_are_told_without_importing_a_command() -> None:
    script = "import sys, click, daemon.cli as c; print(c.group.list_commands(click.Context(c.group)))\n"
    script += "print([name for name in sys.modules if name.startswith('daemon.commands.')])"
    out = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout  # noqa: S603
    names, imported = out.splitlines()
    assert "'hash-password'" in names
    assert imported == "[]"


@pytest.mark.parametrize("name", _NAMES)
def test_every_command_explains_itself_with_an_example(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert result.status == 0
    assert "Example" in result.out
    assert f"tocsin {name}" in result.out


def test_it_tells_its_version(run: Run) -> None:
    assert run("--version").out.startswith("tocsin ")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "tocsin: Missing command; see `tocsin --help`\n"),
        (("chekc",), "tocsin: No such command 'chekc'; see `tocsin --help`\n"),
        (("check",), "tocsin: Missing argument 'FILE'; see `tocsin check --help`\n"),
        (("check", "a", "b"), "tocsin: Got unexpected extra argument (b); see `tocsin check --help`\n"),
    ],
)
def test_wrong_usage_is_answered_in_one_line_that_says_where_to_look(
    run: Run, arguments: tuple[str, ...], line: str
) -> None:
    result = run(*arguments)
    assert (result.status, result.out, result.err) == (2, "", line)


@pytest.mark.parametrize(
    ("error", "status", "err"),
    [
        (Conflict("it has ended; reopen it first"), 1, "tocsin: it has ended; reopen it first\n"),
        (Conflict("a\nb\x1b[2J\u2028c"), 1, "tocsin: a b\\u001b[2J c\n"),
        (ConfigError("a: one", "b: two"), 1, "tocsin: a: one\ntocsin: b: two\n"),
        (FileNotFoundError(2, "No such file or directory", "x.csv"), 1, None),
        (click.ClickException("no"), 1, "tocsin: no\n"),
        (ExceptionGroup("tasks", [ExceptionGroup("more", [Conflict("first")]), OSError("x")]), 1, "tocsin: first\n"),
        (KeyboardInterrupt(), 130, "\n"),
        (click.Abort(), 130, ""),
    ],
)
def test_an_error_is_told_in_a_line_each(
    run: Run, failing: pytest.MonkeyPatch, error: BaseException, status: int, err: str | None
) -> None:
    failing.setattr(cli.LazyGroup, "get_command", lambda _self, _ctx, _name: _fails(error))
    result = run("fails")
    assert result.status == status
    assert result.err == ("tocsin: [Errno 2] No such file or directory: 'x.csv'\n" if err is None else err)


def test_a_bug_among_tasks_is_not_hidden(run: Run, failing: pytest.MonkeyPatch) -> None:
    group = ExceptionGroup("tasks", [Conflict("told"), ZeroDivisionError()])
    failing.setattr(cli.LazyGroup, "get_command", lambda _self, _ctx, _name: _fails(group))
    with pytest.raises(ExceptionGroup):
        run("fails")


def test_a_command_may_return_its_exit_code(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    command = click.Command("finds", callback=lambda: 1)
    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda _self, _ctx, _name: command)
    assert run("finds").status == 1


def test_a_reader_that_leaves_early_is_no_error() -> None:
    tocsin = Path(sys.executable).with_name("tocsin")
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen([tocsin, "--help"], stdout=writing, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        os.close(writing)
        _, err = process.communicate(timeout=60)
    assert err == ""
    assert process.returncode == 1


def test_ctrl_c_ends_it_quietly() -> None:
    script = "import daemon.cli as c, click\n"
    script += (
        "c.LazyGroup.get_command = lambda *_: click.Command('x', callback=lambda: (print('up', flush=True), input()))\n"
    )
    script += "import sys; sys.exit(c.run(['x']))"
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert err.strip() == ""
    assert process.returncode == 130
