"""The model keeps in step with the log, whichever daemon wrote it, and is always what a replay would make it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from daemon.clock import ManualClock
from daemon.model import Label
from daemon.progress import FEWEST, as_they_came, holdout
from daemon.store.corrections import Corrections
from daemon.store.engine import Store
from daemon.store.intake import Batch, write
from daemon.store.tables import mentions
from daemon.teaching import Teacher, taught
from detectors.corrected import CorrectedModel, Correction
from tests.fakes.blunt import Blunt, stream
from tests.fakes.records import NOON, a_mention, a_scored_mention

LESSONS = stream(1, 12)


@pytest.fixture
async def corrections(sqlite_store: Store, clock: ManualClock) -> Corrections:
    """The log over a store with a few mentions."""
    items = [
        a_scored_mention(a_mention(f"m{number}", text=each.text, author=f"a{number % 3}"))
        for number, each in enumerate(LESSONS)
    ]
    async with sqlite_store.write() as connection:
        batch = Batch(source="http", items=tuple(item.mention for item in items))
        await write(connection, [batch], [items], now=NOON)
    return Corrections(sqlite_store, clock)


async def say(corrections: Corrections, *numbers: int) -> None:
    for number in numbers:
        await corrections.correct("acme", f"m{number}", LESSONS[number].label, actor="user:anna")


async def test_each_correction_is_learned_at_once_and_as_a_replay_would(corrections: Corrections) -> None:
    teacher, other = Teacher(Blunt(), corrections), Teacher(Blunt(), corrections)
    corrections.on_commit(teacher.catch_up)
    for number in range(5):
        await say(corrections, number)
        assert teacher.model.corrections == number + 1
        assert teacher.model.dump() == (await taught(Blunt(), corrections)).dump()
    assert other.model.corrections == 0
    await other.catch_up()
    assert other.model.version == teacher.model.version


async def test_a_model_that_reads_is_never_changed(corrections: Corrections) -> None:
    teacher = Teacher(Blunt(), corrections)
    handed: list[CorrectedModel] = []
    teacher.on_change(handed.append)
    await say(corrections, 0)
    await teacher.catch_up()
    kept = handed[0].dump()
    await say(corrections, 1)
    await teacher.catch_up()
    await teacher.catch_up()
    assert [model.corrections for model in handed] == [1, 2]
    assert handed[0].dump() == kept


async def test_taking_back_leads_to_the_very_model_of_before(corrections: Corrections) -> None:
    teacher = Teacher(Blunt(), corrections)
    await say(corrections, 0, 1, 2)
    await teacher.catch_up()
    before = teacher.model.dump()
    await say(corrections, 3, 4)
    await teacher.catch_up()
    assert teacher.model.dump() != before
    await corrections.roll_back(3, actor="tocsin")
    await teacher.catch_up()
    assert teacher.model.dump() == before
    await say(corrections, 5)
    await teacher.catch_up()
    assert teacher.model.dump() == (await taught(Blunt(), corrections)).dump()
    await corrections.roll_back(0, actor="tocsin")
    await teacher.catch_up()
    assert teacher.model.version == "blunt-1+0"


async def test_learning_anew_is_an_entry_that_replays(corrections: Corrections) -> None:
    teacher = Teacher(Blunt(), corrections)
    await say(corrections, 0, 1, 2)
    await teacher.catch_up()
    online = teacher.model.dump()
    await corrections.retrain(actor="tocsin")
    await say(corrections, 3)
    await teacher.catch_up()
    expected = CorrectedModel(Blunt())
    expected.relearn([_as_stored(number) for number in (0, 1, 2)])
    expected.learn_many([_as_stored(3)])
    assert teacher.model.dump() == expected.dump() == (await taught(Blunt(), corrections)).dump()
    await corrections.roll_back(3, actor="tocsin")
    await teacher.catch_up()
    assert teacher.model.dump() == online, "the rebuild came after the third correction, and went with the fourth"


def _as_stored(number: int) -> Correction:
    """A lesson in the language that was read."""
    return replace(LESSONS[number], lang="pl")


async def test_what_was_learned_from_an_erased_text_goes_with_it(corrections: Corrections, sqlite_store: Store) -> None:
    teacher = Teacher(Blunt(), corrections)
    await say(corrections, 0, 1, 2)
    await teacher.catch_up()
    async with sqlite_store.write() as connection:
        await connection.execute(sa.update(mentions).where(mentions.c.id == "m1").values(text=None))
    await teacher.catch_up()
    expected = CorrectedModel(Blunt())
    expected.learn_many([_as_stored(0), _as_stored(2)])
    assert teacher.model.dump() == expected.dump()


async def test_the_last_word_on_a_mention_is_what_is_read(corrections: Corrections) -> None:
    teacher = Teacher(Blunt(), corrections)
    for label in (Label.NEGATIVE, Label.POSITIVE):
        await corrections.correct("acme", "m0", label, actor="user:anna")
        await teacher.catch_up()
        assert teacher.model.read([LESSONS[0].text], ["pl"])[0].label is label


def test_progress_is_measured_on_what_was_not_yet_learned() -> None:
    lessons = stream(3, 150)
    alone, helped = as_they_came(Blunt(), lessons)
    assert (alone.texts, helped.texts) == (150, 150)
    assert helped.right > alone.right + 20
    assert helped.loss < alone.loss
    assert as_they_came(Blunt(), [])[1].texts == 0


def test_a_rebuild_is_judged_on_the_newest_fifth() -> None:
    found = holdout(Blunt(), stream(3, 100))
    assert {each.texts for each in (found.base, found.taught, found.relearned)} == {20}
    assert found.relearned.loss < found.base.loss
    with pytest.raises(ValueError, match="at least 20"):
        holdout(Blunt(), stream(3, FEWEST - 1))
