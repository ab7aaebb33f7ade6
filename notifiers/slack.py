"""Slack: one message in the channel for each incident, edited as it changes, its history in the thread."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog

from config.schema import Slack
from daemon.clock import Clock
from daemon.errors import DeliveryError
from daemon.notice import Letter, Notice, Purpose, Receipt
from notifiers import slack_messages
from notifiers.letter import slack_message_of
from notifiers.slack_api import SlackApi, SlackRefused

EVENT_TYPE = "tocsin_incident"
SCOPES = frozenset(
    {
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:write",
    }
)  # of docs/how-to/slack.md
_SKEW = timedelta(hours=1)  # how far Slack's clock and ours may differ when looking for a message
_SETTLE = 2.0  # seconds between two looks before a message counts as never posted
_POSTED_ALREADY = "duplicate_client_msg_id"
_PAGES = 50
_DRAIN = 3.0  # seconds that charts under way get when closing
_TOO_MUCH = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
_log = structlog.get_logger()


class _Place(NamedTuple):
    channel: str  # an id, or "#name", which is good for posting only
    thread: str | None


class SlackNotifier:
    """Sends notices to channels (``#name``) and people (``@U012AB3CD``)."""

    name = "slack"

    def __init__(self, settings: Slack, *, clock: Clock, api: SlackApi | None = None) -> None:
        self._api = api or SlackApi(settings, clock=clock)
        self._clock = clock
        self._ids: dict[str, str] = {}
        self._charts: set[asyncio.Task[None]] = set()

    async def send(self, notice: Notice) -> Receipt:
        """Post, reply in the thread or edit; a message posted by an earlier attempt is found, not repeated.

        Raises `DeliveryError`.
        """
        if notice.purpose is Purpose.EDIT:
            return await self._edit(notice)
        place = self._place(notice)
        if notice.uncertain:
            found = await self._found(notice.delivery_id, place, notice.at)
            if found is not None:
                self._ids[notice.target] = found.ref["channel"]
                if notice.chart is not None:
                    self._attach(notice, notice.chart, found.ref["channel"], place.thread or found.ref["ts"], look=True)
                return found
        return await self._post(notice, place)

    async def check(self) -> tuple[str, ...]:
        """What the app lacks to do all of this; asked once at the start.

        Raises `DeliveryError` where Slack cannot be asked or refuses the token.
        """
        granted = await self._api.scopes()
        return () if granted is None else tuple(sorted(SCOPES - granted))

    async def write(self, letter: Letter, *, uncertain: bool = False) -> None:
        """Post what belongs to no incident; one that Slack has already is not posted twice.

        Raises `DeliveryError`.
        """
        place = _Place(_address(letter.target), None)
        if uncertain and await self._found(letter.id, place, letter.at) is not None:
            return
        try:
            await self._api.post(place.channel, **slack_message_of(letter))
        except SlackRefused as refused:
            if refused.code != _POSTED_ALREADY:
                raise

    async def close(self) -> None:
        """Finish what charts are under way, within seconds, and let go of connections."""
        if self._charts:
            _, late = await asyncio.wait(self._charts, timeout=_DRAIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._api.close()

    def _place(self, notice: Notice) -> _Place:
        if notice.root is not None:
            return _Place(notice.root.ref["channel"], notice.root.ref["ts"])
        return _Place(self._ids.get(notice.target) or _address(notice.target), None)

    async def _post(self, notice: Notice, place: _Place) -> Receipt:
        try:
            answer = await self._post_what_fits(notice, place, slack_messages.message(notice))
        except SlackRefused as refused:
            if refused.code != _POSTED_ALREADY:
                raise
            found = await self.find(notice)
            if found is None:
                raise DeliveryError(str(refused), ambiguous=True) from None
            return found
        channel, ts = str(answer.get("channel", "")), str(answer.get("ts", ""))
        if not channel or not ts:
            raise DeliveryError("Slack accepted the message but did not say where it went", ambiguous=True)
        self._ids[notice.target] = channel
        if place.thread is not None and (answer.get("message") or {}).get("thread_ts") != place.thread:
            # Slack posts at top level when the thread is gone; posting again would only double it.
            _log.warning("slack_thread_lost", incident_id=notice.incident.id, delivery_id=notice.delivery_id)
        if notice.chart is not None:
            self._attach(notice, notice.chart, channel, place.thread or ts)
        return Receipt(ref={"channel": channel, "ts": ts})

    async def _post_what_fits(self, notice: Notice, place: _Place, message: slack_messages.Message) -> dict[str, Any]:
        fixed: dict[str, Any] = {
            "client_msg_id": notice.delivery_id,
            "metadata": {
                "event_type": EVENT_TYPE,
                "event_payload": {"incident_id": notice.incident.id, "delivery_id": notice.delivery_id},
            },
        }
        if place.thread is not None:
            fixed |= {"thread_ts": place.thread, "reply_broadcast": notice.purpose is Purpose.ESCALATION}
        try:
            return await self._api.post(place.channel, text=message.text, blocks=message.blocks, **fixed)
        except SlackRefused as refused:
            if refused.code not in _TOO_MUCH:
                raise
            _log.error("slack_blocks_refused", code=refused.code, incident_id=notice.incident.id)
        plain = slack_messages.plain(notice)  # an alert in plain words beats none
        return await self._api.post(place.channel, text=plain.text, blocks=plain.blocks, **fixed)

    async def _edit(self, notice: Notice) -> Receipt:
        if notice.root is None:
            raise DeliveryError("there is no Slack message to edit", retryable=False)
        channel, ts = notice.root.ref["channel"], notice.root.ref["ts"]
        message = slack_messages.message(notice)
        try:
            await self._api.update(channel, ts, text=message.text, blocks=message.blocks)
        except SlackRefused as refused:
            if refused.code not in _TOO_MUCH:
                raise
            plain = slack_messages.plain(notice)
            await self._api.update(channel, ts, text=plain.text, blocks=plain.blocks)
        return notice.root

    def _attach(self, notice: Notice, png: bytes, channel: str, thread: str, *, look: bool = False) -> None:
        """Upload the chart beside everything else: the alert is out, whatever becomes of its picture."""
        task = asyncio.create_task(self._upload(notice, png, channel, thread, look=look))
        self._charts.add(task)
        task.add_done_callback(self._charts.discard)

    async def _upload(self, notice: Notice, png: bytes, channel: str, thread: str, *, look: bool) -> None:
        name = f"{notice.incident.id}.png"
        try:
            if look and any(reply.get("files") for reply in (await self._api.replies(channel, thread))["messages"]):
                return
            await self._api.upload(channel, thread, png, name=name, title=slack_messages.chart_title(notice))
        except DeliveryError as error:
            _log.warning("slack_chart_failed", incident_id=notice.incident.id, reason=str(error))

    # ── was it posted already? ───────────────────────────────────────────────

    async def find(self, notice: Notice) -> Receipt | None:
        """The receipt of an earlier attempt at this very delivery, or None; sends nothing.

        Raises `DeliveryError` while Slack cannot be asked; only where the app never may ask (it
        lacks the scope, or is not in the channel) is the answer taken for no: an alert must not
        wait for ever.
        """
        found = await self._look(notice.delivery_id, self._place(notice), notice.at)
        if found is not None:
            self._ids[notice.target] = found.ref["channel"]
        return found

    async def _found(self, delivery_id: str, place: _Place, since: datetime) -> Receipt | None:
        """Where it is after all; what an earlier attempt sent may still be on its way into Slack."""
        found = await self._look(delivery_id, place, since)
        if found is None:
            await self._clock.sleep(_SETTLE)
            found = await self._look(delivery_id, place, since)
        return found

    async def _look(self, delivery_id: str, place: _Place, since: datetime) -> Receipt | None:
        try:
            channel = await self._channel_id(place.channel)
            oldest = (self._clock.wall(since) - _SKEW).timestamp()
            async for message in self._messages(channel, place.thread, oldest):
                payload = (message.get("metadata") or {}).get("event_payload") or {}
                if delivery_id in {payload.get("delivery_id"), message.get("client_msg_id")}:
                    return Receipt(ref={"channel": channel, "ts": str(message["ts"])})
        except DeliveryError as error:
            if error.retryable:
                raise DeliveryError(str(error), retry_after=error.retry_after, ambiguous=True) from None
            _log.error("slack_cannot_look", reason=str(error), delivery_id=delivery_id)
        return None

    async def _messages(self, channel: str, thread: str | None, oldest: float) -> AsyncIterator[dict[str, Any]]:
        """What was posted in the thread, then in the channel: Slack puts replies to a lost thread there."""
        if thread is not None:
            try:
                async for page in _pages(
                    lambda cursor: self._api.replies(channel, thread, oldest=oldest, cursor=cursor)
                ):
                    for message in page.get("messages", ()):
                        yield message
            except SlackRefused as refused:
                if refused.code != "thread_not_found":
                    raise
        async for page in _pages(lambda cursor: self._api.history(channel, oldest=oldest, cursor=cursor)):
            for message in page.get("messages", ()):
                yield message

    async def _channel_id(self, address: str) -> str:
        """The id to look in; ``address`` itself where it is one, or where Slack does not tell."""
        if address.startswith(("U", "W")):
            return await self._api.open_direct(address)
        if not address.startswith("#"):
            return address
        try:
            async for page in _pages(lambda cursor: self._api.channels(cursor=cursor)):
                for channel in page.get("channels", ()):
                    if channel.get("name") == address.removeprefix("#"):
                        return str(channel["id"])
        except DeliveryError as error:
            if error.retryable:
                raise
            _log.warning("slack_cannot_list", reason=str(error))
        return address


async def _pages(read: Callable[[str | None], Awaitable[dict[str, Any]]]) -> AsyncIterator[dict[str, Any]]:
    cursor: str | None = None
    for _ in range(_PAGES):
        page = await read(cursor)
        yield page
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
        if cursor is None:
            return
    raise DeliveryError("Slack has too much to look through; trying again later")


def _address(target: str) -> str:
    """What Slack's ``channel`` takes for a target: an id, or ``#name``.

    >>> _address("@U012AB3CD"), _address("#pr-crisis"), _address("#C012AB3CD")
    ('U012AB3CD', '#pr-crisis', 'C012AB3CD')
    """
    match = re.fullmatch(r"@([UW][A-Z0-9]{6,})|#([CG][A-Z0-9]{6,})", target)
    return (match[1] or match[2]) if match else target
