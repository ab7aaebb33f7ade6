"""The report of a month: its figures, its forms, and that it is sent once to each target."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from config.schema import Config, Email, Reports
from daemon.clock import ManualClock
from daemon.errors import DeliveryError, InputError
from daemon.incidents import Incidents
from daemon.letters import Letters
from daemon.model import IncidentKind, Severity
from daemon.notice import Letter, Notice, Receipt
from daemon.reports.month import Month, due
from daemon.reports.room import look_back
from daemon.response.policy import Outcome
from daemon.store.engine import Store
from notifiers.base import Notifier
from notifiers.email import EmailNotifier
from notifiers.slack import SlackNotifier
from tests.fakes.evening import MINUTE, act, an_evening, told
from tests.fakes.site import Site, Steady, configuration
from tests.fakes.slack import FakeSlack
from tests.fakes.smtp import MailServer

WARSAW = "Europe/Warsaw"
HOSTILE = "<script>|`x`"


async def a_month(site: Site, *, hostile: str = "") -> None:
    """One crisis that was real, one false alarm, one that ended by itself unseen, and a drill."""
    await an_evening(site, hostile=hostile)
    for name, kind in (("false", IncidentKind.REACH), ("drill", IncidentKind.RISK)):
        incident = await site.open_incident(kind=kind, id=f"acme-{name}", severity=Severity.MINOR)
        if name == "drill":
            async with site.parts.incidents.transaction() as connection:
                exercise = Outcome(incident=replace(incident, drill=True), reason="drill")
                await site.parts.incidents.apply(connection, exercise, was=incident)
        await told(site, incident, "email:oncall@acme.example")
        site.clock.advance(3 * MINUTE)
        await act(site, incident, "false-alarm", reason="A joke.")


async def test_a_month_tells_how_fast_how_punctual_and_how_often_it_was_right(site: Site) -> None:
    await a_month(site)
    answer = await site.call("GET", f"/api/v1/report?month={site.clock.now():%Y-%m}", role="viewer")
    report = answer.json
    assert report["incidents"] == {
        "opened": 2,
        "resolved": 1,
        "false_alarms": 1,
        "still_open": 0,
        "by_kind": {"reach": 1, "surge": 1},
        "by_severity": {"critical": 1, "minor": 1},
    }
    reaction = report["reaction"]
    assert reaction["detected"] == {"median_seconds": 600.0, "happened": 2, "of": 2, "share_within": None}
    assert reaction["first_word"] == {"median_seconds": 720.0, "happened": 1, "of": 2, "share_within": 1.0}
    assert (reaction["acknowledged"]["happened"], reaction["over"]["happened"]) == (1, 2)
    assert reaction["updates"] == {"in_time": 1, "late": 1, "missed": 0}
    assert reaction["promises"] == {"kept": 0, "broken": 1, "open": 1}
    assert reaction["called"] == {"email:oncall@acme.example": 2, "slack:@U012AB3CD": 1}, "the drill is in no figure"
    assert [(one["kind"], one["confirmed"], one["false_alarms"], one["precision"]) for one in report["precision"]] == [
        ("reach", 0, 1, 0.0),
        ("surge", 1, 0, 1.0),
    ]
    assert [one["id"] for one in report["listed"]] == ["acme-surge-1", "acme-false"]
    assert report["promises"]["promise_made"] == 2


async def test_its_forms_are_for_people_and_let_no_text_be_more(site: Site) -> None:
    await a_month(site, hostile=HOSTILE)
    month = f"{site.clock.now():%Y-%m}"
    markdown = await site.call("GET", f"/api/v1/report?month={month}&format=md", role="viewer")
    page = await site.call("GET", f"/api/v1/report?month={month}&format=html", role="viewer")
    assert f"# Report: {site.clock.now():%B %Y}" in markdown.text
    assert "| Promises kept | 0 of 1 |" in markdown.text
    assert "<script" not in markdown.text.replace("\\<", "")
    assert "script" not in {name for name, _ in page.elements}
    browser = await site.signed_in("viewer")
    shown = await site.visit(browser, f"/report?month={month}")
    assert "<script>|" not in shown.text
    assert f"Report: {site.clock.now():%B %Y}" in shown.text
    assert "0 of 1" in shown.text


async def test_a_wrong_month_is_named(site: Site) -> None:
    for query in ("month=2026-13", "month=october", "month=2026-10&from=2026-10-01T00:00:00Z"):
        answer = await site.call("GET", f"/api/v1/report?{query}", role="viewer")
        assert (answer.status, "month: expected" in answer.text) == (422, True)


# ── months ───────────────────────────────────────────────────────────────────


def test_a_month_begins_and_ends_by_the_clock_of_its_zone() -> None:
    begin, end = Month(2026, 10).bounds(WARSAW)  # clocks go back within it
    assert (begin, end) == (datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC))


@given(st.integers(2000, 2198), st.integers(1, 12), st.sampled_from([WARSAW, "UTC", "America/New_York"]))
def test_months_follow_each_other_without_a_gap(year: int, number: int, zone: str) -> None:
    month = Month(year, number)
    assert month.after().before() == month
    assert month.bounds(zone)[1] == month.after().bounds(zone)[0]
    assert Month.at(month.bounds(zone)[0], zone) == month
    assert Month.of(month.name) == month
    assert (
        due(month.after().bounds(zone)[0] + timedelta(hours=11), zone) == month
    )  # clocks may be put on or back that night


def test_what_is_no_month_is_refused() -> None:
    with pytest.raises(InputError, match="expected a month such as 2026-10"):
        Month.of("2026-00")


# ── sent ─────────────────────────────────────────────────────────────────────


class Pen:
    """A notifier that keeps what it is given, or refuses it."""

    name = "email"

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.uncertain: list[bool] = []
        self.trouble: BaseException | None = None  # of the next attempts
        self.killed: BaseException | None = None  # right after the next letter has gone

    async def send(self, notice: Notice) -> Receipt:
        del notice
        pytest.fail("a letter is written, not sent as a notice")

    async def close(self) -> None:
        """Nothing is held."""

    async def write(self, letter: Letter, *, uncertain: bool = False) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.letters.append(letter)
        self.uncertain.append(uncertain)
        if self.killed is not None:
            raise self.killed


class Post:
    """What writes the summary, and what sends it, as after a restart whenever wanted."""

    def __init__(self, store: Store, notifiers: Mapping[str, Notifier], clock: ManualClock, *targets: str) -> None:
        config = asked_for(*targets)
        self.letters = Letters(store=store, clock=clock, notifiers=notifiers)
        back = look_back(
            config=lambda: config,
            clock=clock,
            store=store,
            incidents=Incidents(store, clock, {}),
            forecast=Steady(),
            letters=self.letters,
        )
        self._monthly = back.monthly

    async def send_due(self) -> None:
        """One look of each."""
        await self._monthly.write_due()
        await self.letters.send_due()


def asked_for(*targets: str) -> Config:
    return configuration().model_copy(update={"reports": Reports(monthly=targets, timezone=WARSAW)})


HEAD, PR = "email:head@acme.example", "email:pr@acme.example"


@pytest.fixture
def post(empty_store: Store) -> tuple[Post, Pen, ManualClock]:
    """An hour before nine on the first of November, by the clock in Warsaw."""
    pen, clock = Pen(), ManualClock(datetime(2026, 11, 1, 7, 0, tzinfo=UTC))
    return Post(empty_store, {"email": pen}, clock, HEAD, PR), pen, clock


async def test_each_target_gets_the_month_once_at_nine(post: tuple[Post, Pen, ManualClock]) -> None:
    monthly, pen, clock = post
    await monthly.send_due()
    assert pen.letters == []
    clock.advance(timedelta(hours=1))
    for _ in range(5):
        await monthly.send_due()
        clock.advance(timedelta(hours=20))
    assert sorted((letter.target, letter.subject) for letter in pen.letters) == [
        ("head@acme.example", "Tocsin: October 2026"),
        ("pr@acme.example", "Tocsin: October 2026"),
    ]
    assert len({letter.id for letter in pen.letters}) == 2
    clock.advance(timedelta(days=30))
    clock.set(datetime(2026, 12, 1, 8, 30, tzinfo=UTC))
    await monthly.send_due()
    assert pen.letters[-1].subject == "Tocsin: November 2026"


async def test_what_fails_for_a_while_is_tried_again_and_carries_the_same_id(
    post: tuple[Post, Pen, ManualClock],
) -> None:
    monthly, pen, clock = post
    clock.advance(timedelta(hours=1))
    pen.trouble = DeliveryError("the mail server hung up")
    await monthly.send_due()
    pen.trouble = None
    await monthly.send_due()
    assert pen.letters == [], "not at once"
    clock.advance(timedelta(minutes=11))
    await monthly.send_due()
    await monthly.send_due()
    assert len(pen.letters) == 2


async def test_what_can_never_be_sent_is_given_up(post: tuple[Post, Pen, ManualClock]) -> None:
    monthly, pen, clock = post
    clock.advance(timedelta(hours=1))
    pen.trouble = DeliveryError("refused", retryable=False)
    await monthly.send_due()
    pen.trouble = None
    clock.advance(timedelta(hours=1))
    await monthly.send_due()
    assert pen.letters == []


async def test_a_daemon_killed_over_it_has_the_next_one_look_before_it_repeats(empty_store: Store) -> None:
    pen, clock = Pen(), ManualClock(datetime(2026, 11, 1, 8, 0, tzinfo=UTC))
    pen.killed = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await Post(empty_store, {"email": pen}, clock, HEAD).send_due()
    pen.killed = None
    other = Letters(store=empty_store, clock=clock, notifiers={"email": pen}, node="other")
    await other.recover()
    await other.send_due()
    assert len(pen.letters) == 1, "while the lease holds, another daemon may still be sending it"
    restarted = Post(empty_store, {"email": pen}, clock, HEAD)
    await restarted.letters.recover()
    for _ in range(3):
        await restarted.send_due()
        clock.advance(timedelta(hours=1))
    assert pen.uncertain == [False, True]
    assert pen.letters[1] == pen.letters[0], "the same figures under the same id"


async def test_slack_has_it_once_though_the_daemon_was_killed_over_it(empty_store: Store) -> None:
    clock = ManualClock(datetime(2026, 11, 1, 8, 0, tzinfo=UTC))
    async with FakeSlack(clock=clock) as slack:
        notifier = SlackNotifier(slack.settings(), clock=clock)
        kill = asyncio.CancelledError()

        class Dying(Pen):
            async def write(self, letter: Letter, *, uncertain: bool = False) -> None:
                await notifier.write(letter, uncertain=uncertain)
                raise kill

        with pytest.raises(asyncio.CancelledError):
            await Post(empty_store, {"slack": Dying()}, clock, "slack:#pr-crisis").send_due()
        clock.advance(timedelta(minutes=2))  # the lease is over
        restarted = Post(empty_store, {"slack": notifier}, clock, "slack:#pr-crisis")
        for _ in range(3):
            await restarted.send_due()
            clock.advance(timedelta(hours=1))
        await notifier.close()
        assert len(slack.top()) == 1, "it was looked for, and not posted again"
        assert [method for method, _ in slack.calls].count("chat.postMessage") == 1


LETTER = Letter(
    id="0f1b7a44-27a5-4d39-8a55-6a0d3f6f7f52",
    at=datetime(2026, 11, 1, 8, 0, tzinfo=UTC),
    target="head@acme.example",
    subject="Tocsin: October 2026\r\nBcc: all@acme.example",
    lines=(("Incidents", "2 <b>"), ("Promises kept", "1 of 2")),
    text="# Report\n",
    html="<p>Report</p>",
    page="http://127.0.0.1/report?month=2026-10",
)


async def test_it_goes_out_as_a_mail(clock: ManualClock) -> None:
    async with MailServer() as server:
        settings = Email(host="127.0.0.1", port=server.port, sender="tocsin@acme.example")
        await EmailNotifier(settings, clock=clock).write(LETTER)
    (mail,) = server.messages
    assert mail.recipients == ("head@acme.example",)
    assert mail.message["Bcc"] is None
    assert (mail.message["X-Tocsin-Kind"], LETTER.id in mail.message["Message-ID"]) == ("summary", True)
    assert [part.get_content_type() for part in mail.message.iter_parts()] == ["text/plain", "text/html"]


async def test_it_goes_out_to_slack(clock: ManualClock) -> None:
    async with FakeSlack(clock=clock) as slack:
        notifier = SlackNotifier(slack.settings(), clock=clock)
        await notifier.write(replace(LETTER, target="#pr-crisis"))
        await notifier.close()
        (message,) = slack.top()
    assert "2 &lt;b&gt;" in str(message)
