"""`tocsin check`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from daemon.errors import ConfigError


@click.command("check", epilog="\b\nExample:\n  tocsin check /etc/tocsin/tocsin.toml")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, file: Path) -> None:
    """Check the configuration in FILE, with what the environment and credentials override.

    Names every fault on standard error, each with its path; what is only a warning is no fault.
    """
    from config.load import load
    from daemon.replies.library import library_of
    from daemon.replies.proofread import proofread
    from daemon.text import one_line

    try:
        config = load(file, os.environ)
        if config.text.onnx_model is not None:
            from daemon.transformer import text_model

            text_model(config)
        remarks = tuple(proofread(library_of(config)))
    except ConfigError as error:
        for fault in error.faults:
            click.echo(one_line(fault), err=True)
        ctx.exit(1)
    for remark in remarks:
        warning = "" if remark.grave else "warning: "
        told = f"replies.folder: {remark.path}: {warning}{remark.finding.rule}: {remark.finding.message}"
        click.echo(one_line(told), err=True)
    if any(remark.grave for remark in remarks):
        ctx.exit(1)
    click.echo(f"OK: {one_line(str(file))}; brands: {', '.join(config.brands)}")
