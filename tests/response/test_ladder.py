"""Who is called: by rota, by severity, and again."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from msgspec.structs import replace

from config.schema import Config
from daemon.command import Acknowledge, Escalate, Resolve, Snooze
from daemon.model import EventKind, Incident, Severity
from daemon.notice import Purpose
from daemon.oncall.holding import Person
from daemon.oncall.roster import Roster
from daemon.oncall.rota import Rota
from daemon.response.dues import fire, owed
from daemon.response.incident import act, worsen
from daemon.response.policy import Outcome, Policy, Step
from tests.fakes.records import NOON, a_policy, a_reading, opened

MINUTE = timedelta(minutes=1)
MAJOR = a_reading(severity=Severity.MAJOR)
ROSTER = Roster(
    people={
        "anna": Person(key="anna", name="Anna", targets=("slack:@UANNA000", "email:anna@x"), timezone="UTC"),
        "boris": Person(key="boris", name="Boris", targets=("slack:@UBORIS00",), timezone="UTC"),
    },
    rotas={
        "pr": Rota(timezone="UTC", members=("boris", "anna"), days=1, handover=time(12, 10), first=date(2026, 3, 1)),
    },
)


def steps(*rungs: tuple[int, tuple[str, ...]]) -> tuple[Step, ...]:
    return tuple(Step(after=minutes * MINUTE, targets=targets) for minutes, targets in rungs)


class Course:
    """One incident in simulated time."""

    def __init__(self, policy: Policy, severity: Severity = Severity.MAJOR) -> None:
        self.policy = policy
        self.now = NOON
        self.told: list[tuple[int, str, int]] = []  # minute, target, step
        self.escalated: list[tuple[int, str]] = []
        self.incident: Incident
        self.take(opened(policy, reading=a_reading(severity=severity)))

    def take(self, outcome: Outcome) -> None:
        minute = int((self.now - NOON) / MINUTE)
        self.told += [
            (minute, order.target, order.step)
            for order in outcome.orders
            if order.purpose in {Purpose.ALERT, Purpose.ESCALATION}
        ]
        self.escalated += [
            (event.data["step"], event.data["reason"]) for event in outcome.events if event.kind is EventKind.ESCALATED
        ]
        self.incident = replace(outcome.incident, head_at=self.now if outcome.events else outcome.incident.head_at)

    def wait(self, minutes: int) -> None:
        until = self.now + minutes * MINUTE
        while (due := next(iter(owed(self.incident, self.policy)), None)) is not None and due.at <= until:
            self.now = max(self.now, due.at)
            self.take(fire(self.incident, due, now=self.now, policy=self.policy))
        self.now = until

    def worsen(self, severity: Severity) -> None:
        outcome = worsen(self.incident, a_reading(severity=severity))
        assert outcome is not None
        self.take(outcome)
        self.wait(0)


def test_a_rota_leads_to_whoever_is_on_call_when_the_step_is_taken() -> None:
    ladder = steps((0, ("slack:#pr", "oncall:pr")), (15, ("oncall:pr", "email:head@x")))
    course = Course(a_policy(ladder=ladder, roster=ROSTER))
    course.wait(20)
    assert course.told == [
        (0, "slack:#pr", 1),
        (0, "slack:@UBORIS00", 1),
        (15, "slack:@UANNA000", 2),  # took over at ten past
        (15, "email:anna@x", 2),
        (15, "email:head@x", 2),
    ]


def test_what_follows_goes_to_those_who_were_called_also_after_a_hand_over() -> None:
    course = Course(a_policy(ladder=steps((0, ("oncall:pr",))), roster=ROSTER))
    course.wait(30)
    outcome = act(course.incident, Resolve(summary="x"), actor="user:a", now=course.now, policy=course.policy)
    told = {order.target for order in outcome.orders if order.purpose is Purpose.RESOLVED}
    assert told == {"slack:@UBORIS00"}


def test_a_person_in_one_step_twice_is_called_once() -> None:
    ladder = steps((0, ("slack:@UBORIS00", "oncall:pr")))
    assert Course(a_policy(ladder=ladder, roster=ROSTER)).told == [(0, "slack:@UBORIS00", 1)]


def test_a_ladder_is_climbed_again_as_often_as_told_and_its_steps_are_numbered_on() -> None:
    config = Config.model_validate(
        {
            "brands": {"acme": {"name": "Acme"}},
            "sources": {"http": {}},
            "store": {"url": "sqlite:///x"},
            "web": {"secret_key": "x" * 16},
            "escalation": {
                "default": {
                    "steps": [{"after": "1m", "notify": ["console:a"]}, {"after": "6m", "notify": ["console:b"]}],
                    "repeat": {"times": 2, "every": "10m"},
                }
            },
        }
    )
    policy = Policy.of(config, "acme")
    course = Course(replace(a_policy(), ladder=policy.ladder))
    course.wait(59)
    assert course.told == [
        (1, "console:a", 1),
        (6, "console:b", 2),
        (16, "console:a", 3),
        (21, "console:b", 4),
        (31, "console:a", 5),
        (36, "console:b", 6),
    ]


def test_an_acknowledgement_ends_the_repetition() -> None:
    course = Course(a_policy(ladder=steps((0, ("console:a",)), (10, ("console:a",)), (20, ("console:a",)))))
    course.wait(12)
    course.take(act(course.incident, Acknowledge(), actor="user:a", now=course.now, policy=course.policy))
    course.wait(40)
    assert [minute for minute, _, _ in course.told] == [0, 10]


GRAVER = a_policy(
    ladder=steps((0, ("console:channel",)), (10, ("console:lead",))),
    ladders={
        Severity.CRITICAL: steps(
            (0, ("console:channel", "console:duty")), (3, ("console:lead",)), (10, ("console:head",))
        )
    },
)


def test_a_snooze_pauses_the_ladder_and_its_steps_come_as_much_later() -> None:
    course = Course(a_policy(ladder=steps((0, ("console:a",)), (10, ("console:b",)), (20, ("console:c",)))))
    course.wait(4)
    course.take(act(course.incident, Snooze(seconds=1800), actor="user:a", now=course.now, policy=course.policy))
    course.wait(60)
    assert [(minute, target) for minute, target, _ in course.told] == [
        (0, "console:a"),
        (40, "console:b"),
        (50, "console:c"),
    ]


def test_each_severity_climbs_its_own_ladder() -> None:
    course = Course(GRAVER, Severity.CRITICAL)
    course.wait(30)
    assert [(minute, target) for minute, target, _ in course.told] == [
        (0, "console:channel"),
        (0, "console:duty"),
        (3, "console:lead"),
        (10, "console:head"),
    ]


def test_what_gets_worse_takes_the_graver_ladder_from_where_it_is() -> None:
    course = Course(GRAVER)
    course.wait(5)
    course.worsen(Severity.CRITICAL)
    course.wait(30)
    assert course.told == [
        (0, "console:channel", 1),
        (5, "console:duty", 1),  # stands on the first step, and was not called
        (5, "console:lead", 2),  # whose time has come on this ladder
        (10, "console:head", 3),
    ]
    assert course.escalated == [(2, "severity"), (3, "unacknowledged")]


def test_what_gets_worse_calls_nobody_while_somebody_has_it() -> None:
    course = Course(GRAVER)
    course.take(act(course.incident, Acknowledge(), actor="user:a", now=course.now, policy=course.policy))
    course.worsen(Severity.CRITICAL)
    course.wait(119)  # the public's word is overdue at 70 minutes: that calls one more step
    assert [(minute, target) for minute, target, _ in course.told] == [(0, "console:channel"), (70, "console:lead")]
    course.wait(1)  # two hours without any action: open again, at the foot of the graver ladder
    assert [target for _, target, _ in course.told[2:]] == ["console:channel", "console:duty"]


def test_steps_called_by_hand_are_not_called_again_by_the_graver_ladder() -> None:
    course = Course(GRAVER)
    course.take(act(course.incident, Escalate(), actor="user:a", now=course.now, policy=course.policy))
    course.worsen(Severity.CRITICAL)
    course.wait(30)
    assert [(minute, target) for minute, target, _ in course.told] == [
        (0, "console:channel"),
        (0, "console:lead"),
        (0, "console:duty"),
        (10, "console:head"),
    ]


def test_the_end_of_the_year_and_of_summer_time_change_nothing_for_the_ladder() -> None:
    for start in (datetime(2026, 12, 31, 23, 58, tzinfo=UTC), datetime(2026, 10, 25, 0, 58, tzinfo=UTC)):
        outcome = opened(GRAVER, now=start, reading=a_reading(severity=Severity.CRITICAL))
        (due, *_) = owed(outcome.incident, GRAVER)
        assert due.at == start + 3 * MINUTE
