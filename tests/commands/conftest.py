"""Running a command line as a person does."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import pytest

from daemon import cli


class Result(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


class Run(Protocol):
    """``run("check", "tocsin.toml")``."""

    def __call__(self, *arguments: str) -> Result:
        """Carry it out in this process."""
        ...


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Carry out a command line."""

    def _run(*arguments: str) -> Result:
        status = cli.run(arguments)
        out, err = capsys.readouterr()
        return Result(status, out, err)

    return _run
