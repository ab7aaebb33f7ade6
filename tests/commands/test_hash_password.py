"""`tocsin hash-password`."""

from __future__ import annotations

import io

import pytest
from argon2 import PasswordHasher

from tests.commands.conftest import Run


@pytest.mark.parametrize(("given", "password"), [("zażółć\n", "zażółć"), ("two words\r\nmore", "two words")])
def test_the_first_line_of_standard_input_is_hashed(
    run: Run, monkeypatch: pytest.MonkeyPatch, given: str, password: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(given, newline=""))
    result = run("hash-password")
    assert result.status == 0
    assert PasswordHasher().verify(result.out.strip(), password)


@pytest.mark.parametrize("given", ["", "\n", "x" * 1025])
def test_what_is_no_password_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    result = run("hash-password")
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith("tocsin: the password is ")
