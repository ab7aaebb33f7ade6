"""What the fault tests share."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.street import history


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has learned some ordinary days of the brand ``acme``, to be copied."""
    folder = tmp_path_factory.mktemp("learned")
    (folder / "history.ndjson").write_text(history(), encoding="utf-8")
    (folder / "tocsin.toml").write_text(
        """
[brands.acme]
name = "Acme Mobile"
[sources.http]
[store]
url = "sqlite:///tocsin.db"
[web]
secret_key = "0123456789abcdef0123456789abcdef"
""",
        encoding="utf-8",
    )
    program = "from daemon.cli import main; main()"
    arguments = ["learn", "--config", str(folder / "tocsin.toml"), str(folder / "history.ndjson")]
    subprocess.run([sys.executable, "-c", program, *arguments], check=True, cwd=Path(__file__).parents[2], timeout=180)  # noqa: S603 - our own program
    return folder / "tocsin.db"
