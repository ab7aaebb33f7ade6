"""`tocsin backup`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.commands.conftest import Run
from tests.fakes.installation import Installation


def test_it_names_the_copy_which_holds_everything(run: Run, tmp_path: Path) -> None:
    here = Installation(tmp_path).with_an_incident()
    status, out, err = run("backup", "--config", str(here.config), str(tmp_path / "copies"))
    assert (status, err) == (0, "")
    copy = Path(out.strip())
    assert copy.parent == tmp_path / "copies"
    assert [file.name for file in copy.parent.iterdir()] == [copy.name]
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM mentions").fetchone() == (3,)
        assert connection.execute("SELECT id FROM incidents").fetchall() == [("acme-1",)]


def test_where_there_is_no_store_it_says_so_in_one_line(run: Run, tmp_path: Path) -> None:
    here = Installation(tmp_path)
    status, out, err = run("backup", "--config", str(here.config), str(tmp_path / "copies"))
    assert (status, out) == (1, "")
    assert "there is no store at" in err
    assert err.count("\n") == 1
    assert not here.database.exists()
