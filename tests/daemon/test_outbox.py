"""What was ordered goes out: once, in time, to somebody; and nothing goes out that is no longer wanted."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from daemon.command import Acknowledge, Assign, Note, PostUpdate, Reopen, Resolve, Snooze
from daemon.errors import DeliveryError
from daemon.incidents import Incidents, delivery_id
from daemon.model import EventKind, IncidentKind
from daemon.notice import Purpose, Receipt
from daemon.response.delivery import STALLED_AFTER
from daemon.response.policy import Step
from daemon.store.engine import Store
from daemon.store.tables import deliveries
from tests.fakes.post import Post, told
from tests.fakes.records import NOON, a_policy, a_reading, opened
from tests.fakes.stepped import SteppedClock, TroubledStore, eventually

ANNA = "user:anna"
POLICY = a_policy()
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
ROOT, MAIL, SECOND_STEP, HEAD = (
    "slack:#pr-crisis",
    "email:oncall@acme.example",
    "slack:@U012AB3CD",
    "email:head@acme.example",
)


def busy(**kw: float) -> DeliveryError:
    return DeliveryError("busy", **kw)  # type: ignore[arg-type]


def refused() -> DeliveryError:
    return DeliveryError("channel_not_found", retryable=False)


def unanswered() -> DeliveryError:
    return DeliveryError("no answer came", ambiguous=True)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOON)


@pytest.fixture
def desk(sqlite_store: Store, clock: SteppedClock) -> Incidents:
    return Incidents(sqlite_store, clock, {"acme": POLICY})


@pytest.fixture
def post(sqlite_store: Store, clock: SteppedClock, desk: Incidents) -> Post:
    return Post(sqlite_store, clock, desk)


async def pass_time(post: Post, desk: Incidents, by: timedelta, step: timedelta = 10 * SECOND) -> None:
    """Let time pass as it does: little by little, doing what falls due."""
    for _ in range(by // step):
        post.clock.advance(step)
        await desk.fire_due()
        await post.settle()


# ── success ──────────────────────────────────────────────────────────────────


async def test_what_arrived_is_written_down_with_its_step_target_delivery_and_purpose(
    post: Post, desk: Incidents
) -> None:
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
    slack_id, mail_id = delivery_id("acme-1", f"1:alert:1:{ROOT}"), delivery_id("acme-1", f"1:alert:1:{MAIL}")
    written = sorted(await told(desk, EventKind.NOTIFIED), key=lambda data: data["target"])
    assert written == [
        {"step": 1, "target": MAIL, "delivery_id": mail_id, "purpose": "alert"},
        {"step": 1, "target": ROOT, "delivery_id": slack_id, "purpose": "alert"},
    ]
    assert str(uuid.UUID(slack_id)) == slack_id
    (notice,) = post.slack.taken
    assert (notice.target, notice.purpose, notice.step, notice.delivery_id) == (
        "#pr-crisis",
        Purpose.ALERT,
        1,
        slack_id,
    )
    assert (notice.at, notice.uncertain, notice.root) == (NOON, False, None)
    rows = await post.rows()
    assert {(row["state"], row["attempts"], row["error"]) for row in rows} == {("sent", 1, None)}
    assert (await post.leases.waiting()).pending == {}


@pytest.mark.parametrize("drill", [False, True])
async def test_what_is_sent_of_an_exercise_is_in_no_metric(post: Post, desk: Incidents, *, drill: bool) -> None:
    found = opened()
    post.email.answers = [refused(), refused()]
    await desk.open(replace(found, incident=replace(found.incident, drill=drill)))
    async with post.at_work():
        await post.settle()
    assert len(post.slack.taken) == 1
    exposed = post.metrics.expose().decode()
    counted = ["tocsin_deliveries_total{notifier=" in exposed, "tocsin_alert_latency_seconds_count 0.0" not in exposed]
    assert counted == [not drill] * 2


async def test_what_was_sent_is_not_sent_again(post: Post, desk: Incidents) -> None:
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        await pass_time(post, desk, 4 * MINUTE, step=MINUTE)
    assert len(post.slack.taken) == len(post.email.taken) == 1


async def test_an_escalation_goes_to_the_second_step(post: Post, desk: Incidents) -> None:
    await desk.open(opened())
    async with post.at_work():
        await pass_time(post, desk, 6 * MINUTE, step=MINUTE)
    assert [(notice.target, notice.purpose, notice.step) for notice in post.slack.taken] == [
        ("#pr-crisis", Purpose.ALERT, 1),
        ("@U012AB3CD", Purpose.ESCALATION, 2),
    ]
    assert {data["step"] for data in await told(desk, EventKind.NOTIFIED)} == {1, 2}


# ── trouble that passes ──────────────────────────────────────────────────────


async def test_failures_that_may_pass_are_tried_again_with_growing_patience(post: Post, desk: Incidents) -> None:
    post.slack.answers = [busy() for _ in range(6)]
    await desk.open(opened())
    async with post.at_work():
        for attempts in range(1, 7):
            await post.settle()
            (row,) = await post.rows(target=ROOT)
            assert (row["state"], row["attempts"], row["error"]) == ("pending", attempts, "busy")
            wait = row["due_at"] - post.clock.now()
            assert timedelta(seconds=0.5) <= wait <= timedelta(seconds=2.0**attempts)
            post.clock.advance(wait - timedelta(milliseconds=1))
            await post.settle()
            assert len(post.slack.taken) == attempts, "not before its time"
            post.clock.advance(timedelta(milliseconds=1))
        await post.settle()
    assert len(post.slack.taken) == 7
    assert len({notice.delivery_id for notice in post.slack.taken}) == 1, "the same id over all attempts"
    assert [data["target"] for data in await told(desk, EventKind.NOTIFIED)].count(ROOT) == 1
    assert await told(desk, EventKind.NOTIFY_FAILED) == []


async def test_what_the_other_side_asks_us_to_wait_is_waited(post: Post, desk: Incidents) -> None:
    post.slack.answers = [busy(retry_after=60.0)]
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        post.clock.advance(59.9 * SECOND)
        await post.settle()
        assert len(post.slack.taken) == 1
        post.clock.advance(0.1 * SECOND)
        await post.settle()
        assert len(post.slack.taken) == 2
    assert len(post.email.taken) == 1, "and holds nobody else up"


async def test_a_lost_answer_makes_the_next_attempt_look_first(post: Post, desk: Incidents) -> None:
    post.slack.answers = [unanswered(), busy()]
    await desk.open(opened())
    async with post.at_work():
        await pass_time(post, desk, MINUTE)
    assert [notice.uncertain for notice in post.slack.taken] == [False, True, True]
    assert len(await post.rows(target=ROOT, state="sent")) == 1


async def test_a_fault_of_our_own_is_taken_for_a_lost_answer_and_stops_nobody_else(
    post: Post, desk: Incidents, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    request.node.add_marker(pytest.mark.error_logs_expected)
    post.slack.answers = [ZeroDivisionError("we")]
    await desk.open(opened())
    async with post.at_work():
        await pass_time(post, desk, MINUTE)
    assert [notice.uncertain for notice in post.slack.taken] == [False, True]
    assert len(post.email.taken) == 1
    assert "notifier_failed" in caplog.text


# ── trouble that stays ───────────────────────────────────────────────────────


async def test_a_final_refusal_is_written_down_and_not_tried_again(post: Post, desk: Incidents) -> None:
    post.slack.answers = [refused()]
    await desk.open(opened())
    async with post.at_work():
        await pass_time(post, desk, 4 * MINUTE, step=MINUTE)
    (failure,) = await told(desk, EventKind.NOTIFY_FAILED)
    assert failure == {
        "step": 1,
        "target": ROOT,
        "delivery_id": delivery_id("acme-1", f"1:alert:1:{ROOT}"),
        "purpose": "alert",
        "reason": "channel_not_found",
        "final": True,
    }
    assert len(post.slack.taken) == 1
    assert await told(desk, EventKind.ESCALATED) == [], "the mail of the same step arrived"


async def test_when_nobody_of_a_step_can_be_reached_the_next_is_called_at_once(post: Post, desk: Incidents) -> None:
    post.slack.answers, post.email.answers = [refused()], [refused()]
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        assert await told(desk, EventKind.ESCALATED) == [{"step": 2, "reason": "unreachable"}]
        assert {notice.target for notice in (*post.slack.taken, *post.email.taken)} == {
            "#pr-crisis",
            "@U012AB3CD",
            "oncall@acme.example",
            "head@acme.example",
        }
        await pass_time(post, desk, 6 * MINUTE, step=MINUTE)
    assert await told(desk, EventKind.ESCALATED) == [{"step": 2, "reason": "unreachable"}], "and not once more"


async def test_a_step_waits_for_those_of_its_targets_that_may_still_be_reached(post: Post, desk: Incidents) -> None:
    post.slack.answers, post.email.answers = [refused()], [busy(retry_after=30.0), refused()]
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        assert await told(desk, EventKind.ESCALATED) == []
        post.clock.advance(30 * SECOND)
        await post.settle()
        assert await told(desk, EventKind.ESCALATED) == [{"step": 2, "reason": "unreachable"}]


async def test_after_fifteen_minutes_of_failure_the_next_step_is_called_and_the_first_still_tried(
    sqlite_store: Store, clock: SteppedClock
) -> None:
    late = a_policy(
        ladder=(
            Step(after=timedelta(0), targets=(ROOT,)),
            Step(after=timedelta(hours=2), targets=(HEAD,)),
        )
    )
    desk = Incidents(sqlite_store, clock, {"acme": late})
    post = Post(sqlite_store, clock, desk)
    post.slack.always = busy()
    await desk.open(opened(late))
    async with post.at_work():
        await pass_time(post, desk, STALLED_AFTER - MINUTE, step=MINUTE)
        assert await told(desk, EventKind.NOTIFY_FAILED) == []
        assert post.email.taken == []
        await pass_time(post, desk, 7 * MINUTE, step=MINUTE)
        assert [(data["final"], data["target"]) for data in await told(desk, EventKind.NOTIFY_FAILED)] == [
            (False, ROOT)
        ]
        assert await told(desk, EventKind.ESCALATED) == [{"step": 2, "reason": "unreachable"}]
        assert [notice.target for notice in post.email.taken] == ["head@acme.example"]
        tries = len(post.slack.taken)
        await pass_time(post, desk, 20 * MINUTE, step=4 * MINUTE)
        assert len(post.slack.taken) > tries, "never given up while the incident is open"
        post.slack.always = None
        await pass_time(post, desk, 6 * MINUTE, step=MINUTE)
        assert [row["state"] for row in await post.rows(target=ROOT)] == ["sent"]
    assert len(await told(desk, EventKind.NOTIFY_FAILED)) == 1, "said once"


async def test_whom_an_earlier_round_reached_does_not_count_as_reached_now(post: Post, desk: Incidents) -> None:
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        await desk.act("acme-1", Resolve(summary="over"), actor=ANNA)
        await post.settle()
        post.slack.always = post.email.always = refused()
        await desk.act("acme-1", Reopen(), actor=ANNA)
        await post.settle()
        assert {"step": 2, "reason": "unreachable"} in await told(desk, EventKind.ESCALATED)


async def test_what_an_ended_incident_could_not_say_for_a_day_is_given_up(post: Post, desk: Incidents) -> None:
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        post.email.always = busy()
        await desk.act("acme-1", Resolve(summary="over"), actor=ANNA)
        await post.settle()
        await pass_time(post, desk, timedelta(hours=26), step=timedelta(hours=1))
    (row,) = await post.rows(purpose="resolved", target=MAIL)
    assert row["state"] == "failed"
    assert [(data["purpose"], data["final"]) for data in await told(desk, EventKind.NOTIFY_FAILED)][-1] == (
        "resolved",
        True,
    )


# ── no longer wanted ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", [Acknowledge(), Snooze(seconds=600), Resolve(summary="over")])
async def test_nothing_is_called_for_after_somebody_has_acted_before_the_lease(
    post: Post, desk: Incidents, command: Acknowledge | Snooze | Resolve
) -> None:
    await desk.open(opened())
    await desk.act("acme-1", command, actor=ANNA)
    async with post.at_work():
        await post.settle()
        await pass_time(post, desk, 10 * SECOND)
    assert post.slack.taken == post.email.taken == []
    reasons = {row["error"] for row in await post.rows(state="cancelled") if row["purpose"] == "alert"}
    assert len(reasons) == 1
    assert reasons <= {"acknowledged", "snoozed", "incident_ended"}
    assert await post.rows(state="pending") == []


async def test_a_retry_is_not_made_after_an_acknowledgement(post: Post, desk: Incidents) -> None:
    post.slack.answers = [busy(retry_after=5.0)]
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        await desk.act("acme-1", Acknowledge(), actor=ANNA)
        await pass_time(post, desk, MINUTE)
    assert [notice.purpose for notice in post.slack.taken] == [Purpose.ALERT], "the one before it"
    assert [row["error"] for row in await post.rows(target=ROOT, purpose="alert")] == ["acknowledged"]


async def test_the_first_round_s_alert_does_not_come_after_the_second_s(post: Post, desk: Incidents) -> None:
    post.slack.answers = [busy(retry_after=600.0)]
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        await desk.act("acme-1", Resolve(summary="over"), actor=ANNA)
        await desk.act("acme-1", Reopen(), actor=ANNA)
        await pass_time(post, desk, 12 * MINUTE, step=MINUTE)
    assert [row["error"] for row in await post.rows(key=f"1:alert:1:{ROOT}")] == ["ladder_restarted"]
    assert [row["state"] for row in await post.rows(key=f"2:alert:1:{ROOT}")] == ["sent"]


async def test_deliveries_of_a_brand_no_longer_configured_are_cancelled(
    sqlite_store: Store, clock: SteppedClock, desk: Incidents
) -> None:
    await desk.open(opened())
    post = Post(sqlite_store, clock, Incidents(sqlite_store, clock, {"globex": POLICY}))
    async with post.at_work():
        await post.settle()
    assert post.slack.taken == []
    assert {(row["state"], row["error"]) for row in await post.rows()} == {("cancelled", "brand_not_configured")}


# ── reminders, updates and the end ───────────────────────────────────────────


async def test_reminders_wait_for_the_first_message_and_go_into_its_thread(post: Post, desk: Incidents) -> None:
    post.slack.always = busy(retry_after=30.0)
    await desk.open(opened())
    await desk.act("acme-1", Note(text="x"), actor=ANNA)
    async with post.at_work():
        await pass_time(post, desk, 52 * MINUTE, step=2 * MINUTE)
        assert {notice.purpose for notice in post.slack.taken} == {Purpose.ALERT, Purpose.ESCALATION}
        assert len(await post.rows(purpose="reminder", target=ROOT, state="pending")) == 1
        post.slack.always = None
        await pass_time(post, desk, 2 * MINUTE, step=MINUTE)
    (reminder,) = [n for n in post.slack.taken if n.purpose is Purpose.REMINDER and n.target == "#pr-crisis"]
    (alert_row,) = await post.rows(purpose="alert", target=ROOT)
    assert reminder.root is not None
    assert reminder.root.ref["to"] == "#pr-crisis"
    assert str(reminder.root.ref["number"]).encode() in alert_row["receipt"]
    assert reminder.reminder is not None
    assert (reminder.reminder.of, reminder.reminder.when, reminder.reminder.due, reminder.reminder.n) == (
        "first_reply",
        "before",
        NOON + timedelta(minutes=60),
        1,
    )


async def test_whom_no_alert_ever_reached_is_not_reminded(post: Post, desk: Incidents) -> None:
    post.slack.answers = [refused()]
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        await desk.act("acme-1", PostUpdate(text="We are looking into it.", lang="en"), actor=ANNA)
        await post.settle()
    assert [row["error"] for row in await post.rows(purpose="update", target=ROOT)] == ["never_notified"]
    assert [notice.purpose for notice in post.email.taken] == [Purpose.ALERT, Purpose.UPDATE]
    assert (post.email.taken[1].note, post.email.taken[1].note_by) == ("We are looking into it.", ANNA)


async def test_a_reminder_of_a_word_already_given_is_cancelled(
    sqlite_store: Store, clock: SteppedClock, desk: Incidents
) -> None:
    post = Post(sqlite_store, clock, desk)
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
    clock.set(NOON + timedelta(minutes=50))
    await desk.fire_due()
    await desk.act("acme-1", PostUpdate(text="We are back.", lang="en"), actor=ANNA)
    later = Post(sqlite_store, clock, desk)
    async with later.at_work():
        await later.settle()
    assert {row["error"] for row in await post.rows(purpose="reminder")} == {"public_word_given"}
    assert Purpose.REMINDER not in {notice.purpose for notice in (*later.slack.taken, *later.email.taken)}


async def test_those_who_were_called_are_told_the_end_unless_it_came_back(post: Post, desk: Incidents) -> None:
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        post.slack.road.clear()
        await desk.act("acme-1", Resolve(summary="a cable"), actor=ANNA)
        await eventually(lambda: any(notice.purpose is Purpose.RESOLVED for notice in post.slack.taken))
        post.slack.road.set()
        await post.settle()
    assert [notice.note for notice in post.email.taken if notice.purpose is Purpose.RESOLVED] == ["a cable"]
    await desk.act("acme-1", Reopen(), actor=ANNA)
    await desk.act("acme-1", Resolve(summary="for good"), actor=ANNA)
    await desk.act("acme-1", Reopen(), actor=ANNA)
    async with post.at_work():
        await post.settle()
    assert [n.note for n in post.email.taken if n.purpose is Purpose.RESOLVED] == ["a cable"]
    assert "incident_reopened" in {row["error"] for row in await post.rows(purpose="resolved")}


async def test_what_waits_for_one_first_message_holds_up_no_other_incident(post: Post, desk: Incidents) -> None:
    """One dead target with a hundred messages behind it must not keep a new alert from its own target."""
    post.slack.always = busy(retry_after=600.0)
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        await desk.act("acme-1", Acknowledge(), actor=ANNA)  # the mail's is the only alert that arrived
        for n in range(40):
            await desk.act("acme-1", PostUpdate(text=str(n), lang="en"), actor=ANNA)
        async with post.store.write() as connection:  # as if it were still being tried
            await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.target == ROOT, deliveries.c.purpose == "alert")
                .values(state="uncertain", due_at=NOON + timedelta(days=1), finished_at=None)
            )
        post.slack.always = None
        await desk.open(opened(incident_id="acme-2", reading=a_reading(kind=IncidentKind.RISK)))
        await post.settle()
    assert "acme-2" in {notice.incident.id for notice in post.slack.taken}


# ── edits ────────────────────────────────────────────────────────────────────


async def test_edits_ordered_during_one_become_one_more_with_the_latest_state(post: Post, desk: Incidents) -> None:
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        post.slack.road.clear()
        await desk.act("acme-1", Assign(to="jan"), actor=ANNA)
        await eventually(lambda: len(post.slack.under_way) == 1)
        for name in ("ola", "ewa", "iga"):
            await desk.act("acme-1", Assign(to=name), actor=ANNA)
        await post.settle()
        assert len(post.slack.under_way) == 1, "two at once could arrive in the wrong order"
        post.slack.road.set()
        await post.settle()
    edits = [notice for notice in post.slack.taken if notice.purpose is Purpose.EDIT]
    assert [notice.incident.assigned_to for notice in edits] == ["jan", "iga"]
    assert all(notice.root is not None for notice in edits)
    assert {row["state"] for row in await post.rows(purpose="edit")} == {"sent"}
    assert "edit" not in {data["purpose"] for data in await told(desk, EventKind.NOTIFIED)}, "no event of the timeline"


async def test_mails_are_not_edited(post: Post, desk: Incidents) -> None:
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        await desk.act("acme-1", Assign(to="jan"), actor=ANNA)
        await post.settle()
    assert [notice.purpose for notice in post.email.taken] == [Purpose.ALERT]


# ── crashes and company ──────────────────────────────────────────────────────


async def test_after_a_crash_what_was_being_sent_is_looked_for_before_it_is_sent_again(
    sqlite_store: Store, clock: SteppedClock, desk: Incidents
) -> None:
    crashed, again = Post(sqlite_store, clock, desk), Post(sqlite_store, clock, desk)
    crashed.slack.road.clear()
    await desk.open(opened())
    async with crashed.at_work():
        await eventually(lambda: len(crashed.slack.under_way) == 1)
        await crashed.settle()
        assert [row["state"] for row in await crashed.rows(target=ROOT)] == ["sending"]
        assert await again.leases.recover() == 1
        async with again.at_work():
            await eventually(lambda: len(again.slack.taken) == 1)
            await again.settle()
        assert [notice.uncertain for notice in again.slack.taken] == [True]
        crashed.slack.road.set()  # its answer comes after all
        await crashed.settle()
    assert [data["target"] for data in await told(desk, EventKind.NOTIFIED)].count(ROOT) == 1
    assert len(crashed.slack.taken) == 1


async def test_recovery_leaves_alone_what_another_node_is_sending(
    sqlite_store: Store, clock: SteppedClock, desk: Incidents
) -> None:
    other, ours = Post(sqlite_store, clock, desk, node="tocsin-2"), Post(sqlite_store, clock, desk, node="tocsin-1")
    other.slack.road.clear()
    await desk.open(opened())
    async with other.at_work():
        await other.settle()
        assert await ours.leases.recover() == 0
        async with ours.at_work():
            await ours.settle()
        assert ours.slack.taken == []


async def test_a_lease_that_ran_out_is_taken_over_and_looked_for(
    sqlite_store: Store, clock: SteppedClock, desk: Incidents
) -> None:
    dead, ours = Post(sqlite_store, clock, desk, node="tocsin-2"), Post(sqlite_store, clock, desk, node="tocsin-1")
    dead.slack.road.clear()
    await desk.open(opened())
    async with dead.at_work():
        await dead.settle()
        async with ours.at_work():
            clock.advance(80 * SECOND)
            await ours.settle()
            assert ours.slack.taken == [], "not before the lease has run out"
            clock.advance(20 * SECOND)
            await ours.settle()
        assert [notice.uncertain for notice in ours.slack.taken] == [True]
        assert len(dead.slack.taken) == 1, "who still tries does not begin again beside himself"


async def test_a_receipt_is_kept_though_the_store_fails_when_it_comes(
    troubled: TroubledStore, clock: SteppedClock
) -> None:
    desk = Incidents(troubled, clock, {"acme": a_policy(ladder=(Step(after=timedelta(0), targets=(ROOT,)),))})
    post = Post(troubled, clock, desk)
    post.slack.road.clear()
    await desk.open(opened(a_policy(ladder=(Step(after=timedelta(0), targets=(ROOT,)),))))
    async with post.at_work():
        await eventually(lambda: len(post.slack.under_way) == 1)
        troubled.dropping, troubled.refusing = 1, 2
        post.slack.road.set()

        async def written_down() -> bool:
            clock.advance(SECOND)
            return bool(await post.rows(state="sent"))

        await eventually(written_down)
    assert (troubled.refusing, troubled.dropping) == (0, 0)
    assert len(post.slack.taken) == 1
    assert len(await told(desk, EventKind.NOTIFIED)) == 1


async def test_two_outboxes_on_one_store_send_everything_once_between_them(store_url: str, clock: SteppedClock) -> None:
    brands = [f"brand-{n}" for n in range(12)]
    stores = [await Store.open(store_url), await Store.open(store_url)]
    try:
        desks = [Incidents(store, clock, dict.fromkeys(brands, POLICY)) for store in stores]
        posts = [Post(stores[n], clock, desks[n], node=f"tocsin-{n}") for n in range(2)]
        for brand in brands:
            await desks[0].open(opened(incident_id=brand, brand=brand))
            await desks[0].act(brand, Resolve(summary="over"), actor=ANNA)
            await desks[0].act(brand, Reopen(), actor=ANNA)
        async with posts[0].at_work(), posts[1].at_work():

            async def all_gone() -> bool:
                for post in posts:
                    post.outbox.wake()
                return not (await posts[0].leases.waiting()).pending

            await eventually(all_gone)
        taken = Counter(n.delivery_id for post in posts for c in post.carriers.values() for n in c.taken)
        alerts = [row for row in await posts[0].rows(purpose="alert") if row["key"].startswith("2:")]
        assert len(alerts) == 24
        assert all(taken[row["id"]] == 1 for row in alerts)
        assert set(taken.values()) == {1}
        for brand in brands:
            reached = [data["target"] for data in await told(desks[0], EventKind.NOTIFIED, brand)]
            assert sorted(reached) == [MAIL, ROOT]
    finally:
        for store in stores:
            await store.close()


async def test_ending_in_good_order_lets_what_is_on_its_way_arrive(post: Post, desk: Incidents) -> None:
    post.slack.road.clear()
    await desk.open(opened())
    running = asyncio.create_task(post.outbox.run())
    await eventually(lambda: len(post.slack.under_way) == 1)
    running.cancel()
    post.slack.road.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [row["state"] for row in await post.rows(target=ROOT)] == ["sent"]


async def cut_off_while_reminding(post: Post, desk: Incidents) -> None:
    """Stopped while the first reminders were being sent; the public gets its word before the next start."""
    await desk.open(opened())
    async with post.at_work():
        await post.settle()
        await desk.act("acme-1", Acknowledge(), actor=ANNA)
        await post.settle()
    post.clock.set(NOON + 50 * MINUTE)
    await desk.fire_due()
    async with post.store.write() as connection:
        await connection.execute(
            sa.update(deliveries)
            .where(deliveries.c.purpose == "reminder")
            .values(state="sending", leased_by=post.node, attempts=1, lease_until=post.clock.now() + MINUTE)
        )
    await desk.act("acme-1", PostUpdate(text="We are back.", lang="en"), actor=ANNA)


async def test_what_was_cut_off_and_is_no_longer_needed_is_told_if_it_arrived(
    sqlite_store: Store, clock: SteppedClock, desk: Incidents, post: Post
) -> None:
    await cut_off_while_reminding(post, desk)
    (row,) = await post.rows(purpose="reminder", target=ROOT)
    again = Post(sqlite_store, clock, desk)
    again.slack.arrived[row["id"]] = Receipt(ref={"to": ROOT, "number": "2"})
    assert await again.leases.recover() == 2
    async with again.at_work():
        await again.settle()
    assert Purpose.REMINDER not in {notice.purpose for notice in (*again.slack.taken, *again.email.taken)}
    reminders = [data["target"] for data in await told(desk, EventKind.NOTIFIED) if data["purpose"] == "reminder"]
    assert reminders == [ROOT]
    states = {row["target"]: row["state"] for row in await post.rows(purpose="reminder")}
    assert states == {ROOT: "sent", MAIL: "cancelled"}


async def test_what_was_cut_off_and_cannot_be_looked_for_is_told_to_be_unknown(
    sqlite_store: Store, clock: SteppedClock, desk: Incidents, post: Post
) -> None:
    await cut_off_while_reminding(post, desk)
    again = Post(sqlite_store, clock, desk)
    await again.leases.recover()
    async with again.at_work():
        await again.settle()
    (unknown,) = await told(desk, EventKind.NOTIFY_FAILED)
    assert unknown == {
        "step": 1,
        "target": MAIL,
        "delivery_id": delivery_id("acme-1", f"reminder:1:{MAIL}"),
        "purpose": "reminder",
        "reason": "cut off while it was being sent, and no longer needed: public word given",
        "final": True,
        "uncertain": True,
    }
    assert {row["state"] for row in await post.rows(purpose="reminder")} == {"cancelled"}
