"""The Slack notifier against a workspace that keeps Slack's rules."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.clock import ManualClock, SystemClock
from daemon.errors import DeliveryError
from daemon.model import Example, HoldingReply, IncidentState, Severity
from daemon.notice import Notice, Purpose, Receipt
from notifiers.base import Notifier
from notifiers.plain import one_line
from notifiers.slack import SCOPES, SlackNotifier
from notifiers.slack_api import SlackApi
from notifiers.slack_messages import message, plain
from notifiers.wording import clock_time
from tests.fakes import slack_records as how
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_rules import actions, controls, refusal, texts, visible
from tests.notifiers.contract import (
    DELIVERY,
    HOSTILE,
    SECRET,
    NotifierContract,
    every_purpose,
    evidence,
    hostile,
    incident,
    notice,
)

TARGET = "#pr-crisis"
NOW = SystemClock().now()


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as workspace:
        yield workspace


@pytest.fixture
async def notifier(slack: FakeSlack) -> AsyncIterator[SlackNotifier]:
    made = _notifier(slack)
    yield made
    await made.close()


def _notifier(slack: FakeSlack, timeout: float = 0.3) -> SlackNotifier:
    clock = ManualClock(NOW)
    slack_settings = slack.settings()
    return SlackNotifier(slack_settings, clock=clock, api=SlackApi(slack_settings, clock=clock, timeout=timeout))


def _alert(**changes: object) -> Notice:
    return notice(**{"target": TARGET, "at": NOW} | changes)


class SlackSide:
    """The contract's view of a workspace."""

    target = TARGET

    def __init__(self, slack: FakeSlack) -> None:
        slack.bot_token = f"xoxb-{SECRET}"
        self.notifier: Notifier = SlackNotifier(slack.settings(), clock=ManualClock(NOW))
        self._slack = slack

    async def arrived(self) -> Sequence[str]:
        return [f"{visible(one.blocks)} {one.incident_id} {one.delivery_id}" for one in self._slack.messages]

    async def go_down(self) -> None:
        await self._slack.stop()


class TestContract(NotifierContract):
    """What holds for every notifier."""

    @pytest.fixture
    async def side(self, slack: FakeSlack) -> AsyncIterator[SlackSide]:
        side = SlackSide(slack)
        yield side
        await side.notifier.close()


async def test_an_alert_carries_what_reconciles_it(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await notifier.send(_alert())
    (message,) = slack.messages
    assert receipt.ref == {"channel": slack.channels["pr-crisis"], "ts": message.ts}
    assert message.client_msg_id == DELIVERY
    assert message.metadata == {
        "event_type": "tocsin_incident",
        "event_payload": {"incident_id": incident().id, "delivery_id": DELIVERY},
    }
    (_, call) = slack.calls[-1]
    assert call["unfurl_links"] is False
    assert call["unfurl_media"] is False


async def test_an_alert_has_the_six_buttons_with_the_incident(slack: FakeSlack, notifier: SlackNotifier) -> None:
    await notifier.send(_alert())
    buttons = actions(slack.messages[0].blocks)
    expected = {"acknowledge", "snooze", "escalate", "post_update", "resolve", "false_alarm"}
    assert expected <= set(buttons)
    assert {buttons[name]["value"] for name in expected} == {incident().id}


async def test_the_fallback_text_says_what_happened_without_calling_anybody(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    await notifier.send(_alert(incident=incident(title="<!channel> down <https://evil.example|bank>")))
    text = slack.messages[0].text
    assert "412" in text
    assert "&lt;!channel&gt; down" in text
    assert controls(text) == []


async def test_what_follows_goes_into_the_thread(slack: FakeSlack, notifier: SlackNotifier) -> None:
    root = await notifier.send(_alert())
    for each in every_purpose()[1:]:
        await notifier.send(msgspec.structs.replace(each, target=TARGET, at=NOW, root=root))
    assert len(slack.top()) == 1
    assert len(slack.thread(slack.messages[0])) == len(every_purpose()) - 1


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_shown_as_it_is_and_does_nothing(
    slack: FakeSlack, notifier: SlackNotifier, text: str
) -> None:
    await notifier.send(msgspec.structs.replace(hostile(text), target=TARGET))
    (message,) = slack.messages
    assert one_line(text) in visible(message.blocks)
    assert controls(message.text) == []
    assert [link for link in _links(message) if not link.startswith(notice().page)] == []
    assert not {"\u202e", "\u2066", "\x1b", "\x07", "\x9b"} & set(visible(message.blocks) + message.text)


def _links(message: how.Posted) -> Iterator[str]:
    for kind, text in texts(message.blocks):
        if kind == "mrkdwn":
            yield from (control.strip("<>").split("|")[0] for control in controls(text))
    yield from (block["url"] for block in _nodes(message.blocks) if block.get("type") == "link")


def _nodes(node: object) -> list[dict[str, str]]:
    if isinstance(node, list):
        return [inner for item in node for inner in _nodes(item)]
    if isinstance(node, dict):
        return [node, *(inner for value in node.values() for inner in _nodes(value))]
    return []


async def test_however_much_there_is_it_fits(slack: FakeSlack, notifier: SlackNotifier) -> None:
    example = Example(id="m1", text="Не работает! " * 1500, url=None, author=None, published_at=NOW)
    reply = HoldingReply(lang="ru", register="formal", visibility="public", channel="x", text="Извините! " * 90)
    much = evidence(examples=(example,) * 20, terms=("нет связи",) * 200, channels={f"c{n}": 1 for n in range(99)})
    everything = incident(title="Т" * 500, evidence=much, holding_replies=(reply,) * 60)
    for each in every_purpose():
        await notifier.send(msgspec.structs.replace(each, target=TARGET, incident=everything, note="а\n" * 9000))
    assert len(slack.messages) == len(every_purpose())
    assert not [method for method, _ in slack.calls if method != "chat.postMessage"]


async def test_a_lost_thread_does_not_lose_or_double_the_message(slack: FakeSlack, notifier: SlackNotifier) -> None:
    gone = Receipt(ref={"channel": slack.channels["pr-crisis"], "ts": "1.000001"})
    receipt = await notifier.send(_alert(purpose=Purpose.UPDATE, root=gone))
    assert [message.ts for message in slack.messages] == [receipt.ref["ts"]]


async def test_an_edit_shows_who_has_it(slack: FakeSlack, notifier: SlackNotifier) -> None:
    root = await notifier.send(_alert())
    taken = incident(state=IncidentState.ACKNOWLEDGED, acknowledged_by="slack:U0ANNA", acknowledged_at=NOW)
    assert await notifier.send(_alert(purpose=Purpose.EDIT, root=root, incident=taken)) == root
    (message,) = slack.messages
    assert "<@U0ANNA> has it" in visible(message.blocks)
    assert "acknowledge" not in actions(message.blocks)
    assert message.delivery_id == DELIVERY


def test_a_minor_one_that_must_last_says_when_it_calls_people() -> None:
    told = notice(incident=incident(severity=Severity.MINOR, ladder_from=incident().opened_at + timedelta(minutes=5)))
    at = clock_time(told.incident.ladder_from, told.timezone, told.at)
    wanted = f"Nobody has it yet*; it is minor, and calls people if it still goes on at {at}"
    assert wanted in visible(message(told).blocks)
    assert "it is minor" not in visible(message(notice(incident=incident(severity=Severity.MINOR))).blocks)


async def test_an_exercise_says_so_in_every_message(slack: FakeSlack, notifier: SlackNotifier) -> None:
    about = incident(drill=True)
    root = await notifier.send(_alert(incident=about))
    again = "5d5b1f64-3f0e-4b7c-9a53-7c1f9f1c8f10"
    await notifier.send(
        _alert(incident=about, purpose=Purpose.UPDATE, root=root, delivery_id=again, note="We are on it.")
    )
    assert ["DRILL" in visible(message.blocks) for message in slack.messages] == [True, True]
    assert all("DRILL" in message.text for message in slack.messages)


@pytest.mark.parametrize("state", [IncidentState.RESOLVED, IncidentState.FALSE_ALARM])
async def test_an_ended_incident_offers_to_reopen_and_a_note(
    slack: FakeSlack, notifier: SlackNotifier, state: IncidentState
) -> None:
    root = await notifier.send(_alert())
    await notifier.send(_alert(purpose=Purpose.EDIT, root=root, incident=incident(state=state, resolved_at=NOW)))
    assert set(actions(slack.messages[0].blocks)) == {"reopen", "note"}


async def test_an_edit_of_nothing_is_refused(notifier: SlackNotifier) -> None:
    with pytest.raises(DeliveryError) as caught:
        await notifier.send(_alert(purpose=Purpose.EDIT))
    assert not caught.value.retryable


async def test_a_person_is_written_to_directly(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await notifier.send(_alert(target="@U012AB3CD"))
    assert receipt.ref["channel"].startswith("D")
    fresh = _notifier(slack)
    assert await fresh.send(_alert(target="@U012AB3CD", uncertain=True)) == receipt
    await fresh.close()
    assert len(slack.messages) == 1


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("threaded", [False, True])
async def test_a_message_accepted_without_an_answer_is_found_again(
    slack: FakeSlack, notifier: SlackNotifier, *, restarted: bool, threaded: bool
) -> None:
    root = await notifier.send(_alert(delivery_id="6b7e0f4e-5b0c-4e55-9f5e-8a1c8f5c1a00")) if threaded else None
    slack.fail("chat.postMessage", how.answer_lost())
    wanted = _alert(root=root, purpose=Purpose.UPDATE if threaded else Purpose.ALERT)
    with pytest.raises(DeliveryError):
        await notifier.send(wanted)
    sender = _notifier(slack) if restarted else notifier
    receipt = await sender.send(msgspec.structs.replace(wanted, uncertain=True))
    await sender.close()
    sent = [message for message in slack.messages if message.delivery_id == wanted.delivery_id]
    assert [message.ts for message in sent] == [receipt.ref["ts"]]


async def test_a_message_that_never_arrived_is_sent(slack: FakeSlack, notifier: SlackNotifier) -> None:
    slack.fail("chat.postMessage", how.connection_lost())
    with pytest.raises(DeliveryError) as caught:
        await notifier.send(_alert())
    assert caught.value.ambiguous
    await notifier.send(_alert(uncertain=True))
    assert len(slack.messages) == 1


async def test_it_looks_through_every_page(slack: FakeSlack, notifier: SlackNotifier) -> None:
    wanted = await notifier.send(_alert())
    first = slack.messages[0]
    slack.messages += [
        how.Posted(channel=first.channel, ts=f"{float(first.ts) + n:.6f}", text="chat", blocks=[])
        for n in range(1, 450)
    ]
    assert await notifier.send(_alert(uncertain=True)) == wanted


@pytest.mark.parametrize("fault", [how.broken(), how.rate_limited(7), how.hangs(), how.refused("internal_error")])
async def test_while_it_cannot_look_it_does_not_send(
    slack: FakeSlack, notifier: SlackNotifier, fault: how.Fault
) -> None:
    await notifier.send(_alert())
    slack.fail("conversations.history", fault)
    with pytest.raises(DeliveryError) as caught:
        await notifier.send(_alert(uncertain=True))
    assert caught.value.ambiguous
    assert caught.value.retryable
    assert len(slack.messages) == 1


@pytest.mark.error_logs_expected
@pytest.mark.parametrize("method", ["conversations.list", "conversations.history"])
async def test_where_it_may_never_look_the_alert_goes_out(
    slack: FakeSlack, notifier: SlackNotifier, method: str
) -> None:
    slack.scopes_missing.add(method)
    await notifier.send(_alert(uncertain=True))
    assert len(slack.messages) == 1


async def test_a_message_still_on_its_way_is_waited_for(slack: FakeSlack) -> None:
    class Meanwhile(ManualClock):
        """While we wait, what was sent before arrives."""

        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            slack.messages.append(late)

    first = _notifier(slack)
    receipt = await first.send(_alert())
    await first.close()
    late = slack.messages.pop()
    clock = Meanwhile(NOW)
    second = SlackNotifier(slack.settings(), clock=clock)
    assert await second.send(_alert(uncertain=True)) == receipt
    await second.close()
    assert slack.messages == [late]


async def test_what_slack_knows_to_be_posted_already_is_found(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await notifier.send(_alert())
    slack.refuses_duplicates = True
    assert await notifier.send(_alert()) == receipt
    assert len(slack.messages) == 1


_TROUBLES = {
    "lost": how.answer_lost(),
    "cut": how.connection_lost(),
    "broken": how.broken(),
    "half done": how.Fault(500, accepted=True),
    "limited": how.rate_limited(),
    "internal": how.refused("internal_error"),
}


@given(
    posts=st.lists(st.sampled_from(sorted(_TROUBLES)), max_size=5),
    looks=st.lists(st.sampled_from(sorted(_TROUBLES)), max_size=3),
    threaded=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_whatever_fails_exactly_one_message_is_posted(posts: list[str], looks: list[str], *, threaded: bool) -> None:
    asyncio.run(_sent_in_the_end(posts, looks, threaded=threaded))


async def _sent_in_the_end(posts: list[str], looks: list[str], *, threaded: bool) -> None:
    async with FakeSlack() as slack:
        notifier = _notifier(slack, timeout=10)
        root = await notifier.send(_alert(delivery_id=f"{DELIVERY[:-2]}00")) if threaded else None
        wanted = _alert(root=root, purpose=Purpose.REMINDER if threaded else Purpose.ALERT)
        slack.fail("chat.postMessage", *(_TROUBLES[trouble] for trouble in posts))
        slack.fail("conversations.replies" if threaded else "conversations.history", *(_TROUBLES[one] for one in looks))
        receipt, uncertain = None, False
        while receipt is None:
            try:
                receipt = await notifier.send(msgspec.structs.replace(wanted, uncertain=uncertain))
            except DeliveryError as error:
                if not error.retryable:
                    raise
                uncertain = uncertain or error.ambiguous
        await notifier.close()
        assert [m.ts for m in slack.messages if m.delivery_id == DELIVERY] == [receipt.ref["ts"]]


async def test_it_waits_as_long_as_slack_says(slack: FakeSlack, notifier: SlackNotifier) -> None:
    slack.fail("chat.postMessage", how.rate_limited(17))
    with pytest.raises(DeliveryError) as caught:
        await notifier.send(_alert())
    assert caught.value.retry_after == 17
    assert caught.value.retryable
    assert not caught.value.ambiguous


@pytest.mark.parametrize(
    "code",
    ["channel_not_found", "invalid_auth", "not_in_channel", "account_inactive", "is_archived", "token_revoked"],
)
async def test_what_only_a_person_can_mend_is_permanent(slack: FakeSlack, notifier: SlackNotifier, code: str) -> None:
    slack.fail("chat.postMessage", how.refused(code))
    with pytest.raises(DeliveryError, match=code) as caught:
        await notifier.send(_alert())
    assert not caught.value.retryable
    assert not caught.value.ambiguous


@pytest.mark.parametrize(("code", "ambiguous"), [("internal_error", True), ("service_unavailable", False)])
async def test_a_refusal_that_passes_is_tried_again(
    slack: FakeSlack, notifier: SlackNotifier, code: str, *, ambiguous: bool
) -> None:
    slack.fail("chat.postMessage", how.refused(code))
    with pytest.raises(DeliveryError) as caught:
        await notifier.send(_alert())
    assert (caught.value.retryable, caught.value.ambiguous) == (True, ambiguous)


async def test_nobody_listening_is_not_ambiguous() -> None:
    async with FakeSlack() as slack:
        slack_settings = slack.settings()
    notifier = SlackNotifier(slack_settings, clock=ManualClock(NOW))
    with pytest.raises(DeliveryError) as caught:
        await notifier.send(_alert())
    await notifier.close()
    assert (caught.value.retryable, caught.value.ambiguous) == (True, False)


@pytest.mark.error_logs_expected
async def test_refused_blocks_become_plain_words(slack: FakeSlack, notifier: SlackNotifier) -> None:
    slack.fail("chat.postMessage", how.refused("msg_blocks_too_long"))
    await notifier.send(_alert())
    (message,) = slack.messages
    assert "412" in visible(message.blocks)
    assert "acknowledge" in actions(message.blocks)


async def test_the_chart_goes_into_the_thread(slack: FakeSlack, notifier: SlackNotifier) -> None:
    await notifier.send(_alert(chart=b"\x89PNG chart"))
    picture = await slack.wait_for(lambda: slack.thread(slack.messages[0]))
    assert [slack.uploads[file] for file in picture[0].files] == [b"\x89PNG chart"]


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.upload", "files.completeUploadExternal"])
async def test_a_failed_chart_neither_fails_nor_repeats_the_alert(
    slack: FakeSlack, notifier: SlackNotifier, method: str
) -> None:
    slack.fail(method, how.broken())
    await notifier.send(_alert(chart=b"\x89PNG chart"))
    await notifier.close()
    assert len(slack.messages) == 1


@pytest.mark.parametrize("uploaded", [False, True])
async def test_an_alert_found_again_gets_its_chart_once(slack: FakeSlack, *, uploaded: bool) -> None:
    first = _notifier(slack)
    receipt = await first.send(_alert(chart=b"\x89PNG chart" if uploaded else None))
    await first.close()
    second = _notifier(slack)
    assert await second.send(_alert(chart=b"\x89PNG chart", uncertain=True)) == receipt
    await second.close()
    assert [len(message.files) for message in slack.messages] == [0, 1]


async def test_neither_texts_nor_secrets_are_logged(
    slack: FakeSlack, notifier: SlackNotifier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.fail("chat.postMessage", how.broken())
    with pytest.raises(DeliveryError):
        await notifier.send(_alert(chart=b"\x89PNG chart"))
    slack.fail("files.completeUploadExternal", how.refused("invalid_auth"))
    await notifier.send(_alert(chart=b"\x89PNG chart", uncertain=True))
    await notifier.close()
    assert "slack_chart_failed" in caplog.text
    assert not [word for word in (slack.bot_token, "nie działa", "Przykro nam") if word in caplog.text]


async def test_it_says_which_scopes_the_app_lacks(slack: FakeSlack, notifier: SlackNotifier) -> None:
    assert "channels:history" in await notifier.check()
    slack.scopes = set(SCOPES)
    assert await notifier.check() == ()
    slack.fail("auth.test", how.refused("invalid_auth"))
    with pytest.raises(DeliveryError, match="bot_token"):
        await notifier.check()


@given(
    st.builds(
        hostile,
        st.text(st.characters() | st.sampled_from("<>&!@#|*_~`\n\t\u202e\x00\ud800"), min_size=0, max_size=4000),
    )
)
@settings(deadline=None)
def test_no_text_breaks_slacks_rules(wanted: Notice) -> None:
    root = Receipt(ref={"channel": "C1", "ts": "1.0"})
    for purpose in Purpose:
        for thread in (None, root):
            made = message(msgspec.structs.replace(wanted, purpose=purpose, root=thread))
            assert refusal(made.blocks) is None
            assert refusal(plain(wanted).blocks) is None
            assert controls(made.text) == []
            links = [control for kind, text in texts(made.blocks) if kind == "mrkdwn" for control in controls(text)]
            assert links in ([], [f"<{wanted.page}|Everything about it>"])


async def test_a_channel_gets_at_most_one_message_a_second(slack: FakeSlack) -> None:
    clock = ManualClock(NOW)
    notifier = SlackNotifier(slack.settings(), clock=clock)
    for _ in range(4):
        await notifier.send(_alert())
    await notifier.close()
    assert timedelta(seconds=2.99) <= clock.now() - NOW <= timedelta(seconds=3)
