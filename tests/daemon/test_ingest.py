"""The way in: nothing is answered before its commit, nothing lost when the store fails, nothing taken without limit."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from daemon.errors import StoreBehind
from daemon.ingest import Batch, Ingest, Outcome, is_negative
from daemon.metrics import Metrics
from daemon.model import Label, Meaning, Mention
from daemon.store.engine import Store
from daemon.store.tables import counts, mentions, rejected, tallies
from detectors.corrected import CorrectedModel
from detectors.sentiment import load_model
from detectors.text import TextModel
from tests.fakes.records import NOON, a_mention
from tests.fakes.site import Words
from tests.fakes.stepped import SteppedClock, TroubledStore, eventually

SECOND = timedelta(seconds=1)
LATE_AFTER = timedelta(minutes=15)
DONE_1 = Outcome(accepted=1, duplicates=0, rejected=0)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOON)


def intake(store: Store, clock: SteppedClock, model: TextModel | None = None) -> Ingest:
    return Ingest(store=store, clock=clock, model=model or Words(), metrics=Metrics(["acme"]), late_after=LATE_AFTER)


@contextlib.asynccontextmanager
async def at_work(ingest: Ingest) -> AsyncIterator[None]:
    running = asyncio.create_task(ingest.run())
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def batch(*ids: str, learned: bool = False, **changes: Any) -> Batch:
    items = tuple(a_mention(mention_id, **{"text": "it is bad"} | changes) for mention_id in ids)
    return Batch(source="http", items=items, learned=learned)


async def rows(store: Store, table: sa.Table = mentions) -> list[dict[str, Any]]:
    async with store.read() as connection:
        return [dict(row) for row in (await connection.execute(sa.select(table))).mappings()]


# ── commit, then answer ──────────────────────────────────────────────────────


async def test_the_answer_comes_after_the_commit_and_tells_what_became_of_each(
    sqlite_store: Store, clock: SteppedClock
) -> None:
    ingest = intake(sqlite_store, clock)
    async with at_work(ingest):
        assert await ingest.submit(batch("m1", "m2", "m1")) == Outcome(accepted=2, duplicates=1, rejected=0)
        assert sorted(row["id"] for row in await rows(sqlite_store)) == ["m1", "m2"]
        assert await ingest.submit(batch("m2")) == Outcome(accepted=0, duplicates=1, rejected=0)
        assert await ingest.submit(batch()) == Outcome(accepted=0, duplicates=0, rejected=0)


async def test_nothing_is_answered_while_the_store_refuses_and_nothing_is_lost(
    troubled: TroubledStore, clock: SteppedClock
) -> None:
    ingest = intake(troubled, clock)
    heard: list[int] = []
    ingest.on_commit(lambda: heard.append(troubled.kept))
    troubled.refusing, troubled.dropping = 3, 2
    async with at_work(ingest):
        waiting = asyncio.create_task(ingest.submit(batch("m1")))
        for left in (4, 3, 2, 1, 0):
            await eventually(lambda left=left: clock.sleepers == 1 and troubled.refusing + troubled.dropping == left)
            assert not waiting.done()
            assert ingest.behind
            assert await rows(troubled) == []
            assert heard == []
            clock.advance(SECOND)
        assert await waiting == DONE_1
        assert not ingest.behind
    assert [row["id"] for row in await rows(troubled)] == ["m1"]
    assert heard == [1], "who watches is told once, after the commit"
    assert [(row["outcome"], row["n"]) for row in await rows(troubled, tallies)] == [("accepted", 1)]


async def test_http_is_told_to_come_again_while_the_store_refuses(troubled: TroubledStore, clock: SteppedClock) -> None:
    ingest = intake(troubled, clock)
    troubled.refusing = 1
    async with at_work(ingest):
        first = asyncio.create_task(ingest.submit(batch("m1"), wait=False))
        await eventually(lambda: ingest.behind)
        with pytest.raises(StoreBehind):
            await ingest.submit(batch("m2"), wait=False)
        clock.advance(SECOND)
        assert await first == DONE_1
        assert await ingest.submit(batch("m2"), wait=False) == DONE_1


async def test_who_may_wait_is_held_back_when_too_much_is_waiting_and_who_may_not_is_refused(
    sqlite_store: Store, clock: SteppedClock
) -> None:
    ingest = intake(sqlite_store, clock)  # not at work yet
    full = [
        asyncio.create_task(ingest.submit(batch(*(f"{part}-{n}" for n in range(1000)), text="fine")))
        for part in range(20)
    ]
    await asyncio.sleep(0)  # noqa: TID251 - lets them begin
    with pytest.raises(StoreBehind) as caught:
        await ingest.submit(batch("too much"), wait=False)
    assert caught.value.retry_after > 0
    patient = asyncio.create_task(ingest.submit(batch("one more")))
    await asyncio.sleep(0)  # noqa: TID251
    assert not patient.done()
    async with at_work(ingest):
        assert {outcome.accepted for outcome in await asyncio.gather(*full)} == {1000}
        assert await patient == DONE_1
        assert await ingest.submit(batch("and another"), wait=False) == DONE_1
    async with sqlite_store.read() as connection:
        total = (await connection.execute(sa.select(sa.func.count()).select_from(mentions))).scalar_one()
    assert total == 20_002


async def test_what_waits_together_is_committed_together_and_answered_apart(
    troubled: TroubledStore, clock: SteppedClock
) -> None:
    ingest = intake(troubled, clock)
    tasks = [asyncio.create_task(ingest.submit(batch(f"m{n // 2}"))) for n in range(60)]
    await asyncio.sleep(0)  # noqa: TID251 - lets them begin
    async with at_work(ingest):
        outcomes = await asyncio.gather(*tasks)
    assert [outcome.accepted for outcome in outcomes] == [1, 0] * 30
    assert [outcome.duplicates for outcome in outcomes] == [0, 1] * 30
    assert troubled.kept == 1


# ── the end ──────────────────────────────────────────────────────────────────


async def test_what_is_in_hand_when_told_to_stop_is_committed(troubled: TroubledStore, clock: SteppedClock) -> None:
    class Slow(Words):
        """Reads until told to go on."""

        def __init__(self) -> None:
            self.begun, self.go_on = asyncio.Event(), asyncio.Event()
            self.loop = asyncio.get_running_loop()

        def read(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Meaning]:
            self.loop.call_soon_threadsafe(self.begun.set)
            asyncio.run_coroutine_threadsafe(self.go_on.wait(), self.loop).result(20)
            return super().read(texts, langs)

    model = Slow()
    ingest = intake(troubled, clock, model)
    running = asyncio.create_task(ingest.run())
    answer = asyncio.create_task(ingest.submit(batch("m1")))
    await model.begun.wait()
    running.cancel()
    model.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [row["id"] for row in await rows(troubled)] == ["m1"]
    answer.cancel()


async def test_it_ends_although_the_store_never_comes_back(troubled: TroubledStore, clock: SteppedClock) -> None:
    ingest = intake(troubled, clock)
    troubled.refusing = 10**9
    answer = asyncio.create_task(ingest.submit(batch("m1")))
    async with asyncio.timeout(60), at_work(ingest):
        await eventually(lambda: ingest.behind)
    assert not answer.done(), "not answered: it comes again"
    answer.cancel()


async def test_a_caller_who_leaves_does_not_take_his_mentions_with_him(
    sqlite_store: Store, clock: SteppedClock
) -> None:
    ingest = intake(sqlite_store, clock)
    gone = asyncio.create_task(ingest.submit(batch("m1")))
    await asyncio.sleep(0)  # noqa: TID251 - lets it begin
    gone.cancel()
    async with at_work(ingest):
        assert await ingest.submit(batch("m2")) == DONE_1
    assert sorted(row["id"] for row in await rows(sqlite_store)) == ["m1", "m2"]


# ── what our own code cannot work with ───────────────────────────────────────


@pytest.mark.error_logs_expected
async def test_a_mention_that_breaks_our_code_is_rejected_and_does_not_take_the_others_with_it(
    sqlite_store: Store, clock: SteppedClock
) -> None:
    class Touchy(Words):
        def read(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Meaning]:
            if "poison" in texts:
                raise RecursionError
            return super().read(texts, langs)

    ingest = intake(sqlite_store, clock, Touchy())
    poison = a_mention("p", text="poison")
    async with at_work(ingest):
        outcome = await ingest.submit(Batch(source="http", items=(*batch("m1").items, poison, *batch("m2").items)))
        assert outcome == Outcome(accepted=2, duplicates=0, rejected=1)
        assert await ingest.submit(batch("m3")) == DONE_1, "and it goes on"
    assert sorted(row["id"] for row in await rows(sqlite_store)) == ["m1", "m2", "m3"]
    (kept,) = await rows(sqlite_store, rejected)
    assert "RecursionError" in kept["reason"]
    assert b'"id":"p"' in kept["payload"]


# ── what a mention means ─────────────────────────────────────────────────────


def meaning(label: Label = Label.NEUTRAL, **scores: float) -> Meaning:
    given = {"p_negative": 0.5, "complaint": 0.0, "outage": 0.0} | scores
    return Meaning(lang="en", label=label, **given)


@pytest.mark.parametrize(
    ("sentiment", "read", "negative"),
    [
        (None, meaning(Label.NEGATIVE), True),
        (None, meaning(), False),
        (None, meaning(Label.POSITIVE), False),
        (None, meaning(complaint=0.5), True),
        (None, meaning(complaint=0.49), False),
        (None, meaning(outage=0.5), True),
        (-1.0, meaning(Label.POSITIVE), True),
        (-0.05, meaning(), True),
        (-0.049, meaning(Label.NEGATIVE), False),
        (0.0, meaning(Label.NEGATIVE, complaint=1.0), False),
        (1.0, meaning(Label.NEGATIVE), False),
    ],
)
def test_upstream_s_word_comes_first_then_the_text(sentiment: float | None, read: Meaning, *, negative: bool) -> None:
    assert is_negative(sentiment, read, "Znalazłam coś w zupce") is negative


@pytest.mark.parametrize(("p_negative", "negative"), [(0.1, True), (0.09, False)])
def test_harm_told_calmly_counts_unless_the_reading_is_sure(p_negative: float, *, negative: bool) -> None:
    calm = replace(meaning(Label.POSITIVE), p_negative=p_negative)
    assert is_negative(None, calm, "There is glass in the baby food") is negative
    assert not is_negative(1.0, calm, "There is glass in the baby food"), "upstream's word comes first"


async def test_harm_told_calmly_is_a_risk_until_a_moderator_takes_it_back(
    sqlite_store: Store, clock: SteppedClock
) -> None:
    harm: dict[str, Any] = {"text": "There is glass in the baby food", "lang": "en"}
    model = CorrectedModel(load_model())
    ingest = intake(sqlite_store, clock, model)
    async with at_work(ingest):
        await ingest.submit(batch("m1", author="jan", **harm))
        (row,) = await rows(sqlite_store, counts)
        assert (row["risk"], row["negative"]) == (1, 1)
        model.learn_one(harm["text"], "en", Label.NEUTRAL)
        await ingest.submit(batch("m2", author="ola", **harm))
    assert {row["id"]: row["negative"] for row in await rows(sqlite_store)} == {"m1": True, "m2": False}
    (row,) = await rows(sqlite_store, counts)
    assert (row["risk"], row["negative"]) == (1, 1)


@pytest.mark.parametrize(
    ("age", "learned", "late"),
    [
        (timedelta(0), False, False),
        (LATE_AFTER, False, False),
        (LATE_AFTER + timedelta(milliseconds=1), False, True),
        (timedelta(minutes=-4), False, False),
        (timedelta(0), True, True),
    ],
)
async def test_late_is_what_is_older_than_the_limit_on_arrival(
    sqlite_store: Store, clock: SteppedClock, age: timedelta, *, learned: bool, late: bool
) -> None:
    ingest = intake(sqlite_store, clock)
    async with at_work(ingest):
        await ingest.submit(batch("m1", learned=learned, published_at=NOON - age))
    (row,) = await rows(sqlite_store)
    assert (row["late"], row["learned"]) == (late, learned)


async def test_who_scored_a_mention_is_kept_with_it(sqlite_store: Store, clock: SteppedClock) -> None:
    ingest = intake(sqlite_store, clock)
    items: tuple[Mention, ...] = (a_mention("ours", text="bad"), a_mention("theirs", text="bad", sentiment=0.9))
    async with at_work(ingest):
        await ingest.submit(Batch(source="http", items=items))
    kept = {row["id"]: (row["model"], row["negative"]) for row in await rows(sqlite_store)}
    assert kept == {"ours": ("words-1", True), "theirs": ("upstream", False)}


async def test_what_the_brand_itself_writes_is_no_complaint(sqlite_store: Store, clock: SteppedClock) -> None:
    ingest = intake(sqlite_store, clock)
    ingest.own_authors = {"acme": frozenset({"acme-care"})}
    async with at_work(ingest):
        await ingest.submit(batch("m1", author="acme-care"))
        await ingest.submit(batch("m2", author="somebody"))
    assert {row["id"]: row["negative"] for row in await rows(sqlite_store)} == {"m1": False, "m2": True}
