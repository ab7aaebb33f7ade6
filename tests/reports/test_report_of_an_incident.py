"""The report of one incident: a story in simulated time, and each figure by itself."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from daemon.command import Command
from daemon.model import EventKind, Incident, IncidentKind, IncidentState, TimelineEvent
from daemon.reports.chart import draw, marks
from daemon.reports.delays import Kept, Unseen, delays
from daemon.reports.figures import measures, promises, updates
from daemon.reports.html import as_html
from daemon.reports.incident import report_on
from daemon.reports.markdown import as_markdown
from daemon.reports.phrases import figures
from daemon.reports.record import LESSONS, IncidentReport, plain
from daemon.reports.table import as_csv
from daemon.views import format_time
from tests.fakes.evening import MINUTE, an_evening
from tests.fakes.records import NOON, a_policy, an_incident
from tests.fakes.site import Site
from tests.response.test_simulation import Diary, days

HOSTILE = "</p><script>alert(1)</script>|`x`\n=cmd|' /C calc'!A0 \u202etxt"


def event(kind: EventKind, after: timedelta, **data: Any) -> TimelineEvent:
    """Something that happened so long after the alert."""
    return TimelineEvent(
        incident_id="acme-1", seq=1, at=NOON + after, kind=kind, actor="tocsin", data=data, hash="0" * 64
    )


def told(after: timedelta, due: timedelta) -> TimelineEvent:
    return event(EventKind.UPDATE_POSTED, after, text="So it is.", lang="en", next_update_due=format_time(NOON + due))


# ── the story ────────────────────────────────────────────────────────────────


async def report_of(site: Site, incident: Incident) -> Any:
    answer = await site.call("GET", f"/api/v1/incidents/{incident.id}/report", role="viewer")
    assert answer.status == 200, answer.text
    return answer.json


async def test_the_report_tells_how_fast_people_were_and_what_held_them_up(site: Site) -> None:
    report = await report_of(site, await an_evening(site))
    assert {one["name"]: (one["seconds"], one["within"]) for one in report["measures"]} == {
        "detected": (600.0, None),
        "alerted": (0.0, None),
        "acknowledged": (240.0, None),
        "first_word": (720.0, True),
        "over": (69 * 60.0, None),
    }
    assert [one["verdict"] for one in report["updates"]] == ["in_time", "late"]
    assert [one["verdict"] for one in report["promises"]] == ["broken", "open"], "the end is no word to the public"
    page = await site.call("GET", "/api/v1/incidents/acme-surge-1/report?format=md", role="viewer")
    assert "0 of 2 kept, 1 broken, 1 still owed" in page.text
    assert [(one["channel"], one["lang"]) for one in report["said"]] == [("facebook", "pl"), (None, "en")]
    assert [one["kind"] for one in report["delays"]] == ["blind", "late_mentions", "told_late", "not_told", "snoozed"]
    assert report["ending"] == "A broken fibre was repaired at 14:50."
    assert report["lessons"] == dict.fromkeys(LESSONS, "")
    assert [one["kind"] for one in report["timeline"]][-1] == "resolved"
    assert sum(point["negative"] for point in report["series"]) > 400
    assert "so bad" not in str(report)  # what people wrote can still be erased


async def test_times_are_told_as_everywhere(site: Site) -> None:
    report = await report_of(site, await an_evening(site))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", report["opened_at"])
    assert all(point["at"].endswith(".000Z") for point in report["series"])


async def test_no_form_of_it_lets_a_text_be_more_than_text(site: Site) -> None:
    incident = await an_evening(site, hostile=HOSTILE)
    address = f"/api/v1/incidents/{incident.id}/report?format="
    html, markdown, table = [await site.call("GET", address + form, role="viewer") for form in ("html", "md", "csv")]
    assert [answer.status for answer in (html, markdown, table)] == [200, 200, 200]
    assert "script" not in {name for name, _ in html.elements}
    assert "\u202e" not in html.text + markdown.text
    assert not re.search(r"(?<!\\)[<`]", markdown.text)
    rows = [line for line in markdown.text.partition("## Timeline")[2].splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
    cells = [cell for row in csv.reader(io.StringIO(table.text)) for cell in row]
    assert any("=cmd" in cell for cell in cells)
    assert not [cell for cell in cells if cell[:1] in "=+@\t|%" and cell]
    assert "attachment" in html.headers["Content-Disposition"]


async def test_a_page_that_stands_alone_and_runs_nothing(site: Site) -> None:
    incident = await an_evening(site)
    browser = await site.signed_in("viewer")
    page = await site.visit(browser, f"/incidents/{incident.id}/report")
    assert page.status == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not {"script", "link", "img", "iframe"} & {name for name, _ in page.elements}
    assert page.text.count('class="lesson"') == len(LESSONS)
    linked = await site.visit(browser, f"/incidents/{incident.id}")
    assert f'href="/incidents/{incident.id}/report"' in linked.text
    assert "script-src" not in linked.headers["Content-Security-Policy"]


async def test_an_unknown_form_or_incident_is_said_to_be(site: Site) -> None:
    incident = await site.open_incident()
    wrong = await site.call("GET", f"/api/v1/incidents/{incident.id}/report?format=pdf", role="viewer")
    assert (wrong.status, "format: expected one of" in wrong.text) == (422, True)
    assert (await site.call("GET", "/api/v1/incidents/nobody/report", role="viewer")).status == 404
    assert (await site.call("GET", f"/api/v1/incidents/{incident.id}/report", role="ingest")).status == 403


# ── figures ──────────────────────────────────────────────────────────────────


def test_what_never_came_missed_its_limit_once_the_time_was_over() -> None:
    now = NOON + timedelta(minutes=30)
    found = {one.name: one for one in measures(an_incident(), [], a_policy(), now)}
    assert (found["acknowledged"].seconds, found["acknowledged"].within) == (None, False)
    assert (found["first_word"].seconds, found["first_word"].within) == (None, None)


def test_blindness_owes_the_public_nothing() -> None:
    blind = an_incident(kind=IncidentKind.BLIND)
    assert updates(blind, [], a_policy()) == ()
    assert "first_word" not in {one.name for one in measures(blind, [], a_policy(), NOON)}


def test_a_word_that_never_came_is_missed_and_one_not_yet_due_at_the_end_is_not() -> None:
    ended = event(EventKind.RESOLVED, 3 * timedelta(hours=1), summary="Over.")
    silent = updates(an_incident(), [ended], a_policy())
    assert [one.verdict for one in silent] == ["missed"]
    early = updates(an_incident(), [told(10 * MINUTE, 4 * timedelta(hours=1)), ended], a_policy())
    assert [one.verdict for one in early] == ["in_time"]


def test_a_reopened_incident_owes_a_word_anew() -> None:
    events = [
        told(10 * MINUTE, 40 * MINUTE),
        event(EventKind.RESOLVED, 30 * MINUTE, summary="Over."),
        event(EventKind.REOPENED, 60 * MINUTE, reason="evidence"),
    ]
    found = updates(an_incident(state=IncidentState.OPEN), events, a_policy())
    assert [(one.due - NOON, one.verdict) for one in found] == [
        (timedelta(minutes=60), "in_time"),
        (timedelta(minutes=90), "open"),  # critical: half an hour after it came back
    ]


@pytest.mark.parametrize(
    ("kind", "verdict"), [(EventKind.PROMISE_KEPT, "kept"), (EventKind.PROMISE_BROKEN, "broken"), (None, "open")]
)
def test_promises_are_kept_broken_or_open(kind: EventKind | None, verdict: str) -> None:
    due = format_time(NOON + 20 * MINUTE)
    events = [event(EventKind.PROMISE_MADE, MINUTE, due=due, lang="pl")]
    events += [event(kind, 15 * MINUTE, due=due)] if kind else []
    assert [(one.made_at, one.verdict) for one in promises(events)] == [(NOON + MINUTE, verdict)]


# ── the chart ────────────────────────────────────────────────────────────────


def a_report(**changes: Any) -> IncidentReport:
    given = report_on(an_incident(), [], policy=a_policy(), brand_name="Acme", page="http://x/1", now=NOON)
    return replace(given, **changes)


def test_without_a_series_there_is_no_chart() -> None:
    assert draw(a_report()) == ""


def test_marks_are_lettered_in_the_order_of_time() -> None:
    report = a_report(ended_at=NOON + timedelta(hours=1))
    assert [(mark.letter, mark.what) for mark in marks(report)] == [("A", "began"), ("B", "noticed"), ("C", "over")]


def test_what_is_late_or_broken_stands_out() -> None:
    report = report_on(
        an_incident(),
        [told(90 * MINUTE, 120 * MINUTE)],
        policy=a_policy(),
        brand_name="Acme",
        page="http://x/1",
        now=NOON + 100 * MINUTE,
    )
    rows = {name: (value, tone) for name, value, _, tone in figures(report)}
    assert rows["First public word"] == ("after 1 h 30 min", "bad")
    assert rows["Public words"] == ("0 of 1 public word in time", "bad")


# ── what was meant to hold it up ─────────────────────────────────────────────


def told_so(target: str, after: timedelta, *, step: int = 1) -> TimelineEvent:
    purpose = "alert" if step == 1 else "escalation"
    return event(EventKind.NOTIFIED, after, target=target, step=step, purpose=purpose, delivery_id="d")


def held_up(incident: Incident, events: list[TimelineEvent], **kept: Any) -> list[tuple[str, str]]:
    found = delays(incident, events, [], Unseen(late=0, unseen=0), Kept(**kept), NOON + 12 * timedelta(hours=1))
    return [(one.kind, one.what) for one in found]


def test_quiet_hours_and_a_budget_are_named_where_they_held_a_call_back() -> None:
    events = [told_so("email:a@acme.example", 7 * timedelta(hours=1)), told_so("slack:#x", MINUTE / 60)]
    assert held_up(an_incident(), events, held={"email:a@acme.example": "quiet_hours"}) == [
        (
            "told_late",
            "email:a@acme.example was told only 7 h after step 1 was called: their quiet hours held it back.",
        )
    ]


def test_a_silence_and_a_wait_are_named_and_nobody_is_blamed_for_being_late() -> None:
    later = told_so("slack:#x", 2 * timedelta(hours=1))
    assert held_up(an_incident(), [later], silences={"maintenance": "new masts"}) == [
        ("silenced", "The silence maintenance kept it from calling anyone: new masts")
    ]
    opened = event(EventKind.OPENED, timedelta(0), waits_until=format_time(NOON + 5 * MINUTE))
    assert held_up(an_incident(), [opened, told_so("slack:#x", 5 * MINUTE)]) == [
        ("waited", "It was minor, and had to last before it called anyone.")
    ]


def test_what_failed_for_a_while_and_who_could_not_be_reached_is_told() -> None:
    events = [
        event(EventKind.NOTIFY_FAILED, MINUTE, target="slack:#x", step=1, purpose="alert", reason="timeout"),
        event(EventKind.ESCALATED, 15 * MINUTE, step=2, reason="unreachable"),
        told_so("slack:@U1", 16 * MINUTE + MINUTE / 2, step=2),
        told_so("slack:#x", 20 * MINUTE),
        event(EventKind.UNACKNOWLEDGED, 30 * MINUTE, reason="no_action"),
    ]
    assert held_up(an_incident(), events) == [
        ("told_late", "slack:#x was told only 20 min after step 1 was called."),
        ("unreachable", "Nobody of step 1 could be reached, so step 2 was called."),
        ("told_late", "slack:@U1 was told only 1 min after step 2 was called."),
        ("unacknowledged", "Nobody did anything with it any more, so it was open again."),
    ]


def test_whom_a_stop_leaves_in_doubt_is_not_called_untold() -> None:
    cut = {"target": "email:oncall@acme.example", "step": 1, "purpose": "reminder", "reason": "cut off"}
    events = [event(EventKind.NOTIFY_FAILED, MINUTE, **cut, final=True, uncertain=True)]
    assert held_up(an_incident(), events) == [
        ("not_told", "Whether email:oncall@acme.example got the reminder is not known: cut off")
    ]


# ── whatever happens ─────────────────────────────────────────────────────────


@given(days)
@settings(max_examples=60)
def test_any_life_of_an_incident_can_be_told_in_every_form(acts: list[tuple[int, Command]]) -> None:
    diary = Diary()
    for seconds, command in acts:
        diary.pass_time(seconds)
        diary.do(command)
    log = [
        TimelineEvent(incident_id="acme-1", seq=n, at=at, kind=draft.kind, actor=draft.actor, data=draft.data, hash="0")
        for n, (at, _, draft) in enumerate(diary.log, 1)
    ]
    report = report_on(diary.incident, log, policy=a_policy(), brand_name="Acme", page="http://x/1", now=diary.now)
    posted = sum(one.kind is EventKind.UPDATE_POSTED for one in log)
    assert sum(one.at is not None for one in report.updates) == posted == len(report.said)
    assert all((one.at is None) == (one.verdict in {"missed", "open"}) for one in report.updates)
    still_owed = [one for one in report.updates if one.verdict == "open"]
    assert len(still_owed) == (not diary.incident.state.ended)
    assert as_html(report).count('class="lesson"') == len(LESSONS)
    assert as_markdown(report).count("\n| ") >= len(log)
    assert as_csv(report).count("\r\n") > len(log)
    assert plain(report)["id"] == "acme-1"
