"""What people do in Slack, over signed HTTP, against a workspace that signs as Slack does."""

from __future__ import annotations

import asyncio
import functools
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from msgspec.structs import replace

from config.schema import Brand
from daemon.clock import ManualClock, SystemClock
from daemon.command import (
    Acknowledge,
    AddFact,
    ApproveUpdate,
    Assign,
    Command,
    Escalate,
    FalseAlarm,
    KeepPromise,
    Note,
    PostUpdate,
    ProposeUpdate,
    Reopen,
    Resolve,
    Snooze,
)
from daemon.errors import Conflict, InputError, NotFound, StoreError
from daemon.model import EventKind, Fact, Incident, IncidentState, TimelineEvent
from daemon.oncall.holding import Person
from daemon.oncall.roster import Roster
from daemon.oncall.rota import Rota
from daemon.replies.lint import warm
from daemon.web import slack_desk
from daemon.web.slack import SlackDoor
from daemon.web.slack_desk import SlackDesk
from daemon.web.slack_update_form import update_form
from notifiers.slack_api import SlackApi
from tests.fakes import slack_records as how
from tests.fakes.records import a_policy
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_rules import controls, refusal, texts, visible
from tests.notifiers.contract import incident

ID = incident().id
BRANDS = {"acme": Brand(name="Acme Mobile", languages=("pl", "en"))}


def an_update(text: str, *, channel: str) -> TimelineEvent:
    """Something the public was told before."""
    data = {"text": text, "lang": "pl", "channel": channel, "next_update_due": "2026-03-02T16:30:00.000Z"}
    found = incident()
    return TimelineEvent(
        incident_id=ID, seq=2, at=found.opened_at, kind=EventKind.UPDATE_POSTED, actor="user:anna", data=data, hash=""
    )


def shows(view: dict[str, Any], text: str) -> bool:
    """Whether the form holds ``text`` by now."""
    return text in visible(view["blocks"])


PEOPLE = {"anna": "Anna <K>", "boris": "Boris"}


class Acts:
    """Incidents in memory: the first to acknowledge wins."""

    def __init__(self) -> None:
        self.known = {ID: incident()}
        self.done: list[tuple[str, Command, str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.fault: Exception | None = None
        self.events: list[TimelineEvent] = []
        self.policies = {"acme": a_policy()}

    async def timeline(self, incident_id: str) -> list[TimelineEvent]:
        await self.get(incident_id)
        return self.events

    async def get(self, incident_id: str) -> Incident:
        if incident_id not in self.known:
            raise NotFound(f"no incident {incident_id}")
        return self.known[incident_id]

    async def find(self, *, brand: str | None = None, state: str | None = None, limit: int = 50) -> list[Incident]:
        found = [each for each in self.known.values() if brand in {None, each.brand} and state in {None, each.state}]
        return found[:limit]

    async def open_ones(self) -> list[Incident]:
        return [each for each in self.known.values() if not each.state.ended]

    async def act(self, incident_id: str, command: Command, *, actor: str) -> Incident:
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        found = await self.get(incident_id)
        match command:
            case Acknowledge() if found.acknowledged_by is not None:
                raise Conflict(f"already acknowledged by {found.acknowledged_by} at 14:05")
            case Acknowledge():
                found = replace(
                    found,
                    state=IncidentState.ACKNOWLEDGED,
                    acknowledged_by=actor,
                    acknowledged_at=found.opened_at,
                )
            case Resolve():
                found = self._ended(found, IncidentState.RESOLVED, actor)
            case FalseAlarm():
                found = self._ended(found, IncidentState.FALSE_ALARM, actor)
            case _:
                pass
        self.known[incident_id] = found
        self.done.append((incident_id, command, actor))
        return found

    @staticmethod
    def _ended(found: Incident, state: IncidentState, actor: str) -> Incident:
        if found.state.ended:
            raise Conflict(f"the incident has ended: {found.state} by {found.ended_by}")
        return replace(found, state=state, resolved_at=found.opened_at, ended_by=actor)


class Used:
    """Signatures used, as the store keeps them over a restart."""

    def __init__(self) -> None:
        self.nonces: set[str] = set()

    async def contains(self, nonce: str) -> bool:
        return nonce in self.nonces

    async def add(self, nonce: str) -> None:
        self.nonces.add(nonce)


@pytest.fixture(scope="module", autouse=True)
def _rules_are_read() -> None:
    """As a daemon that has been up for a while has them: on a busy machine reading them takes seconds."""
    warm()


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as workspace:
        yield workspace


@pytest.fixture
def acts() -> Acts:
    return Acts()


@pytest.fixture
def responders() -> list[str]:
    return []


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now())


@pytest.fixture
async def url(slack: FakeSlack, acts: Acts, responders: list[str], clock: ManualClock) -> AsyncIterator[str]:
    settings = slack.settings(responders=responders)
    api = SlackApi(settings, clock=clock, timeout=1.0)
    desk = SlackDesk(settings, incidents=acts, brands=lambda: BRANDS, api=api, clock=clock)
    door = SlackDoor(desk, signing_secret=slack.signing_secret, clock=clock)
    app = web.Application()
    for path, handler in door.routes.items():
        app.router.add_post(path, handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await desk.close()
    await api.close()
    await runner.cleanup()


# ── signatures ───────────────────────────────────────────────────────────────


async def _sent(slack: FakeSlack, url: str, **headers: str | None) -> int:
    body = urlencode({"payload": json.dumps(slack.hand.pressed("acknowledge", ID))}).encode()
    signed = {**slack.hand.sign(body), **headers}
    answer = await slack.hand.send(
        f"{url}/slack/interactions", body, {name: value for name, value in signed.items() if value is not None}
    )
    return answer.status


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0=ключ".encode().decode("latin-1")},
        {"X-Slack-Signature": None},
        {"X-Slack-Request-Timestamp": None},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "1"},
    ],
)
async def test_what_slack_did_not_sign_is_refused(
    slack: FakeSlack, acts: Acts, url: str, headers: dict[str, str | None]
) -> None:
    assert await _sent(slack, url, **headers) == 401
    assert acts.done == []


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_an_old_signature_is_refused(slack: FakeSlack, acts: Acts, url: str, minutes: int) -> None:
    body = urlencode({"payload": json.dumps(slack.hand.pressed("acknowledge", ID))}).encode()
    at = SystemClock().now() + timedelta(minutes=minutes)
    answer = await slack.hand.send(f"{url}/slack/interactions", body, slack.hand.sign(body, at=at.timestamp()))
    assert answer.status == 401
    assert acts.done == []


async def test_another_body_under_a_good_signature_is_refused(slack: FakeSlack, acts: Acts, url: str) -> None:
    body = urlencode({"payload": json.dumps(slack.hand.pressed("acknowledge", ID))}).encode()
    answer = await slack.hand.send(f"{url}/slack/interactions", body + b"&more=1", slack.hand.sign(body))
    assert answer.status == 401
    assert acts.done == []


async def test_bytes_that_are_no_text_are_refused(slack: FakeSlack, url: str) -> None:
    answer = await slack.hand.send(f"{url}/slack/commands", b"\xff\xfe", slack.hand.sign(b""))
    assert answer.status == 401


async def test_a_request_is_taken_once(slack: FakeSlack, acts: Acts, url: str) -> None:
    body = urlencode({"payload": json.dumps(slack.hand.pressed("escalate", ID))}).encode()
    headers = slack.hand.sign(body)
    answers = [await slack.hand.send(f"{url}/slack/interactions", body, headers) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 401, 401]
    assert len(acts.done) == 1


async def test_a_request_is_taken_once_over_a_restart(slack: FakeSlack, acts: Acts) -> None:
    used, clock, statuses = Used(), SystemClock(), []
    body = urlencode({"payload": json.dumps(slack.hand.pressed("escalate", ID))}).encode()
    headers = slack.hand.sign(body)
    for _ in range(2):
        api = SlackApi(slack.settings(), clock=clock)
        desk = SlackDesk(slack.settings(), incidents=acts, brands=lambda: BRANDS, api=api, clock=clock)
        door = SlackDoor(desk, signing_secret=slack.signing_secret, clock=clock, used=used)
        app = web.Application()
        app.router.add_post("/slack/interactions", door.interactions)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/interactions"
        statuses.append((await slack.hand.send(url, body, headers)).status)
        await desk.close()
        await api.close()
        await runner.cleanup()
    assert statuses == [200, 401]
    assert len(acts.done) == 1


@pytest.mark.parametrize("form", [{"payload": "{"}, {"payload": "[]"}, {}, {"payload": '{"type": "view_submission"}'}])
async def test_what_makes_no_sense_does_nothing(slack: FakeSlack, acts: Acts, url: str, form: dict[str, str]) -> None:
    answer = await slack.hand.deliver(f"{url}/slack/interactions", form)
    assert answer.status in {200, 422}
    assert acts.done == []


async def test_too_much_is_refused_unread(slack: FakeSlack, url: str) -> None:
    body = b"x" * (2**20 + 1)
    assert (await slack.hand.send(f"{url}/slack/commands", body, slack.hand.sign(body))).status == 413


# ── buttons ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("action", "value", "kind"),
    [
        ("acknowledge", ID, Acknowledge),
        ("snooze", ID, Snooze),
        ("snooze_for", f"{ID} 4h", Snooze),
        ("escalate", ID, Escalate),
        ("resolve", ID, Resolve),
        ("false_alarm", ID, FalseAlarm),
        ("reopen", ID, Reopen),
        ("approve", ID, ApproveUpdate),
        ("promise_kept", f"{ID} 1760452200000", KeepPromise),
        ("more", f"promise_kept {ID} 1760452200000", KeepPromise),
    ],
)
async def test_a_button_acts_for_whoever_pressed(
    slack: FakeSlack, acts: Acts, url: str, action: str, value: str, kind: type
) -> None:
    answer = await slack.hand.press(url, action, value, trigger="fake")
    assert (answer.status, answer.body) == (200, "")
    ((done_to, command, actor),) = acts.done
    assert (done_to, type(command), actor) == (ID, kind, "slack:U012AB3CD")


async def test_snooze_is_for_an_hour_or_as_chosen(slack: FakeSlack, acts: Acts, url: str) -> None:
    await slack.hand.press(url, "snooze", ID)
    await slack.hand.press(url, "snooze_for", f"{ID} 30m")
    assert [command for _, command, _ in acts.done] == [Snooze(seconds=3600), Snooze(seconds=1800)]


async def test_the_first_one_wins_and_the_others_are_told_who(slack: FakeSlack, acts: Acts, url: str) -> None:
    users = [f"U0000000{n}" for n in range(5)]
    answers = await asyncio.gather(*(slack.hand.press(url, "acknowledge", ID, user=user) for user in users))
    assert {answer.status for answer in answers} == {200}
    ((_, _, winner),) = acts.done
    await slack.wait_for(lambda: len(slack.whispers) == 4)
    assert {whisper["user"] for whisper in slack.whispers} == set(users) - {winner.removeprefix("slack:")}
    for whisper in slack.whispers:
        assert f"<@{winner.removeprefix('slack:')}>" in whisper["text"]
        assert whisper["response_type"] == "ephemeral"
        assert whisper["replace_original"] is False


@pytest.mark.parametrize(
    "action", ["resolve", "false_alarm", "escalate", "snooze", "approve", "reopen", "promise_kept"]
)
async def test_of_two_who_press_alike_the_second_is_told_who_was_first(
    slack: FakeSlack, acts: Acts, url: str, action: str
) -> None:
    users = [f"U0000000{n}" for n in range(5)]
    answers = await asyncio.gather(*(slack.hand.press(url, action, ID, user=user) for user in users))
    assert {answer.status for answer in answers} == {200}
    ((_, _, winner),) = acts.done
    first = winner.removeprefix("slack:")
    await slack.wait_for(lambda: {whisper["user"] for whisper in slack.whispers} >= set(users) - {first})
    told = [whisper["text"] for whisper in slack.whispers if whisper["user"] != first]
    assert all(f"<@{first}>" in text for text in told)


async def test_pressing_twice_does_it_once_and_later_again(
    slack: FakeSlack, acts: Acts, url: str, clock: ManualClock
) -> None:
    for _ in range(2):
        await slack.hand.press(url, "escalate", ID)
    await slack.wait_for(lambda: slack.whispers)
    assert slack.whispers[0]["text"] == "You did that just now"
    clock.advance(timedelta(seconds=11))
    await slack.hand.press(url, "escalate", ID)
    assert len(acts.done) == 2


async def test_what_failed_may_be_tried_again_at_once(slack: FakeSlack, acts: Acts, url: str) -> None:
    acts.fault = Conflict("every step of the ladder has been called already")
    await slack.hand.press(url, "escalate", ID)
    acts.fault = None
    await slack.hand.press(url, "escalate", ID, user="U0BOB")
    assert [actor for _, _, actor in acts.done] == ["slack:U0BOB"]


async def test_a_refusal_is_told_in_the_language_of_the_words_at_issue(slack: FakeSlack, acts: Acts, url: str) -> None:
    acts.fault = Conflict("that has passed", others={"pl": "pora już minęła"}, lang="pl")
    await slack.hand.press(url, "approve", ID)
    await slack.wait_for(lambda: slack.whispers)
    assert "Pora już minęła" in slack.whispers[0]["text"]


async def test_an_unknown_incident_is_said_to_be_unknown(slack: FakeSlack, url: str) -> None:
    assert (await slack.hand.press(url, "acknowledge", "nowhere")).status == 200
    await slack.wait_for(lambda: slack.whispers)
    assert "No incident nowhere" in slack.whispers[0]["text"]


async def test_an_unknown_button_does_nothing(slack: FakeSlack, acts: Acts, url: str) -> None:
    assert (await slack.hand.press(url, "self_destruct", ID)).status == 200
    assert acts.done == []


async def test_a_slow_act_is_answered_before_it_is_done_and_still_done(slack: FakeSlack, acts: Acts, url: str) -> None:
    assert slack_desk._PATIENCE < 3, "seconds, after which Slack gives up"  # noqa: SLF001 - the one bound that a loaded machine cannot blur
    acts.gate.clear()  # it cannot end before the answer is here
    async with asyncio.timeout(60):
        assert (await slack.hand.press(url, "acknowledge", ID)).status == 200
    acts.gate.set()
    await slack.hand.press(url, "acknowledge", ID, user="U0LATE")
    await slack.wait_for(lambda: slack.whispers)
    assert len(acts.done) == 1


@pytest.mark.parametrize("fault", [StoreError("the disk is full"), InputError("for: too long")])
async def test_a_failed_act_is_told(slack: FakeSlack, acts: Acts, url: str, fault: Exception) -> None:
    acts.fault = fault
    assert (await slack.hand.press(url, "acknowledge", ID)).status == 200
    await slack.wait_for(lambda: slack.whispers)
    assert "disk" not in slack.whispers[0]["text"]


@pytest.mark.error_logs_expected
async def test_our_own_fault_is_logged_and_told(slack: FakeSlack, acts: Acts, url: str) -> None:
    acts.fault = RuntimeError("secret detail")
    assert (await slack.hand.press(url, "acknowledge", ID)).status == 200
    await slack.wait_for(lambda: slack.whispers)
    assert "secret" not in slack.whispers[0]["text"]


async def test_a_lost_whisper_harms_nothing(slack: FakeSlack, acts: Acts, url: str) -> None:
    payload = slack.hand.pressed("acknowledge", "nowhere") | {"response_url": "http://169.254.169.254/latest"}
    assert (await slack.hand.interact(url, payload)).status == 200
    payload = slack.hand.pressed("acknowledge", "nowhere") | {"response_url": "http://127.0.0.1:9/closed"}
    assert (await slack.hand.interact(url, payload)).status == 200
    await slack.hand.press(url, "acknowledge", ID)
    assert len(acts.done) == 1


class TestResponders:
    """Only some may act."""

    @pytest.fixture
    def responders(self) -> list[str]:
        return ["U0ALLOWED"]

    async def test_others_may_look_but_not_act(self, slack: FakeSlack, acts: Acts, url: str) -> None:
        await slack.hand.press(url, "acknowledge", ID)
        answer = await slack.hand.type(url, f"ack {ID}")
        assert "not act" in answer.body["text"]
        assert ID in (await slack.hand.type(url, "")).body["text"]
        view = update_form(incident(), None, "C1")
        refused = await slack.hand.submit(url, view, {"text": "x"})
        assert "not act" in refused.body["errors"]["text"]
        assert acts.done == []
        await slack.hand.press(url, "acknowledge", ID, user="U0ALLOWED")
        assert len(acts.done) == 1


# ── forms ────────────────────────────────────────────────────────────────────


async def test_an_update_is_written_in_a_form(slack: FakeSlack, acts: Acts, url: str) -> None:
    assert (await slack.hand.press(url, "post_update", ID)).status == 200
    (view,) = slack.views
    first = view["blocks"][0]["element"]
    assert first["initial_value"] == incident().holding_replies[0].text
    assert "Next word" in visible(view["blocks"]), "as on the page"
    answer = await slack.hand.submit(url, view, {"text": "Usuwamy awarię, wrócimy o 16:30.", "next": "30m"})
    assert (answer.status, answer.body) == (200, "")
    ((_, command, actor),) = acts.done
    assert command == PostUpdate(
        text="Usuwamy awarię, wrócimy o 16:30.", lang="pl", channel="facebook", next_update_in=1800
    )
    assert actor == "slack:U012AB3CD"


async def test_by_default_the_text_sets_the_next_time(slack: FakeSlack, acts: Acts, url: str) -> None:
    await slack.hand.press(url, "post_update", ID)
    await slack.hand.submit(
        url, slack.views[0], {"channel": None, "lang": "en", "text": "We are on it. Next update by 5 pm."}
    )
    ((_, command, _),) = acts.done
    assert isinstance(command, PostUpdate)
    assert (command.lang, command.channel, command.next_update_in) == ("en", None, None)


@pytest.mark.parametrize(
    ("values", "question"),
    [({"text": " \n"}, "text"), ({"text": None}, "text"), ({"next": "soon"}, "next")],
)
async def test_an_unusable_answer_is_named_in_the_form(
    slack: FakeSlack, acts: Acts, url: str, values: dict[str, str | None], question: str
) -> None:
    await slack.hand.press(url, "post_update", ID)
    answer = await slack.hand.submit(url, slack.views[0], values)
    assert answer.body["response_action"] == "errors"
    assert set(answer.body["errors"]) == {question}
    assert acts.done == []


async def test_what_is_not_fit_to_post_is_shown_and_posted_only_when_told_to(
    slack: FakeSlack, acts: Acts, url: str
) -> None:
    await slack.hand.press(url, "post_update", ID)
    answer = await slack.hand.submit(url, slack.views[0], {"text": "Ty, spoko, naprawimy do 15:00!", "next": "30m"})
    assert answer.body["response_action"] == "update"
    assert acts.done == []
    again = answer.body["view"]
    assert refusal(again["blocks"]) is None
    shown = visible(again["blocks"])
    assert "Error: " in shown
    assert "Better:" in shown
    row = next(block for block in again["blocks"] if block.get("block_id") == "text")
    assert row["element"]["initial_value"] == "Ty, spoko, naprawimy do 15:00!", "nothing typed is lost"
    answer = await slack.hand.submit(url, again, {"anyway": "yes"})
    assert (answer.status, answer.body) == (200, "")
    ((_, command, _),) = acts.done
    assert command == PostUpdate(
        text="Ty, spoko, naprawimy do 15:00!", lang="pl", channel="facebook", next_update_in=1800
    )


async def test_a_text_can_be_checked_before_it_is_posted(slack: FakeSlack, acts: Acts, url: str) -> None:
    await slack.hand.press(url, "post_update", ID)
    (view,) = slack.views
    for text, shown in [("Pracujemy nad tym.", "Error: "), (incident().holding_replies[0].text, "fit to post")]:
        filled = slack.hand.submitted(view, {"text": text})["view"]
        payload = slack.hand.pressed("check_reply", ID) | {"view": filled}
        assert (await slack.hand.interact(url, payload)).status == 200
        await slack.wait_for(functools.partial(shows, view, shown))
    assert acts.done == []


async def test_a_repeat_is_pointed_out_and_not_refused(slack: FakeSlack, acts: Acts, url: str) -> None:
    text = "Pracujemy nad usunięciem awarii. Wrócimy o 16:30."
    acts.events = [an_update(text, channel="facebook")]
    await slack.hand.press(url, "post_update", ID)
    payload = slack.hand.pressed("check_reply", ID) | {
        "view": slack.hand.submitted(slack.views[0], {"text": text})["view"]
    }
    await slack.hand.interact(url, payload)
    await slack.wait_for(lambda: "Warning: Tu nie ma nic" in visible(slack.views[0]["blocks"]))
    assert (await slack.hand.submit(url, slack.views[0], {"text": text})).body == ""
    assert len(acts.done) == 1


async def test_a_compensation_waits_for_a_second_person(slack: FakeSlack, acts: Acts, url: str) -> None:
    text = "Przykro nam. Każdy otrzyma rekompensatę. Wrócimy o 16:30."
    await slack.hand.press(url, "post_update", ID)
    answer = await slack.hand.submit(url, slack.views[0], {"text": text})
    assert answer.body["response_action"] == "update"
    assert f"/tocsin approve {ID}" in visible(answer.body["view"]["blocks"])
    ((_, command, _),) = acts.done
    assert command == ProposeUpdate(
        update=PostUpdate(text=text, lang="pl", channel="facebook"), parts=("compensation",)
    )


async def test_a_typed_update_is_recorded_and_its_faults_are_told(slack: FakeSlack, acts: Acts, url: str) -> None:
    told = (await slack.hand.type(url, f"update {ID} pl Naprawimy to do 15:00. Wrócimy o 16.")).body["text"]
    assert told.startswith("Done")
    assert "obiecuje, kiedy problem zniknie" in told  # in the language of the update
    assert "second person" in (await slack.hand.type(url, f"update {ID} pl Damy rabat. Wrócimy o 15.")).body["text"]
    assert [type(command) for _, command, _ in acts.done] == [PostUpdate, ProposeUpdate]


NO_TIME = "Nie wiadomo, kiedy będzie kolejna informacja. Proszę podać godzinę."


async def test_an_update_without_a_next_time_is_refused_typed_and_in_the_form(
    slack: FakeSlack, acts: Acts, url: str
) -> None:
    typed = await slack.hand.type(url, f"update {ID} pl Pracujemy nad tym.")
    assert typed.body["text"] == f"Not recorded. {NO_TIME}"
    await slack.hand.press(url, "post_update", ID)
    answer = await slack.hand.submit(url, slack.views[0], {"text": "Pracujemy nad tym."})
    assert f"Error: {NO_TIME}" in visible(answer.body["view"]["blocks"])
    anyway = await slack.hand.submit(url, answer.body["view"], {"anyway": "yes"})
    assert anyway.body["errors"] == {"text": f"Not recorded. {NO_TIME}"}, "no box lets that pass"
    assert acts.done == []


async def test_what_closes_needs_no_next_time(slack: FakeSlack, acts: Acts, url: str) -> None:
    over = "Awaria usunięta, wszystko działa."
    assert (await slack.hand.type(url, f"update {ID} pl {over}")).body["text"].startswith("Done")
    await slack.hand.press(url, "post_update", ID)
    assert (await slack.hand.submit(url, slack.views[0], {"text": over})).body == ""
    assert [command for _, command, _ in acts.done] == [
        PostUpdate(text=over, lang="pl"),
        PostUpdate(text=over, lang="pl", channel="facebook"),
    ]


async def test_the_hand_over_is_told_where_it_is_asked_for(slack: FakeSlack, acts: Acts, url: str) -> None:
    acts.events = [an_update("<!channel> Wrócimy o 16:30.", channel="facebook")]
    told = (await slack.hand.type(url, "handover")).body["text"]
    assert "*Na czym stoimy*" in told  # the brand's first language
    assert "Wrócimy o 16:30." in told
    assert "<!" not in told


async def test_whoever_is_assigned_is_chosen_in_a_form_and_told(slack: FakeSlack, acts: Acts, url: str) -> None:
    await slack.hand.press(url, "more", f"assign {ID}")
    assert refusal(slack.views[0]["blocks"]) is None
    assert (await slack.hand.submit(url, slack.views[0], {"to": "U0ANNA"})).body == ""
    assert acts.done == [(ID, Assign(to="slack:U0ANNA"), "slack:U012AB3CD")]
    await slack.wait_for(lambda: slack.whispers)
    assert slack.whispers[0]["user"] == "U0ANNA"
    assert slack.whispers[0]["text"].startswith("<@U012AB3CD> assigned this to you")


async def test_whoever_assigns_to_themselves_needs_no_telling(slack: FakeSlack, acts: Acts, url: str) -> None:
    await slack.hand.press(url, "more", f"assign {ID}")
    await slack.hand.submit(url, slack.views[0], {"to": "U012AB3CD"})
    assert len(acts.done) == 1
    assert slack.whispers == []


async def test_the_fact_sheet_is_read_and_added_to_in_a_form(slack: FakeSlack, acts: Acts, url: str) -> None:
    known = Fact(
        n=1,
        fact="Fibre cut <!channel> near Łódź",
        at=incident().opened_at,
        source="<@U0EVIL>",
        confirmed_by="slack:U0ANNA",
        written_by="user:bob",
    )
    acts.known[ID] = incident(facts=(known,))
    await slack.hand.press(url, "more", f"fact {ID}")
    (view,) = slack.views
    assert refusal(view["blocks"]) is None
    shown = visible(view["blocks"])
    assert "1. Fibre cut <!channel> near Łódź" in shown
    assert "confirmed by <@U0ANNA>" in shown
    raw = [text for kind, text in texts(view["blocks"]) if kind == "mrkdwn"]
    assert [control for text in raw for control in controls(text)] == ["<@U0ANNA>"], "others' words call nobody"
    values = {"fact": " 1,200 lines are down. ", "at": "1760450400", "source": "NOC", "confirmed_by": None}
    assert (await slack.hand.submit(url, view, values)).body == ""
    assert acts.done[0][1] == AddFact(
        fact="1,200 lines are down.", at=datetime(2025, 10, 14, 14, 0, tzinfo=UTC), source="NOC"
    )
    told = await slack.hand.type(url, "facts")
    assert "Fibre cut" in visible(told.body["blocks"])


async def test_every_holding_reply_can_be_copied(slack: FakeSlack, acts: Acts, url: str) -> None:
    await slack.hand.press(url, "replies", ID)
    (view,) = slack.views
    assert refusal(view["blocks"]) is None
    shown = visible(view["blocks"])
    assert all(reply.text in shown for reply in incident().holding_replies)
    assert acts.done == []


@pytest.mark.parametrize(
    ("action", "command"),
    [("resolve_with", Resolve(summary="A router.")), ("false_alarm_because", FalseAlarm(reason="A router."))],
)
async def test_the_end_is_explained_in_a_form(
    slack: FakeSlack, acts: Acts, url: str, action: str, command: Command
) -> None:
    await slack.hand.press(url, "more", f"{action} {ID}")
    empty = await slack.hand.submit(url, slack.views[0], {"text": " "})
    assert empty.body["errors"] == {"text": "Expected some text"}
    assert (await slack.hand.submit(url, slack.views[0], {"text": "A router."})).body == ""
    assert acts.done == [(ID, command, "slack:U012AB3CD")]


async def test_whoever_fills_in_a_form_too_late_is_told_who_was_first(slack: FakeSlack, acts: Acts, url: str) -> None:
    await slack.hand.press(url, "more", f"resolve_with {ID}")
    acts.fault = Conflict("the incident has ended: resolved at 2026-10-14T12:05:00.000Z by slack:U0ANNA; reopen it")
    answer = await slack.hand.submit(url, slack.views[0], {"text": "A router."})
    assert (
        answer.body["errors"]["text"] == "The incident has ended: resolved at 12:05 UTC by U0ANNA in Slack; reopen it"
    )


async def test_a_press_that_comes_too_late_is_told_when_by_the_readers_own_clock(
    slack: FakeSlack, acts: Acts, url: str
) -> None:
    acts.fault = Conflict("already acknowledged by user:anna at 2026-10-14T12:05:00.000Z")
    await slack.hand.press(url, "acknowledge", ID)
    await slack.wait_for(lambda: slack.whispers)
    assert slack.whispers[0]["text"] == "Already acknowledged by anna at <!date^1791979500^{time}|12:05 UTC>"


@pytest.mark.parametrize(
    "choice", ["", "explode", f"explode {ID}", f"promise_kept {ID} soon", f"promise_kept {ID} 9e9"]
)
async def test_an_entry_that_makes_no_sense_does_nothing(slack: FakeSlack, acts: Acts, url: str, choice: str) -> None:
    assert (await slack.hand.press(url, "more", choice)).status == 200
    assert acts.done == []


async def test_a_refused_update_is_told_in_the_form(slack: FakeSlack, acts: Acts, url: str) -> None:
    await slack.hand.press(url, "post_update", ID)
    acts.fault = Conflict("the incident has ended")
    answer = await slack.hand.submit(url, slack.views[0], {})
    assert answer.body == {"response_action": "errors", "errors": {"text": "The incident has ended"}}


async def test_an_ended_incident_opens_no_form(slack: FakeSlack, acts: Acts, url: str) -> None:
    acts.known[ID] = replace(incident(), state=IncidentState.RESOLVED)
    await slack.hand.press(url, "post_update", ID)
    await slack.wait_for(lambda: slack.whispers)
    assert slack.views == []


async def test_a_form_that_does_not_open_says_so(slack: FakeSlack, url: str) -> None:
    slack.fail("views.open", how.refused("expired_trigger_id"))
    assert (await slack.hand.press(url, "post_update", ID)).status == 200
    await slack.wait_for(lambda: slack.whispers)
    assert "/tocsin help" in slack.whispers[0]["text"]


async def test_whoever_resolves_is_offered_a_note(slack: FakeSlack, acts: Acts, url: str) -> None:
    await slack.hand.press(url, "resolve", ID)
    await slack.wait_for(lambda: slack.whispers)
    button = slack.whispers[0]["blocks"][0]["accessory"]
    await slack.hand.press(url, button["action_id"], button["value"])
    await slack.hand.submit(url, slack.views[0], {"text": "A router."})
    assert [command for _, command, _ in acts.done[1:]] == [Note(text="A router.")]


# ── commands ─────────────────────────────────────────────────────────────────


async def test_the_list_names_what_is_open(slack: FakeSlack, acts: Acts, url: str) -> None:
    hostile = incident(id="acme-2", title="<!channel> *boo* <https://evil.example|bank>")
    acts.known["acme-2"] = hostile
    acts.known["acme-3"] = incident(id="acme-3", state=IncidentState.RESOLVED)
    answer = await slack.hand.type(url, "")
    assert answer.body["response_type"] == "ephemeral"
    shown = visible(answer.body["blocks"])
    assert ID in shown
    assert "<!channel> *boo*" in shown
    assert "acme-3" not in shown
    assert controls(answer.body["text"]) == []


async def test_the_list_of_nothing_says_so(slack: FakeSlack, acts: Acts, url: str) -> None:
    acts.known.clear()
    assert "nothing is open" in (await slack.hand.type(url, "")).body["text"]


async def test_a_long_list_is_cut_and_counted(slack: FakeSlack, acts: Acts, url: str) -> None:
    acts.known = {f"acme-{n}": incident(id=f"acme-{n}") for n in range(60)}
    answer = await slack.hand.type(url, "list")
    assert "and 40 more" in visible(answer.body["blocks"])


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (f"ack {ID}", Acknowledge()),
        ("ack", Acknowledge()),
        (f"ACK  {ID} ", Acknowledge()),
        (f"snooze {ID}", Snooze(seconds=3600)),
        (f"snooze {ID} 2h", Snooze(seconds=7200)),
        ("snooze 30m", Snooze(seconds=1800)),
        (f"escalate {ID}", Escalate()),
        (f"assign {ID} <@U0ANNA|anna>", Assign(to="slack:U0ANNA")),
        (f"note {ID} a &lt; b &amp; c", Note(text="a < b & c")),
        (f"resolve {ID} A router was replaced.", Resolve(summary="A router was replaced.")),
        (f"false_alarm {ID} A campaign.", FalseAlarm(reason="A campaign.")),
        (f"update {ID} en We will be back at 5 pm.", PostUpdate(text="We will be back at 5 pm.", lang="en")),
        (f"update {ID} Wrócimy o 16:30.", PostUpdate(text="Wrócimy o 16:30.", lang="pl")),
        (f"reopen {ID}", Reopen()),
        (f"fact {ID} 1200 lines are down.", AddFact(fact="1200 lines are down.")),
        ("approve", ApproveUpdate()),
        ("kept", KeepPromise()),
    ],
)
async def test_a_command_acts(slack: FakeSlack, acts: Acts, url: str, text: str, command: Command) -> None:
    answer = await slack.hand.type(url, text)
    assert answer.status == 200
    assert answer.body["text"].startswith("Done")
    assert acts.done == [(ID, command, "slack:U012AB3CD")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("explode", "is no command"),
        ("resolve", "expected the incident's id"),
        (f"resolve {ID}", "expected a summary"),
        (f"snooze {ID} soon", "expected a duration"),
        ("ack nowhere", "no incident nowhere"),
        ("<!channel>", "&lt;!channel&gt;"),
    ],
)
async def test_a_command_that_cannot_be_done_says_why(
    slack: FakeSlack, acts: Acts, url: str, text: str, told: str
) -> None:
    answer = await slack.hand.type(url, text)
    assert told.lower() in answer.body["text"].lower()
    assert acts.done == []


async def test_an_id_may_be_left_out_only_while_one_is_open(slack: FakeSlack, acts: Acts, url: str) -> None:
    acts.known["acme-2"] = incident(id="acme-2")
    assert "2 incidents are open" in (await slack.hand.type(url, "ack")).body["text"]
    acts.known.clear()
    assert "othing is open" in (await slack.hand.type(url, "ack")).body["text"]
    assert acts.done == []


async def test_who_is_on_call_is_told_to_anybody(slack: FakeSlack, acts: Acts, url: str) -> None:
    assert (await slack.hand.type(url, "oncall")).body["text"] == "No rota is configured."
    roster = Roster(
        people={key: Person(key=key, name=name, targets=(f"console:{key}",)) for key, name in PEOPLE.items()},
        rotas={"pr": Rota(timezone="UTC", members=tuple(PEOPLE), days=7, handover=time(9), first=date(2026, 1, 5))},
    )
    acts.policies = {"acme": a_policy(roster=roster)}
    text = (await slack.hand.type(url, "oncall")).body["text"]
    assert re.fullmatch(r"pr: (Anna &lt;K&gt;|Boris) until Mon .* 09:00 UTC, then (Anna &lt;K&gt;|Boris)", text), text


async def test_help_names_every_command(slack: FakeSlack, url: str) -> None:
    text = (await slack.hand.type(url, "help")).body["text"]
    assert all(f"/tocsin {verb}" in text for verb in ("ack", "snooze", "update", "resolve", "false-alarm", "reopen"))


async def test_slacks_own_check_is_answered(slack: FakeSlack, url: str) -> None:
    assert (await slack.hand.deliver(f"{url}/slack/commands", {"ssl_check": "1"})).status == 200
