"""`tocsin backup`."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command("backup", epilog="\b\nExample:\n  tocsin backup --config tocsin.toml /var/backups/tocsin")
@click.option("--config", "file", required=True, type=click.Path(path_type=Path), help="The configuration file.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def command(file: Path, folder: Path) -> None:
    """Write a consistent copy of the store into DIR, also beside a running daemon.

    SQLite is copied by its own online backup and then checked; PostgreSQL by pg_dump.
    """
    from config.load import load
    from daemon.clock import SystemClock
    from daemon.store.backup import back_up

    path = back_up(load(file, os.environ).store.url, folder, SystemClock().now())
    click.echo(str(path))
