"""Programs of the machine that tests need: skipped where there is none, unless everything is required."""

from __future__ import annotations

import os
import shutil

import pytest

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def program(*names: str) -> str:
    """The first of ``names`` that is installed."""
    for name in names:
        if (found := shutil.which(name, path=_PATH)) is not None:
            return found
    message = f"{names[0]} is not installed"
    if os.environ.get("TOCSIN_REQUIRE_ALL") == "1":
        pytest.fail(message)
    pytest.skip(message)
