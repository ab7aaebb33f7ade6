"""A Slack workspace on loopback that keeps its rules and a ledger, and fails on request.

It accepts what Slack accepts: names only for posting, ids for all else; a wrong ``thread_ts`` posts
at top level without a word; blocks have limits; a ``trigger_id`` opens one view. It posts
a second message with the same ``client_msg_id`` all the same, so that whoever posts twice is seen to,
unless ``refuses_duplicates`` is set.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import WSMsgType, web

from config.schema import Slack
from daemon.clock import Clock, SystemClock
from tests.fakes.slack_hand import Hand
from tests.fakes.slack_records import Fault, Posted
from tests.fakes.slack_rules import refusal

Json = dict[str, Any]
_T = TypeVar("_T")


class FakeSlack:
    """``async with FakeSlack() as slack:`` then point ``notifiers.slack.api_url`` at ``slack.api_url``."""

    bot_token = "xoxb-canary-0123456789"
    app_token = "xapp-canary-0123456789"
    signing_secret = "canary-8f742231b10e8888abcd99yyyzzz85a5"

    def __init__(self, channels: tuple[str, ...] = ("pr-crisis",), *, clock: Clock | None = None) -> None:
        self.channels = {name: f"C0{n:07d}" for n, name in enumerate(channels, 1)}
        self.messages: list[Posted] = []
        self.uploads: dict[str, bytes] = {}  # by file id
        self.views: list[Json] = []  # opened
        self.whispers: list[Json] = []  # ephemeral: through a response_url or chat.postEphemeral
        self.calls: list[tuple[str, Json]] = []
        self.scopes = {"chat:write", "commands"}  # what auth.test says that the token may do
        self.refuses_duplicates = False
        self.scopes_missing: set[str] = set()  # methods that answer missing_scope
        self.acks: dict[str, Json] = {}  # Socket Mode envelopes acknowledged
        self.hand = Hand(self)
        self._directs: dict[str, str] = {}
        self._triggers: set[str] = set()
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._sockets: list[web.WebSocketResponse] = []
        self._changed = asyncio.Condition()
        self._closing = asyncio.Event()
        self._clock = clock or SystemClock()
        self._numbers = itertools.count(1)
        self._port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=16 * 2**20)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/upload/{file}", self._take_file)
        app.router.add_post("/respond/{user}", self._take_whisper)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        await self.hand.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.hand.close()
        await self.stop()

    async def stop(self) -> None:
        """Be unreachable from now on."""
        self._closing.set()
        await self.drop_sockets()
        if self._runner is not None:
            await self._runner.cleanup()

    # ── for tests ────────────────────────────────────────────────────────────

    @property
    def url(self) -> str:
        """The server's own address."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """What ``notifiers.slack.api_url`` is set to."""
        return f"{self.url}/api/"

    def settings(self, **others: Any) -> Slack:
        """The daemon's settings for this workspace."""
        given = {"bot_token": self.bot_token, "signing_secret": self.signing_secret, "api_url": self.api_url}
        return Slack.model_validate(given | others)

    def fail(self, method: str, *faults: Fault) -> None:
        """Let the next calls of ``method`` (``files.upload`` for the bytes of a file) fail so, in turn."""
        self._faults[method].extend(faults)

    def top(self, channel: str = "pr-crisis") -> list[Posted]:
        """What stands in the channel itself."""
        return [m for m in self.messages if m.channel == self.channels.get(channel, channel) and m.thread_ts is None]

    def thread(self, root: Posted) -> list[Posted]:
        """The replies to ``root``."""
        return [m for m in self.messages if (m.channel, m.thread_ts) == (root.channel, root.ts)]

    async def wait_for(self, what: Callable[[], _T | None], *, seconds: float = 60.0) -> _T:
        """Wait until ``what()`` is true of the ledger, and give it back."""
        async with asyncio.timeout(seconds), self._changed:
            while not (value := what()):
                await self._changed.wait()
            return value

    def trigger(self) -> str:
        """A fresh trigger_id, good for one view."""
        key = f"{next(self._numbers)}.{uuid.uuid4().hex}"
        self._triggers.add(key)
        return key

    async def push(self, kind: str, payload: Json, *, envelope: str | None = None) -> Json:
        """Send an envelope to a Socket Mode client and wait for its acknowledgement."""
        socket = (await self.wait_for(lambda: [s for s in self._sockets if not s.closed]))[-1]
        key = envelope or str(uuid.uuid4())
        accepts = kind == "slash_commands" or payload.get("type") == "view_submission"
        await socket.send_json(
            {"type": kind, "envelope_id": key, "payload": payload, "accepts_response_payload": accepts}
        )
        return await self.wait_for(lambda: self.acks.get(key))

    async def drop_sockets(self) -> None:
        """Cut every Socket Mode connection."""
        sockets, self._sockets = self._sockets, []
        for socket in sockets:
            await socket.close()

    # ── the Web API ──────────────────────────────────────────────────────────

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args = await _arguments(request)
        self.calls.append((method, args))
        fault = self._faults[method].popleft() if self._faults[method] else None
        if fault is not None and not fault.accepted:
            return await self._misbehave(request, fault)
        token = self.app_token if method == "apps.connections.open" else self.bot_token
        handler = getattr(self, "_" + method.replace(".", "_").lower(), None)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") != token:
            answer: Json = {"ok": False, "error": "invalid_auth"}
        elif handler is None:
            answer = {"ok": False, "error": "unknown_method"}
        elif method in self.scopes_missing:
            answer = {"ok": False, "error": "missing_scope"}
        else:
            outcome = handler(args)
            answer = {"ok": False, "error": outcome} if isinstance(outcome, str) else {"ok": True} | outcome
        await self._tell()
        if fault is not None:
            return await self._misbehave(request, fault)
        return web.json_response(answer, headers={"X-OAuth-Scopes": ",".join(sorted(self.scopes))})

    async def _misbehave(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.hangs:
            await self._closing.wait()
        if (fault.drops or fault.hangs) and request.transport is not None:
            request.transport.abort()
        if fault.body is None:
            return web.Response(status=fault.status, headers=dict(fault.headers), content_type="text/html")
        return web.json_response(fault.body, status=fault.status, headers=dict(fault.headers))

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _auth_test(self, _args: Json) -> Json:
        return {"team_id": "T0TEAM", "user_id": "U0TOCSIN", "bot_id": "B0TOCSIN"}

    def _chat_postmessage(self, args: Json) -> Json | str:
        channel = self._posting_channel(str(args.get("channel", "")))
        wrong = refusal(args.get("blocks") or [])
        if channel is None:
            return "channel_not_found"
        if wrong is not None:
            return {"ok": False, "error": wrong[0], "response_metadata": {"messages": wrong[1]}}
        if not args.get("text") and not args.get("blocks"):
            return "no_text"
        known = {m.client_msg_id for m in self.messages if m.client_msg_id is not None}
        if self.refuses_duplicates and args.get("client_msg_id") in known:
            return "duplicate_client_msg_id"
        thread = args.get("thread_ts")
        parent = next((m for m in self.messages if (m.channel, m.ts) == (channel, thread)), None)
        posted = Posted(
            channel=channel,
            ts=self._ts(),
            text=str(args.get("text", "")),
            blocks=args.get("blocks") or [],
            metadata=args.get("metadata"),
            client_msg_id=args.get("client_msg_id"),
            thread_ts=(parent.thread_ts or parent.ts) if parent is not None else None,
            broadcast=bool(args.get("reply_broadcast")),
        )
        self.messages.append(posted)
        return {"channel": channel, "ts": posted.ts, "message": posted.to_json(metadata=True)}

    def _chat_update(self, args: Json) -> Json | str:
        wrong = refusal(args.get("blocks") or [])
        if args["channel"] not in self._ids():
            return "channel_not_found"
        if wrong is not None:
            return wrong[0]
        message = next((m for m in self.messages if (m.channel, m.ts) == (args["channel"], args["ts"])), None)
        if message is None:
            return "message_not_found"
        message.edits.append((message.text, message.blocks))
        message.text, message.blocks = args.get("text", ""), args.get("blocks") or []
        message.metadata = args.get("metadata", message.metadata)
        return {"channel": message.channel, "ts": message.ts, "text": message.text}

    def _chat_postephemeral(self, args: Json) -> Json | str:
        if args["channel"] not in self._ids():
            return "channel_not_found"
        self.whispers.append(args)
        return {"message_ts": self._ts()}

    def _conversations_history(self, args: Json) -> Json | str:
        if args["channel"] not in self._ids():
            return "channel_not_found"
        return self._page(args, [m for m in self.messages if m.thread_ts is None or m.broadcast])

    def _conversations_replies(self, args: Json) -> Json | str:
        if args["channel"] not in self._ids():
            return "channel_not_found"
        if not any(m.ts == args["ts"] for m in self.messages):
            return "thread_not_found"
        return self._page(args, [m for m in self.messages if args["ts"] in {m.ts, m.thread_ts}])

    def _page(self, args: Json, messages: list[Posted]) -> Json:
        oldest, start, limit = float(args.get("oldest", 0)), int(args.get("cursor") or 0), int(args.get("limit", 100))
        found = [m for m in messages if m.channel == args["channel"] and float(m.ts) > oldest][::-1]
        metadata = str(args.get("include_all_metadata", "")).lower() in {"1", "true"}
        more = start + limit < len(found)
        return {
            "messages": [m.to_json(metadata=metadata) for m in found[start : start + limit]],
            "has_more": more,
            "response_metadata": {"next_cursor": str(start + limit) if more else ""},
        }

    def _conversations_list(self, _args: Json) -> Json:
        return {"channels": [{"id": key, "name": name} for name, key in self.channels.items()]}

    def _conversations_open(self, args: Json) -> Json:
        return {"channel": {"id": self._direct(args["users"])}}

    def _views_open(self, args: Json) -> Json | str:
        if args.get("trigger_id") not in self._triggers:
            return "invalid_trigger_id"
        self._triggers.remove(args["trigger_id"])
        wrong = refusal(args["view"]["blocks"])
        if wrong is not None or len(args["view"]["title"]["text"]) > 24:
            return "invalid_arguments"
        view = args["view"] | {"id": f"V{next(self._numbers)}", "hash": "1", "state": {"values": {}}}
        self.views.append(view)
        return {"view": view}

    def _views_update(self, args: Json) -> Json | str:
        shown = next((view for view in self.views if view["id"] == args.get("view_id")), None)
        if shown is None:
            return "not_found"
        if refusal(args["view"]["blocks"]) is not None or len(args["view"]["title"]["text"]) > 24:
            return "invalid_arguments"
        shown |= args["view"]
        return {"view": shown}

    def _files_getuploadurlexternal(self, args: Json) -> Json:
        file = f"F{next(self._numbers)}"
        self.uploads[file] = b""
        return {"upload_url": f"{self.url}/upload/{file}?length={args['length']}", "file_id": file}

    def _files_completeuploadexternal(self, args: Json) -> Json | str:
        files = args["files"] if isinstance(args["files"], list) else json.loads(args["files"])
        if args.get("channel_id") not in self._ids():
            return "channel_not_found"
        if any(not self.uploads.get(file["id"]) for file in files):
            return "file_not_found"
        parent = next((m for m in self.messages if m.ts == args.get("thread_ts")), None)
        self.messages.append(
            Posted(
                channel=args["channel_id"],
                ts=self._ts(),
                text="",
                blocks=[],
                thread_ts=parent.ts if parent is not None else None,
                files=[file["id"] for file in files],
            )
        )
        return {"files": files}

    def _apps_connections_open(self, _args: Json) -> Json:
        return {"url": f"ws://127.0.0.1:{self._port}/link"}

    # ── the rest ─────────────────────────────────────────────────────────────

    async def _take_file(self, request: web.Request) -> web.StreamResponse:
        if self._faults["files.upload"]:
            return await self._misbehave(request, self._faults["files.upload"].popleft())
        data = await request.read()
        if len(data) != int(request.query["length"]):
            return web.Response(status=400)
        self.uploads[request.match_info["file"]] = data
        return web.Response(text=f"OK - {len(data)}")

    async def _take_whisper(self, request: web.Request) -> web.Response:
        self.whispers.append(await request.json() | {"user": request.match_info["user"]})
        await self._tell()
        return web.Response(text="ok")

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self._sockets.append(socket)
        await self._tell()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                ack = message.json()
                self.acks[ack["envelope_id"]] = ack
                await self._tell()
        return socket

    def _posting_channel(self, name: str) -> str | None:
        if name in self._ids():
            return name
        if name.startswith(("U", "W")):
            return self._direct(name)
        return self.channels.get(name.removeprefix("#"))

    def _direct(self, user: str) -> str:
        return self._directs.setdefault(user, f"D0{user[1:]}")

    def _ids(self) -> set[str]:
        return {*self.channels.values(), *self._directs.values()}

    def _ts(self) -> str:
        """Seconds and a running number instead of microseconds: never the same twice, never back."""
        return f"{int(self._clock.now().timestamp())}.{next(self._numbers):06d}"


async def _arguments(request: web.Request) -> Json:
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        args |= await request.json()
    elif request.can_read_body:
        args |= dict(await request.post())
    return {
        key: json.loads(value) if key in {"blocks", "metadata", "view"} and isinstance(value, str) else value
        for key, value in args.items()
    }
