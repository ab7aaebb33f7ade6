"""Everything that people do in Slack, put together: over signed HTTP, over Socket Mode, or both."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp.typedefs import Handler

from config.schema import Brand, Slack
from daemon.clock import Clock
from daemon.socket_mode import SocketMode
from daemon.web.slack import SlackDoor, Used
from daemon.web.slack_desk import Acts, SlackDesk
from notifiers.slack_api import SlackApi


class SlackInbound:
    """The way in from Slack, as far as it is configured."""

    def __init__(
        self,
        settings: Slack,
        *,
        incidents: Acts,
        brands: Callable[[], Mapping[str, Brand]],
        clock: Clock,
        used: Used | None = None,
    ) -> None:
        self._api = SlackApi(settings, clock=clock)
        self._desk = SlackDesk(settings, incidents=incidents, brands=brands, api=self._api)
        self.routes: Mapping[str, Handler] = {}  # for daemon.web.app.make_app
        if settings.signing_secret is not None:
            secret = settings.signing_secret.get_secret_value()
            self.routes = SlackDoor(self._desk, signing_secret=secret, clock=clock, used=used).routes
        self.socket = SocketMode(settings, self._desk, clock=clock) if settings.app_token is not None else None

    async def run(self) -> None:
        """Listen over Socket Mode until cancelled; without it there is nothing to run."""
        if self.socket is not None:
            await self.socket.run()

    async def close(self) -> None:
        """Finish what is under way, within seconds, and let go of connections."""
        await self._desk.close()
        await self._api.close()
