"""`tocsin model`: what was learned, taken back, learned anew."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from daemon.clock import ManualClock
from daemon.progress import holdout
from daemon.store.corrections import Corrections
from daemon.store.engine import Store
from daemon.store.intake import Batch, write
from detectors.corrected import Correction
from tests.commands.conftest import Run
from tests.fakes.blunt import Blunt, stream
from tests.fakes.records import NOON, a_mention, a_scored_mention

LESSONS = stream(1, 40)


@pytest.fixture
def config(tmp_path: Path) -> str:
    """A configuration, beside whose store nothing runs."""
    file = tmp_path / "tocsin.toml"
    file.write_text(
        '[brands.acme]\nname = "Acme"\n[sources.http]\n[store]\nurl = "sqlite:///tocsin.db"\n'
        '[web]\nsecret_key = "0123456789abcdef"\n',
        encoding="utf-8",
    )
    return str(file)


def corrected(config: str, number: int, clock: ManualClock) -> None:
    async def work() -> None:
        store = await Store.open(f"sqlite:///{Path(config).parent / 'tocsin.db'}")
        items = [
            a_scored_mention(a_mention(f"m{place}", text=lesson.text)) for place, lesson in enumerate(LESSONS[:number])
        ]
        async with store.write() as connection:
            batch = Batch(source="http", items=tuple(item.mention for item in items))
            await write(connection, [batch], [items], now=NOON)
        keeper = Corrections(store, clock)
        for place, lesson in enumerate(LESSONS[:number]):
            await keeper.correct("acme", f"m{place}", lesson.label, actor="user:anna")
        await store.close()

    asyncio.run(work())


def test_nothing_learned_is_told(run: Run, config: str) -> None:
    shown = run("model", "show", "--config", config)
    assert (shown.status, shown.err) == (0, "")
    assert "+0\n" in shown.out
    assert "0 in effect, 0 in the log" in shown.out
    refused = run("model", "retrain", "--config", config)
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert "at least 20 corrections in effect; there are 0" in refused.err


def test_what_was_learned_is_told_and_can_be_taken_back(run: Run, config: str, clock: ManualClock) -> None:
    corrected(config, 3, clock)
    first = run("model", "show", "--config", config).out
    assert "+3." in first
    assert "3 in effect, 3 in the log (0 taken back, 0 erased)" in first
    assert "3 texts remembered" in first
    back = run("model", "rollback", "--config", config, "1")
    assert (back.status, back.out) == (0, "1 correction in effect; 2 no longer count.\n")
    assert "1 in effect, 3 in the log (2 taken back, 0 erased)" in run("model", "show", "--config", config).out
    more = run("model", "rollback", "--config", config, "2")
    assert (more.status, more.err) == (1, "tocsin: fewer corrections are in effect: 1\n")
    assert run("model", "rollback", "--config", config, "-1").status == 2


def test_learning_anew_is_adopted_only_where_it_reads_better(run: Run, config: str, clock: ManualClock) -> None:
    corrected(config, 40, clock)
    before = run("model", "show", "--config", config).out.splitlines()[0]
    result = run("model", "retrain", "--config", config)
    lines = result.out.splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == ["frozen", "as they came", "learned anew"]
    losses = [float(line.split()[-1]) for line in lines[:3]]
    better = losses[2] < losses[1]
    assert result.status == (0 if better else 1)
    assert lines[3].startswith("Learned anew." if better else "Left as it is")
    after = run("model", "show", "--config", config).out.splitlines()[0]
    assert (after != before) is better
    assert "+40." in after


NETWORK = '[text]\nonnx_model = "tiny/model.onnx"\n'


def test_what_is_shown_and_learned_anew_is_of_the_model_that_the_daemon_reads_with(
    run: Run, config: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected(config, 40, clock)
    with Path(config).open("a", encoding="utf-8") as file:
        file.write(NETWORK)
    monkeypatch.setattr("daemon.transformer.load_transformer", lambda *_: Blunt())
    frozen = Blunt().version
    assert f"frozen       {frozen}\n" in run("model", "show", "--config", config).out
    read = holdout(Blunt(), [Correction(text=each.text, lang=None, label=each.label) for each in LESSONS])
    assert f"frozen: {read.base.right} of {read.base.texts} right" in run("model", "retrain", "--config", config).out


def test_a_network_that_is_not_there_is_told(run: Run, config: str) -> None:
    with Path(config).open("a", encoding="utf-8") as file:
        file.write(NETWORK)
    for words in (["show"], ["retrain"]):
        refused = run("model", *words, "--config", config)
        assert (refused.status, refused.err.count("\n")) == (1, 1)
        assert "text.onnx_model: " in refused.err
    assert run("model", "rollback", "--config", config, "0").status == 0  # reads nothing
