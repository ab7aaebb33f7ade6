"""Configuration files for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from config.load import load
from daemon.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "config" / "tocsin.toml"
CANARY = "canary-in-the-mine-0123456789"
SMALLEST = """
[brands.acme]
name = "Acme"
[sources.http]
[store]
url = "sqlite:///tocsin.db"
[web]
secret_key = "0123456789abcdef"
"""


def with_lines(file: Path, lines: str) -> Path:
    """Add `lines` to the smallest configuration."""
    file.write_text(SMALLEST + lines)
    return file


def faults(path: Path, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What is said of a configuration that is refused."""
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {})
    return caught.value.faults
