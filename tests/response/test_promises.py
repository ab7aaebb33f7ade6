"""Times promised: said in every way, in three languages, over zones and clock changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from daemon.response.promises import promised_times

NOW = datetime(2026, 11, 21, 12, 10, tzinfo=UTC)  # Saturday, 13:10 in Warsaw
WARSAW = ZoneInfo("Europe/Warsaw")
TODAY = NOW.astimezone(WARSAW).date()


def told(text: str, lang: str) -> list[str]:
    """Promised times as "days ahead HH:MM" in Warsaw."""
    local = (at.astimezone(WARSAW) for at in promised_times(text, lang, NOW, "Europe/Warsaw"))
    return [f"{(at.date() - TODAY).days} {at:%H:%M}" for at in local]


@pytest.mark.parametrize(
    ("lang", "text", "times"),
    [
        ("pl", "Wrócimy o 15:30.", ["0 15:30"]),
        ("pl", "Odezwiemy się w ciągu dwóch godzin.", ["0 15:10"]),
        ("pl", "Damy znać za pół godziny.", ["0 13:40"]),
        ("pl", "Damy znać za godzinę.", ["0 14:10"]),
        ("pl", "Kolejną informację podamy jutro o 9:00 i o 12.30.", ["1 09:00", "1 12:30"]),
        ("pl", "Kolejną informację podamy o godz. 17", ["0 17:00"]),
        ("pl", "Odpowiemy w poniedziałek do 10:00", ["2 10:00"]),
        ("pl", "Damy znać do 24 listopada do godz. 10", ["3 10:00"]),
        ("pl", "Wrócimy z informacją o 5 po południu", ["0 17:00"]),
        ("pl", "Odezwiemy się jutro", ["1 23:59"]),
        ("pl", "Kierowniczka zadzwoni do Pani o 14:00.", ["0 14:00"]),
        ("pl", "Kolejne ogłoszenie o 15:00.", ["0 15:00"]),
        ("ru", "Следующее объявление — в 16:00 здесь же.", ["0 16:00"]),
        ("ru", "Врач свяжется с вами до 18:00.", ["0 18:00"]),
        ("en", "Our next notice about the phones is at 2 pm.", ["0 14:00"]),
        ("en", "Our food safety team will answer you by 5 pm.", ["0 17:00"]),
        ("pl", "Odpowiemy między 15:00 a 16:00", ["0 16:00"]),
        ("pl", "Awaria, o której pisaliśmy o 14:00, trwa; wrócimy o 15:30", ["0 15:30"]),
        ("pl", "Kolejne informacje podamy o 14:00, 15:00 i 18:00", ["0 14:00", "0 15:00", "0 18:00"]),
        ("ru", "ответим в течение двух часов", ["0 15:10"]),
        ("ru", "Следующее обновление в 5 вечера", ["0 17:00"]),
        ("ru", "Напишем здесь завтра в 9 утра", ["1 09:00"]),
        ("ru", "Сбой начался в 14:00, сообщим подробности к 16:00", ["0 16:00"]),
        ("ru", "Ответим через полчаса", ["0 13:40"]),
        ("ru", "Следующее сообщение: 18:00 (мск)", ["0 16:00"]),
        ("en", "next update by 5 pm", ["0 17:00"]),
        ("en", "We'll be back at 3:30 p.m. today", ["0 15:30"]),
        ("en", "We'll get back to you within the hour", ["0 14:10"]),
        ("en", "The outage began at 2 pm; we will share more in 45 minutes", ["0 13:55"]),
        ("en", "We'll update you by 5:30", ["0 17:30"]),
        ("en", "Next update by noon tomorrow", ["1 12:00"]),
        ("en", "You'll hear from us on Monday by 10 am", ["2 10:00"]),
        ("en", "Next update 15:30 UTC", ["0 16:30"]),
        ("en", "Updates at 2 pm, 4 pm and 6 pm", ["0 14:00", "0 16:00", "0 18:00"]),
        ("en", "We are checking it and will reply by 15:30", ["0 15:30"]),
    ],
)
def test_times_of_the_next_word_are_read(lang: str, text: str, times: list[str]) -> None:
    assert told(text, lang) == times


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("pl", "Od 14:00 nie działa internet, wrócimy do Państwa wkrótce"),
        ("pl", "Naprawimy to do 15:30"),
        ("pl", "Infolinia czynna do 20:00, odezwiemy się wkrótce"),
        ("pl", "Dziękujemy za zgłoszenie z 14:20. Odezwiemy się."),
        ("ru", "Не работает с 14:00, скоро ответим"),
        ("ru", "Починим к 18:00"),
        ("en", "Service will be back by 5 pm"),
        ("en", "We will fix it by 5 pm"),
        ("en", "The courier will call you when he arrives; the shop opens at 3 pm"),
        ("en", "Order 1530 was sent at 15:30"),
        ("pl", ""),
    ],
)
def test_other_times_are_no_promise(lang: str, text: str) -> None:
    assert told(text, lang) == []


@pytest.mark.parametrize(
    ("lang", "text", "times"),
    [
        ("en", "Next update: 1600", ["0 16:00"]),
        ("en", "Next update tomorrow: 0900.", ["1 09:00"]),
        ("pl", "Następny komunikat: 1600, 1800.", ["0 16:00", "0 18:00"]),
        ("ru", "Следующее сообщение: 1600", ["0 16:00"]),
        ("en", "Next update: 1600 customers are without power", []),
        ("en", "Orders affected: 1600, we will update you", []),
    ],
)
def test_four_digits_behind_an_announcement_and_a_colon_are_a_time(lang: str, text: str, times: list[str]) -> None:
    assert told(text, lang) == times


@pytest.mark.parametrize(
    ("lang", "text", "times"),
    [
        ("pl", "Wrócimy o 16 lub 17", ["0 17:00"]),
        ("pl", "Wrócimy o 16:00 albo o 17:30", ["0 17:30"]),
        ("pl", "Wrócimy o 4 lub 5", ["0 17:00"]),
        ("ru", "Вернёмся в 16 или 17", ["0 17:00"]),
        ("ru", "Вернёмся в 16 или в 17", ["0 17:00"]),
        ("en", "We'll be back at 4 or 5 pm", ["0 17:00"]),
        ("en", "We'll be back at 4 pm or at 5 pm", ["0 17:00"]),
        ("en", "We'll be back at 4 or 5", ["0 17:00"]),
        ("en", "We'll be back by 04:30 or 05:00", ["1 05:00"]),
        ("en", "We'll be in touch with 4 or 5 customers", []),
    ],
)
def test_of_two_times_either_of_which_may_be_the_later_counts(lang: str, text: str, times: list[str]) -> None:
    assert told(text, lang) == times


@pytest.mark.parametrize(
    ("lang", "text", "times"),
    [
        ("en", "We'll update you later today", ["0 23:59"]),
        ("en", "More later today.", ["0 23:59"]),
        ("en", "We'll get back to you, later today.", ["0 23:59"]),
        ("pl", "Odezwiemy się jeszcze dziś.", ["0 23:59"]),
        ("pl", "Dzisiaj jeszcze damy znać.", ["0 23:59"]),
        ("pl", "Napiszemy tutaj – jeszcze dziś.", ["0 23:59"]),
        ("pl", "Jeszcze dziś o 18 damy znać", ["0 18:00"]),
        ("ru", "Ответим ещё сегодня", ["0 23:59"]),
        ("ru", "Сегодня ещё напишем", ["0 23:59"]),
        ("en", "Next update overnight", ["1 06:00"]),
        ("pl", "Odezwiemy się dziś w nocy", ["1 06:00"]),
        ("pl", "Odezwiemy się jutro w nocy", ["2 06:00"]),
        ("pl", "Wrócimy o 2 w nocy", ["1 02:00"]),
        ("ru", "Следующее сообщение ночью", ["1 06:00"]),
        ("ru", "Напишем сегодня ночью", ["1 06:00"]),
    ],
)
def test_later_today_means_its_end_and_the_night_the_morning(lang: str, text: str, times: list[str]) -> None:
    assert told(text, lang) == times


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("pl", "Odezwiemy się, jeszcze dziś otwarte do 20"),
        ("pl", "Jeszcze dziś przywrócimy prąd i damy znać"),
        ("pl", "Nie odezwiemy się jeszcze dziś"),
        ("pl", "Wyjaśnimy awarię w nocy"),
        ("pl", "W nocy doszło do awarii, odezwiemy się"),
        ("pl", "Będziemy informować w dzień i w nocy"),
        ("ru", "Сегодня ещё не известно, напишем"),
        ("ru", "Мы расскажем о сбое ночью"),
        ("en", "We'll explain the overnight outage"),
        ("en", "We'll tell you if it can be fixed later today"),
        ("en", "Trains run later today, we'll update you"),
        ("en", "Crews work overnight, and we'll keep you posted"),
        ("en", "We will not update you later today"),
    ],
)
def test_what_else_comes_later_today_or_overnight_is_no_promise(lang: str, text: str) -> None:
    assert told(text, lang) == []


def test_another_language_is_read_by_dateparser() -> None:
    (at,) = promised_times("Nächstes Update morgen um 15:30 Uhr", "de", NOW, "Europe/Berlin")
    assert at == datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
    assert promised_times("Update 15:30", "xx", NOW, "UTC") == ()


CLOCK = {
    "pl": [
        "Wrócimy o {t}.",
        "Kolejną informację podamy do {t}",
        "Odezwiemy się {d} o {t}",
        "Następny komunikat: {d}, {t}",
    ],
    "ru": ["Вернёмся в {t}.", "Следующее сообщение будет к {t}", "Ответим {d} до {t}", "Напишем здесь {d} в {t}"],
    "en": [
        "We'll be back at {t}.",
        "Next update by {t}",
        "You will hear from us {d} by {t}",
        "We will post an update at {t} {d}",
    ],
}
DAYS = {"pl": ["dziś", "jutro"], "ru": ["сегодня", "завтра"], "en": ["today", "tomorrow"]}
ZONES = ["UTC", "Europe/Warsaw", "Europe/Moscow", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
LANGS = st.sampled_from(["pl", "ru", "en"])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=300, deadline=None)
@given(LANGS, st.integers(0, 3), MOMENTS, st.sampled_from(ZONES), st.integers(1, 1439))
def test_a_clock_time_comes_back_as_it_was_said(lang: str, wording: int, now: datetime, zone: str, ahead: int) -> None:
    now = now.replace(microsecond=0)
    due = (now + timedelta(minutes=ahead)).replace(second=0)
    local = due.astimezone(ZoneInfo(zone))
    days = (local.date() - now.astimezone(ZoneInfo(zone)).date()).days
    assume(now < due)
    assume(local.astimezone(UTC).astimezone(ZoneInfo(zone)).fold == 0)
    assume(not any(_changes(moment, zone) for moment in (now, due)))
    # "back at 10:00", said in the evening without a day, means ten tonight rather than tomorrow
    assume(not (lang == "en" and wording < 2 and days == 1 and local.hour in {10, 11}))
    text = CLOCK[lang][wording].format(t=f"{local:%H:%M}", d=DAYS[lang][days])
    assert promised_times(text, lang, now, zone) == (due,)


PERIODS = {
    "pl": {12: "rano", 18: "po południu", 22: "wieczorem"},
    "ru": {12: "утром", 18: "днём", 22: "вечером"},
    "en": {12: "morning", 18: "afternoon", 22: "evening"},
}
PART_OF_A_DAY = {"pl": "Odezwiemy się {d} {p}.", "ru": "Ответим {d} {p}.", "en": "You will hear from us {d} {p}."}


@settings(max_examples=100, deadline=None)
@given(LANGS, MOMENTS, st.sampled_from(ZONES), st.sampled_from([12, 18, 22]), st.booleans())
def test_a_part_of_a_day_means_its_end(lang: str, now: datetime, zone: str, ends: int, tomorrow: bool) -> None:  # noqa: FBT001
    assume(not _changes(now, zone))
    local = now.astimezone(ZoneInfo(zone))
    assume(tomorrow or local.hour < ends)
    day = "this" if (lang, tomorrow) == ("en", False) else DAYS[lang][tomorrow]
    (due,) = promised_times(PART_OF_A_DAY[lang].format(d=day, p=PERIODS[lang][ends]), lang, now, zone)
    assert due.astimezone(ZoneInfo(zone)) == local.replace(hour=ends, minute=0, second=0, microsecond=0) + timedelta(
        days=tomorrow
    )


HOURS = {
    "pl": ("Wrócimy jutro o {}.", "i"),
    "ru": ("Вернёмся завтра в {}.", "и"),
    "en": ("Next update tomorrow at {}.", "and"),
}
WRITTEN = ["{}", "{}h", "{}h00", "{}00", "{}:00"]


@settings(max_examples=100, deadline=None)
@given(
    LANGS,
    MOMENTS,
    st.sampled_from(ZONES),
    st.sets(st.integers(13, 23), min_size=1, max_size=4),
    st.sampled_from(WRITTEN),
)
def test_each_hour_of_a_list_comes_back(lang: str, now: datetime, zone: str, hours: set[int], written: str) -> None:
    assume(not _changes(now, zone))
    wording, joins = HOURS[lang]
    *first, last = [written.format(hour) for hour in sorted(hours)]
    text = wording.format(f"{', '.join(first)} {joins} {last}" if first else last)
    tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    local = [at.astimezone(ZoneInfo(zone)) for at in promised_times(text, lang, now, zone)]
    assert [(at.date(), at.hour, at.minute) for at in local] == [(tomorrow, hour, 0) for hour in sorted(hours)]


def _changes(at: datetime, zone: str) -> bool:
    """Whether the clocks change within a day of it: an hour may then come twice or never."""
    here = ZoneInfo(zone)
    return len({(at + timedelta(hours=h)).astimezone(here).utcoffset() for h in (-26, 0, 26)}) > 1


RELATIVE: dict[str, Callable[[int], list[str]]] = {
    "pl": lambda n: [
        f"Wrócimy za {n} minut.",
        f"Damy znać w ciągu {n} min",
        f"Odpowiemy w ciągu najbliższych {n} minut",
    ],
    "ru": lambda n: [
        f"Вернёмся через {n} минут.",
        f"Ответим в течение {n} мин",
        f"Напишем в течение ближайших {n} минут",
    ],
    "en": lambda n: [
        f"We'll be back in {n} minutes.",
        f"Next update within {n} mins",
        f"We'll reply within the next {n} minutes",
    ],
}


@settings(max_examples=150, deadline=None)
@given(LANGS, st.integers(0, 2), MOMENTS, st.sampled_from(ZONES), st.integers(2, 600))
def test_a_duration_counts_from_now_in_any_zone(
    lang: str, wording: int, now: datetime, zone: str, minutes: int
) -> None:
    text = RELATIVE[lang](minutes)[wording]
    assert promised_times(text, lang, now, zone) == (now + timedelta(minutes=minutes),)


@settings(max_examples=100, deadline=None)
@given(MOMENTS, st.sampled_from(ZONES), st.integers(1, 12), st.integers(0, 59), st.sampled_from(["am", "pm"]))
def test_am_and_pm_come_back(now: datetime, zone: str, hour: int, minute: int, half: str) -> None:
    assume(not _changes(now, zone))
    (due,) = promised_times(f"Next update tomorrow at {hour}:{minute:02} {half}", "en", now, zone)
    local = due.astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute) == (hour % 12 + (12 if half == "pm" else 0), minute)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["pl", "ru", "en"]), MOMENTS)
def test_whatever_is_said_no_promise_lies_in_the_past(text: str, lang: str, now: datetime) -> None:
    times = promised_times(text, lang, now, "Europe/Warsaw")
    assert list(times) == sorted(set(times))
    assert all(at > now for at in times)


def test_in_the_hour_that_comes_twice_the_next_one_is_meant() -> None:
    first = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 2:00 in Warsaw, for the first time
    half_past = promised_times("Wrócimy o 2:30", "pl", first, "Europe/Warsaw")
    assert half_past == (first + timedelta(minutes=30),)
    again = promised_times("Wrócimy o 2:30", "pl", first + timedelta(minutes=45), "Europe/Warsaw")
    assert again == (first + timedelta(minutes=90),)


def test_an_hour_that_never_comes_is_moved_on() -> None:
    now = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)  # 1:00 in Warsaw; 2:30 does not exist
    assert promised_times("Wrócimy o 2:30", "pl", now, "Europe/Warsaw") == (datetime(2026, 3, 29, 1, 30, tzinfo=UTC),)
