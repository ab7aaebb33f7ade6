"""Several alerts in one message, and exercises: nothing left out, nothing mistaken for the real thing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from daemon.model import Incident, IncidentState, Severity
from daemon.notice import Digested, Notice, Purpose
from notifiers import digest, slack_messages, wording
from notifiers.console import render
from notifiers.mail_text import address, compose
from tests.notifiers.contract import incident, notice

AT = datetime(2026, 10, 15, 5, 0, tzinfo=UTC)
SENDER = address("tocsin@acme.example")


def of_the_night(count: int = 3, **first: Any) -> Notice:
    """That many alerts; the first is over, the second is somebody's."""
    states: list[dict[str, Any]] = [
        {"state": IncidentState.RESOLVED, "severity": Severity.MINOR} | first,
        {"state": IncidentState.ACKNOWLEDGED, "acknowledged_by": "slack:U1", "severity": Severity.MAJOR},
        *({} for _ in range(count - 2)),
    ]
    told = tuple(
        Digested(
            incident=incident(id=f"acme-{number}", **state),
            brand_name="Acme Mobile",
            page=f"http://127.0.0.1:8080/incidents/acme-{number}",
        )
        for number, state in enumerate(states[:count])
    )
    names = {"slack:U1": "Anna Nowak"}
    return notice(digest=told, incident=told[0].incident, reply_to="reply+x@acme.example", names=names)


def words_of(message: slack_messages.Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def test_a_mail_tells_of_each_with_its_link_and_where_it_stands() -> None:
    mail = compose(of_the_night(), sender=SENDER, at=AT)
    assert mail["Subject"] == "3 alerts that waited: 2 still open"
    assert mail["Reply-To"] is None, "an answer to several would be to none of them"
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        text = body.get_content()
        for number, state in enumerate(("over", "Anna Nowak has it", "nobody has it yet")):
            assert f"/incidents/acme-{number}" in text
            assert state in text


def test_slack_shows_each_with_its_link() -> None:
    message = slack_messages.message(of_the_night())
    assert message.text == "3 alerts that waited: 2 still open"
    shown = words_of(message)
    assert all(f"/incidents/acme-{number}|" in shown for number in range(3))
    assert '"action_id"' not in shown, "nothing to press that could mean another one"


def test_slack_shows_each_in_the_plainest_blocks_too() -> None:
    shown = words_of(slack_messages.plain(of_the_night()))
    assert all(f"/incidents/acme-{number}" in shown for number in range(3))


def test_more_than_slack_can_show_are_counted() -> None:
    message = slack_messages.message(of_the_night(60))
    assert "and 40 more" in words_of(message)
    assert len(message.blocks) <= 50


def test_a_terminal_shows_each(capsys: pytest.CaptureFixture[str]) -> None:
    Console(width=120).print(render(of_the_night()))
    shown = capsys.readouterr().out
    assert all(f"acme-{number}" in shown for number in range(3))


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "An alert that waited: it is over"), (2, "2 alerts that waited: 1 still open")],
)
def test_the_headline_counts(count: int, said: str) -> None:
    assert digest.headline(of_the_night(count)) == said


def test_others_words_stay_words_in_a_digest() -> None:
    evil = of_the_night(1, title="<script>x</script>\u202e*a*")
    html = compose(evil, sender=SENDER, at=AT).get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert "\u202e" not in words_of(slack_messages.message(evil))


# ── drills


def a_drill(**changes: Any) -> Incident:
    return incident(drill=True, title="DRILL: an exercise, nothing has happened", **changes)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_every_message_of_a_drill_says_so(purpose: Purpose) -> None:
    sent = notice(incident=a_drill(), purpose=purpose)
    assert "DRILL" in wording.subject(sent)
    assert wording.why_now(sent).startswith("DRILL")
    mail = compose(sent, sender=SENDER, at=AT)
    assert "DRILL" in mail["Subject"]
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert "DRILL" in body.get_content()
    message = slack_messages.message(sent)
    assert "DRILL" in message.text
    assert "DRILL" in words_of(message)


def test_a_drill_tells_no_figures_as_if_they_were_true() -> None:
    sent = notice(incident=a_drill())
    assert "nothing has happened" in wording.what_happens(sent.incident)
    assert "By chance" not in dict(wording.facts(sent))
