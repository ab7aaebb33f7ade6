"""Whatever people do and whenever, the rules keep their promises."""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.command import Acknowledge, Command, Escalate, Note, PostUpdate, Reopen, Resolve, Snooze
from daemon.errors import Conflict
from daemon.model import EventKind, Incident, IncidentState
from daemon.notice import Purpose
from daemon.response.dues import fire, owed
from daemon.response.incident import act
from daemon.response.policy import Order, Outcome
from daemon.timeline import Draft
from daemon.views import format_time
from tests.fakes.records import NOON, a_policy, opened

POLICY = a_policy()

commands: st.SearchStrategy[Command] = st.one_of(
    st.just(Acknowledge()),
    st.just(Escalate()),
    st.just(Note(text="x")),
    st.just(Resolve(summary="x")),
    st.just(Reopen()),
    st.builds(Snooze, seconds=st.integers(1, 20_000)),
    st.builds(
        PostUpdate,
        text=st.sampled_from(["Sprawdzamy.", "Wrócimy za godzinę, a podsumowanie podamy za trzy godziny."]),
        lang=st.just("pl"),
        next_update_in=st.none() | st.integers(60, 10_000),
    ),
)
days = st.lists(st.tuples(st.integers(0, 6 * 3600), commands), max_size=12)


class Diary:
    """One incident in simulated time: what people do, and what falls due between."""

    def __init__(self) -> None:
        outcome = opened(POLICY)
        self.now = NOON
        self.incident: Incident = outcome.incident
        self.log: list[tuple[datetime, IncidentState, Draft]] = []
        self.orders: list[Order] = []
        self._take(outcome)

    def _take(self, outcome: Outcome) -> None:
        before = self.incident.state
        self.log += [(self.now, before, event) for event in outcome.events]
        self.orders += outcome.orders
        self.incident = outcome.incident

    def pass_time(self, seconds: int) -> None:
        until = self.now + timedelta(seconds=seconds)
        while (due := next(iter(owed(self.incident, POLICY)), None)) is not None and due.at <= until:
            assert due.at >= self.now - timedelta(seconds=1) or due.at <= self.now
            self.now = max(self.now, due.at)
            size = len(owed(self.incident, POLICY))
            words = len(self.incident.promises) + len(self.incident.broken)
            self._take(fire(self.incident, due, now=self.now, policy=POLICY))
            assert due not in owed(self.incident, POLICY), "what was done is owed no longer"
            assert size < 20 + 3 * words, "each word owed is marked before, when due and overdue"
        self.now = until

    def do(self, command: Command) -> None:
        with contextlib.suppress(Conflict):
            self._take(act(self.incident, command, actor="user:anna", now=self.now, policy=POLICY))


@settings(max_examples=200, deadline=None)
@given(days)
def test_promises_of_the_rules_hold_for_any_course_of_events(day: list[tuple[int, Command]]) -> None:
    diary = Diary()
    for wait, command in day:
        diary.pass_time(wait)
        diary.do(command)
    diary.pass_time(8 * 3600)

    keys = Counter(order.key for order in diary.orders if order.purpose is not Purpose.EDIT)
    assert all(count == 1 for count in keys.values()), "nothing is ordered twice"
    for _at, state, event in diary.log:
        if event.kind is EventKind.ESCALATED and event.data["reason"] == "unacknowledged":
            assert state in {IncidentState.OPEN, IncidentState.SNOOZED, IncidentState.ACKNOWLEDGED}
            # after an acknowledgement only together with its withdrawal
            if state is not IncidentState.OPEN:
                assert any(other.kind is EventKind.UNACKNOWLEDGED and at == _at for at, _s, other in diary.log), (
                    "no step after an acknowledgement"
                )
    numbers = [event.data["n"] for _at, _s, event in diary.log if event.kind is EventKind.REMINDER]
    assert numbers == list(range(1, len(numbers) + 1)), "reminders are numbered without a gap"
    stages = [
        (event.data["of"], event.data["when"], event.data["due"])
        for _at, _s, event in diary.log
        if event.kind is EventKind.REMINDER
    ]
    assert len(stages) == len(set(stages)), "no reminder comes twice"
    made = sum(event.kind is EventKind.PROMISE_MADE for _at, _s, event in diary.log)
    settled = sum(event.kind in {EventKind.PROMISE_KEPT, EventKind.PROMISE_BROKEN} for _at, _s, event in diary.log)
    assert made == settled + len(diary.incident.promises), "every promise is kept, broken, once, or stands"
    broken = [
        event.data["due"]
        for _at, state, event in diary.log
        if event.kind is EventKind.PROMISE_BROKEN and not state.ended
    ]
    called = Counter(due for _of, when, due in stages if when == "overdue")
    assert all(called[due] <= 1 for due in broken), "a broken promise calls once"
    assert all(called[format_time(promise.due)] for promise in diary.incident.broken), "and calls at all"
    if not diary.incident.state.ended:
        assert diary.incident.next_update_due is not None
