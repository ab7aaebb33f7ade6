"""What these tests share."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.faults.street import learn
from tests.security.evening import Said, evening


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has learned some ordinary days of the brand ``acme``, to be copied."""
    return learn(tmp_path_factory.mktemp("learned"))


@pytest.fixture(scope="session")
def said(tmp_path_factory: pytest.TempPathFactory, learned: Path) -> Said:
    """All that Tocsin says in one hostile evening."""
    return asyncio.run(evening(tmp_path_factory.mktemp("evening"), learned))
