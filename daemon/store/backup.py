"""A consistent copy of the store."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from daemon.errors import StoreError


def back_up(url: str, folder: Path, now: datetime) -> Path:
    """Copy the store into a new file in ``folder``, readable by its owner alone; tells which.

    Raises ``StoreError`` that says what is wrong.
    """
    parsed = sa.make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    path = folder / f"tocsin-{now:%Y%m%dT%H%M%SZ}.{'db' if sqlite else 'dump'}"
    part = path.with_name(path.name + ".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.touch(mode=0o600, exist_ok=True)
        if sqlite:
            _copy_sqlite(Path(parsed.database or ""), part)
        else:
            _dump_postgresql(parsed, part)
        part.replace(path)
    except (sqlite3.Error, OSError, subprocess.SubprocessError) as error:
        raise StoreError(f"cannot back up to {path}: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return path


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise StoreError(f"there is no store at {source} yet; start `tocsin run` once")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)  # in one step: a writer beside it neither waits nor makes it begin again
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise StoreError(f"the copy is damaged: {verdict}")


def _dump_postgresql(url: sa.URL, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise StoreError("pg_dump is not installed; install PostgreSQL's client programs")
    environ = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    command = [program, "--format=custom", f"--file={target}", plain]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        raise StoreError(
            f"pg_dump failed: {done.stderr.strip().splitlines()[-1] if done.stderr else 'no reason given'}"
        )
