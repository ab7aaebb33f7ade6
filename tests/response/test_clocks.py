"""Who waits for an answer of the brand's, and what was measured of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.response.clocks import (
    Asked,
    MentionClass,
    Own,
    Wait,
    Word,
    dead_channels,
    figures,
    waits,
    waits_for,
)
from tests.fakes.records import NOON

NAMES = ("acme", "Acme Mobile", "acme_official")
LIMITS = {
    MentionClass.PRODUCT_QUESTION: timedelta(hours=1),
    MentionClass.ADDRESSED: timedelta(hours=3),
    MentionClass.FIRST_WORD: timedelta(hours=1),
    MentionClass.EMAIL: timedelta(hours=48),
}
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "channel", "thread", "kind"),
    [
        ("Nie działa", "facebook", "post-1", MentionClass.ADDRESSED),
        ("Kiedy naprawicie internet", "facebook", "post-1", MentionClass.PRODUCT_QUESTION),
        ("Не работает. Когда почините", "vk", "post-1", MentionClass.PRODUCT_QUESTION),
        ("@Acme_Mobile nothing works", "x", None, MentionClass.ADDRESSED),
        ("hey @acme-official, does 5G work here?", "x", None, MentionClass.PRODUCT_QUESTION),
        ("Is the new plan worth it?", "forum", None, MentionClass.PRODUCT_QUESTION),
        ("Czy ktoś ma zasięg?", "forum", None, MentionClass.PRODUCT_QUESTION),
        ("My invoice is wrong.", "email", None, MentionClass.EMAIL),
        ("@globex is better than acme", "x", None, None),
        ("@acme ile kosztuje ten abonament", "x", None, MentionClass.PRODUCT_QUESTION),
        ("@acme: ile trwa dostawa", "x", None, MentionClass.PRODUCT_QUESTION),
        ("Dzień dobry jak zmienić taryfę", "facebook", "post-1", MentionClass.PRODUCT_QUESTION),
        ("jak zwykle nic nie działa", "facebook", "post-1", MentionClass.ADDRESSED),
        ("@acme jak zawsze brak zasięgu", "x", None, MentionClass.ADDRESSED),
        ("Nie działa, jak widać na zdjęciu", "facebook", "post-1", MentionClass.ADDRESSED),
        ("@acme сколько стоит тариф", "x", None, MentionClass.PRODUCT_QUESTION),
        ("Добрый день есть ли у вас семейный тариф", "vk", "post-1", MentionClass.PRODUCT_QUESTION),
        ("как всегда ничего не работает", "vk", "post-1", MentionClass.ADDRESSED),
        ("@acme как обычно тишина", "x", None, MentionClass.ADDRESSED),
        ("@acme how much is the family plan", "x", None, MentionClass.PRODUCT_QUESTION),
        ("hey @acme where is my parcel", "x", None, MentionClass.PRODUCT_QUESTION),
        ("@acme what a shame, no signal again", "x", None, MentionClass.ADDRESSED),
        ("How typical, no signal", "facebook", "post-1", MentionClass.ADDRESSED),
        ("Read https://x.example/?page=2", "x", None, None),
        ("Write to anna@acme.example", "x", None, None),
        ("Nothing works", "x", None, None),
    ],
)
def test_a_mention_waits_where_it_addresses_the_brand_or_asks(
    text: str, channel: str, thread: str | None, kind: MentionClass | None
) -> None:
    assert waits_for(text, channel=channel, thread=thread, names=NAMES) is kind


def asked(name: str, at: datetime = NOON, **changes: str | None) -> Asked:
    channel, thread = str(changes.get("channel", "facebook")), changes.get("thread", "post-1")
    return Asked(id=name, channel=channel, thread=thread, at=at, kind=MentionClass.ADDRESSED)


def test_the_first_word_of_the_brands_own_in_the_thread_is_the_answer() -> None:
    own = [Own(thread="post-1", at=NOON + minutes * MINUTE) for minutes in (30, -5, 10)]
    own.append(Own(thread="post-2", at=NOON + MINUTE))
    (waited,) = waits([asked("m1")], own, [])
    assert waited.answered == NOON + 10 * MINUTE
    (reply,) = waits([asked("m2", thread=None)], [Own(thread="m2", at=NOON + MINUTE)], [])
    assert reply.answered == NOON + MINUTE
    assert waits([asked("m3", thread="post-3")], own, [])[0].answered is None


def test_an_update_answers_its_channel_since_the_incident_began() -> None:
    word = Word(channel="facebook", since=NOON, at=NOON + 20 * MINUTE)
    mentions = [
        asked("during"),
        asked("before", NOON - MINUTE),
        asked("after", NOON + 21 * MINUTE),
        asked("elsewhere", channel="x"),
    ]
    assert [wait.answered for wait in waits(mentions, [], [word])] == [NOON + 20 * MINUTE, None, None, None]
    everywhere = Word(channel=None, since=NOON, at=NOON + 20 * MINUTE)
    assert waits([asked("elsewhere", channel="x")], [], [everywhere])[0].answered == NOON + 20 * MINUTE


def wait(minutes: int | None, *, at: datetime = NOON, channel: str = "x") -> Wait:
    answered = None if minutes is None else at + minutes * MINUTE
    return Wait(channel=channel, kind=MentionClass.ADDRESSED, asked=at, answered=answered)


def test_figures_leave_out_whose_time_is_not_yet_over() -> None:
    now = NOON + timedelta(hours=4)
    group = [wait(10), wait(180), wait(181), wait(None), wait(None, at=now - timedelta(hours=1)), wait(5, channel="vk")]
    vk, x = figures("acme", group, LIMITS, now)
    assert (vk.channel, vk.asked, vk.answered, vk.share_within, vk.median_seconds) == ("vk", 1, 1, 1.0, 300.0)
    assert (x.asked, x.answered, x.waiting, x.share_within, x.median_seconds) == (5, 3, 1, 0.5, 180 * 60)
    assert figures("acme", [], LIMITS, now) == []


@given(st.lists(st.one_of(st.none(), st.integers(0, 600)), min_size=1, max_size=30), st.integers(0, 600))
def test_figures_hold_together(lengths: list[int | None], later: int) -> None:
    now = NOON + later * MINUTE
    (found,) = figures("acme", [wait(length) for length in lengths], LIMITS, now)
    assert found.asked == len(lengths)
    assert found.answered + found.waiting <= found.asked
    assert found.share_within is None or 0 <= found.share_within <= 1
    assert (found.median_seconds is None) == (found.answered == 0)


def test_a_channel_is_dead_when_people_ask_and_nobody_answers_for_days() -> None:
    three_days, now = timedelta(days=3), NOON + timedelta(days=10)
    fresh = now - timedelta(days=1)
    assert dead_channels("acme", [wait(None, at=fresh)], three_days, now) == []
    assert dead_channels("acme", [wait(None), wait(5, at=fresh)], three_days, now) == [], "somebody answers again"
    (dead,) = dead_channels("acme", [wait(5), wait(None, at=NOON + MINUTE * 9), wait(None, at=fresh)], three_days, now)
    assert (dead.channel, dead.unanswered, dead.since, dead.last_answer) == (
        "x",
        2,
        NOON + 9 * MINUTE,
        NOON + 5 * MINUTE,
    )
