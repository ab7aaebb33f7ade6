"""Puts together what takes presses, forms and commands from Slack, by HTTP or by Socket Mode."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

from config.schema import Config
from daemon.socket_mode import SocketMode
from daemon.web.auth import Handler
from daemon.web.parts import Parts
from daemon.web.slack import SlackDoor
from daemon.web.slack_checks import Checks
from daemon.web.slack_desk import SlackDesk
from notifiers.slack_api import SlackApi


class SlackSide(NamedTuple):
    """How Slack reaches us."""

    routes: Mapping[str, Handler]  # the addresses that it posts to
    socket: SocketMode | None  # the connection that we open ourselves


def slack_side(config: Callable[[], Config], parts: Parts, stack: contextlib.AsyncExitStack) -> SlackSide:
    """What is configured of it; ``stack`` closes it."""
    settings = config().notifiers.slack
    if settings is None or (settings.signing_secret is None and settings.app_token is None):
        return SlackSide({}, None)
    api = SlackApi(settings, clock=parts.clock)
    stack.push_async_callback(api.close)
    desk = SlackDesk(
        settings,
        incidents=parts.incidents,
        brands=lambda: config().brands,
        api=api,
        clock=parts.clock,
        checks=Checks(parts.incidents, parts.corrections),
    )
    stack.push_async_callback(desk.close)
    socket = SocketMode(settings, desk, clock=parts.clock) if settings.app_token is not None else None
    if settings.signing_secret is None:
        return SlackSide({}, socket)
    secret = settings.signing_secret.get_secret_value()
    return SlackSide(SlackDoor(desk, signing_secret=secret, clock=parts.clock, used=parts.used_links).routes, socket)
