"""The detectors learn from how people end incidents."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from daemon.clock import ManualClock
from daemon.command import Command, FalseAlarm, Resolve
from daemon.judgements import judgements
from daemon.model import IncidentKind, IncidentState
from daemon.store.counts import Counts
from daemon.store.engine import Store
from detectors.calibration import Judgement
from detectors.monitor import Monitor
from tests.fakes.records import NOON, an_incident
from tests.fakes.town import MINUTE, Town


def test_only_what_people_have_ended_says_anything() -> None:
    ended = {"opened_at": NOON, "onset_at": NOON, "resolved_at": NOON + 9 * MINUTE}
    begin = int(NOON.timestamp()) // 60
    found = judgements(
        [
            an_incident(),
            an_incident(state=IncidentState.RESOLVED, ended_by="tocsin", **ended),
            an_incident(state=IncidentState.RESOLVED, ended_by="user:anna", **ended),
            an_incident(state=IncidentState.FALSE_ALARM, ended_by="user:anna", **ended | {"onset_at": NOON - MINUTE}),
            an_incident(state=IncidentState.FALSE_ALARM, ended_by="user:anna", kind=IncidentKind.BLIND, **ended),
        ]
    )
    assert found == [Judgement(begin - 1, begin + 9, crisis=False), Judgement(begin, begin + 9, crisis=True)]


async def peaks(folder: Path, end: Command, *, forgetting: bool) -> float:
    """How many peaks of evidence count as ordinary life, once a surge was ended so."""
    store = await Store.open(f"sqlite:///{folder / 'tocsin.db'}")
    town = Town(store, ManualClock(NOON))
    async with town.awake(watching=False):
        await town.watch.start()
        await town.live(timedelta(hours=2), step=10 * MINUTE)
        await town.write(40, over=5 * MINUTE)
        (incident,) = await town.look()
        await town.incidents.act(incident.id, end, actor="user:anna")
        await town.live(timedelta(hours=3), step=20 * MINUTE)
        if forgetting:
            await town.restart(forgetting=True)
        await town.watch.stop()
        state = (await Counts(store).snapshots())["acme"].state
    await store.close()
    assert state is not None
    return Monitor.load(state, timezone="Europe/Warsaw").surge.tail.peaks


@pytest.mark.parametrize("forgetting", [False, True], ids=["as it comes", "built anew"])
async def test_a_false_alarm_is_ordinary_life_and_a_crisis_is_not(tmp_path: Path, *, forgetting: bool) -> None:
    for name in ("dismissed", "confirmed"):
        (tmp_path / name).mkdir()
    dismissed = await peaks(tmp_path / "dismissed", FalseAlarm(reason="a campaign"), forgetting=forgetting)
    confirmed = await peaks(tmp_path / "confirmed", Resolve(summary="told them"), forgetting=forgetting)
    assert dismissed == pytest.approx(confirmed + 1, abs=0.01)
