"""The terminal."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from rich.console import Console

from daemon.errors import DeliveryError
from daemon.model import IncidentKind, IncidentState, Promise
from daemon.notice import Notice, Purpose
from notifiers.console import ConsoleNotifier
from notifiers.wording import clock_time
from tests.notifiers.contract import DELIVERY, HOSTILE, NOW, every_purpose, hostile, incident, notice


async def printed(*notices: Notice, width: int = 100) -> str:
    """What a plain terminal shows."""
    page = io.StringIO()
    sender = ConsoleNotifier(Console(file=page, width=width, highlight=False))
    for each in notices:
        receipt = await sender.send(each)
        assert receipt.ref["delivery_id"] == each.delivery_id
    await sender.close()
    return page.getvalue()


async def test_an_alert_tells_the_whole_story() -> None:
    page = await printed(notice(target="terminal"))
    for expected in (
        "CRITICAL  Acme Mobile: internet, nie działa",
        "412 negative mentions in 15 minutes; about 3.1 would be usual.",
        "388 authors",
        "Internet nie działa od rana, co się dzieje?",
        "Przykro nam z powodu utrudnień.",
        "We are sorry for the trouble",
        "http://127.0.0.1:8080/incidents/acme-20261014-1",
        "alert to terminal, step 1",
    ):
        assert expected in page


@pytest.mark.parametrize("width", [40, 80, 200])
async def test_it_stays_within_the_terminal(width: int) -> None:
    page = await printed(*every_purpose(), width=width)
    assert max(map(len, page.splitlines())) <= min(width, 100)


@pytest.mark.parametrize("kind", list(IncidentKind))
async def test_every_kind_of_incident_is_shown(kind: IncidentKind) -> None:
    assert "Acme Mobile" in await printed(notice(incident=incident(kind=kind)))


async def test_an_edit_is_one_line() -> None:
    taken = incident(state=IncidentState.ACKNOWLEDGED, acknowledged_by="user:anna", acknowledged_at=NOW)
    page = await printed(notice(purpose=Purpose.EDIT, incident=taken, names={"user:anna": "Anna Nowak"}), width=120)
    assert "acknowledged by Anna Nowak" in page
    assert "╭" not in page


async def test_whoever_said_something_is_named() -> None:
    said = notice(purpose=Purpose.UPDATE, note="We are on it.", note_by="token:anna")
    assert " anna: We are on it." in await printed(said)
    known = notice(purpose=Purpose.UPDATE, note="We are on it.", note_by="slack:U1", names={"slack:U1": "Anna Nowak"})
    assert " Anna Nowak: We are on it." in await printed(known)


async def test_the_end_says_how_it_ended() -> None:
    resolved, false_alarm = await printed(every_purpose()[6]), await printed(every_purpose()[7])
    assert "RESOLVED" in resolved
    assert "The router was replaced." in resolved
    assert "FALSE ALARM" in false_alarm


async def test_the_end_names_what_the_public_was_promised_and_has_not_got() -> None:
    promise = Promise(made_at=NOW, due=NOW + timedelta(hours=1), lang="pl")
    over = incident(state=IncidentState.RESOLVED, resolved_at=NOW, ended_by="tocsin", promises=(promise,))
    told = await printed(notice(purpose=Purpose.RESOLVED, incident=over, note="No more."))
    assert f"The public was promised another word by {clock_time(promise.due, 'Europe/Warsaw', NOW)}." in told


@pytest.mark.parametrize("text", HOSTILE)
async def test_others_text_cannot_command_the_terminal(text: str) -> None:
    page = await printed(hostile(text))
    assert all(sign == "\n" or sign.isprintable() or sign in "\u200c\u200d" for sign in page)


async def test_markup_of_the_terminal_is_shown_as_it_was_written() -> None:
    page = await printed(hostile("[bold red]x[/bold red] :boom: https://a.example"))
    assert "[bold red]x[/bold red] :boom:" in page


async def test_a_closed_terminal_is_a_delivery_that_failed() -> None:
    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(DeliveryError, match="the terminal cannot be written to") as caught:
        await ConsoleNotifier(Console(file=Gone())).send(notice(delivery_id=DELIVERY))
    assert not caught.value.retryable
