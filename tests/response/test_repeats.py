"""A word that says nothing new, and one that does."""

from __future__ import annotations

import pytest

from daemon.response.repeats import says_nothing_new

SAID = {
    "pl": "Przykro nam z powodu awarii internetu w Gdańsku. Nasi technicy pracują nad jej usunięciem. Wrócimy o 15:00.",
    "en": "Sorry about the internet outage in Gdańsk. Our engineers are repairing the line. Next update by 3 pm.",
    "ru": "Нам жаль, что в Гданьске не работает интернет. Наши инженеры устраняют аварию. Напишем в 15:00.",
}


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("pl", "Nasi technicy nadal pracują nad usunięciem awarii internetu. Wrócimy o 16:00."),
        ("pl", "Technicy wciąż pracują nad usunięciem awarii. Kolejna informacja za 30 minut."),
        ("en", "Our engineers are still repairing the line. Next update by 4 pm."),
        ("en", "Sorry again for the internet outage in Gdańsk. Our engineers are repairing the line."),
        ("ru", "Наши инженеры всё ещё устраняют аварию. Напишем в 16:00."),
    ],
)
def test_a_text_that_only_moves_the_time_repeats(lang: str, text: str) -> None:
    assert says_nothing_new(text, [SAID[lang]])
    assert not says_nothing_new(text, [])


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("pl", "Technicy znaleźli uszkodzony światłowód i wymieniają go. Wrócimy o 16:00."),
        ("pl", "Internet w Gdańsku nie działa już tylko u 400 klientów. Wrócimy o 16:00."),
        ("pl", "Nasi technicy pracują nad usunięciem awarii w Sopocie i Gdyni. Wrócimy o 16:00."),
        ("en", "The line is repaired. We check whether everybody is connected."),
        ("en", "Our engineers aren't repairing the line any more. We are sorry."),
        ("en", "Our engineers are not repairing the line. We are sorry."),
        ("ru", "В Гданьске работает интернет."),
        ("ru", "Инженеры заменили кабель, половина домов снова подключена. Напишем в 16:00."),
    ],
)
def test_a_text_with_news_does_not(lang: str, text: str) -> None:
    assert not says_nothing_new(text, [SAID[lang]])


def test_news_of_long_ago_is_no_news() -> None:
    earlier = [SAID["en"], "The cable was cut by an excavator."]
    assert says_nothing_new("An excavator has cut the cable. Our engineers are repairing the line.", earlier)


@pytest.mark.parametrize("text", ["", "!!!", "16:00", "https://acme.example/status"])
def test_a_text_without_words_is_for_other_rules(text: str) -> None:
    assert not says_nothing_new(text, [SAID["en"]])
