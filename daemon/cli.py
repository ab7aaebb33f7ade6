"""The command line: `tocsin COMMAND`, each command a module of its own in daemon/commands.

Exit codes: 0 done, 1 findings or refused, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from daemon import commands
from daemon.errors import ConfigError, TocsinError
from daemon.text import one_line

_INTERRUPTED = 130  # 128 + SIGINT, as shells have it
_TOLD = (click.ClickException, click.Abort, KeyboardInterrupt, TocsinError, OSError)  # in a line; all else is a bug


class LazyGroup(click.Group):
    """Finds a command by its module's name and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, told from file names alone."""
        del ctx
        return sorted(found.name.replace("_", "-") for found in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None where there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command


@click.group(
    cls=LazyGroup,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nExample:\n  tocsin demo\n  tocsin run --config tocsin.toml",
)
@click.version_option(package_name="tocsin", message="%(prog)s %(version)s")
def group() -> None:
    """Tocsin notices that public anger at a brand is rising and calls the right people."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line and tell its exit code; errors go to standard error, a line each."""
    try:
        status = group.main(args=arguments, prog_name="tocsin", standalone_mode=False)
        sys.stdout.flush()  # a reader that has left shows here, not in the interpreter's last breath
    except (*_TOLD, BaseExceptionGroup) as error:
        status, complaints = _outcome(_first(error))
        for complaint in complaints:
            click.echo(one_line(f"tocsin: {complaint}"), err=True)
    return status if isinstance(status, int) else 0


def _first(error: BaseException) -> BaseException:
    """The error itself, or the first of a group of tasks that all ended in errors we tell.

    Raises the whole group where one of them is a bug.
    """
    if not isinstance(error, BaseExceptionGroup):
        return error
    _, bugs = error.split(_TOLD)
    if bugs is not None:
        raise error
    return _first(error.exceptions[0])


def _outcome(error: BaseException) -> tuple[int, tuple[str, ...]]:
    """The exit code of a command that ended in `error`, and the lines that say why."""
    match error:
        case click.UsageError():
            where = error.ctx.command_path if error.ctx else "tocsin"
            return 2, (f"{error.format_message().rstrip('.')}; see `{where} --help`",)
        case click.ClickException():
            return error.exit_code, (error.format_message(),)
        case click.Abort() | KeyboardInterrupt():
            return _INTERRUPTED, ()
        case BrokenPipeError():
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - for what is still to be flushed
            return 1, ()
        case ConfigError():
            return 1, error.faults
        case _:
            return 1, (str(error),)


def main() -> NoReturn:
    """The program's entry."""
    sys.exit(run())
