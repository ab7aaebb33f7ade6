"""What holds for every notifier: subclass `NotifierContract` and give it a ``side`` fixture."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest
from msgspec import structs

from daemon.errors import DeliveryError
from daemon.model import Evidence, Example, HoldingReply, Incident, IncidentKind, IncidentState, Severity
from daemon.notice import Notice, Purpose, Receipt, Reminder, Summary
from notifiers.base import Notifier

NOW = datetime(2026, 10, 14, 14, 5, tzinfo=UTC)
DELIVERY = "0f8fad5b-d9cb-469f-a165-70867728950e"
SECRET = "canary-secret-2f1c"

# Texts that want to be something else: markup, headers, terminal commands, other people's lines.
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "\"><a href='https://evil.example'>bank</a>",
    "hello\r\nBcc: all@acme.example\r\nSubject: other",
    "\x1b[2J\x1b[31mred\x07 \x9b1m \x1b]8;;https://evil.example\x1b\\link",
    "\u202egnp.exe\u2066 \u200e\u2028new line\u2029para\u0085nel",
    "<!channel> <@U012AB3CD> <https://evil.example|bank> *bold* `code`",
    "{{ 7 * 7 }} {% raw %} [link=https://evil.example]rich[/link]",
    "\ud800 lone surrogate and \x00 nul",
    "internet nie działa 😡 Зовсім не працює",
)


def evidence(**changes: Any) -> Evidence:
    """Evidence of an outage that customers write about in Polish."""
    standard: dict[str, Any] = {
        "at": NOW,
        "deciding_mention": "m-1",
        "observed": 412,
        "expected": 3.1,
        "window_minutes": 15,
        "false_alerts_per_year": 0.0001,
        "distinct_authors": 388,
        "channels": {"facebook": 301, "x": 111},
        "languages": {"pl": 400, "en": 12},
        "terms": ("internet", "nie działa"),
        "topic": "outage",
        "examples": (
            Example(
                id="m-1",
                text="Internet nie działa od rana, co się dzieje?",
                url="https://social.example/posts/1",
                author="a-1",
                published_at=NOW - timedelta(minutes=3),
            ),
            Example(
                id="m-2",
                text="No signal in Łódź, is it only me?",
                url=None,
                author=None,
                published_at=NOW - timedelta(minutes=2),
            ),
        ),
        "reason": "412 negative mentions by 388 authors in 15 minutes, where 3.1 are usual.",
    }
    return Evidence(**{**standard, **changes})


def incident(**changes: Any) -> Incident:
    """An open, critical surge."""
    standard: dict[str, Any] = {
        "id": "acme-20261014-1",
        "brand": "acme",
        "kind": IncidentKind.SURGE,
        "severity": Severity.CRITICAL,
        "state": IncidentState.OPEN,
        "title": "internet, nie działa",
        "opened_at": NOW,
        "onset_at": NOW - timedelta(minutes=5),
        "ladder_from": NOW,
        "last_sustained_at": NOW,
        "next_update_due": NOW + timedelta(hours=1),
        "evidence": evidence(),
        "holding_replies": (
            HoldingReply(
                lang="pl",
                register="formal",
                visibility="public",
                channel="facebook",
                text="Przykro nam z powodu utrudnień. Ustalamy, co się dzieje.\nKolejna informacja tutaj o 16:35.",
            ),
            HoldingReply(
                lang="pl",
                register="formal",
                visibility="private",
                channel="facebook",
                text="Dzień dobry, sprawdzamy to zgłoszenie.",
            ),
            HoldingReply(
                lang="en",
                register="formal",
                visibility="public",
                channel="x",
                text="We are sorry for the trouble and are looking into it. Next word here at 16:35.",
            ),
        ),
    }
    return Incident(**{**standard, **changes})


def notice(**changes: Any) -> Notice:
    """The alert about `incident`; the target is the notifier's own business."""
    standard: dict[str, Any] = {
        "delivery_id": DELIVERY,
        "purpose": Purpose.ALERT,
        "target": "oncall@acme.example",
        "step": 1,
        "at": NOW,
        "incident": incident(),
        "brand_name": "Acme Mobile",
        "timezone": "Europe/Warsaw",
        "page": "http://127.0.0.1:8080/incidents/acme-20261014-1",
    }
    return Notice(**{**standard, **changes})


def hostile(text: str) -> Notice:
    """A notice with ``text`` wherever others' text may stand."""
    mention = Example(id=text, text=text, url=text, author=text, published_at=NOW)
    seen = evidence(examples=(mention,), terms=(text, "b"), reason=text, channels={"facebook": 1}, topic="other")
    reply = HoldingReply(lang="pl", register="formal", visibility="public", channel="facebook", text=text)
    return notice(
        incident=incident(title=text, evidence=seen, holding_replies=(reply,)), brand_name=text, note=text, note_by=text
    )


REPORT = Summary(
    figures=(("Detected", "10 min after it began"), ("First public word", "after 12 min, within its 1 h")),
    page="https://tocsin.acme.example/incidents/acme-1/report",
)


def every_purpose() -> list[Notice]:
    """One notice of each kind, as they follow in an incident's life; each with its own delivery."""
    over = incident(state=IncidentState.RESOLVED, resolved_at=NOW, next_update_due=None)
    alarm = structs.replace(over, state=IncidentState.FALSE_ALARM)
    due = Reminder(of="first_reply", when="due", due=NOW, n=2)
    notices = [
        notice(),
        notice(purpose=Purpose.ESCALATION, step=2),
        notice(purpose=Purpose.REMINDER, reminder=structs.replace(due, when="before")),
        notice(purpose=Purpose.REMINDER, reminder=due),
        notice(purpose=Purpose.REMINDER, reminder=structs.replace(due, of="next_update", when="overdue")),
        notice(purpose=Purpose.UPDATE, note="Usuwamy awarię.\nNastępna informacja o 17:00.", note_by="user:anna"),
        notice(
            purpose=Purpose.RESOLVED,
            incident=over,
            note="The router was replaced.",
            note_by="user:anna",
            report=REPORT,
        ),
        notice(purpose=Purpose.RESOLVED, incident=alarm, note="A campaign.", note_by="user:anna"),
    ]
    return [structs.replace(each, delivery_id=f"{DELIVERY[:-2]}{n:02d}") for n, each in enumerate(notices)]


class Side(Protocol):
    """A notifier and what its other side received."""

    notifier: Notifier
    target: str

    async def arrived(self) -> Sequence[str]:
        """Each message that got there, as text with everything that is in it."""
        ...

    async def go_down(self) -> None:
        """Be unreachable from now on."""
        ...


class NotifierContract:
    """Checks that hold for every notifier that sends to a server."""

    async def test_one_send_is_one_message_that_names_its_delivery_and_incident(self, side: Side) -> None:
        receipt = await side.notifier.send(notice(target=side.target))
        (message,) = await side.arrived()
        assert DELIVERY in message
        assert "acme-20261014-1" in message
        assert receipt.ref
        assert all(receipt.ref.values())

    async def test_every_purpose_arrives(self, side: Side) -> None:
        root: Receipt | None = None
        notices = every_purpose()
        for each in notices:
            receipt = await side.notifier.send(structs.replace(each, target=side.target, root=root))
            root = root or receipt
        messages = "\n".join(await side.arrived())
        assert all(each.delivery_id in messages for each in notices)

    async def test_kinds_of_incident_arrive(self, side: Side) -> None:
        for kind in IncidentKind:
            await side.notifier.send(notice(target=side.target, incident=incident(kind=kind)))
        assert len(await side.arrived()) == len(IncidentKind)

    @pytest.mark.parametrize("text", HOSTILE)
    async def test_hostile_text_arrives_and_harms_nothing(self, side: Side, text: str) -> None:
        await side.notifier.send(structs.replace(hostile(text), target=side.target))
        assert len(await side.arrived()) == 1

    async def test_an_unreachable_server_is_worth_another_attempt(self, side: Side) -> None:
        await side.go_down()
        with pytest.raises(DeliveryError) as caught:
            await side.notifier.send(notice(target=side.target))
        assert caught.value.retryable
        assert not caught.value.ambiguous
        assert SECRET not in "".join(traceback.format_exception(caught.value)) + repr(side.notifier)
        assert "\n" not in str(caught.value)

    async def test_closing_twice_is_once(self, side: Side) -> None:
        await side.notifier.close()
        await side.notifier.close()
