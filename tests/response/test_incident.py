"""The state machine, one rule at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from daemon.command import (
    Acknowledge,
    AddFact,
    Assign,
    Command,
    Escalate,
    FalseAlarm,
    KeepPromise,
    Note,
    PostUpdate,
    Reopen,
    Resolve,
    Snooze,
)
from daemon.errors import Conflict, InputError
from daemon.model import EventKind, HoldingReply, IncidentKind, IncidentState, Severity
from daemon.notice import Purpose
from daemon.response.delivery import obsolete
from daemon.response.dues import fire, owed
from daemon.response.incident import act, renew, resolve_quiet, reword
from daemon.response.policy import Step
from tests.fakes.records import NOON, a_policy, a_reading, an_evidence, an_incident, opened

POLICY = a_policy()
ANNA = "user:anna"


def kinds(outcome: object) -> list[EventKind]:
    return [event.kind for event in outcome.events]  # type: ignore[attr-defined]


def test_opening_calls_the_first_step_and_starts_the_public_clock() -> None:
    outcome = opened()
    assert kinds(outcome) == [EventKind.OPENED]
    assert [(order.purpose, order.step, order.target) for order in outcome.orders] == [
        (Purpose.ALERT, 1, "slack:#pr-crisis"),
        (Purpose.ALERT, 1, "email:oncall@acme.example"),
    ]
    assert outcome.incident.next_update_due == NOON + timedelta(minutes=60)
    assert [due.name for due in owed(outcome.incident, POLICY)] == ["step", "word:before", "word:due", "word:overdue"]


def test_blindness_owes_the_public_nothing() -> None:
    outcome = opened(reading=a_reading(kind=IncidentKind.BLIND))
    assert outcome.incident.next_update_due is None
    assert [due.name for due in owed(outcome.incident, POLICY)] == ["step"]


def test_step_two_is_due_five_minutes_later_and_is_an_escalation() -> None:
    incident = opened().incident
    due = owed(incident, POLICY)[0]
    assert due.at == NOON + timedelta(minutes=5)
    outcome = fire(incident, due, now=due.at, policy=POLICY)
    assert outcome.events[0].data == {"step": 2, "reason": "unacknowledged"}
    assert {order.purpose for order in outcome.orders} == {Purpose.ESCALATION}
    assert "step" not in [due.name for due in owed(outcome.incident, POLICY)]


def test_acknowledging_ends_the_ladder_and_says_who() -> None:
    outcome = act(opened().incident, Acknowledge(), actor=ANNA, now=NOON, policy=POLICY)
    assert outcome.incident.state is IncidentState.ACKNOWLEDGED
    assert outcome.incident.acknowledged_by == ANNA
    assert "step" not in [due.name for due in owed(outcome.incident, POLICY)]
    with pytest.raises(Conflict, match=r"already acknowledged by user:anna at 2026-03-02T12:00:00\.000Z"):
        act(outcome.incident, Acknowledge(), actor="user:bob", now=NOON, policy=POLICY)


def test_an_acknowledged_incident_without_any_action_climbs_its_ladder_anew() -> None:
    incident = act(opened().incident, Acknowledge(), actor=ANNA, now=NOON, policy=POLICY).incident
    due = next(due for due in owed(incident, POLICY) if due.name == "unacknowledge")
    assert due.at == NOON + timedelta(hours=2)
    outcome = fire(incident, due, now=due.at, policy=POLICY)
    assert kinds(outcome) == [EventKind.UNACKNOWLEDGED]
    assert outcome.incident.state is IncidentState.OPEN
    assert outcome.incident.ladder_round == 2
    assert outcome.incident.acknowledged_by is None
    assert [order.purpose for order in outcome.orders][:2] == [Purpose.ALERT, Purpose.ALERT]


def test_any_action_puts_the_unacknowledging_off() -> None:
    incident = act(opened().incident, Acknowledge(), actor=ANNA, now=NOON, policy=POLICY).incident
    later = NOON + timedelta(minutes=90)
    incident = act(incident, Note(text="looking at it"), actor=ANNA, now=later, policy=POLICY).incident
    assert next(due.at for due in owed(incident, POLICY) if due.name == "unacknowledge") == later + timedelta(hours=2)


def test_a_snooze_pauses_the_ladder() -> None:
    incident = opened().incident
    at = NOON + timedelta(minutes=1)
    incident = act(incident, Snooze(seconds=3600), actor=ANNA, now=at, policy=POLICY).incident
    assert incident.state is IncidentState.SNOOZED
    over = next(due for due in owed(incident, POLICY) if due.name == "unsnooze")
    outcome = fire(incident, over, now=over.at, policy=POLICY)
    assert outcome.incident.state is IncidentState.OPEN
    step = next(due for due in owed(outcome.incident, POLICY) if due.name == "step")
    assert step.at == NOON + timedelta(minutes=65)


def test_an_overdue_public_word_calls_one_more_step_even_when_acknowledged() -> None:
    incident = act(opened().incident, Acknowledge(), actor=ANNA, now=NOON, policy=POLICY).incident
    reminders: list[dict[str, object]] = []
    escalations: list[object] = []
    for due in owed(incident, POLICY):
        if due.name.startswith("word"):
            outcome = fire(incident, due, now=due.at, policy=POLICY)
            incident = outcome.incident
            reminders += [event.data for event in outcome.events if event.kind is EventKind.REMINDER]
            escalations += [event.data for event in outcome.events if event.kind is EventKind.ESCALATED]
    assert [(data["of"], data["when"], data["n"]) for data in reminders] == [
        ("first_reply", "before", 1),
        ("first_reply", "due", 2),
        ("first_reply", "overdue", 3),
    ]
    assert escalations == [{"step": 2, "reason": "overdue"}]
    assert [due.name for due in owed(incident, POLICY)] == ["unacknowledge"]


def test_the_early_reminder_is_left_out_where_the_deadline_is_short() -> None:
    policy = a_policy(first_reply=timedelta(minutes=19))
    assert "word:before" not in [due.name for due in owed(opened(policy).incident, policy)]


def test_an_update_sets_the_next_by_severity_or_as_promised() -> None:
    at = NOON + timedelta(minutes=20)
    incident = opened().incident
    by_severity = act(incident, PostUpdate(text="Sprawdzamy.", lang="pl"), actor=ANNA, now=at, policy=POLICY)
    assert by_severity.incident.next_update_due == at + timedelta(minutes=30)
    assert kinds(by_severity) == [EventKind.UPDATE_POSTED]
    promised = act(
        incident,
        PostUpdate(text="Wrócimy za kwadrans.", lang="pl", next_update_in=900),
        actor=ANNA,
        now=at,
        policy=POLICY,
    )
    assert promised.incident.next_update_due == at + timedelta(minutes=15)
    assert kinds(promised) == [EventKind.UPDATE_POSTED, EventKind.PROMISE_MADE]
    assert {order.purpose for order in promised.orders} == {Purpose.UPDATE, Purpose.EDIT}


def test_a_promise_can_be_called_kept_and_the_next_word_is_owed() -> None:
    told = PostUpdate(text="We will be back with news by 14:00. Next update after that by 16:00.", lang="en")
    incident = act(opened().incident, told, actor=ANNA, now=NOON, policy=POLICY).incident
    first, second = incident.promises
    kept = act(incident, KeepPromise(), actor=ANNA, now=NOON + timedelta(minutes=50), policy=POLICY)
    assert [(event.kind, event.actor) for event in kept.events] == [(EventKind.PROMISE_KEPT, ANNA)]
    assert first.due not in {promise.due for promise in kept.incident.promises}
    assert kept.incident.next_update_due == second.due
    assert {order.purpose for order in kept.orders} == {Purpose.EDIT}
    last = act(kept.incident, KeepPromise(), actor=ANNA, now=NOON + timedelta(hours=1), policy=POLICY).incident
    assert (last.promises, last.next_update_due) == ((), NOON + timedelta(minutes=90)), "by severity"
    with pytest.raises(Conflict, match="no promise to the public stands"):
        act(last, KeepPromise(), actor=ANNA, now=NOON, policy=POLICY)


def test_whoever_comes_too_late_is_told_who_ended_it() -> None:
    over = act(opened().incident, Resolve(summary="A router."), actor=ANNA, now=NOON, policy=POLICY).incident
    with pytest.raises(Conflict, match=r"resolved at 2026-03-02T12:00:00\.000Z by user:anna; reopen it first"):
        act(over, FalseAlarm(reason="A campaign."), actor="user:bob", now=NOON, policy=POLICY)


def test_every_broken_promise_calls_one_more_step_and_none_calls_two() -> None:
    steps = tuple(Step(after=timedelta(hours=9 * n), targets=(f"email:step{n}@acme.example",)) for n in range(4))
    policy = a_policy(ladder=steps, unacknowledge_after=timedelta(days=2))
    incident = act(opened(policy).incident, Acknowledge(), actor=ANNA, now=NOON, policy=policy).incident
    told = PostUpdate(text="Next update by 13:00, then we will post at 14:00.", lang="en")
    incident = act(incident, told, actor=ANNA, now=NOON, policy=policy).incident
    called = []
    while (due := owed(incident, policy)[:1]) and due[0].at < NOON + timedelta(hours=8):
        outcome = fire(incident, due[0], now=due[0].at, policy=policy)
        calls = [order for order in outcome.orders if order.purpose is Purpose.ESCALATION]
        called += [(due[0].at - NOON, order.target) for order in calls]
        incident = outcome.incident
        waiting = [order for order in outcome.orders if order.purpose is not Purpose.EDIT]
        assert [obsolete(incident, order.purpose, order.detail) for order in waiting] == [None] * len(waiting)
    assert called == [
        (timedelta(minutes=70), "email:step1@acme.example"),
        (timedelta(minutes=130), "email:step2@acme.example"),
    ]
    word = act(incident, PostUpdate(text="Done.", lang="en"), actor=ANNA, now=NOON + timedelta(hours=8), policy=policy)
    assert word.incident.broken == ()


def test_a_word_between_a_broken_promise_and_its_call_calls_nobody() -> None:
    told = PostUpdate(text="Next update by 13:00.", lang="en", next_update_in=7200)
    incident = act(opened().incident, told, actor=ANNA, now=NOON, policy=POLICY).incident
    lapse = next(due for due in owed(incident, POLICY) if due.name.startswith("lapse:"))
    incident = fire(incident, lapse, now=lapse.at, policy=POLICY).incident
    assert any(due.name.endswith("Z:overdue") for due in owed(incident, POLICY))
    late = PostUpdate(text="It works for half of you.", lang="en")
    incident = act(incident, late, actor=ANNA, now=lapse.at, policy=POLICY).incident
    assert not any(due.name.endswith("Z:overdue") for due in owed(incident, POLICY))


def test_a_promise_is_kept_until_its_very_time_and_broken_after() -> None:
    incident = opened().incident
    promise = PostUpdate(text="Za kwadrans.", lang="pl", next_update_in=900)
    incident = act(incident, promise, actor=ANNA, now=NOON, policy=POLICY).incident
    due = NOON + timedelta(minutes=15)
    assert all(found.at > due for found in owed(incident, POLICY) if found.name.startswith("lapse:"))
    kept = act(incident, PostUpdate(text="Już.", lang="pl"), actor=ANNA, now=due, policy=POLICY)
    assert kinds(kept)[0] is EventKind.PROMISE_KEPT
    lapse = next(found for found in owed(incident, POLICY) if found.name.startswith("lapse:"))
    broken = fire(incident, lapse, now=lapse.at, policy=POLICY)
    assert kinds(broken) == [EventKind.PROMISE_BROKEN]
    late = act(broken.incident, PostUpdate(text="Już.", lang="pl"), actor=ANNA, now=lapse.at, policy=POLICY)
    assert kinds(late) == [EventKind.UPDATE_POSTED]


@pytest.mark.parametrize(
    "command",
    [Acknowledge(), Assign(to="a"), Snooze(seconds=60), Escalate(), Resolve(summary="x"), FalseAlarm(reason="x")],
)
def test_an_ended_incident_takes_only_notes_and_reopening(command: Command) -> None:
    ended = act(opened().incident, Resolve(summary="done"), actor=ANNA, now=NOON, policy=POLICY).incident
    with pytest.raises(Conflict, match="has ended"):
        act(ended, command, actor=ANNA, now=NOON, policy=POLICY)
    assert kinds(act(ended, Note(text="why"), actor=ANNA, now=NOON, policy=POLICY)) == [EventKind.NOTE]
    assert act(ended, Reopen(), actor=ANNA, now=NOON, policy=POLICY).incident.state is IncidentState.OPEN


def test_reopening_an_open_incident_is_refused() -> None:
    with pytest.raises(Conflict, match="has not ended"):
        act(opened().incident, Reopen(), actor=ANNA, now=NOON, policy=POLICY)


def test_nothing_is_owed_after_the_end() -> None:
    incident = opened().incident
    for ended in (
        act(incident, Resolve(summary="done"), actor=ANNA, now=NOON, policy=POLICY),
        act(incident, FalseAlarm(reason="a joke"), actor=ANNA, now=NOON, policy=POLICY),
        resolve_quiet(incident, now=NOON),
    ):
        assert owed(ended.incident, POLICY) == ()
        assert ended.incident.next_update_due is None


def test_the_end_is_told_to_those_who_were_called_and_nobody_else() -> None:
    outcome = resolve_quiet(opened().incident, now=NOON)
    told = [order.target for order in outcome.orders if order.purpose is Purpose.RESOLVED]
    assert told == ["slack:#pr-crisis", "email:oncall@acme.example"]


def test_severity_only_rises_and_growth_is_written_down_once() -> None:
    incident = opened(reading=a_reading(severity=Severity.MAJOR)).incident
    grown = renew(incident, a_reading(severity=Severity.CRITICAL), an_evidence(observed=95), (), POLICY)
    assert kinds(grown) == [EventKind.SEVERITY, EventKind.EVIDENCE]
    calm = renew(grown.incident, a_reading(severity=Severity.MINOR), an_evidence(observed=96), (), POLICY)
    assert calm.events == ()
    assert calm.incident.severity is Severity.CRITICAL


def test_unusable_values_are_refused_with_the_field_named() -> None:
    for command, field in (
        (PostUpdate(text=" ", lang="pl"), "text"),
        (Snooze(seconds=0), "for"),
        (Resolve(summary=""), "summary"),
        (FalseAlarm(reason=""), "reason"),
        (Assign(to=""), "to"),
        (PostUpdate(text="x", lang="pl", next_update_in=0), "next_update_in"),
    ):
        with pytest.raises(InputError, match=f"^{field}: expected"):
            act(an_incident(), command, actor=ANNA, now=NOON, policy=POLICY)


def test_escalating_by_hand_past_the_top_is_refused() -> None:
    incident = replace(an_incident(), steps_done=2)
    with pytest.raises(Conflict, match="every step"):
        act(incident, Escalate(), actor=ANNA, now=NOON, policy=POLICY)


def test_times_named_in_the_text_are_promises_in_the_brands_own_zone() -> None:
    policy = a_policy(timezone="Europe/Warsaw")
    text = "Sprawdzamy. Wrócimy z informacją o 13:40, a podsumowanie podamy o 18:00."
    outcome = act(opened().incident, PostUpdate(text=text, lang="pl"), actor=ANNA, now=NOON, policy=policy)
    due = [promise.due for promise in outcome.incident.promises]
    assert due[0] == NOON + timedelta(minutes=40)  # 13:40 in Warsaw is 12:40 UTC in winter
    assert outcome.incident.next_update_due == due[0]
    assert len(due) == 2
    again = act(
        outcome.incident,
        PostUpdate(text="Nadal sprawdzamy.", lang="pl", next_update_in=3600),
        actor=ANNA,
        now=NOON + timedelta(minutes=30),
        policy=policy,
    )
    assert kinds(again) == [EventKind.PROMISE_KEPT, EventKind.UPDATE_POSTED, EventKind.PROMISE_MADE]
    names = [found.name for found in owed(again.incident, policy)]
    assert sum(name.startswith("promise:") for name in names) == 3, "the later promise is reminded of by itself"
    evening = next(found for found in owed(again.incident, policy) if found.name.endswith("Z:due"))
    reminder = fire(again.incident, evening, now=evening.at, policy=policy)
    assert reminder.events[0].data["of"] == "promise"


def test_replies_are_reworded_for_the_facts_that_stand_and_messages_with_them() -> None:
    reply = HoldingReply(lang="pl", register="formal", visibility="public", channel="x", text="Przykro nam.")
    incident = act(opened().incident, AddFact(fact="Kabel."), actor=ANNA, now=NOON, policy=POLICY).incident
    outcome = reword(incident, (reply,), told=incident.facts)
    assert outcome is not None
    assert outcome.incident.holding_replies == (reply,)
    assert [(order.purpose, order.target) for order in outcome.orders] == [(Purpose.EDIT, "slack:#pr-crisis")]
    assert outcome.events == ()
    again = reword(outcome.incident, (reply,), told=incident.facts)
    assert again is not None
    assert again.orders == ()


def test_replies_are_not_reworded_for_facts_that_stand_no_longer_or_after_the_end() -> None:
    reply = HoldingReply(lang="pl", register="formal", visibility="public", channel="x", text="Przykro nam.")
    before = opened().incident
    incident = act(before, AddFact(fact="Kabel."), actor=ANNA, now=NOON, policy=POLICY).incident
    assert reword(incident, (reply,), told=before.facts) is None
    assert reword(incident, (), told=incident.facts) is None
    ended = act(incident, Resolve(summary="over"), actor=ANNA, now=NOON, policy=POLICY).incident
    assert reword(ended, (reply,), told=incident.facts) is None
