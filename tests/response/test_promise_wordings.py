"""Promises as people word them: in figures and in words, relative and absolute, several in one text."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.response.promises import promised_times

WARSAW = ZoneInfo("Europe/Warsaw")
NOW = datetime(2026, 3, 10, 14, 20, tzinfo=WARSAW)  # a Tuesday


def told(text: str, lang: str) -> list[str]:
    """Promised times as day of the month and time in Warsaw."""
    return [f"{at.astimezone(WARSAW):%d %H:%M}" for at in promised_times(text, lang, NOW, "Europe/Warsaw")]


@pytest.mark.parametrize(
    ("lang", "text", "times"),
    [
        ("pl", "Wrócimy do Państwa w ciągu godziny.", ["10 15:20"]),
        ("pl", "Kolejną informację podamy do końca dnia.", ["10 23:59"]),
        ("pl", "Odezwiemy się jutro rano.", ["11 12:00"]),
        ("pl", "Następny wpis za pół godziny.", ["10 14:50"]),
        ("pl", "Damy znać kwadrans po piątej.", ["10 17:15"]),
        ("pl", "Odpiszemy o wpół do szóstej.", ["10 17:30"]),
        ("pl", "Odpowiemy za kwadrans czwarta.", ["10 15:45"]),
        ("pl", "Odpowiemy najpóźniej o 18.", ["10 18:00"]),
        ("pl", "Kolejny komunikat o godz. 17.30.", ["10 17:30"]),
        ("pl", "Wrócimy tu z informacją za półtorej godziny.", ["10 15:50"]),
        ("pl", "Odezwiemy się w środę o 9:00.", ["11 09:00"]),
        ("pl", "Nową informację podamy pojutrze do południa.", ["12 12:00"]),
        ("pl", "Wrócimy o 15:30, a następnie o 17:00.", ["10 15:30", "10 17:00"]),
        ("pl", "Napiszemy po 16.", ["10 16:00"]),
        ("pl", "Damy znać przed 20.", ["10 20:00"]),
        ("pl", "Najnowszy stan opiszemy tu dziś wieczorem, ok. 19.", ["10 19:00"]),
        ("pl", "Odpowiemy w ciągu 24 godzin.", ["11 14:20"]),
        ("pl", "Kolejna aktualizacja: 12 marca, 8:15.", ["12 08:15"]),
        ("pl", "Wrócimy z informacją o północy.", ["11 00:00"]),
        ("pl", "Odpowiemy w ciągu dwóch, trzech godzin.", ["10 17:20"]),
        ("pl", "Co dwie godziny będziemy tu podawać nowe informacje.", ["10 16:20"]),
        ("pl", "Awaria trwa od 13:00. Odezwiemy się o 16:00.", ["10 16:00"]),
        ("pl", "Sklep jest czynny do 20:00.", []),
        ("pl", "Do 17 wrócimy z odpowiedzią.", ["10 17:00"]),
        ("ru", "Ответим в течение часа.", ["10 15:20"]),
        ("ru", "Следующее письмо направим вам в 16:30.", ["10 16:30"]),
        ("ru", "Новости по аварии — здесь в 18:00.", ["10 18:00"]),
        ("en", "The next test result will be posted at 6 pm.", ["10 18:00"]),
        ("en", "News on a new date here tomorrow at noon.", ["11 12:00"]),
        ("en", "We're back here with news at 16.15.", ["10 16:15"]),
        ("en", "We'll phone you today at 5 pm with what we've been able to arrange.", ["10 17:00"]),
        ("ru", "Вернёмся с новостями до конца дня.", ["10 23:59"]),
        ("ru", "Напишем завтра утром.", ["11 12:00"]),
        ("ru", "Следующее сообщение через полтора часа.", ["10 15:50"]),
        ("ru", "Сообщим новости через полчаса.", ["10 14:50"]),
        ("ru", "Новости в 21:00.", ["10 21:00"]),
        ("ru", "Мастер в пути, сводку дадим в 16:15, продолжение в 17:00.", ["10 16:15", "10 17:00"]),
        ("ru", "Об этом говорили в новостях в 21:00.", []),
        ("ru", "Ответим вам в половине шестого.", ["10 17:30"]),
        ("ru", "Напишем без четверти пять.", ["10 16:45"]),
        ("ru", "Следующее сообщение в пять вечера.", ["10 17:00"]),
        ("ru", "Вернёмся к вам в 18 часов.", ["10 18:00"]),
        ("ru", "Следующая новость к 19.00.", ["10 19:00"]),
        ("ru", "Напишем в среду в 9:00.", ["11 09:00"]),
        ("ru", "Ответим послезавтра до полудня.", ["12 12:00"]),
        ("ru", "Вернёмся в 15:30, затем в 17:00.", ["10 15:30", "10 17:00"]),
        ("ru", "Будем писать сюда каждые два часа.", ["10 16:20"]),
        ("ru", "Ответим в течение суток.", ["11 14:20"]),
        ("ru", "Следующее обновление 12 марта в 8:15.", ["12 08:15"]),
        ("ru", "Напишем сегодня не позднее девяти вечера.", ["10 21:00"]),
        ("ru", "Сбой начался в 13:00, ответим вам в 16:00.", ["10 16:00"]),
        ("ru", "Магазин открыт до 20:00.", []),
        ("ru", "Ответим в течение двух-трёх часов.", ["10 17:20"]),
        ("en", "Next update by noon tomorrow.", ["11 12:00"]),
        ("ru", "Дополним сведения сегодня в 18:30.", ["10 18:30"]),
        ("ru", "Новые сведения дадим завтра в 10:00.", ["11 10:00"]),
        ("en", "We'll be back within the hour.", ["10 15:20"]),
        ("en", "The next update will be published at 16:00.", ["10 16:00"]),
        ("en", "We post again at 16:00.", ["10 16:00"]),
        ("en", "We report again here at 20:15.", ["10 20:15"]),
        ("en", "We apologise, and will report here on the checks at 5 pm.", ["10 17:00"]),
        ("en", "We'll add the numbers we know of to this post at 16:30.", ["10 16:30"]),
        ("en", "A full account of what went wrong will be in this thread tomorrow at noon.", ["11 12:00"]),
        ("en", "Results of the next samples will be posted here tomorrow at 8 am.", ["11 08:00"]),
        ("ru", "Отчитаемся здесь в 22:15.", ["10 22:15"]),
        ("en", "The findings so far will be published today at 4 pm.", ["10 16:00"]),
        ("en", "We'll ring you tomorrow at 9:30.", ["11 09:30"]),
        ("en", "We'll write again at half past five.", ["10 17:30"]),
        ("en", "Next update at quarter to six.", ["10 17:45"]),
        ("en", "We will post here by the end of the day.", ["10 23:59"]),
        ("en", "You'll hear from us tomorrow morning.", ["11 12:00"]),
        ("en", "We'll get back to you in half an hour.", ["10 14:50"]),
        ("en", "Another update follows in an hour and a half.", ["10 15:50"]),
        ("en", "We'll be in touch no later than 6pm.", ["10 18:00"]),
        ("en", "Next update: 17:30 CET.", ["10 17:30"]),
        ("en", "We'll reply by close of business on Wednesday.", ["11 23:59"]),
        ("en", "We'll report back at 3.30 pm and again at 5 pm.", ["10 15:30", "10 17:00"]),
        ("en", "We will update you every two hours.", ["10 16:20"]),
        ("en", "Expect our answer within 24 hours.", ["11 14:20"]),
        ("en", "The outage began at 1 pm; we'll post again at 4.", ["10 16:00"]),
        ("en", "The shop is open until 8 pm.", []),
        ("en", "Next update on 12 March at 8.15 a.m.", ["12 08:15"]),
        ("en", "We'll have news for you by midnight.", ["11 00:00"]),
        ("pl", "Następną wiadomość zamieścimy o siódmej wieczorem.", ["10 19:00"]),
        ("pl", "Odezwiemy się najpóźniej o wpół do ósmej wieczorem.", ["10 19:30"]),
        ("pl", "Wrócimy do tematu jutro o dziewiątej.", ["11 09:00"]),
        ("pl", "Kolejne informacje za jakieś dwie godziny.", ["10 16:20"]),
        ("pl", "Odpiszemy do jutra do 14.", ["11 14:00"]),
        ("pl", "Będziemy pisać tu co pół godziny.", ["10 14:50"]),
        ("pl", "Damy znać w czwartek do południa.", ["12 12:00"]),
        ("pl", "Odpowiemy do szesnastej.", ["10 16:00"]),
        ("pl", "Kolejną wiadomość podamy między 17 a 18.", ["10 18:00"]),
        ("pl", "Odpowiedź otrzyma Pani w ciągu trzech dni roboczych.", ["13 14:20"]),
        ("pl", "Odezwiemy się w najbliższy piątek o 10:15.", ["13 10:15"]),
        ("pl", "Oddzwonimy pięć po czwartej.", ["10 16:05"]),
        ("pl", "Prosimy czekać do drugiej osoby w kolejce, wrócimy o 15:00.", ["10 15:00"]),
        ("pl", "Napiszemy tu o 21 i rano o 7.", ["10 21:00", "11 07:00"]),
        ("ru", "Следующая запись в семь вечера.", ["10 19:00"]),
        ("ru", "Ответим не позднее половины восьмого.", ["10 19:30"]),
        ("ru", "Вернёмся к теме завтра в девять утра.", ["11 09:00"]),
        ("ru", "Новости будут часа через два.", ["10 16:20"]),
        ("ru", "Ответим до завтра до 14:00.", ["11 14:00"]),
        ("ru", "Пишем сюда каждые полчаса.", ["10 14:50"]),
        ("ru", "Сообщим в четверг до полудня.", ["12 12:00"]),
        ("ru", "Ответим до 16 ч.", ["10 16:00"]),
        ("ru", "Следующее сообщение между 17 и 18 часами.", ["10 18:00"]),
        ("ru", "Ответ вы получите в течение трёх рабочих дней.", ["13 14:20"]),
        ("ru", "Свяжемся с вами в эту пятницу в 10:15.", ["13 10:15"]),
        ("ru", "Перезвоним в пять минут пятого.", ["10 16:05"]),
        ("ru", "Напишем здесь в 21 час и утром в 7.", ["10 21:00", "11 07:00"]),
        ("ru", "Дадим ответ через час-полтора.", ["10 15:50"]),
        ("en", "Our next post is at seven this evening.", ["10 19:00"]),
        ("en", "We'll be back no later than half past seven tonight.", ["10 19:30"]),
        ("en", "We'll come back to this tomorrow at nine.", ["11 09:00"]),
        ("en", "More news in about two hours.", ["10 16:20"]),
        ("en", "You'll have our reply by tomorrow, 2pm.", ["11 14:00"]),
        ("en", "We'll post here every half hour.", ["10 14:50"]),
        ("en", "We'll let you know by Thursday lunchtime.", ["12 14:00"]),
        ("en", "Next update between 5 and 6 pm.", ["10 18:00"]),
        ("en", "You will hear from us within three working days.", ["13 14:20"]),
        ("en", "We'll call you this Friday at 10:15.", ["13 10:15"]),
        ("en", "Expect a call at five past four.", ["10 16:05"]),
        ("en", "We will answer in 60–90 minutes.", ["10 15:50"]),
        ("en", "Next word by 16:00 UTC.", ["10 17:00"]),
        ("pl", "Odezwiemy się rano.", ["11 12:00"]),
        ("pl", "Odezwiemy się jutro rano, najpóźniej o 10.", ["11 10:00"]),
        ("pl", "Napiszemy dziś o 21 i jutro rano.", ["10 21:00", "11 12:00"]),
        ("pl", "Wrócimy jutro rano, po południu i wieczorem.", ["11 12:00", "11 18:00", "11 22:00"]),
        ("pl", "Odezwiemy się jutro wieczorem o siódmej.", ["11 19:00"]),
        ("pl", "Dobry wieczór, wrócimy o 18:30.", ["10 18:30"]),
        ("pl", "Od rana nie działa internet, wrócimy wkrótce.", []),
        ("pl", "Kolejne informacje o 16, 18 i 20.", ["10 16:00", "10 18:00", "10 20:00"]),
        ("pl", "Kolejne informacje jutro o 16, 18 i 20.", ["11 16:00", "11 18:00", "11 20:00"]),
        ("pl", "Odezwiemy się do 1630 i o 1800.", ["10 16:30", "10 18:00"]),
        ("pl", "Powiadomimy do 1500 abonentów.", []),
        ("pl", "Wrócimy o 16h.", ["10 16:00"]),
        ("pl", "Wrócimy o 16h30.", ["10 16:30"]),
        ("pl", "Wrócimy do 2h.", ["10 16:20"]),
        ("pl", "Opóźnienie o 2h, odezwiemy się wkrótce.", []),
        ("pl", "Wrócimy za parę godzin.", ["10 16:20"]),
        ("pl", "Wrócimy w ciągu pół godziny.", ["10 14:50"]),
        ("pl", "Do 16:00 dajemy znać, co dalej.", ["10 16:00"]),
        ("pl", "Serwisanci będą o 16:00, przepraszamy.", []),
        ("ru", "Напишем завтра утром, не позже 10.", ["11 10:00"]),
        ("ru", "Завтра с утра напишем.", ["11 12:00"]),
        ("ru", "Не работает с утра, скоро ответим.", []),
        ("ru", "Ответим после обеда.", ["10 18:00"]),
        ("ru", "Вернёмся завтра к вечеру.", ["11 22:00"]),
        ("ru", "С каждым днём работаем лучше, ответим скоро.", []),
        ("ru", "Ответим в полночь.", ["11 00:00"]),
        ("ru", "Следующие сообщения завтра в 16, 18 и 20.", ["11 16:00", "11 18:00", "11 20:00"]),
        ("ru", "Ответим в 1600.", ["10 16:00"]),
        ("ru", "Ответим к 16h.", ["10 16:00"]),
        ("ru", "Ответим через пару часов.", ["10 16:20"]),
        ("ru", "Ответим в течение пары часов.", ["10 16:20"]),
        ("ru", "Ответим в течение получаса.", ["10 14:50"]),
        ("ru", "Новости о кассе — в 14:30.", ["10 14:30"]),
        ("ru", "Ответ отправим завтра до 12:00.", ["11 12:00"]),
        ("ru", "Мастера будут в 16:00, извините нас.", []),
        ("en", "Good morning, we'll be back at 15:30.", ["10 15:30"]),
        ("en", "We'll post here tonight.", ["10 22:00"]),
        ("en", "We'll be back tomorrow before lunch.", ["11 12:00"]),
        ("en", "We'll write tomorrow afternoon at 3.", ["11 15:00"]),
        ("en", "We'll write first thing tomorrow.", ["11 12:00"]),
        ("en", "We've been at work since this morning and will post here at 5 pm.", ["10 17:00"]),
        ("en", "Next update by midnight tonight.", ["11 00:00"]),
        ("en", "Next updates tomorrow at 4, 6 and 8 pm.", ["11 16:00", "11 18:00", "11 20:00"]),
        ("en", "Next updates at 10 am, 2 pm and 6 pm tomorrow.", ["11 10:00", "11 14:00", "11 18:00"]),
        ("en", "Next updates at 1600, 1800 and 2000.", ["10 16:00", "10 18:00", "10 20:00"]),
        ("en", "Next update by 1600 hrs.", ["10 16:00"]),
        ("en", "We'll inform up to 1600 customers.", []),
        ("en", "Repairs take up to 16h, we'll write soon.", []),
        ("en", "We will be back in a couple of hours.", ["10 16:20"]),
        ("en", "We're here and will check on you again in 20 minutes.", ["10 14:40"]),
    ],
)
def test_every_wording_is_read(lang: str, text: str, times: list[str]) -> None:
    assert told(text, lang) == times


ENGLISH = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
POLISH = [
    "pierwszej",
    "drugiej",
    "trzeciej",
    "czwartej",
    "piątej",
    "szóstej",
    "siódmej",
    "ósmej",
    "dziewiątej",
    "dziesiątej",
    "jedenastej",
    "dwunastej",
]
RUSSIAN = [
    "первого",
    "второго",
    "третьего",
    "четвёртого",
    "пятого",
    "шестого",
    "седьмого",
    "восьмого",
    "девятого",
    "десятого",
    "одиннадцатого",
    "двенадцатого",
]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Напишу вам в 17:30, что ответил банк.", "ru"),
        ("Отчитаюсь вам здесь в 17:30.", "ru"),
        ("Загляну к вам в чат в 17:30 и расскажу, что с кодами.", "ru"),
        ("Сообщу вам сюда в 17:30, на каком этапе зачисление.", "ru"),
        ("Co z pozostałymi nocami, napiszę do Państwa tutaj o 17:30.", "pl"),
        ("Piszę znów o 17:30, a do tego czasu proszę zostać w domu.", "pl"),
        ("I'll write to you here at 17:30.", "en"),
    ],
)
def test_one_person_promises_as_a_team_does(text: str, lang: str) -> None:
    assert told(text, lang) == ["10 17:30"]


@given(hour=st.integers(1, 12))
def test_half_hours_in_words_are_the_same_time_in_three_languages(hour: int) -> None:
    before = (hour - 2) % 12 + 1  # Polish and Russian tell the half by the hour that follows
    english = told(f"We will write at half past {ENGLISH[before - 1]}.", "en")
    assert english == told(f"Napiszemy o wpół do {POLISH[hour - 1]}.", "pl")
    assert english == told(f"Напишем в половине {RUSSIAN[hour - 1]}.", "ru")
    (time,) = english
    assert time.endswith(":30")
    assert int(time[3:5]) % 12 == before % 12


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "We'll update you at 15:30, 16:30 and 17:30."),
        ("en", "Next updates at 15:30 and at 16:30, then at 17:30."),
        ("ru", "Вернёмся в 15:30, 16:30 и 17:30."),
        ("pl", "Wrócimy o 15:30, 16:30 i 17:30."),
    ],
)
def test_and_joins_a_list_unless_it_is_said_to_lie_between(lang: str, text: str) -> None:
    found = promised_times(text, lang, datetime(2026, 7, 15, 12, 0, tzinfo=UTC), "UTC")
    assert [f"{each:%H:%M}" for each in found] == ["15:30", "16:30", "17:30"]


@pytest.mark.parametrize(
    ("lang", "text", "times"),
    [
        ("en", "We promised an update at 10 am and missed it, sorry. Next update at 5 pm.", ["10 17:00"]),
        ("pl", "Obiecaliśmy odpowiedź o 10:00, przepraszamy; napiszemy o 17:00.", ["10 17:00"]),
        ("pl", "Obiecaliśmy, że wrócimy o 10:00. Przepraszamy.", []),
        ("ru", "Обещали новости в 11:00, просим прощения. Напишем в 17:00.", ["10 17:00"]),
        ("en", "As promised, next update at 5 pm.", ["10 17:00"]),
        ("en", "We promised you an answer: you'll have it by 5 pm.", ["10 17:00"]),
        ("pl", "Jak obiecaliśmy, wrócimy o 17:00.", ["10 17:00"]),
        ("ru", "Как и обещали, напишем в 17:00.", ["10 17:00"]),
        ("pl", "Nie wrócimy o 15:30, tylko o 17:00.", ["10 17:00"]),
        ("pl", "Wrócimy nie o 15:30, lecz o 17:00.", ["10 17:00"]),
        ("pl", "Wrócimy nie później niż o 17:00.", ["10 17:00"]),
        ("ru", "Вернёмся не в 15:30, а в 17:00.", ["10 17:00"]),
        ("ru", "Вернёмся не позднее 17:00.", ["10 17:00"]),
        ("en", "We'll update you at 5 pm, not at 3 pm.", ["10 17:00"]),
        ("en", "The 3 pm update is moved: next update at 5 pm.", ["10 17:00"]),
    ],
)
def test_what_was_promised_and_what_is_denied_is_no_promise(lang: str, text: str, times: list[str]) -> None:
    assert told(text, lang) == times


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("pl", "Do 16:00 otrzymają Państwo od nas odpowiedź."),
        ("pl", "Dostaną Państwo od nas wiadomość do 16:00."),
        ("pl", "Będziemy w kontakcie o 16:00."),
        ("pl", "Odpowiemy od 15 do 16."),
        ("ru", "Напишем около четырёх часов дня."),
        ("ru", "Напишем около 16:00."),
        ("ru", "Ответим с 15 до 16."),
        ("en", "Expect to hear from us at 4 pm."),
        ("en", "Check back here at 4 pm."),
        ("en", "We'll check in again at 4 pm."),
    ],
)
def test_a_word_is_promised_in_passing_too(lang: str, text: str) -> None:
    assert told(text, lang) == ["10 16:00"]


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("pl", "Będziemy w kontakcie z serwisem o 16:00."),
        ("ru", "Ремонт займёт около двух часов, напишем."),
        ("ru", "Ответим всем, кто писал с 15 до 16."),
    ],
)
def test_what_others_hear_and_how_long_it_takes_is_no_promise(lang: str, text: str) -> None:
    assert told(text, lang) == []
