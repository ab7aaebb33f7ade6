"""`tocsin run`."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command("run", epilog="\b\nExample:\n  tocsin run --config /etc/tocsin/tocsin.toml")
@click.option(
    "--config", "file", required=True, type=click.Path(path_type=Path), help="The configuration file, in TOML."
)
def command(file: Path) -> None:
    """Run the daemon until it is told to stop.

    SIGTERM and SIGINT end it in good order; SIGHUP reads the configuration again.
    """
    import asyncio

    from config.load import load, secrets
    from config.schema import Config
    from daemon import log
    from daemon.service import serve

    known: set[str] = set()  # a secret of the old configuration is still none of the log's business

    def read() -> Config:
        config = load(file, os.environ)
        known.update(secrets(config))
        log.configure(conceal=known)
        return config

    asyncio.run(serve(read(), read, os.environ))
