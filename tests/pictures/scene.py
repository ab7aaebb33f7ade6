"""One evening of an invented operator, always the same: what is shown in the documentation's pictures."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from config import oncall as settings
from config.schema import Brand, Deadlines
from daemon.charts import ChartPoint, surge_chart
from daemon.command import PostUpdate
from daemon.evidence import replies_for
from daemon.model import (
    Evidence,
    Example,
    Fact,
    Incident,
    IncidentKind,
    IncidentState,
    Promise,
    Proposal,
    Severity,
)
from daemon.notice import Digested, Notice, Purpose, Receipt, Reminder, Summary
from daemon.oncall.holding import Person
from daemon.oncall.roster import Roster
from daemon.oncall.rota import Rota
from daemon.rendering import Charts
from daemon.replies.library import load_library

NOW = datetime(2026, 10, 14, 17, 42, tzinfo=UTC)  # 19:42 in Warsaw
ANNA, BOB = "slack:U012AB3CD", "slack:U0BOB"
ZONE = "Europe/Warsaw"
BRAND = Brand(
    name="Fala Mobile",
    languages=("pl", "ru", "en"),
    status_page="https://fala.example/status",
    timezone=ZONE,
)
_TEXTS = (
    ("m-1", "Nie działa internet w Łodzi, co się dzieje?!", "https://facebook.example/fala/posts/4711"),
    (
        "m-2",
        "Halo, nic nie działa! Ani telefon, ani internet. Pracuję zdalnie, to jakaś masakra.",
        "https://x.example/k/1",
    ),
    ("m-3", "Нет сети уже двадцать минут, Вроцлав. Когда почините?", None),
)
UPDATE = (
    "Przykro nam z powodu utrudnień. Awaria sieci w Łodzi i okolicach; ekipy są na miejscu. Kolejna informacja o 20:10."
)
APOLOGY = "Przepraszamy za nasz błąd. Każdy z Państwa otrzyma rekompensatę. Kolejna informacja o 20:40."


PEOPLE = {
    "anna": {"name": "Anna Nowak", "targets": ["slack:@U012AB3CD", "email:anna@fala.example"]},
    "bob": {"name": "Bob Kowal", "targets": ["slack:@U0BOB"]},
    "celina": {"name": "Celina Zięba", "targets": ["slack:@U0CELINA"]},
}
ROTAS = {
    "pr": {"members": ["anna", "bob"], "timezone": ZONE, "weekday": "monday"},
    "night": {"members": ["bob", "celina", "anna"], "timezone": ZONE, "rotation": "1d", "handover": "20:00"},
}
ROSTER = Roster(
    people={key: Person.of(key, settings.Person.model_validate(one)) for key, one in PEOPLE.items()},
    rotas={key: Rota.of(settings.Rota.model_validate(one), ()) for key, one in ROTAS.items()},
)
REPORT = Summary(
    figures=(
        ("Lasted", "1 h 35 min"),
        ("Acknowledged after", "2 min"),
        ("First public word", "6 min, within its 1 h"),
        ("Public updates", "4, all in time"),
        ("Promises", "4 kept, 0 broken"),
    ),
    page="https://tocsin.fala.example/incidents/fala-20261014-3f9a1c/report",
)


def an_incident(**changes: Any) -> Incident:
    """The incident as it has just opened."""
    given: dict[str, Any] = {
        "id": "fala-20261014-3f9a1c",
        "brand": "fala",
        "kind": IncidentKind.SURGE,
        "severity": Severity.CRITICAL,
        "state": IncidentState.OPEN,
        "title": "Fala Mobile: many complain of an outage",
        "opened_at": NOW,
        "onset_at": NOW - timedelta(minutes=6),
        "ladder_from": NOW,
        "last_sustained_at": NOW,
        "next_update_due": NOW + timedelta(hours=1),
        "word_from": NOW,
        "evidence": evidence(),
    }
    return renewed(Incident(**given | changes), NOW)


def renewed(about: Incident, at: datetime) -> Incident:
    """The incident with the replies that stand ``at`` this time: each names the word after the one now to be said."""
    due = at + getattr(Deadlines().next_update, about.severity.value)
    return replace(about, holding_replies=replies_for(about.evidence, BRAND, due, at, load_library(), about.facts))


def evidence() -> Evidence:
    """An outage that customers write about in two languages."""
    return Evidence(
        at=NOW,
        deciding_mention="m-1",
        observed=42,
        expected=1.9,
        window_minutes=10,
        false_alerts_per_year=0.00002,
        distinct_authors=40,
        channels={"facebook": 24, "x": 11, "vk": 5, "forum": 2},
        languages={"pl": 35, "ru": 7},
        terms=("nie działa", "internet", "łódź", "brak zasięgu", "нет сети"),
        topic="outage",
        examples=tuple(
            Example(id=key, text=text, url=url, author=None, published_at=NOW - timedelta(minutes=n))
            for n, (key, text, url) in enumerate(_TEXTS, 1)
        ),
        reason="42 people wrote negatively within 10 minutes where 1.9 are usual at this hour of a Wednesday.",
    )


def acknowledged() -> Incident:
    """Anna has it; the public was told, a promise stands, two facts are known."""
    return an_incident(
        state=IncidentState.ACKNOWLEDGED,
        acknowledged_at=NOW + timedelta(minutes=2),
        acknowledged_by=ANNA,
        assigned_to=BOB,
        updates_posted=1,
        next_update_due=NOW + timedelta(minutes=28),
        promises=(Promise(made_at=NOW + timedelta(minutes=5), due=NOW + timedelta(minutes=28), lang="pl"),),
        facts=(
            Fact(
                n=1,
                fact="A fibre was cut by roadworks near Łódź Widzew.",
                at=NOW - timedelta(minutes=7),
                source="NOC, ticket 8812",
                confirmed_by="Jan Zięba",
                written_by=ANNA,
            ),
            Fact(
                n=2,
                fact="Mobile internet is down in Łódź and Zgierz; calls work.",
                at=NOW + timedelta(minutes=4),
                source=None,
                confirmed_by=ANNA,
                written_by=ANNA,
            ),
        ),
    )


def waiting() -> Incident:
    """An update that binds the brand waits for a second person."""
    told = PostUpdate(text=APOLOGY, lang="pl", channel="facebook")
    waits = Proposal(update=told, parts=("apology", "compensation"), by=BOB, at=NOW + timedelta(minutes=20))
    return replace(acknowledged(), proposal=waits)


def over(state: IncidentState = IncidentState.RESOLVED) -> Incident:
    """The incident at its end."""
    return replace(
        acknowledged(),
        state=state,
        resolved_at=NOW + timedelta(minutes=95),
        ended_by=ANNA,
        promises=(),
        next_update_due=None,
    )


def notices(target: str, *, chart: bytes | None = None, **mail: Any) -> dict[str, Notice]:
    """What is sent of the evening, by its kind."""
    told: dict[str, tuple[Incident, dict[str, Any]]] = {
        "alert": (an_incident(), {"purpose": Purpose.ALERT, "chart": chart}),
        "escalation": (an_incident(), {"purpose": Purpose.ESCALATION, "step": 2}),
        "reminder": (acknowledged(), {"purpose": Purpose.REMINDER, "reminder": _reminder()}),
        "update": (acknowledged(), {"purpose": Purpose.UPDATE, "note": UPDATE, "note_by": ANNA}),
        "resolved": (
            over(),
            {
                "purpose": Purpose.RESOLVED,
                "note": "The fibre is repaired, the network is up again.",
                "note_by": ANNA,
                "report": REPORT,
            },
        ),
    }
    return {name: a_notice(about, target=target, **fields, **mail) for name, (about, fields) in told.items()}


def a_notice(about: Incident, **fields: Any) -> Notice:
    """A notice about an incident as it stands."""
    after = {Purpose.ESCALATION: 5, Purpose.UPDATE: 6, Purpose.REMINDER: 18, Purpose.RESOLVED: 95}
    minutes = after.get(fields.get("purpose", Purpose.ALERT), 0)
    at = NOW + timedelta(minutes=minutes)
    given: dict[str, Any] = {
        "delivery_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "purpose": Purpose.ALERT,
        "step": 1,
        "at": at,
        "incident": about if about.state.ended else renewed(about, at),
        "brand_name": BRAND.name,
        "timezone": ZONE,
        "names": ROSTER.names,
        "page": f"https://tocsin.fala.example/incidents/{about.id}",
    }
    return Notice(**given | fields)


def news(target: str) -> Notice:
    """What the thread is told when it has spread."""
    return a_notice(
        acknowledged(), target=target, purpose=Purpose.UPDATE, news="It has spread to forum: 9 of 63 mentions."
    )


def morning(target: str) -> Notice:
    """What waited while somebody was not to be disturbed."""
    minor = an_incident(id="fala-20261014-77b2e0", severity=Severity.MINOR, title="Fala TV: the mix turned negative")
    told = (over(), minor)
    return a_notice(
        told[0],
        target=target,
        digest=tuple(
            Digested(
                incident=one,
                brand_name="Fala TV" if one is minor else BRAND.name,
                page=f"https://tocsin.fala.example/incidents/{one.id}",
            )
            for one in told
        ),
    )


def in_thread(notice: Notice) -> Notice:
    """The same as an answer to the first message."""
    return replace(notice, root=Receipt(ref={"channel": "C1", "ts": "1.2"}))


async def chart() -> bytes:
    """The surge against the ordinary, as it is sent."""
    async with Charts() as charts:
        return await charts.png(
            surge_chart(
                points(), title="Negative mentions", onset=NOW - timedelta(minutes=6), opened=NOW, timezone=ZONE
            )
        )


def points() -> list[ChartPoint]:
    """Two quiet hours and six minutes that were not."""
    rows = []
    for minute in range(-120, 1):
        usual = 0.19 + 0.05 * math.sin(minute / 19)
        surge = max(0, minute + 7) ** 2 // 6 if minute > -7 else 0
        quiet = 1 if minute % 11 == 0 or minute % 17 == 3 else 0
        rows.append(
            ChartPoint(at=NOW + timedelta(minutes=minute), negative=quiet + surge, expected=usual, low=0.0, high=1.2)
        )
    return rows


def _reminder() -> Reminder:
    return Reminder(of="next_update", when="before", due=NOW + timedelta(minutes=28), n=2)
