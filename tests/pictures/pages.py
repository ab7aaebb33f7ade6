"""The pages, served as they are served to people."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from aiohttp import ClientSession
from msgspec.structs import replace

from config.schema import Config
from daemon.clock import ManualClock
from daemon.command import Acknowledge, AddFact, Assign, PostUpdate
from daemon.model import IncidentKind, Reading, Severity
from daemon.rendering import Charts
from daemon.reports.month import Month
from daemon.reports.monthly import letter_of
from daemon.response.incident import open_incident, reword
from daemon.store.engine import Store
from daemon.views import format_time
from tests.fakes.evening import act, told
from tests.fakes.site import Site, configuration, served
from tests.pictures import scene, slack_scenes
from tests.pictures.slack_html import page

_BEGIN = scene.NOW - timedelta(hours=3)
_BRANDS = {
    "fala": {"name": "Fala Mobile", "languages": ["pl", "ru", "en"], "timezone": scene.ZONE},
    "sklep": {"name": "Sklep Fali", "languages": ["pl"], "timezone": scene.ZONE},
    "tv": {
        "name": "Fala TV",
        "languages": ["pl"],
        "timezone": scene.ZONE,
        "campaigns": [
            {
                "title": "The new series starts",
                "begins": "2026-10-14T18:00:00+02:00",
                "ends": "2026-10-16T02:00:00+02:00",
                "expected": 6,
            }
        ],
    },
}
_NIGHTLY = {
    "name": "shop-stocktaking",
    "brand": "sklep",
    "kinds": ["surge", "share"],
    "days": ["saturday", "sunday"],
    "begins": "22:00",
    "ends": "04:00",
    "timezone": scene.ZONE,
    "until": "2027-01-01T00:00:00+01:00",
    "reason": "The shop is closed for stocktaking",
}


class Camera(Protocol):
    """What is needed of whatever takes the pictures."""

    async def url(self, name: str, url: str, *, width: int, dark: bool = False) -> None:
        """Take a picture of a page."""
        ...

    async def html(self, name: str, html: str, *, width: int, dark: bool = False) -> None:
        """Take a picture of a page of our own making."""
        ...

    async def cookie(self, name: str, value: str, url: str) -> None:
        """Be signed in."""
        ...


async def take(camera: Camera, folder: Path) -> None:
    """First as it opens, on a phone; then, with what was done, on a desk; at last who is on call."""
    store = await Store.open(f"sqlite:///{folder / 'tocsin.db'}")
    clock = ManualClock(_BEGIN)
    try:
        async with served(store, clock, config=_config()) as site, Charts() as charts:
            site.parts.charts = charts
            await _sign_in(camera, site)
            await _write(site)
            await _open(site)
            clock.set(scene.NOW + timedelta(minutes=1))
            for dark, suffix in ((False, ""), (True, "-dark")):
                await camera.url(f"page-incident-phone{suffix}", _page(site), width=390, dark=dark)
                await camera.url(f"page-home-phone{suffix}", site.url("/brands"), width=390, dark=dark)
            await _act(site, clock)
            for dark, suffix in ((False, ""), (True, "-dark")):
                await camera.url(f"page-incident{suffix}", _page(site), width=1180, dark=dark)
                await camera.url(f"page-home{suffix}", site.url("/brands"), width=1180, dark=dark)
            await _hush(site)
            await camera.url("page-oncall", site.url("/oncall"), width=1180)
            await camera.url("page-oncall-phone-dark", site.url("/oncall"), width=390, dark=True)
            await _month(camera, site)
    finally:
        await store.close()


def _config() -> Config:
    given = configuration().model_dump()
    return Config.model_validate(
        given
        | {
            "brands": _BRANDS,
            "people": scene.PEOPLE,
            "oncall": scene.ROTAS,
            "silences": {"recurring": [_NIGHTLY]},
            "reports": {"timezone": scene.ZONE},
        }
    )


def _page(site: Site) -> str:
    return site.url(f"/incidents/{scene.an_incident().id}")


async def _sign_in(camera: Camera, site: Site) -> None:
    session: ClientSession = await site.signed_in("responder")
    for cookie in session.cookie_jar:
        await camera.cookie(cookie.key, cookie.value, site.url("/"))


async def _write(site: Site) -> None:
    """What the public wrote, minute by minute."""
    number = 0
    for point in scene.points():
        site.clock.set(max(point.at + timedelta(seconds=30), site.clock.now()))
        batch: list[dict[str, Any]] = []
        for n in range(point.negative + 1):
            number += 1
            text = "bad" if n else "fine"
            at = format_time(point.at + timedelta(seconds=n % 30))
            about = {"brand": "fala", "channel": "facebook", "id": f"w-{number}", "author": f"a-{number}"}
            batch.append(about | {"text": text, "published_at": at})
        answer = await site.call("POST", "/api/v1/mentions", json=batch)
        assert answer.status == 202, answer.text


async def _hush(site: Site) -> None:
    """The shop is silent for a while, and something small is hidden by it."""
    works = {"brand": "sklep", "for": "3h", "reason": "Works on the payment gateway"}
    await site.call("POST", "/api/v1/silences", json=works)
    site.clock.set(site.clock.now() + timedelta(minutes=7))
    await site.open_incident("sklep", severity=Severity.MINOR, title="Sklep Fali: surge of negative mentions")
    site.clock.set(site.clock.now() + timedelta(minutes=4))


async def _month(camera: Camera, site: Site) -> None:
    """How the evening ends, and what the month looked like: as a mail, and in Slack."""
    incidents = site.parts.incidents
    about, other = await incidents.get(scene.an_incident().id), await incidents.get("sklep-surge-1")
    await act(site, other, "false-alarm", reason="A competition of our own.")
    site.clock.set(scene.NOW + timedelta(minutes=27))
    said = "Sieć wraca w kolejnych dzielnicach Łodzi. Kolejna informacja o 21:00."
    await act(site, about, "update", text=said, lang="pl", channel="facebook")
    site.clock.set(scene.NOW + timedelta(minutes=77))
    await act(site, about, "update", text="Wszystko znów działa. Dziękujemy za cierpliwość.", lang="pl")
    site.clock.set(scene.NOW + timedelta(minutes=95))
    await act(site, about, "resolve", summary="The fibre is repaired, the network is up again.")
    month = Month.of("2026-10")
    letter = letter_of(await site.parts.periods.month(month), month, "email:head@fala.example", at=site.clock.now())
    html = letter.html or ""
    await camera.html("mail-month", html, width=680)
    await camera.html("mail-month-phone-dark", html, width=390, dark=True)
    panes = [slack_scenes.letter(letter, dark=dark, width=slack_scenes.WIDE) for dark in (False, True)]
    await camera.html("slack-month", page(*panes), width=2 * slack_scenes.WIDE + 48)


async def _open(site: Site) -> None:
    about = scene.an_incident()
    site.clock.set(scene.NOW)
    reading = Reading(
        kind=IncidentKind.SURGE,
        at=scene.NOW,
        alerting=True,
        sustained=True,
        since=scene.NOW,
        onset=about.onset_at,
        severity=Severity.CRITICAL,
        observed=about.evidence.observed,
        expected=about.evidence.expected,
        window_minutes=about.evidence.window_minutes,
        false_alerts_per_year=about.evidence.false_alerts_per_year,
        score=10.8,
        reason=about.evidence.reason,
    )
    outcome = open_incident(
        incident_id=about.id,
        brand="fala",
        title=about.title,
        reading=reading,
        evidence=about.evidence,
        replies=about.holding_replies,
        now=scene.NOW,
        policy=site.parts.incidents.policies["fala"],
    )
    steady = replace(outcome.incident, last_sustained_at=scene.NOW + timedelta(hours=2))
    await told(site, await site.parts.incidents.open(replace(outcome, incident=steady)), "slack:@U012AB3CD")


async def _act(site: Site, clock: ManualClock) -> None:
    """What people did in the first quarter of an hour."""
    for minutes, command in (
        (2, Acknowledge()),
        (3, Assign(to="Bob Kowal")),
        (4, AddFact(fact="A fibre was cut by roadworks near Łódź Widzew.", source="NOC, ticket 8812")),
        (6, PostUpdate(text=scene.UPDATE, lang="pl", channel="facebook")),
    ):
        clock.set(scene.NOW + timedelta(minutes=minutes))
        await site.parts.incidents.act(scene.an_incident().id, command, actor="user:anna")
    clock.set(scene.NOW + timedelta(minutes=15))
    incident = await site.parts.incidents.get(scene.an_incident().id)
    fresh = scene.renewed(incident, clock.now()).holding_replies
    await site.parts.incidents.change(incident.id, lambda found, _now, _policy: reword(found, fresh, told=found.facts))
