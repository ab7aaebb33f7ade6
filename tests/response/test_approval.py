"""A word that may bind the brand waits for a second person, who is asked, and asked again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.command import ApproveUpdate, PostUpdate, ProposeUpdate
from daemon.errors import Conflict
from daemon.model import EventKind, Incident
from daemon.notice import Purpose
from daemon.response.dues import fire, owed
from daemon.response.incident import act
from daemon.response.policy import Outcome
from tests.fakes.records import NOON, a_policy, opened

POLICY = a_policy()
UPDATE = PostUpdate(text="Przepraszamy za nasz błąd. Wrócimy o 15:30.", lang="pl", channel="facebook")


def proposed(incident: Incident | None = None) -> Outcome:
    asked = ProposeUpdate(update=UPDATE, parts=("apology",))
    return act(incident or opened().incident, asked, actor="user:anna", now=NOON, policy=POLICY)


def test_all_who_were_called_are_asked_at_once() -> None:
    outcome = proposed()
    asked = [order for order in outcome.orders if order.purpose is Purpose.UPDATE]
    assert {order.target for order in asked} == {"slack:#pr-crisis", "email:oncall@acme.example"}
    assert all(UPDATE.text in order.detail["note"] and "apology" in order.detail["note"] for order in asked)
    assert {order.detail["note_by"] for order in asked} == {"user:anna"}


def test_they_are_asked_once_more_and_then_left_in_peace() -> None:
    incident = proposed().incident
    due = next(due for due in owed(incident, POLICY) if due.name == "proposal")
    assert due.at == NOON + POLICY.remind_before
    again = fire(incident, due, now=due.at, policy=POLICY)
    assert {order.purpose for order in again.orders} == {Purpose.UPDATE}
    assert "proposal" not in [due.name for due in owed(again.incident, POLICY)]


def test_a_new_proposal_is_asked_for_anew() -> None:
    first = proposed().incident
    keys = {order.key for order in proposed(first).orders}
    later = act(
        first,
        ProposeUpdate(update=UPDATE, parts=("apology",)),
        actor="user:anna",
        now=NOON + timedelta(minutes=1),
        policy=POLICY,
    )
    assert not keys & {order.key for order in later.orders if order.purpose is Purpose.UPDATE}


def test_only_another_person_can_agree_and_then_nothing_waits() -> None:
    incident = proposed().incident
    with pytest.raises(Conflict, match="second person"):
        act(incident, ApproveUpdate(), actor="user:anna", now=NOON, policy=POLICY)
    told = act(incident, ApproveUpdate(), actor="user:bob", now=NOON, policy=POLICY)
    assert EventKind.UPDATE_POSTED in [event.kind for event in told.events]
    assert told.incident.proposal is None
    assert "proposal" not in [due.name for due in owed(told.incident, POLICY)]


@pytest.mark.parametrize(
    ("text", "chosen", "after", "hour"),
    [("Przepraszamy za nasz błąd. Wrócimy o 15:30.", None, 150, "15:30"), ("Przepraszamy.", 1800, 30, "13:30")],
)
def test_a_text_whose_time_has_passed_by_the_approval_must_be_put_forward_anew(
    text: str, chosen: int | None, after: int, hour: str
) -> None:
    policy = a_policy(timezone="Europe/Warsaw")  # NOON is 13:00 there
    update = PostUpdate(text=text, lang="pl", next_update_in=chosen)
    asked = ProposeUpdate(update=update, parts=("apology",))
    waits = act(opened().incident, asked, actor="user:anna", now=NOON, policy=policy).incident
    late = NOON + timedelta(minutes=after)
    with pytest.raises(Conflict) as refused:
        act(waits, ApproveUpdate(), actor="user:bob", now=late, policy=policy)
    assert f"names {hour} for the next word" in str(refused.value)
    assert "już minęła" in refused.value.told(), "in the language of the text, where no other is known"
    assert [hour in refused.value.told(lang) for lang in ("pl", "ru", "en", "de")] == [True] * 4
    told = act(waits, ApproveUpdate(), actor="user:bob", now=late - timedelta(minutes=1), policy=policy)
    assert [promise.due for promise in told.incident.promises] == [late]
    assert told.incident.next_update_due == late


def test_what_names_no_time_may_be_approved_whenever() -> None:
    asked = ProposeUpdate(update=PostUpdate(text="Przepraszamy za nasz błąd.", lang="pl"), parts=("apology",))
    waits = act(opened().incident, asked, actor="user:anna", now=NOON, policy=POLICY).incident
    late = NOON + timedelta(hours=1)
    told = act(waits, ApproveUpdate(), actor="user:bob", now=late, policy=POLICY).incident
    assert told.next_update_due == late + POLICY.next_update[told.severity]
