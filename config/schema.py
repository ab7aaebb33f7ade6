"""The configuration's shape; every key is explained in docs/reference/configuration.md."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, StringConstraints, model_validator

from config.oncall import Campaign, EscalationBySeverity, Person, Repeat, Rota, Silences
from config.values import (
    Country,
    Delay,
    Duration,
    HttpUrl,
    Language,
    MonthlyTarget,
    Name,
    Named,
    Network,
    Port,
    Section,
    Slug,
    Target,
    Timezone,
    matching,
)


class Brand(Section):
    """What is watched."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)
    status_page: HttpUrl | None = None
    escalation: str = "default"
    escalation_by_severity: EscalationBySeverity = EscalationBySeverity()
    timezone: Timezone = "UTC"
    country: Country | None = None
    own_authors: tuple[Annotated[str, StringConstraints(min_length=1, max_length=256)], ...] = ()
    places: tuple[Named, ...] = ()
    products: tuple[Named, ...] = ()
    campaigns: tuple[Campaign, ...] = ()

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
    prefix: Annotated[str, matching(r"[^+#]*[^+#/]", "a topic without + and #, not ending in /")] = "mentions"
    username: str | None = None
    password: SecretStr | None = None
    tls: bool = False
    ca_file: str | None = None
    share_group: Annotated[str, matching(r"[^+#/]+", "a name without +, # and /")] | None = None


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


class Text(Section):
    """What reads the mentions."""

    onnx_model: Annotated[str, StringConstraints(min_length=1)] | None = None


class Store(Section):
    """Where everything is kept."""

    url: Annotated[
        str,
        matching(r"sqlite:///.+|postgres(ql)?://.+", '"sqlite:///tocsin.db" or "postgresql://user@host/database"'),
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

    name: Annotated[str, matching(r"[A-Za-z0-9_.@-]{1,64}", "a name of 1 to 64 letters, digits, _, ., @ and -")]
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


class MailReplies(Section):
    """An IMAP mailbox in which answers to our mails arrive."""

    host: str = "127.0.0.1"
    port: Port = 993
    username: str
    password: SecretStr
    tls: bool = True
    mailbox: Annotated[str, matching(r"[^\x00-\x1f\x7f]{1,200}", 'a folder such as "INBOX"')] = "INBOX"
    every: Duration = timedelta(seconds=30)
    address: str | None = None
    lists: tuple[Annotated[str, matching(r"[^@\s]+@[^@\s]+", 'an address such as "oncall@acme.example"')], ...] = ()


class Email(Section):
    """An SMTP server."""

    host: str = "127.0.0.1"
    port: Port = 25
    sender: str
    username: str | None = None
    password: SecretStr | None = None
    starttls: bool = False
    replies: MailReplies | None = None


class Webhook(Section):
    """A URL that is posted a signed JSON object."""

    url: HttpUrl
    secret: SecretStr
    allow_private: bool = False  # may the URL lead to a private or loopback address


class Notifiers(Section):
    """Ways out; all optional."""

    slack: Slack | None = None
    email: Email | None = None
    webhook: dict[Slug, Webhook] = Field(default_factory=dict)


class Step(Section):
    """Whom to call when nobody has acknowledged for so long."""

    after: Delay
    notify: Annotated[tuple[Target, ...], Field(min_length=1)]


class Ladder(Section):
    """Escalation steps in the order of their time."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    repeat: Repeat | None = None

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
    """When an incident is over, when it is the same again, and how long a minor one must last to call anyone."""

    resolve_after: Duration = timedelta(minutes=30)
    reopen_within: Duration = timedelta(hours=2)
    minor_wait: Delay = timedelta(0)


class Replies(Section):
    """Holding replies of your own, laid over those that come with Tocsin."""

    folder: str | None = None


class Reports(Section):
    """To whom the summary of each month is sent: on the first of the next, at nine."""

    monthly: tuple[MonthlyTarget, ...] = ()
    timezone: Timezone = "UTC"


class Config(Section):
    """Everything that can be set."""

    brands: Annotated[dict[Slug, Brand], Field(min_length=1)]
    sources: Sources
    detection: Detection = Detection()
    text: Text = Text()
    store: Store
    web: Web
    notifiers: Notifiers = Notifiers()
    people: dict[Slug, Person] = Field(default_factory=dict)
    oncall: dict[Slug, Rota] = Field(default_factory=dict)
    escalation: dict[str, Ladder] = Field(default_factory=dict)
    silences: Silences = Silences()
    deadlines: Deadlines = Deadlines()
    clocks: Clocks = Clocks()
    incidents: Incidents = Incidents()
    reports: Reports = Reports()
    replies: Replies = Replies()
