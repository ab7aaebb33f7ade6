"""What a reply states is held to the fact sheet: each kind of fact, agreeing and not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.replies.facts import facts
from daemon.replies.lint import check


def conflicts(reply: str, lang: str, *sheet: str, customer: str | None = None) -> list[str]:
    found = check(reply, lang=lang, customer=customer, facts=sheet)
    return [reply[slice(*each.span)] for each in found if each.rule == "fact_conflict"]


@pytest.mark.parametrize(
    ("lang", "sheet", "agreeing", "other"),
    [
        ("en", "Spinach, batch B270, is recalled.", "Please return batch B270.", "Please return batch B207."),
        ("ru", "Отозвана партия 2218.", "Отзываем йогурт партии 2218.", "Отзываем йогурт партии 2281."),
        ("en", "Vouchers at the North Terminal.", "Come to the North Terminal.", "Come to the South Terminal."),
        ("ru", "Автобусы от южного выхода.", "Посадка у южного выхода.", "Посадка у северного выхода."),
        ("pl", "Beczkowóz: ul. Polna 4.", "Beczkowóz stoi przy ul. Polnej.", "Beczkowóz stoi przy ul. Ogrodowej."),
        ("pl", "Cynamonowa 17, do 20:00.", "Woda jest przy Cynamonowej 17.", "Woda jest przy Cynamonowej 71."),
        ("en", "No parking from 6 am to 3 pm.", "Keep clear from 6am to 3pm.", "Keep clear from 9am to 3pm."),
        ("ru", "Цистерна у школы до 22:00.", "Вода у школы до 22:00.", "Вода у школы до 20:00."),
        ("pl", "Autobus Z1 co 5 minut.", "Autobus jeździ co 5 minut.", "Autobus jeździ co 15 minut."),
        ("ru", "Кефир с датой 16 марта.", "Отзываем кефир с датой 16 марта.", "Отзываем кефир с датой 18 марта."),
        ("pl", "Data 14.09, partia L1.", "Serek z datą 14 września.", "Serek z datą 15 września."),
        ("en", "Closed between Harrow and Millbridge.", "No trains between Harrow and Millbridge.",
         "No trains between Harrow and Ashford."),
        ("pl", "Wykryto Listeria monocytogenes.", "W serku była listeria.", "W serku była salmonella."),
        ("en", "Cause: signal fault.", "Delayed because of a signal fault.", "Delayed because of a fallen tree."),
        ("pl", "Przyczyna: uszkodzona zwrotnica.", "Pociągi stoją z powodu uszkodzonej zwrotnicy.",
         "Pociągi stoją z powodu strajku."),
        ("ru", "Концерт отменен из-за болезни артиста.", "Отмена из-за болезни.", "Отмена из-за поломки сцены."),
        ("en", "Cause: undeclared milk.", "Recalled because of undeclared milk.", "Recalled because of metal parts."),
        ("ru", "Пострадавших нет.", "Никто не пострадал.", "Двое пострадавших в больнице."),
    ],
)  # fmt: skip
def test_what_differs_from_the_sheet_is_found(lang: str, sheet: str, agreeing: str, other: str) -> None:
    assert conflicts(agreeing, lang, sheet) == []
    assert conflicts(other, lang, sheet)
    assert conflicts(other, lang) == []  # nothing to hold it to


@pytest.mark.parametrize(
    ("lang", "sheet", "reply"),
    [
        ("en", "300 customers are affected.", "We know that 3k customers are affected."),
        ("en", "300 customers are affected.", "Three thousand customers are affected."),
        ("pl", "Awaria dotyczy 300 klientów.", "Awaria dotyczy 3 tys. klientów."),
        ("pl", "Awaria dotyczy 300 klientów.", "Awaria dotyczy trzech tysięcy klientów."),
        ("ru", "Авария затронула 300 клиентов.", "Авария затронула 3 тыс. клиентов."),
        ("ru", "Авария затронула 300 клиентов.", "Авария затронула три тысячи клиентов."),
        ("en", "Three people are in hospital.", "Nobody was hurt."),
        ("pl", "Trzy osoby są w szpitalu.", "Nikt nie ucierpiał."),
        ("ru", "Три человека в больнице.", "Никто не пострадал."),
        ("ru", "Трое в больнице.", "Пострадавших нет."),
        ("en", "Data of 300 customers was leaked.", "No customer data was leaked."),
        ("pl", "Wyciekły dane 300 klientów.", "Dane klientów nie wyciekły."),
        ("pl", "Wyciekły dane 300 klientów.", "Żadne dane nie wyciekły."),
        ("ru", "Утекли данные 300 клиентов.", "Данные клиентов не утекли."),
        ("ru", "Произошла утечка данных.", "Утечки данных не было."),
        ("pl", "Przyczyną awarii było przecięcie kabla.", "Przyczyną awarii był pożar."),
        ("pl", "Przyczyną awarii było przecięcie kabla.", "Powodem przerwy jest pożar."),
        ("ru", "Причиной аварии стал обрыв кабеля.", "Причиной аварии был пожар."),
        ("en", "The cause of the outage was a cut cable.", "The cause of the outage was a fire."),
        ("pl", "Zachorował jeden gość.", "Przykro nam, zachorowało kilku gości."),
        ("en", "One guest fell ill.", "Several guests fell ill."),
        ("ru", "Заболел один гость.", "Заболело несколько гостей."),
        ("pl", "Zachorowało kilku gości.", "Zachorował tylko jeden gość."),
    ],
)
def test_a_thousandfold_a_denial_another_cause_and_several_for_one_are_found(lang: str, sheet: str, reply: str) -> None:
    assert conflicts(reply, lang, sheet)
    assert conflicts(reply, lang) == []


@pytest.mark.parametrize(
    ("lang", "sheet", "reply"),
    [
        ("en", "3000 customers are affected.", "We know that 3k customers are affected."),
        ("en", "2987 customers are affected.", "About three thousand customers are affected."),
        ("en", "3000 customers are affected.", "Some 3,000 customers are affected."),
        ("pl", "Awaria dotyczy 3000 klientów.", "Awaria dotyczy 3 tys. klientów."),
        ("pl", "Awaria dotyczy 2987 klientów.", "Awaria dotyczy około trzech tysięcy klientów."),
        ("ru", "Авария затронула 3000 клиентов.", "Авария затронула 3 тыс. клиентов."),
        ("pl", "Prąd w szpitalu jest.", "Nikt nie ucierpiał."),
        ("en", "Power is back in hospital buildings.", "Nobody was hurt."),
        ("en", "Data of 300 customers was leaked.", "No passwords were leaked."),
        ("pl", "Wyciekły dane 300 klientów.", "Hasła nie wyciekły."),
        ("pl", "Wyciekły dane 300 klientów.", "Państwa dane nie wyciekły."),
        ("pl", "Wyciekły dane 300 klientów.", "Nie wyciekły dane kart."),
        ("ru", "Утекли данные 300 клиентов.", "Ваши данные не утекли."),
        ("pl", "Przyczyną awarii było przecięcie kabla.", "Przyczyna awarii jest już usunięta."),
        ("pl", "Przyczyną awarii było przecięcie kabla.", "Powodem przerwy jest uszkodzony kabel."),
        ("en", "The cause of the outage was a cut cable.", "The cause was found."),
        ("pl", "Przyczyną awarii było przecięcie kabla.", "Powodem nie był pożar."),
        ("pl", "Zachorowało kilku gości.", "Jeden gość jest w szpitalu."),
        ("en", "Several guests fell ill.", "One guest is in hospital."),
        ("en", "One of the guests fell ill.", "Several guests asked us about it."),
        ("pl", "Zachorował jeden gość.", "Zachorował jeden gość."),
    ],
)
def test_what_may_stand_beside_the_sheet_is_left(lang: str, sheet: str, reply: str) -> None:
    assert conflicts(reply, lang, sheet) == []


def test_a_sum_that_two_others_differ_by_is_worked_out() -> None:
    reply = "Zwrócimy 30 zł jeszcze dziś."
    told = "Na stronie 129, w kasie 159?"
    assert conflicts(reply, "pl", "Cena promocyjna 129 zł.", customer=told) == []
    assert conflicts(reply, "pl", "Cena promocyjna 129 zł.") == ["30 zł"]


def test_hours_with_no_end_in_common_are_another_matter() -> None:
    assert conflicts("A fitter comes from 13:00 to 15:00.", "en", "Street closed from 6:00 to 9:00.") == []


def test_the_time_of_our_next_word_may_move_on() -> None:
    sheet = "Autobus co 8 minut, kolejny komunikat o 8:15."
    assert conflicts("Co 30 minut piszemy tutaj, kolejny komunikat o 9:15.", "pl", sheet) == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["pl", "ru", "en", "xx"]))
def test_every_fact_has_its_place_in_the_text(text: str, lang: str) -> None:
    for fact in facts(text, lang):
        assert 0 <= fact.start < fact.end <= len(text)


@pytest.mark.parametrize(
    "part", ["from 5 to ", "between Aaa and ", "because of the ", "ul. A", "co 5 min ", "batch ", "12 "]
)
def test_time_grows_with_length_alone(part: str) -> None:
    def spent(times: int) -> float:
        text = part * times
        begun = time.process_time()
        list(facts(text, "en"))
        return time.process_time() - begun

    spent(50)
    assert min(spent(800) for _ in range(3)) < 32 * max(min(spent(100) for _ in range(3)), 1e-4)
