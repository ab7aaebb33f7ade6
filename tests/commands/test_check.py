"""`tocsin check`."""

from __future__ import annotations

from pathlib import Path

from tests.commands.conftest import Run
from tests.fakes.configuration import EXAMPLE, SMALLEST


def test_a_good_file_is_told_so_on_standard_output(run: Run) -> None:
    result = run("check", str(EXAMPLE))
    assert (result.status, result.err) == (0, "")
    assert result.out == f"OK: {EXAMPLE}; brands: acme\n"


def test_every_fault_is_a_line_on_standard_error_that_begins_with_its_path(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text(SMALLEST.replace('name = "Acme"', 'languages = ["pl", "?"]') + "port = 1.5\n")
    result = run("check", str(file))
    assert (result.status, result.out) == (1, "")
    assert result.err.splitlines() == [
        "brands.acme.name: missing; this key is required",
        'brands.acme.languages[1]: expected a language code of two letters, such as "pl"',
        "web.port: expected a whole number without quotes",
    ]


def test_a_file_that_is_not_there_is_a_fault(run: Run, tmp_path: Path) -> None:
    result = run("check", str(tmp_path / "none.toml"))
    assert result.status == 1
    assert result.err == f"{tmp_path}/none.toml: No such file or directory; name a TOML file that can be read\n"


def test_what_a_file_says_cannot_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text(SMALLEST + '["\\u001b[2J\\nx"]\n')
    result = run("check", str(file))
    assert "\x1b" not in result.err
    assert len(result.err.splitlines()) == 1
