"""What these tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.street import learn


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has learned some ordinary days of the brand ``acme``, to be copied."""
    return learn(tmp_path_factory.mktemp("learned"))
