"""Socket Mode against a workspace that speaks it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from daemon.clock import SystemClock
from daemon.command import Acknowledge, Command, PostUpdate
from daemon.model import Incident, TimelineEvent
from daemon.response.policy import Policy
from daemon.socket_mode import SocketMode
from daemon.web.slack_desk import SlackDesk
from daemon.web.slack_update_form import update_form
from notifiers.slack_api import SlackApi
from tests.fakes import slack_records as how
from tests.fakes.slack import FakeSlack
from tests.notifiers.contract import incident

ID = incident().id


class Acts:
    """Remembers what was done."""

    def __init__(self) -> None:
        self.done: list[tuple[str, Command, str]] = []

    @property
    def policies(self) -> dict[str, Policy]:
        return {}

    async def find(self, *, brand: str | None = None, state: str | None = None, limit: int = 50) -> list[Incident]:
        del brand, state, limit
        return []

    async def timeline(self, incident_id: str) -> list[TimelineEvent]:
        del incident_id
        return []

    async def get(self, incident_id: str) -> Incident:
        del incident_id
        return incident()

    async def open_ones(self) -> list[Incident]:
        return [incident()]

    async def act(self, incident_id: str, command: Command, *, actor: str) -> Incident:
        self.done.append((incident_id, command, actor))
        return incident()


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as workspace:
        yield workspace


@pytest.fixture
def acts() -> Acts:
    return Acts()


@pytest.fixture
async def socket(slack: FakeSlack, acts: Acts) -> AsyncIterator[SocketMode]:
    clock, settings = SystemClock(), slack.settings(signing_secret=None, app_token=slack.app_token)
    api = SlackApi(settings, clock=clock, timeout=1.0)
    desk = SlackDesk(settings, incidents=acts, brands=dict, api=api, clock=clock)
    mode = SocketMode(settings, desk, clock=clock)
    runner = asyncio.create_task(mode.run())
    yield mode
    runner.cancel()
    await asyncio.gather(runner, return_exceptions=True)
    await desk.close()
    await api.close()


@pytest.mark.usefixtures("socket")
async def test_a_press_is_acknowledged_and_done(slack: FakeSlack, acts: Acts) -> None:
    ack = await slack.push("interactive", slack.hand.pressed("acknowledge", ID))
    assert "payload" not in ack
    await slack.push("slash_commands", slack.hand.typed(""))  # what came before it is done by now
    assert acts.done == [(ID, Acknowledge(), "slack:U012AB3CD")]


@pytest.mark.usefixtures("socket")
async def test_a_command_is_answered_in_the_acknowledgement(slack: FakeSlack) -> None:
    ack = await slack.push("slash_commands", slack.hand.typed(""))
    assert ID in ack["payload"]["text"]
    assert ack["payload"]["response_type"] == "ephemeral"


@pytest.mark.usefixtures("socket")
async def test_a_form_is_answered_in_the_acknowledgement(slack: FakeSlack, acts: Acts) -> None:
    view = update_form(incident(), None, None)
    ack = await slack.push("interactive", slack.hand.submitted(view, {"text": " "}))
    assert ack["payload"]["response_action"] == "errors"
    ack = await slack.push("interactive", slack.hand.submitted(view, {"text": "Usuwamy awarię, wrócimy o 16:30."}))
    assert "payload" not in ack
    async with asyncio.timeout(60):  # acknowledged in Slack's time, however long the act takes
        while not acts.done:
            await SystemClock().sleep(0.01)
    ((_, command, _),) = acts.done
    assert isinstance(command, PostUpdate)


@pytest.mark.usefixtures("socket")
async def test_an_envelope_that_comes_again_is_done_once(slack: FakeSlack, acts: Acts) -> None:
    envelope = str(uuid.uuid4())
    for _ in range(2):
        await slack.push("interactive", slack.hand.pressed("acknowledge", ID), envelope=envelope)
        del slack.acks[envelope]
    await slack.push("slash_commands", slack.hand.typed(""))
    assert len(acts.done) == 1


@pytest.mark.usefixtures("socket")
async def test_a_lost_connection_is_opened_again(slack: FakeSlack, acts: Acts) -> None:
    await slack.push("slash_commands", slack.hand.typed(""))
    await slack.drop_sockets()
    await slack.push("interactive", slack.hand.pressed("acknowledge", ID))
    await slack.push("slash_commands", slack.hand.typed(""))
    assert len(acts.done) == 1


async def test_it_keeps_trying_while_slack_is_away(slack: FakeSlack, socket: SocketMode) -> None:
    assert not socket.connected
    await slack.push("slash_commands", slack.hand.typed(""))
    async with asyncio.timeout(60):
        while not socket.connected:
            await SystemClock().sleep(0.05)


class TestAtFirst:
    """The first attempts fail."""

    @pytest.fixture
    async def slack(self) -> AsyncIterator[FakeSlack]:
        async with FakeSlack() as workspace:
            workspace.fail("apps.connections.open", how.refused("internal_error"))
            yield workspace

    @pytest.mark.usefixtures("socket")
    async def test_it_tries_again(self, slack: FakeSlack) -> None:
        assert (await slack.push("slash_commands", slack.hand.typed("")))["payload"]


async def test_it_needs_an_app_token(slack: FakeSlack, acts: Acts) -> None:
    clock, settings = SystemClock(), slack.settings()
    desk = SlackDesk(settings, incidents=acts, brands=dict, api=SlackApi(settings, clock=clock), clock=clock)
    with pytest.raises(ValueError, match="app_token"):
        SocketMode(settings, desk, clock=clock)
