"""The configuration's shape; every key is explained in docs/reference/configuration.md."""

from __future__ import annotations

import functools
import re
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    StringConstraints,
    model_validator,
)

_DURATION = re.compile(r"(?=.*[1-9])([0-9]{1,18})([smhd])")
_LONGEST = timedelta(days=36_500)  # a hundred years, so that no sum of a time and a duration overflows
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(text: str) -> timedelta:
    """``"90s"``, ``"5m"``, ``"1h"`` or ``"30d"`` as a positive timedelta; over a hundred years is a hundred years.

    Raises ``ValueError`` naming what was expected.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        msg = 'expected a duration: a positive whole number and a unit, such as "30s", "5m", "1h" or "30d"'
        raise ValueError(msg)
    return timedelta(seconds=min(int(match[1]) * _UNITS[match[2]], _LONGEST.total_seconds()))


def format_duration(value: timedelta) -> str:
    """The shortest way to write ``value`` that `parse_duration` reads back."""
    seconds = int(value.total_seconds())
    unit = next((unit for unit in "dhm" if seconds and seconds % _UNITS[unit] == 0), "s")
    return f"{seconds // _UNITS[unit]}{unit}"


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        msg = 'expected a duration in quotes, such as "5m"'
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError into a fault with its path
    return parse_duration(value)


def _delay(value: Any) -> Any:
    return timedelta(0) if isinstance(value, str) and re.fullmatch(r"0[smhd]", value) else _duration(value)


@functools.cache  # it reads the whole folder of them
def _timezones() -> set[str]:
    return available_timezones()


def _timezone(value: str) -> str:
    if value not in _timezones():
        msg = 'expected a time zone such as "Europe/Warsaw"'
        raise ValueError(msg)
    return value


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        msg = 'expected an address or a network, such as "127.0.0.1" or "10.0.0.0/8"'
        raise ValueError(msg) from None


def _matching(pattern: str, expected: str) -> AfterValidator:
    """Text that is all of `pattern`; the fault says what was `expected`."""

    def _check(value: str) -> str:
        if re.fullmatch(pattern, value) is None:
            raise ValueError(f"expected {expected}")
        return value

    return AfterValidator(_check)


_WRITE = PlainSerializer(format_duration, return_type=str)
Duration = Annotated[timedelta, BeforeValidator(_duration), _WRITE]
Delay = Annotated[timedelta, BeforeValidator(_delay), _WRITE]  # zero is allowed
Slug = Annotated[
    str,
    _matching(r"[a-z0-9][a-z0-9_-]{0,63}", "a name of 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or digit"),
]
Language = Annotated[str, _matching(r"[a-z]{2}", 'a language code of two letters, such as "pl"')]
HttpUrl = Annotated[str, _matching(r"https?://[^\s/]+\S*", 'an address such as "https://acme.example/"')]
Timezone = Annotated[str, AfterValidator(_timezone)]
Name = Annotated[str, _matching(r"[A-Za-z0-9_.-]{1,64}", "a name of 1 to 64 letters, digits, _, . and -")]
Network = Annotated[str, AfterValidator(_network)]
Named = Annotated[
    str, StringConstraints(min_length=1, max_length=100), _matching(r"(?s).*[^\W_].*", "a name with a letter")
]
Port = Annotated[int, Field(ge=1, le=65535)]
Target = Annotated[
    str,
    _matching(
        r"slack:[#@]\S+|email:[^@\s]+@[^@\s]+|(webhook|oncall|apprise|console):\S.*",
        'a target such as "slack:#channel", "slack:@user", "email:address" or "webhook:name"',
    ),
]


class Section(BaseModel):
    """Base of all sections: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Brand(Section):
    """What is watched."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)
    status_page: HttpUrl | None = None
    escalation: str = "default"
    timezone: Timezone = "UTC"
    own_authors: tuple[Annotated[str, StringConstraints(min_length=1, max_length=256)], ...] = ()
    places: tuple[Named, ...] = ()
    products: tuple[Named, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The brand's own time zone."""
        return ZoneInfo(self.timezone)

    @property
    def named(self) -> tuple[str, ...]:
        """Names to look for in what is written: of places and of products."""
        return (*self.places, *self.products)


class MqttSource(Section):
    """A broker to subscribe to."""

    host: str = "127.0.0.1"
    port: Port = 1883
    client_id: Name = "tocsin-1"
    prefix: Annotated[str, _matching(r"[^+#]*[^+#/]", "a topic without + and #, not ending in /")] = "mentions"
    username: str | None = None
    password: SecretStr | None = None
    tls: bool = False
    ca_file: str | None = None
    share_group: Annotated[str, _matching(r"[^+#/]+", "a name without +, # and /")] | None = None


class HttpSource(Section):
    """Mentions posted to the HTTP API; needs no setting."""


class Sources(Section):
    """Where mentions come from; at least one."""

    mqtt: MqttSource | None = None
    http: HttpSource | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.mqtt is None and self.http is None:
            msg = "expected at least one source, such as [sources.mqtt] or [sources.http]"
            raise ValueError(msg)
        return self


class Detection(Section):
    """How easily it alerts."""

    false_alerts_per_year: Annotated[float, Field(gt=0, le=1000)] = 4.0
    late_after: Duration = timedelta(minutes=15)


class Store(Section):
    """Where everything is kept."""

    url: Annotated[
        str,
        _matching(r"sqlite:///.+|postgres(ql)?://.+", '"sqlite:///tocsin.db" or "postgresql://user@host/database"'),
    ]
    retention: Duration = timedelta(days=90)


Role = Literal["viewer", "responder", "admin", "ingest"]


class Token(Section):
    """A program that may call the API."""

    name: Name
    token: Annotated[SecretStr, Field(min_length=1)]
    role: Role


class User(Section):
    """A person who may sign in."""

    name: Annotated[str, _matching(r"[A-Za-z0-9_.@-]{1,64}", "a name of 1 to 64 letters, digits, _, ., @ and -")]
    password_hash: SecretStr
    role: Literal["viewer", "responder", "admin"]


class Web(Section):
    """Pages and API."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    base_url: HttpUrl = "http://127.0.0.1:8080"
    secret_key: Annotated[SecretStr, Field(min_length=1)]
    tokens: tuple[Token, ...] = ()
    users: tuple[User, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()


class Slack(Section):
    """A Slack workspace."""

    bot_token: SecretStr
    signing_secret: SecretStr | None = None
    app_token: SecretStr | None = None
    responders: tuple[str, ...] = ()
    api_url: str = "https://slack.com/api/"


class Email(Section):
    """An SMTP server."""

    host: str = "127.0.0.1"
    port: Port = 25
    sender: str
    username: str | None = None
    password: SecretStr | None = None
    starttls: bool = False


class Webhook(Section):
    """A URL that is posted a signed JSON object."""

    url: HttpUrl
    secret: SecretStr
    allow_private: bool = False  # may the URL lead to a private or loopback address


class Notifiers(Section):
    """Ways out; all optional."""

    slack: Slack | None = None
    email: Email | None = None
    webhook: dict[Slug, Webhook] = {}


class Step(Section):
    """Whom to call when nobody has acknowledged for so long."""

    after: Delay
    notify: Annotated[tuple[Target, ...], Field(min_length=1)]


class Ladder(Section):
    """Escalation steps in the order of their time."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if any(later.after < earlier.after for earlier, later in zip(self.steps, self.steps[1:], strict=False)):
            msg = "expected steps in the order of their `after`"
            raise ValueError(msg)
        return self


class NextUpdate(Section):
    """How soon the public is owed its next word."""

    critical: Duration = timedelta(minutes=30)
    major: Duration = timedelta(minutes=60)
    minor: Duration = timedelta(hours=2)


class Deadlines(Section):
    """The public clock, and how long an acknowledgement lasts without action."""

    first_reply: Duration = timedelta(minutes=60)
    remind_before: Duration = timedelta(minutes=10)
    overdue_after: Duration = timedelta(minutes=10)
    unacknowledge_after: Duration = timedelta(hours=2)
    next_update: NextUpdate = NextUpdate()


class Clocks(Section):
    """How soon those who write to the brand should be answered; the first public word is ``deadlines.first_reply``."""

    product_question: Duration = timedelta(hours=1)
    addressed: Duration = timedelta(hours=3)
    email: Duration = timedelta(hours=48)
    dead_after: Duration = timedelta(days=3)


class Incidents(Section):
    """When an incident is over, and when it is the same again."""

    resolve_after: Duration = timedelta(minutes=30)
    reopen_within: Duration = timedelta(hours=2)


class Config(Section):
    """Everything that can be set."""

    brands: Annotated[dict[Slug, Brand], Field(min_length=1)]
    sources: Sources
    detection: Detection = Detection()
    store: Store
    web: Web
    notifiers: Notifiers = Notifiers()
    escalation: dict[str, Ladder] = {}
    deadlines: Deadlines = Deadlines()
    clocks: Clocks = Clocks()
    incidents: Incidents = Incidents()
