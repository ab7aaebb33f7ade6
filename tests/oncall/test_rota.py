"""At each moment exactly one person is on call, whatever the clocks of their zone do."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.oncall import Rota as RotaSettings
from daemon.oncall.rota import Rota, Stint

WARSAW = "Europe/Warsaw"
# clocks of an hour's and of half an hour's change, of the other half of the year, of none, and a day that was left out
ZONES = (WARSAW, "America/New_York", "Australia/Lord_Howe", "America/Santiago", "UTC", "Asia/Kolkata", "Pacific/Apia")
PEOPLE = ("anna", "boris", "celina")
DAY = timedelta(days=1)
_FIRST = datetime(2011, 1, 1, tzinfo=UTC)

moments = st.integers(0, 20 * 365 * 24 * 60).map(lambda minutes: _FIRST + timedelta(minutes=minutes))


def stints(most: int) -> st.SearchStrategy[tuple[Stint, ...]]:
    one = st.builds(
        lambda begins, hours, who: Stint(begins=begins, ends=begins + timedelta(hours=hours), who=who),
        moments,
        st.integers(1, 400),
        st.sampled_from((*PEOPLE, "dorota")),
    )
    return st.lists(one, max_size=most).map(tuple)


@st.composite
def rotas(draw: st.DrawFn) -> Rota:
    return Rota(
        timezone=draw(st.sampled_from(ZONES)),
        members=tuple(draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4))),
        days=draw(st.sampled_from((1, 2, 7, 14))),
        handover=draw(st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))),
        first=draw(st.dates(date(2010, 1, 1), date(2030, 1, 1))),
        overrides=draw(stints(3)),
        planned=tuple(sorted(draw(stints(3)), key=lambda stint: stint.begins)),
    )


def a_rota(**changes: object) -> Rota:
    given_: dict[str, object] = {"members": ["anna", "boris"], "timezone": WARSAW}
    return Rota.of(RotaSettings.model_validate(given_ | changes))


@settings(max_examples=300, deadline=None)
@given(rotas(), moments, st.integers(1, 60))
def test_exactly_one_person_is_on_call_at_each_moment(rota: Rota, begin: datetime, days: int) -> None:
    end = begin + days * DAY
    told = list(rota.stints(begin, end))
    assert (told[0].begins, told[-1].ends) == (begin, end)
    for stint, after in itertools.pairwise(told):
        assert stint.ends == after.begins, "neither gap nor overlap"
        assert stint.who != after.who
    for stint in told:
        assert stint.begins < stint.ends
        for at in (
            stint.begins,
            stint.begins + (stint.ends - stint.begins) / 2,
            stint.ends - timedelta(milliseconds=1),
        ):
            assert rota.on_call(at) == stint.who


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ZONES[:-1]), st.times(), st.sampled_from((1, 2, 7, 14)), moments)
def test_members_take_over_in_their_order_by_the_local_clock(
    timezone: str, handover: time, days: int, begin: datetime
) -> None:
    handover = handover.replace(second=0, microsecond=0, fold=0)
    rota = Rota(timezone=timezone, members=PEOPLE, days=days, handover=handover, first=date(2012, 1, 2))
    zone, order = ZoneInfo(timezone), {who: PEOPLE[(index + 1) % 3] for index, who in enumerate(PEOPLE)}
    for stint, after in itertools.pairwise(rota.stints(begin, begin + 50 * DAY)):
        assert after.who == order[stint.who]
        shown = after.begins.astimezone(zone).replace(tzinfo=None)
        wall = datetime.combine(shown.date(), handover)
        assert shown == wall or not _exists(wall, zone)


def _exists(wall: datetime, zone: ZoneInfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


@pytest.mark.parametrize(
    ("day", "handover", "at"),
    [
        (date(2026, 3, 28), "09:00", "2026-03-28T08:00:00+00:00"),
        (date(2026, 3, 29), "09:00", "2026-03-29T07:00:00+00:00"),  # summer begins in the night before
        (date(2026, 3, 29), "02:30", "2026-03-29T01:30:00+00:00"),  # no such time: by the offset before
        (date(2026, 10, 25), "02:30", "2026-10-25T00:30:00+00:00"),  # comes twice: the first time
        (date(2026, 10, 25), "09:00", "2026-10-25T08:00:00+00:00"),  # winter again
    ],
)
def test_a_handover_keeps_its_local_time_over_the_change_of_the_clocks(day: date, handover: str, at: str) -> None:
    rota = a_rota(rotation=timedelta(days=1), handover=handover, since=day)
    moment = datetime.fromisoformat(at)
    assert rota.on_call(moment) == "anna"
    assert rota.on_call(moment - timedelta(milliseconds=1)) == "boris"
    later = [rota.on_call(moment + timedelta(minutes=minute)) for minute in range(0, 22 * 60, 10)]
    assert set(later) == {"anna"}, "nobody gets it back when an hour comes twice"


def test_turns_of_whole_weeks_begin_on_monday_unless_told() -> None:
    rota = a_rota(since="2026-03-04")  # a Wednesday
    assert rota.first == date(2026, 3, 9)
    assert a_rota(since="2026-03-04", weekday="friday").first == date(2026, 3, 6)
    assert a_rota(since="2026-03-04", rotation=timedelta(days=3)).first == date(2026, 3, 4)
    before = datetime(2026, 3, 9, 7, 59, tzinfo=UTC)
    assert (rota.on_call(before), rota.on_call(before + timedelta(minutes=1))) == ("boris", "anna")


def test_an_override_stands_above_a_calendar_and_that_above_the_turns() -> None:
    begins = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    rota = Rota(
        timezone="UTC",
        members=("anna",),
        days=7,
        handover=time(9, 0),
        first=date(2026, 1, 5),
        planned=(Stint(begins=begins, ends=begins + 4 * DAY, who="boris"),),
        overrides=(
            Stint(begins=begins + DAY, ends=begins + 3 * DAY, who="celina"),
            Stint(begins=begins + 2 * DAY, ends=begins + 3 * DAY, who="dorota"),
        ),
    )
    told = [(stint.who, (stint.ends - begins) // DAY) for stint in rota.stints(begins - DAY, begins + 5 * DAY)]
    assert told == [("anna", 0), ("boris", 1), ("celina", 2), ("dorota", 3), ("boris", 4), ("anna", 5)]
    now, after = rota.now_and_next(begins + DAY)
    assert (now.who, now.ends) == ("celina", begins + 2 * DAY)
    assert after is not None
    assert after.who == "dorota"


def test_who_is_alone_is_followed_by_nobody() -> None:
    rota = a_rota(members=["anna"])
    now, after = rota.now_and_next(datetime(2026, 3, 2, tzinfo=UTC))
    assert (now.who, after) == ("anna", None)
