"""What a thread is told while an incident goes on: what is material, once each, and not all the time."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from daemon.model import EventKind, Evidence, Incident, IncidentKind, Severity
from daemon.notice import Purpose
from daemon.response.delivery import obsolete
from daemon.response.incident import joined, renew, resolve_quiet, worsen
from daemon.response.material import REST, SETTLING
from daemon.response.policy import Outcome
from tests.fakes.records import NOON, a_policy, a_reading, an_evidence, opened

POLICY = a_policy()
LATER = SETTLING + timedelta(minutes=1)


def seen(after: timedelta, **changes: Any) -> Evidence:
    return an_evidence(at=NOON + after, **changes)


def renewed(incident: Incident, evidence: Evidence, **reading: Any) -> Outcome:
    return renew(incident, a_reading(**reading), evidence, (), POLICY)


def posts(outcome: Outcome) -> list[str]:
    """What the thread is told."""
    return [order.detail["news"] for order in outcome.orders if order.purpose is Purpose.UPDATE]


def told(outcome: Outcome) -> list[tuple[str, str]]:
    return [(event.data["kind"], event.data["reason"]) for event in outcome.events if event.kind is EventKind.EVIDENCE]


def test_what_goes_on_as_it_was_is_no_news() -> None:
    outcome = renewed(opened().incident, seen(LATER))
    assert (outcome.events, outcome.orders) == ((), ())


def test_a_new_channel_with_a_noteworthy_share_is_told_once_and_in_the_thread_alone() -> None:
    wider = {"facebook": 30, "x": 10, "forum": 8}
    first = renewed(opened().incident, seen(LATER, channels=wider))
    assert posts(first) == ["It has spread to forum: 8 of 48 mentions."]
    assert told(first) == [("channel", "It has spread to forum: 8 of 48 mentions.")]
    assert {order.target for order in first.orders} == {"slack:#pr-crisis"}, "mails cannot be edited: none is sent"
    again = renewed(first.incident, seen(LATER + 2 * REST, channels=wider))
    assert (again.events, again.orders) == ((), ())


def test_a_few_voices_elsewhere_are_not_noteworthy() -> None:
    outcome = renewed(opened().incident, seen(LATER, channels={"facebook": 30, "x": 10, "forum": 3}))
    assert outcome.events == ()


def test_at_first_an_incident_only_finds_its_shape() -> None:
    wider = {"facebook": 30, "x": 10, "forum": 8}
    early = renewed(opened().incident, seen(timedelta(minutes=2), channels=wider, topic="rumour"))
    assert early.events == ()
    assert renewed(early.incident, seen(LATER, channels=wider, topic="rumour")).events == ()


def test_a_new_topic_is_told() -> None:
    outcome = renewed(opened().incident, seen(LATER, topic="data_leak"))
    assert posts(outcome) == ["It is also about a data leak now."]
    assert renewed(outcome.incident, seen(LATER, topic="outage")).events == (), "it was about that before"


def test_a_new_topic_that_is_not_sure_is_told_so() -> None:
    outcome = renewed(opened().incident, seen(LATER, topic="data_leak", topic_confidence=0.5))
    assert posts(outcome) == ["It is probably also about a data leak now."]


def test_a_rise_in_severity_never_waits_for_the_post_before() -> None:
    minor = opened(reading=a_reading(severity=Severity.MINOR)).incident
    first = renewed(minor, seen(LATER, topic="rumour"), severity=Severity.MINOR)
    assert posts(first) == ["It is also about a rumour now."]
    soon = renewed(first.incident, seen(LATER + REST / 2, channels={"forum": 40}), severity=Severity.MINOR)
    assert (told(soon)[0][0], posts(soon)) == ("channel", []), "written down, but the thread rests"
    worse = renewed(soon.incident, seen(LATER + REST / 2), severity=Severity.MAJOR)
    assert posts(worse) == [
        "It is major now, it was minor. 40 people wrote negatively within 15 minutes where 3.1 are usual"
    ]


def test_what_joins_and_makes_it_graver_or_reaches_far_is_told() -> None:
    minor = opened(reading=a_reading(severity=Severity.MINOR)).incident
    reach = joined(minor, a_reading(kind=IncidentKind.REACH, severity=Severity.MAJOR, reason="A voice."))
    assert posts(reach) == ["It is major now, it was minor. A voice. Somebody whom many read has joined it. A voice."]
    share = joined(opened().incident, a_reading(kind=IncidentKind.SHARE))
    assert posts(share) == []
    graver = worsen(minor, a_reading(severity=Severity.CRITICAL, reason="More."))
    assert graver is not None
    assert posts(graver) == ["It is critical now, it was minor. More."]


def test_nothing_of_it_is_sent_once_it_is_over() -> None:
    ended = resolve_quiet(opened().incident, now=NOON + timedelta(hours=2)).incident
    assert obsolete(ended, Purpose.UPDATE, {"news": "It has spread to x."}) == "incident_ended"
    assert obsolete(ended, Purpose.UPDATE, {"note": "Over.", "note_by": "user:anna"}) is None


@given(
    st.lists(
        st.tuples(
            st.integers(1, 30),
            st.dictionaries(st.sampled_from(["x", "forum", "vk", "rss", "facebook"]), st.integers(1, 60), min_size=1),
            st.sampled_from(["outage", "rumour", "staff", "other", "data_leak"]),
        ),
        max_size=20,
    )
)
def test_each_channel_is_told_once_and_posts_keep_their_distance(
    steps: list[tuple[int, dict[str, int], str]],
) -> None:
    incident, at, posted, marks = opened().incident, timedelta(0), [], []
    for minutes, channels, topic in steps:
        at += timedelta(minutes=minutes)
        outcome = renewed(incident, seen(at, channels=channels, topic=topic, observed=sum(channels.values())))
        marks += [reason for kind, reason in told(outcome) if kind == "channel"]
        posted += [at] * bool(posts(outcome))
        incident = outcome.incident
    names = [mark.split(":")[0] for mark in marks]
    assert len(names) == len(set(names))
    assert all(later - earlier >= REST for earlier, later in pairwise(posted))


def test_the_message_is_edited_as_the_numbers_change_without_a_word_in_timeline_or_thread() -> None:
    same = renewed(opened().incident, seen(LATER, observed=43))
    assert same.orders == ()
    more = renewed(same.incident, seen(LATER, observed=52))
    assert more.events == ()
    assert [(order.purpose, order.target) for order in more.orders] == [(Purpose.EDIT, "slack:#pr-crisis")]
    assert renewed(more.incident, seen(LATER, observed=54)).orders == ()
    fewer = renewed(more.incident, seen(LATER, observed=20))
    assert [order.purpose for order in fewer.orders] == [Purpose.EDIT]
