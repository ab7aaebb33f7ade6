"""A PostgreSQL cluster of the tests' own, in a temporary folder, on loopback."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from daemon import ports

_SETTINGS = "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={home} -c fsync=off \
-c full_page_writes=off -c synchronous_commit=off -c shared_buffers=32MB"


def programs() -> Path:
    """The folder of initdb and pg_ctl; the test is skipped where there is none."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not places:
        pytest.skip("PostgreSQL's initdb is not installed")
    return places[-1]


def _other_user() -> str:
    """Who runs the cluster for root, as whom it refuses to run."""
    known = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """Run a cluster and give its URL, without a database's name."""
    folder = programs()
    user = _other_user() if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="tocsin-pg-") as home, ports.reserve() as kept:
        if user is not None:
            shutil.chown(home, user)
        port = ports.number(kept)

        def call(program: str, *arguments: str) -> None:
            command = [str(folder / program), "-D", f"{home}/data", *arguments]
            subprocess.run(  # noqa: S603 - the programs found above
                command,
                cwd=home,
                check=True,
                stdout=subprocess.DEVNULL,  # no pipe: the server would keep it open
                stderr=subprocess.DEVNULL,
                user=user,
                group=pwd.getpwnam(user).pw_gid if user else None,
                extra_groups=[] if user else None,
            )

        call("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        call("pg_ctl", "-w", "-l", f"{home}/log", "-o", _SETTINGS.format(port=port, home=home), "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}"
        finally:
            call("pg_ctl", "-w", "-m", "immediate", "stop")


@contextlib.asynccontextmanager
async def database(server: str, name: str) -> AsyncIterator[str]:
    """A fresh, empty database and its URL; gone at the end."""
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{server}/{name}"
        finally:
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()
