"""The notifiers that the configuration asks for."""

from __future__ import annotations

from config.schema import Config
from daemon.clock import Clock
from daemon.views import incident_view
from notifiers.base import Notifier
from notifiers.console import ConsoleNotifier
from notifiers.email import EmailNotifier
from notifiers.missing import MissingNotifier
from notifiers.slack import SlackNotifier
from notifiers.webhook import WebhookNotifier

_OTHERS = ("oncall", "apprise")


def make_notifiers(config: Config, clock: Clock) -> dict[str, Notifier]:
    """One notifier for each kind of target; those that are not set up say so when they are asked to send."""
    ways: dict[str, Notifier] = {name: MissingNotifier(name) for name in ("slack", "email", "webhook", *_OTHERS)}
    ways["console"] = ConsoleNotifier()
    if config.notifiers.slack is not None:
        ways["slack"] = SlackNotifier(config.notifiers.slack, clock=clock)
    if config.notifiers.email is not None:
        ways["email"] = EmailNotifier(config.notifiers.email, clock=clock)
    if config.notifiers.webhook:
        ways["webhook"] = WebhookNotifier(config.notifiers.webhook, view=incident_view, clock=clock)
    return ways
