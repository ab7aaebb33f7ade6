"""Slack's other half: what it sends to the app when people press, fill in or type, signed as Slack does."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from daemon.clock import SystemClock

if TYPE_CHECKING:
    from tests.fakes.slack import FakeSlack
    from tests.fakes.slack_records import Posted

Json = dict[str, Any]


class Answer(NamedTuple):
    """What the app answered."""

    status: int
    body: Any  # JSON, or text where it is none


class Hand:
    """A member's hand: presses, submits and types over HTTP; the payloads serve Socket Mode too."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Get ready."""
        self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()

    def pressed(
        self, action: str, value: str, *, user: str = "U012AB3CD", on: Posted | None = None, trigger: str | None = None
    ) -> Json:
        """The payload of a button pressed, or of a menu chosen from: ``more``, or what ends in ``_for``."""
        message = on or next(iter(self._slack.messages), None)
        element: Json = {"action_id": action, "block_id": "b1", "action_ts": f"{SystemClock().now().timestamp():.6f}"}
        if action.endswith("_for") or action == "more":
            kind = "overflow" if action == "more" else "static_select"
            element |= {"type": kind, "selected_option": {"value": value}}
        else:
            element |= {"type": "button", "value": value, "text": {"type": "plain_text", "text": action}}
        channel = message.channel if message is not None else next(iter(self._slack.channels.values()))
        return {
            "type": "block_actions",
            "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": "T0TEAM"},
            "api_app_id": "A0TOCSIN",
            "team": {"id": "T0TEAM", "domain": "acme"},
            "channel": {"id": channel, "name": "pr-crisis"},
            "container": {"type": "message", "message_ts": message.ts if message else "1.0", "channel_id": channel},
            "trigger_id": self._slack.trigger() if trigger is None else trigger,
            "response_url": f"{self._slack.url}/respond/{user}",
            "state": {"values": {}},
            "actions": [element],
        }

    def submitted(self, view: Json, values: Mapping[str, str | None], *, user: str = "U012AB3CD") -> Json:
        """The payload of a modal filled in; ``values`` by action_id, what is left out stays as offered."""
        state: Json = {}
        for block in (block for block in view["blocks"] if block["type"] == "input"):
            element = block["element"]
            name, kind = element["action_id"], element["type"]
            if kind == "static_select":
                value = values.get(name, (element.get("initial_option") or {}).get("value"))
                entry: Json = {"type": kind, "selected_option": {"value": value} if value is not None else None}
            elif kind == "users_select":
                entry = {"type": kind, "selected_user": values.get(name)}
            elif kind == "datetimepicker":
                given = values.get(name)
                chosen = int(given) if given is not None else element.get("initial_date_time")
                entry = {"type": kind, "selected_date_time": chosen}
            elif kind == "checkboxes":
                entry = {"type": kind, "selected_options": element["options"] if values.get(name) else []}
            else:
                entry = {"type": kind, "value": values.get(name, element.get("initial_value"))}
            state[block["block_id"]] = {name: entry}
        return {
            "type": "view_submission",
            "team": {"id": "T0TEAM"},
            "user": {"id": user, "username": user.lower(), "team_id": "T0TEAM"},
            "api_app_id": "A0TOCSIN",
            "trigger_id": self._slack.trigger(),
            "view": view | {"state": {"values": state}},
            "response_urls": [],
        }

    def typed(self, text: str, *, user: str = "U012AB3CD") -> Json:
        """The form of a slash command."""
        name, channel = next(iter(self._slack.channels.items()))
        return {
            "command": "/tocsin",
            "text": text,
            "user_id": user,
            "user_name": user.lower(),
            "team_id": "T0TEAM",
            "channel_id": channel,
            "channel_name": name,
            "api_app_id": "A0TOCSIN",
            "trigger_id": self._slack.trigger(),
            "response_url": f"{self._slack.url}/respond/{user}",
        }

    def sign(self, body: bytes, *, at: float | None = None) -> dict[str, str]:
        """Slack's headers for ``body``, signed ``at`` a Unix time."""
        timestamp = str(int(SystemClock().now().timestamp() if at is None else at))
        signature = SignatureVerifier(self._slack.signing_secret).generate_signature(timestamp=timestamp, body=body)
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": str(signature),
        }

    async def interact(self, base_url: str, payload: Json) -> Answer:
        """Post an interaction's payload to the app, signed."""
        return await self.deliver(f"{base_url}/slack/interactions", {"payload": json.dumps(payload)})

    async def press(self, base_url: str, action: str, value: str, **others: Any) -> Answer:
        """Press a button."""
        return await self.interact(base_url, self.pressed(action, value, **others))

    async def submit(self, base_url: str, view: Json, values: Mapping[str, str | None], **others: Any) -> Answer:
        """Send a modal."""
        return await self.interact(base_url, self.submitted(view, values, **others))

    async def type(self, base_url: str, text: str, **others: Any) -> Answer:
        """Type a slash command."""
        return await self.deliver(f"{base_url}/slack/commands", self.typed(text, **others))

    async def deliver(self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """Post ``form``, signed unless ``headers`` say otherwise."""
        body = urlencode(form).encode()
        return await self.send(url, body, self.sign(body) if headers is None else headers)

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post bytes."""
        assert self._session is not None
        async with self._session.post(url, data=io.BytesIO(body), headers=headers) as response:
            text = await response.text()
            return Answer(response.status, json.loads(text) if response.content_type.endswith("json") else text)
