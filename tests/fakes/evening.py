"""An incident from its beginning to its end, over the API of a served web part, in simulated time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from daemon.model import EventKind, Incident
from daemon.store.counts import Gaps
from daemon.views import format_time
from tests.fakes.site import Site

MINUTE = timedelta(minutes=1)


async def write(site: Site, count: int, *, over: timedelta, late: timedelta = timedelta(0)) -> None:
    """``count`` people have written something bad ``over`` the last time, ``late`` in arriving."""
    now = site.clock.now()
    sent = [
        {
            "brand": "acme",
            "id": f"{format_time(now)}-{late}-{n}",
            "channel": ("facebook", "x")[n % 3 == 0],
            "text": "so bad",
            "author": f"{now}-{n}",
            "published_at": format_time(now - late - over * (n / count)),
        }
        for n in range(count)
    ]
    answer = await site.call("POST", "/api/v1/mentions", json=sent)
    assert answer.json["accepted"] == count, answer.text


async def told(
    site: Site, incident: Incident, target: str, *, purpose: str = "alert", step: int = 1, **data: Any
) -> None:
    """The receipt of a message; with a ``reason``: that it failed."""
    kind = EventKind.NOTIFY_FAILED if "reason" in data else EventKind.NOTIFIED
    event = {"step": step, "target": target, "delivery_id": "d", "purpose": purpose} | data
    async with site.parts.incidents.transaction() as connection:
        await site.parts.incidents.record(connection, incident.id, kind, event)


async def act(site: Site, incident: Incident, action: str, **body: Any) -> None:
    """What a responder does."""
    answer = await site.call("POST", f"/api/v1/incidents/{incident.id}/{action}", role="responder", json=body)
    assert answer.status == 200, answer.text


async def an_evening(site: Site, *, hostile: str = "") -> Incident:
    """Blind, then a surge; told late, taken up, two words to the public, the second one late; and over."""
    clock = site.clock
    began = clock.now()
    await Gaps(site.store).add("mqtt", began + 110 * MINUTE, began + 118 * MINUTE, "connection refused")
    for _ in range(12):
        clock.advance(10 * MINUTE)
        await write(site, 1, over=MINUTE)
    for angry in (10, 30, 60, 90):
        clock.advance(3 * MINUTE)
        await write(site, angry, over=3 * MINUTE)
    incident = await site.open_incident(title=f"Acme Mobile: surge of negative mentions about an outage{hostile}")
    await write(site, 4, over=MINUTE, late=20 * MINUTE)
    await told(site, incident, "email:oncall@acme.example")
    clock.advance(2 * MINUTE)
    await told(site, incident, "slack:#pr-crisis", reason=f"channel_not_found{hostile}", final=True)
    await told(site, incident, "slack:@U012AB3CD")
    await write(site, 80, over=2 * MINUTE)
    await act(site, incident, "snooze", **{"for": "5m"})
    clock.advance(2 * MINUTE)
    await act(site, incident, "acknowledge")
    clock.advance(8 * MINUTE)
    await write(site, 120, over=8 * MINUTE)
    await act(site, incident, "facts", fact=f"12 000 lines in Gdańsk are down.{hostile}", source="network centre")
    said = f"Przepraszamy, część klientów nie ma internetu. Wrócimy z informacją w ciągu 20 minut.{hostile}"
    await act(site, incident, "update", text=said, lang="pl", channel="facebook")
    clock.advance(32 * MINUTE)
    await write(site, 150, over=30 * MINUTE)
    await act(site, incident, "update", text="The line is repaired; services return.", lang="en", next_update_in="1h")
    clock.advance(25 * MINUTE)
    await write(site, 10, over=20 * MINUTE)
    await act(site, incident, "note", text=f"The press asked twice.{hostile}")
    await act(site, incident, "resolve", summary=f"A broken fibre was repaired at 14:50.{hostile}")
    clock.advance(30 * MINUTE)
    return await site.parts.incidents.get(incident.id)
