"""What a surge is about is said in its writers' words, and shown by texts that cover it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.features import fold
from detectors.near import groups
from detectors.terms import Candidate, describe, examples
from detectors.words import stem, words

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

PAST_PL = [
    ("dziękuję za szybką pomoc w salonie", "pl"),
    ("kiedy nowa promocja na telefony", "pl"),
    ("super oferta na internet", "pl"),
    ("jak zmienić abonament na niższy", "pl"),
    ("gdzie jest najbliższy salon w Lublinie", "pl"),
    ("polecam wasz internet, szybki i tani", "pl"),
    ("faktura przyszła dwa dni później", "pl"),
    ("czy mogę odebrać telefon w sobotę", "pl"),
]
SURGE_PL = [
    ("Nie działa mi zasięg od rana", "pl"),
    ("zasięgu brak, Kraków", "pl"),
    ("znowu nie działa nic w Krakowie", "pl"),
    ("W Krakowie nie działa zasięg!", "pl"),
    ("nie działa wam sieć, co jest", "pl"),
    ("mieszkam w Krakowie i nie mam zasięgu", "pl"),
]


def test_over_represented_words_are_named_in_their_writers_forms() -> None:
    terms = describe(SURGE_PL, PAST_PL)
    assert "nie działa" in terms
    assert any("krak" in term for term in terms)
    assert any("zasięg" in term for term in terms)


def test_what_is_always_said_is_not_named() -> None:
    past = [(f"internet {word}", "pl") for word in ("szybki", "tani", "dobry", "domowy", "mobilny", "nowy")] * 5
    surge = [
        ("internet awaria", "pl"),
        ("awaria znowu internet", "pl"),
        ("awaria prądu", "pl"),
        ("ta awaria trwa", "pl"),
    ]
    assert describe(surge, past)[0].startswith("awari")
    assert "internet" not in describe(surge, past)


def test_inflected_forms_are_one_word() -> None:
    surge = [
        ("awarii nie widać końca", "pl"),
        ("awarią jestem zmęczony", "pl"),
        ("awaria wszędzie", "pl"),
        ("awaria tutaj", "pl"),
    ]
    terms = describe(surge, PAST_PL)
    assert sum("awari" in term for term in terms) == 1
    assert "awaria" in terms[0]


def test_copies_count_once() -> None:
    copies = [("Kupcie kolczyki na stronie kolczyki dot example!", "pl")] * 50
    varied = [("RT @anna: Kupcie kolczyki na stronie kolczyki dot example!", "pl")] * 20
    terms = describe([*copies, *varied, *SURGE_PL], PAST_PL)
    assert "nie działa" in terms
    assert not any("kolczyk" in term for term in terms)


@pytest.mark.parametrize(
    ("surge", "expected"),
    [
        ([("связи нет в Казани", "ru"), ("Казань без связи", "ru"), ("нет связи второй час", "ru")], "связи"),
        ([("app is down", "en"), ("the app crashed", "en"), ("app keeps crashing", "en")], "app"),
    ],
)
def test_other_languages_and_no_past(surge: list[tuple[str, str]], expected: str) -> None:
    assert any(expected in term for term in describe(surge, []))


def test_stop_words_links_and_names_are_left_out() -> None:
    surge = [
        ("and the @acme https://a.example/awful fees", "en"),
        ("the fees and the @acme", "en"),
        ("fees and and", "en"),
    ]
    assert describe(surge, []) == ("fees",)


def test_there_are_no_more_than_asked_for() -> None:
    surge = [(" ".join(f"wort{chr(97 + n)}x{chr(97 + n)}" for n in range(20)), "de"), ("nur so", "de")] * 2
    assert len(describe(surge, [], limit=3)) <= 3
    assert describe([], []) == ()


@given(st.lists(st.tuples(st.text(max_size=80), st.sampled_from(["pl", "ru", "en", "und", "xx"])), max_size=8))
def test_no_text_upsets_it(pairs: list[tuple[str, str]]) -> None:
    assert describe(pairs, pairs) == describe(pairs, pairs)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("internetu", "internecie"), ("sieć", "sieci"), ("связь", "связи"), ("payment", "payments")),
        *(("reklamy", "reklamą"), ("reklamacja", "reklamacji"), ("przelew", "przelewów"), ("przesyłka", "przesyłek")),
        *(("naprawa", "naprawili"), ("miesiąc", "miesięcy"), ("dostawa", "dostawcy"), ("konto", "koncie")),
        *(("список", "списка"), ("правила", "правилам"), ("перевод", "переводов"), ("доставка", "доставку")),
        *(("service", "services"), ("paying", "paid"), ("story", "stories"), ("receipt", "receipts")),
    ],
)
def test_inflected_forms_share_a_stem(one: str, other: str) -> None:
    assert stem(fold(one)) == stem(fold(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("reklama", "reklamacja"), ("konto", "kontakt"), ("naprawa", "naprawdę"), ("wyciek", "wycieczka")),
        *(("przelew", "przelot"), ("dostawa", "dostęp"), ("serwis", "serwer"), ("karta", "karton")),
        *(("реклама", "рекламация"), ("доставка", "доступ"), ("банк", "банкомат"), ("пожар", "пожалуйста")),
        *(("перевод", "перерыв"), ("продажа", "продукт"), ("сервис", "сервер"), ("почта", "почти")),
        *(("service", "server"), ("complaint", "complete"), ("receipt", "recent"), ("cancelled", "cancer")),
        *(("contract", "control"), ("discount", "disconnected"), ("pay", "play"), ("charge", "charger")),
    ],
)
def test_words_of_other_meanings_stay_apart(one: str, other: str) -> None:
    assert stem(fold(one)) != stem(fold(other))


def test_words_keep_their_form() -> None:
    assert [word.form for word in words("Don't @anna! Działa? https://a.example")] == ["don't", "działa"]


def test_an_invisible_letter_and_a_mark_by_itself_cut_no_word() -> None:
    assert [word.form for word in words("dzia\u200bła po\u0301z\u0307no")] == ["działa", "póżno"]


def test_near_copies_are_grouped_with_the_first() -> None:
    texts = ["kupcie dzisiaj nowe tanie kolczyki na naszej stronie", "nie działa internet w domu"]
    assert groups([*texts, texts[0] + " teraz", "", ""]) == [0, 1, 0, 3, 3]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nie działa internet", "Nie działa internet!!! 😡😡"),
        ("nie działa internet", "nie działa internet #awaria #acme 👎"),
        ("nie działa internet", "@acme nie działa internet https://a.example/x"),
        ("nie działa internet", "nie działa znowu internet"),
        ("нет связи второй час", "нет связи уже второй час #сбой"),
        ("omijajcie szerokim łukiem tej sieci, same kłamstwa", "omijajcie szerokim łukiem tej firmy, same kłamstwa"),
        (
            "Не связывайтесь с ними никогда, обманули, деньги забрали",
            "Не связывайтесь с ними никогда, обманули, телефон забрали",
        ),
        ("never again, worst support ever, they lied twice", "never again, worst service ever, they lied twice"),
    ],
)
def test_one_text_with_something_added_or_a_word_changed_is_one(one: str, other: str) -> None:
    assert groups([one, other]) == [0, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nie działa internet", "nie działa telefon"),
        ("od rana nie działa internet", "od rana nie działa telefon"),
        ("у меня не работает карта", "у меня не работает приложение"),
        ("my card does not work", "my phone does not work"),
        ("internet u mnie od rana działa", "internet u mnie od rana nie działa"),
        ("#internet", "#telefon"),
    ],
)
def test_short_complaints_of_different_things_are_two(one: str, other: str) -> None:
    assert groups([one, other]) == [0, 1]


def candidate(text: str, author: str | None, minute: int, reach: float = 0.0) -> Candidate:
    return Candidate(text=text, author=author, published_at=NOON + timedelta(minutes=minute), reach=reach)


def test_examples_are_the_earliest_the_furthest_and_typical_ones() -> None:
    found = examples(
        [
            candidate("internet nie działa w Krakowie", "a", 3),
            candidate("coś dziwnego", "b", 0),
            candidate("totalny brak internetu", "c", 4, reach=6.2),
            candidate("internet nie działa od rana w Krakowie", "d", 5),
            candidate("kiedy internet zadziała w Krakowie", "e", 6),
            candidate("zupełnie inna rzecz", "f", 7),
        ]
    )
    assert found[:2] == [1, 2]
    assert 3 <= len(found) <= 5
    assert {0, 3} & set(found)


def test_examples_are_by_different_authors_and_no_copies() -> None:
    flood = [candidate(f"nie działa {number}", "bot", number) for number in range(30)]
    copies = [candidate("to samo zdanie słowo w słowo", f"user{number}", number) for number in range(30)]
    found = examples([*flood, *copies])
    assert len([index for index in found if index < 30]) == 1
    assert len([index for index in found if index >= 30]) == 1


def test_without_an_author_each_is_its_own() -> None:
    found = examples(
        [candidate(f"{word} nie działa wcale", None, n) for n, word in enumerate(["sieć", "prąd", "woda"])]
    )
    assert sorted(found) == [0, 1, 2]
    assert examples([]) == []


def test_configured_places_stand_first_in_whatever_form_they_were_written() -> None:
    surge = [(f"w gdansku nie działa internet {word}", "pl") for word in ("rano", "wcale", "znów", "dziś", "u mnie")]
    surge.append(("Sopot: wszystko gra, internet nie działa tylko u babci", "pl"))
    terms = describe(surge * 3, [("nowa oferta", "pl")], names=["Sopot", "Gdańsk", "Radom"])
    assert terms[:2] == ("Gdańsk", "Sopot")
    assert "Radom" not in terms
    assert not any("gdansk" in term for term in terms)
    assert len(terms) <= 6
