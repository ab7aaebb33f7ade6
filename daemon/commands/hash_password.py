"""`tocsin hash-password`."""

from __future__ import annotations

import sys

import click

from daemon.errors import InputError

_LONGEST = 1024  # characters; longer is a file sent by mistake


@click.command(
    "hash-password", epilog="\b\nExample:\n  tocsin hash-password\n  pwgen 20 1 | tee password | tocsin hash-password"
)
def command() -> None:
    """Turn a password into what [[web.users]] keeps of it.

    Reads one line from standard input; on a terminal it asks twice and shows nothing.
    """
    from argon2 import PasswordHasher

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline(_LONGEST + 2).rstrip("\r\n")
    if not password:
        raise InputError("the password is empty; give it on standard input")
    if len(password) > _LONGEST:
        raise InputError(f"the password is longer than {_LONGEST} characters; give a shorter one")
    click.echo(PasswordHasher().hash(password))
