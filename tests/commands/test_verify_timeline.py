"""`tocsin verify-timeline`."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from daemon.store.tables import timeline
from tests.commands.conftest import Run
from tests.fakes.installation import Installation


def test_chains_that_hold_are_counted(run: Run, tmp_path: Path) -> None:
    here = Installation(tmp_path).with_an_incident()
    assert run("verify-timeline", "--config", str(here.config)) == (0, "OK: 1 timeline holds together\n", "")


def test_a_fault_is_named_on_standard_error(run: Run, tmp_path: Path) -> None:
    here = Installation(tmp_path).with_an_incident()
    here.execute(sa.update(timeline).values(actor="user:somebody"))
    status, out, err = run("verify-timeline", "--config", str(here.config))
    assert (status, out) == (1, "")
    assert err == "acme-1 seq 1: its hash does not match what it says\n"


def test_a_tail_cut_off_is_a_fault(run: Run, tmp_path: Path) -> None:
    here = Installation(tmp_path).with_an_incident()
    here.execute(sa.delete(timeline))
    status, _, err = run("verify-timeline", "--config", str(here.config))
    assert status == 1
    assert err.startswith("acme-1 seq 1: ")
