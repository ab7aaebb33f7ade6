"""`tocsin erase-author`."""

from __future__ import annotations

from pathlib import Path

from daemon.store.tables import mentions
from tests.commands.conftest import Run
from tests.fakes.installation import Installation


def test_it_says_how_many_mentions_it_erased(run: Run, tmp_path: Path) -> None:
    here = Installation(tmp_path).with_an_incident()
    assert run("erase-author", "--config", str(here.config), "acme", "jan") == (0, "Erased 2 mentions.\n", "")
    assert sorted((row["id"], row["author"]) for row in here.rows(mentions) if row["author"]) == [("m3", "ola")]
    assert run("erase-author", "--config", str(here.config), "acme", "ola").out == "Erased 1 mention.\n"
    assert run("erase-author", "--config", str(here.config), "acme", "jan") == (0, "Erased 0 mentions.\n", "")


def test_a_brand_that_is_not_configured_is_named_with_those_that_are(run: Run, tmp_path: Path) -> None:
    here = Installation(tmp_path)
    status, out, err = run("erase-author", "--config", str(here.config), "globex", "jan")
    assert (status, out) == (1, "")
    assert err.startswith("tocsin: no brand 'globex' in ")
    assert err.endswith("configured: acme\n")
    assert err.count("\n") == 1


def test_both_brand_and_author_are_needed(run: Run, tmp_path: Path) -> None:
    here = Installation(tmp_path)
    status, out, err = run("erase-author", "--config", str(here.config), "acme")
    assert (status, out) == (2, "")
    assert "AUTHOR" in err
