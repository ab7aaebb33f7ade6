"""The unit is understood by systemd, locked down, and names what there is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from config.load import load
from daemon import cli
from tests.fakes.configuration import EXAMPLE

UNIT = Path(__file__).parents[2] / "systemd" / "tocsin.service"
_MOST_EXPOSED = 15  # tenths: 1.5 of 10; a bare service has 9.6


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    return subprocess.run([program, *arguments], check=False, capture_output=True, text=True)  # noqa: S603


def test_systemd_understands_it(tmp_path: Path) -> None:
    unit = tmp_path / "tocsin.service"
    here = Path(sys.executable).with_name("tocsin")
    unit.write_text(UNIT.read_text().replace("/opt/tocsin/.venv/bin/tocsin", str(here)))
    result = analyze("verify", "--man=no", str(unit))
    assert (result.returncode, result.stderr) == (0, "")


def test_it_is_locked_down() -> None:
    result = analyze("security", "--offline=true", f"--threshold={_MOST_EXPOSED}", "--no-pager", str(UNIT))
    assert result.returncode == 0, result.stdout


def test_it_starts_a_command_that_there_is() -> None:
    (command,) = re.findall(r"^ExecStart=\S+/tocsin (\S+) --config \S+$", UNIT.read_text(), re.MULTILINE)
    assert command in cli.group.list_commands(click.Context(cli.group))


def test_every_credential_it_names_is_a_setting(tmp_path: Path) -> None:
    names = re.findall(r"^#?LoadCredential=(\w+):", UNIT.read_text(), re.MULTILINE)
    assert "tocsin_web__secret_key" in names
    for name in names:
        value = '[{"name": "a", "token": "t", "role": "ingest"}]' if name.endswith("tokens") else "of-some-length-0123"
        (tmp_path / name).write_text(value)
    email_too = {"TOCSIN_NOTIFIERS__EMAIL__USERNAME": "tocsin"}
    load(EXAMPLE, {"CREDENTIALS_DIRECTORY": str(tmp_path), **email_too})
