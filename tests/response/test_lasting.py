"""A minor bump that does not last wakes nobody; one that goes on, or gets worse, does."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.command import Acknowledge, Escalate
from daemon.model import Incident, Severity
from daemon.notice import Purpose
from daemon.oncall.roster import Roster
from daemon.oncall.silence import Silence
from daemon.response.dues import fire, owed
from daemon.response.incident import act, renew, resolve_quiet
from daemon.response.policy import Outcome, Policy
from daemon.views import format_time
from tests.fakes.records import NOON, a_policy, a_reading, an_evidence, opened

WAIT = timedelta(minutes=5)
CHANNEL = "slack:#pr-crisis"
POLICY = a_policy(minor_wait=WAIT)


def bump(policy: Policy = POLICY, severity: Severity = Severity.MINOR) -> Outcome:
    return opened(policy, reading=a_reading(severity=severity))


def steps(incident: Incident, policy: Policy = POLICY) -> list[datetime]:
    return [due.at for due in owed(incident, policy) if due.name == "step"]


def held(incident: Incident, after: timedelta) -> Incident:
    """Something negative was still written so long after the alert."""
    return replace(incident, last_sustained_at=NOON + after)


def test_by_default_a_minor_incident_calls_at_once() -> None:
    assert [order.purpose for order in bump(a_policy()).orders] == [Purpose.ALERT, Purpose.ALERT]


def test_with_a_wait_it_is_shown_in_the_channel_and_says_until_when_and_calls_nobody() -> None:
    outcome = bump()
    assert [(order.purpose, order.target) for order in outcome.orders] == [(Purpose.ALERT, CHANNEL)]
    assert outcome.incident.calls_if_lasting == NOON + WAIT
    assert outcome.events[0].data["waits_until"] == format_time(NOON + WAIT)
    assert steps(outcome.incident) == [], "nothing is due before it has lasted"


def test_a_major_one_never_waits() -> None:
    assert len(bump(severity=Severity.MAJOR).orders) == 2


def test_what_does_not_last_ends_and_woke_nobody() -> None:
    short = held(bump().incident, WAIT - timedelta(minutes=1))
    assert steps(short) == []
    ended = resolve_quiet(short, now=NOON + timedelta(minutes=40))
    assert {order.target for order in ended.orders} == {CHANNEL}, "only where it was shown"


def test_what_a_silence_hides_is_shown_nowhere() -> None:
    silence = Silence(id="s", reason="Works", ends=NOON + timedelta(hours=1))
    hidden = bump(a_policy(minor_wait=WAIT, roster=Roster(silences=(silence,))))
    assert (hidden.orders, hidden.incident.calls_if_lasting) == ((), None)


def test_what_goes_on_calls_as_soon_as_it_has_lasted() -> None:
    lasting = held(bump().incident, WAIT)
    (at,) = steps(lasting)
    assert at <= NOON + WAIT
    due = next(one for one in owed(lasting, POLICY) if one.name == "step")
    called = fire(lasting, due, now=NOON + WAIT, policy=POLICY)
    assert [(order.purpose, order.target) for order in called.orders] == [
        (Purpose.ALERT, CHANNEL),
        (Purpose.ALERT, "email:oncall@acme.example"),
        (Purpose.EDIT, CHANNEL),
    ]
    shown = next(order.key for order in bump().orders)
    assert called.orders[0].key == shown, "the channel has it already: one delivery"
    assert called.incident.calls_if_lasting is None


def test_what_gets_worse_calls_at_once() -> None:
    worse = renew(bump().incident, a_reading(severity=Severity.MAJOR), an_evidence(), (), POLICY).incident
    assert steps(worse) == [NOON]


def test_people_may_take_it_or_call_others_before() -> None:
    now = NOON + timedelta(minutes=1)
    taken = act(bump().incident, Acknowledge(), actor="user:anna", now=now, policy=POLICY).incident
    assert steps(held(taken, WAIT)) == []
    called = act(bump().incident, Escalate(), actor="user:anna", now=now, policy=POLICY)
    assert {order.target for order in called.orders} == {"slack:#pr-crisis", "email:oncall@acme.example"}


@given(st.integers(0, 20), st.integers(0, 20))
def test_nobody_is_called_before_it_has_lasted_and_somebody_always_after(held_for: int, wait: int) -> None:
    policy = a_policy(minor_wait=timedelta(minutes=wait))
    outcome = bump(policy)
    lasting = held(outcome.incident, timedelta(minutes=held_for))
    people = [order for order in outcome.orders if order.target != CHANNEL]
    assert bool(people or steps(lasting, policy)) == (held_for >= wait)
