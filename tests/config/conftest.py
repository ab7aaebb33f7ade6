"""A configuration to start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.configuration import SMALLEST


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The smallest configuration there is."""
    path = tmp_path / "tocsin.toml"
    path.write_text(SMALLEST)
    return path
