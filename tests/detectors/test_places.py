"""Names of places and products are found in their inflected forms, and only they."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.places import named

TOWNS = ["Gdańsk", "Warszawa", "Łódź", "Praga", "Sopot", "Mielec", "Radom", "Kielce", "Katowice", "Bielsko-Biała"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("w Gdańsku od rana nic", "Gdańsk"),
        ("gdansk lezy", "Gdańsk"),
        ("cała Warszawa stoi, a w warszawie upał", "Warszawa"),
        ("w Łodzi brak prądu", "Łódź"),
        ("na Pradze znowu", "Praga"),
        ("W SOPOCIE NIE DZIAŁA", "Sopot"),
        ("pozdro z Mielca", "Mielec"),
        ("w Kielcach", "Kielce"),
        ("z Katowic", "Katowice"),
        ("w Bielsku-Białej", "Bielsko-Biała"),
        ("bielsku bialej", "Bielsko-Biała"),
    ],
)
def test_polish_towns_are_found_in_every_case(text: str, name: str) -> None:
    assert named(text, TOWNS) == (name,)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("в Москве нет связи", "Москва"),
        ("под москвой", "Москва"),
        ("в Санкт-Петербурге", "Санкт-Петербург"),
        ("Твери привет", "Тверь"),
        ("в Уфе света нет", "Уфа"),
        ("в Казани", "Казань"),
        ("в Орле", "Орёл"),
        ("Нижнем Новгороде", "Нижний Новгород"),
    ],
)
def test_russian_towns_are_found_in_every_case(text: str, name: str) -> None:
    assert named(text, ["Москва", "Санкт-Петербург", "Тверь", "Уфа", "Казань", "Орёл", "Нижний Новгород"]) == (name,)


@pytest.mark.parametrize("text", ["Radomsko", "prace", "łódzki", "", "warszawianka", "nowa praca", "УФО"])
def test_other_words_are_no_towns(text: str) -> None:
    assert named(text, [*TOWNS, "Уфа"]) == ()


def test_products_keep_their_numbers() -> None:
    products = ["Router X1", "Router X2", "Plan 50"]
    assert named("mój router x2 padł, plan 50 też", products) == ("Router X2", "Plan 50")
    assert named("routera X1 nie polecam", products) == ("Router X1",)
    assert named("plan 500", products) == ()


def test_the_order_is_that_of_the_text_and_each_is_told_once() -> None:
    assert named("Sopot, Gdańsk, w Sopocie", TOWNS) == ("Sopot", "Gdańsk")
    assert named("Sopot", []) == ()


@given(text=st.text(max_size=300), names=st.lists(st.text(min_size=1, max_size=20), max_size=4))
def test_any_text_and_any_name_may_come(text: str, names: list[str]) -> None:
    assert set(named(text, names)) <= set(names)
