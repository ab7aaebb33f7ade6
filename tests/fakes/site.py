"""A whole web part on a loopback port: real store, real rules, real intake; only meaning and forecast are fixed."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import msgspec
from aiohttp import ClientResponse, ClientSession, CookieJar, web
from argon2 import PasswordHasher

from config.schema import Config
from daemon.clock import ManualClock
from daemon.duty import Duty
from daemon.evidence import replies_again
from daemon.explain import Explainer
from daemon.health import Health
from daemon.incidents import Incidents
from daemon.ingest import Ingest
from daemon.letters import Letters
from daemon.metrics import Metrics
from daemon.model import Evidence, Example, HoldingReply, Incident, IncidentKind, Label, Meaning, Reading, Severity
from daemon.reports.room import look_back
from daemon.response.incident import open_incident
from daemon.store.corrections import Corrections
from daemon.store.engine import Store
from daemon.store.links import UsedLinks
from daemon.store.reads import Reads
from daemon.store.samples import Samples
from daemon.store.silences import Silences
from daemon.waiting import Waiting
from daemon.web.app import make_app, make_runner, table
from daemon.web.auth import Handler
from daemon.web.links import act_link
from daemon.web.parts import Parts
from detectors.baseline import AT_LARGE
from detectors.prior import Rhythm

SECRET = "0123456789abcdef-of-the-tests"
PASSWORD = "correct horse battery staple"
ROLES = ("viewer", "responder", "admin", "ingest")
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def configuration(**of_web: Any) -> Config:
    """Two brands, a token for every role, and a user for every role that people have."""
    return Config.model_validate(
        {
            "brands": {
                "acme": {"name": "Acme Mobile", "languages": ["pl", "en"], "timezone": "Europe/Warsaw"},
                "globex": {"name": "Globex"},
            },
            "sources": {"http": {}},
            "store": {"url": "sqlite:///tocsin.db"},
            "web": {
                "secret_key": SECRET,
                "tokens": [{"name": f"{role}-bot", "token": f"{role}-secret-token", "role": role} for role in ROLES],
                "users": [{"name": role, "password_hash": _HASH, "role": role} for role in ROLES if role != "ingest"],
            }
            | of_web,
        }
    )


class Words:
    """Calls a text negative that says so."""

    version = "words-1"

    def read(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Meaning]:
        """One meaning for each text."""
        return [
            Meaning(
                lang=lang or "en",
                label=Label.NEGATIVE if "bad" in text else Label.NEUTRAL,
                p_negative=0.9 if "bad" in text else 0.1,
                complaint=0.1,
                outage=0.1,
            )
            for text, lang in zip(texts, langs, strict=True)
        ]


class Steady:
    """Expects three an hour, day and night."""

    def expected(self, brand: str, at: datetime, minutes: int = 1) -> tuple[float, float, float]:
        """Mean, low and high."""
        del brand, at
        return minutes / 20, 0.0, minutes / 10

    def prior(self, brand: str) -> Rhythm:
        """That of brands at large."""
        del brand
        return AT_LARGE


class Patient:
    """Says what each brand waits for."""

    def __init__(self, told: Mapping[str, Waiting]) -> None:
        self.told = told

    def waiting(self, brand: str) -> Waiting | None:
        """What was said of it."""
        return self.told.get(brand)


class Pencil:
    """Draws nothing, but says what it was asked to draw."""

    def __init__(self) -> None:
        self.specs: list[dict[str, Any]] = []

    async def svg(self, spec: dict[str, Any]) -> str:
        """An empty picture."""
        self.specs.append(spec)
        return '<svg xmlns="http://www.w3.org/2000/svg"/>'


class Site:
    """The served web part, and what a test needs of it."""

    def __init__(self, parts: Parts, app: web.Application, clock: ManualClock, store: Store, port: int) -> None:
        self.parts = parts
        self.port = port
        self.clock = clock
        self.store = store
        self.app = app
        self.routes = table(app)
        self._sessions: list[ClientSession] = []

    def url(self, path: str) -> str:
        """The address of ``path``."""
        return f"http://127.0.0.1:{self.port}{path}"

    def browser(self) -> ClientSession:
        """A client that keeps cookies and follows nothing by itself."""
        session = ClientSession(cookie_jar=CookieJar(unsafe=True))
        self._sessions.append(session)
        return session

    async def call(
        self, method: str, path: str, *, role: str | None = "admin", headers: Mapping[str, str] | None = None, **kw: Any
    ) -> Answer:
        """One call of the API with the token of ``role``."""
        sent = dict(headers or {})
        if role is not None:
            sent["Authorization"] = f"Bearer {role}-secret-token"
        async with ClientSession() as session:
            response = await session.request(method, self.url(path), headers=sent, allow_redirects=False, **kw)
            return Answer(response, await response.read())

    async def visit(self, browser: ClientSession, path: str, *, method: str = "GET", **kw: Any) -> Answer:
        """One look of a browser."""
        headers = {"Accept": "text/html"} | kw.pop("headers", {})
        async with browser.request(method, self.url(path), headers=headers, allow_redirects=False, **kw) as response:
            return Answer(response, await response.read())

    async def signed_in(self, name: str = "responder") -> ClientSession:
        """A browser in which ``name`` has signed in."""
        browser = self.browser()
        form = (await self.visit(browser, "/sign-in")).csrf
        fields = {"csrf_token": form, "name": name, "password": PASSWORD, "next": "/"}
        answer = await self.visit(browser, "/sign-in", method="POST", data=fields)
        assert answer.status == 303, answer.text
        return browser

    async def open_incident(self, brand: str = "acme", **changes: Any) -> Incident:
        """An incident, opened as the rules open one."""
        now = self.clock.now()
        kind = changes.pop("kind", IncidentKind.SURGE)
        reading = Reading(
            kind=kind,
            at=now,
            alerting=True,
            sustained=True,
            since=now,
            onset=now - timedelta(minutes=10),
            severity=changes.pop("severity", Severity.CRITICAL),
            observed=412,
            expected=3.1,
            window_minutes=15,
            false_alerts_per_year=0.0001,
            score=9.2,
            reason="412 authors in 15 minutes where 3.1 are usual",
        )
        outcome = open_incident(
            incident_id=changes.pop("id", f"{brand}-{kind.value}-1"),
            brand=brand,
            title=changes.pop("title", "Acme Mobile: many complain of an outage"),
            reading=reading,
            evidence=evidence(now, **changes.pop("evidence", {})),
            replies=changes.pop("replies", REPLIES),
            now=now,
            policy=self.parts.incidents.policies[brand],
        )
        assert not changes
        async with self.parts.incidents.transaction() as connection:
            return await self.parts.incidents.apply(connection, outcome, was=None)

    def act_path(self, incident_id: str, address: str = "anna@acme.example", delivery: str = "d-1") -> str:
        """The path of a signed link that a mail would carry."""
        link = act_link(
            base_url="http://x",
            secret=SECRET,
            incident_id=incident_id,
            address=address,
            delivery_id=delivery,
            now=self.clock.now(),
        )
        return link.removeprefix("http://x")

    async def close(self) -> None:
        """Close every browser."""
        for session in self._sessions:
            await session.close()


class Answer:
    """What came back."""

    def __init__(self, response: ClientResponse, body: bytes) -> None:
        self.status = response.status
        self.headers = response.headers
        self.content_type = response.content_type
        self.body = body
        self.cookies = response.cookies

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return msgspec.json.decode(self.body)

    @property
    def csrf(self) -> str:
        """The token in the page's first form."""
        match = re.search(r'name="csrf_token" value="([^"]+)"', self.text)
        assert match, self.text
        return match[1]

    @property
    def elements(self) -> list[tuple[str, tuple[str, ...]]]:
        """Every element with the names of its attributes, as a browser would read the page."""
        parser = _Elements()
        parser.feed(self.text)
        return parser.found


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


REPLIES = (
    HoldingReply(
        lang="pl",
        register="formal",
        visibility="public",
        channel="facebook",
        text="Przepraszamy za utrudnienia. Wrócimy z informacją o 13:30.",
    ),
    HoldingReply(
        lang="en",
        register="formal",
        visibility="private",
        channel="facebook",
        text="We are sorry. Please tell us your postcode here. We will write again by 13:30.",
    ),
)


def evidence(now: datetime, **changes: Any) -> Evidence:
    """Evidence of an outage."""
    fields: dict[str, Any] = {
        "at": now,
        "deciding_mention": "m-1",
        "observed": 412,
        "expected": 3.1,
        "window_minutes": 15,
        "false_alerts_per_year": 0.0001,
        "distinct_authors": 388,
        "channels": {"facebook": 301, "x": 111},
        "languages": {"pl": 400, "ru": 12},
        "terms": ("internet", "nie działa"),
        "topic": "outage",
        "examples": (
            Example(id="m-1", text="Internet nie działa!", url="https://x.example/1", author="jan", published_at=now),
        ),
        "reason": "412 authors in 15 minutes where 3.1 are usual",
    }
    return Evidence(**(fields | changes))


@contextlib.asynccontextmanager
async def served(
    store: Store, clock: ManualClock, *, config: Config | None = None, signed: Mapping[str, Handler] | None = None
) -> AsyncIterator[Site]:
    """The web part at work over ``store``."""
    settings = config or configuration()
    metrics = Metrics(settings.brands)
    ingest = Ingest(store=store, clock=clock, model=Words(), metrics=metrics, late_after=settings.detection.late_after)
    duty = Duty(config=lambda: settings, clock=clock, silences=Silences(store))
    await duty.start()
    incidents = Incidents(
        store,
        clock,
        duty.policies(settings),
        lambda incident: replies_again(incidents, incident, settings, clock.now()),
    )
    explainer = Explainer(config=lambda: settings, clock=clock, store=store, incidents=incidents, forecast=Steady())
    back = look_back(
        config=lambda: settings,
        clock=clock,
        store=store,
        incidents=incidents,
        forecast=Steady(),
        letters=Letters(store=store, clock=clock, notifiers={}),
    )
    parts = Parts(
        config=settings,
        clock=clock,
        incidents=incidents,
        explainer=explainer,
        ingest=ingest,
        forecast=Steady(),
        waits=Patient({}),
        reads=Reads(store),
        reporter=back.reporter,
        periods=back.periods,
        trial=back.trial,
        corrections=Corrections(store, clock),
        samples=Samples(store),
        used_links=UsedLinks(store, clock),
        duty=duty,
        health=Health("store", "mqtt", "outbox"),
        metrics=metrics,
        charts=Pencil(),
    )
    app = make_app(parts, signed)
    runner = make_runner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    running = asyncio.create_task(ingest.run())
    site = Site(parts, app, clock, store, runner.addresses[0][1])
    try:
        yield site
    finally:
        await site.close()
        await runner.cleanup()
        explainer.close()
        back.trial.close()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
