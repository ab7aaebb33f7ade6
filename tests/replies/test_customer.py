"""What a customer's own words tell: trouble or none, whatever words they happen to use."""

from __future__ import annotations

import pytest

from daemon.replies.draft import Customer
from daemon.replies.lint import check


@pytest.mark.parametrize(
    "text",
    [
        "Do I need my IBAN and BIC for a transfer to Norway or is the IBAN enough?",
        "Where do I find the accident report for my travel insurance claim?",
        "Jak zastrzec zgubioną kartę, gdybym jej kiedyś potrzebował?",
        "Czy ubezpieczenie obejmuje złamaną rękę na nartach?",
        "Что делать, если карта потерялась за границей?",
        "Входит ли травма на катке в страховку?",
    ],
)
def test_a_calm_question_is_no_trouble_though_its_words_are_dark(text: str) -> None:
    assert not Customer(text).negative


@pytest.mark.parametrize(
    "text",
    [
        "My grandma cried with joy over your cake, thank you so much!",
        "Babcia płakała ze szczęścia, pierogi jak z dzieciństwa, dziękujemy!",
        "Мама плакала от счастья, букет просто чудо, спасибо вам!",
    ],
)
def test_tears_of_joy_are_praise(text: str) -> None:
    customer = Customer(text)
    assert customer.happy
    assert not customer.troubled


@pytest.mark.parametrize(
    "text",
    [
        "Two years of photos gone after your update.",
        "The handle came off your heater and burnt my hand.",
        "Mam rękę w gipsie po upadku z waszego krzesła.",
        "Zniknęły wszystkie moje notatki z trzech lat.",
        "Я обожгла руку вашим обогревателем, отвалилась ручка.",
        "Вторые сутки сидим без воды, дома младенец.",
    ],
)
def test_harm_told_calmly_is_trouble(text: str) -> None:
    assert Customer(text).troubled


@pytest.mark.parametrize(
    ("lang", "customer", "reply"),
    [
        ("pl", "Dzień dobry, czekałem wczoraj na Państwa montera.", "Przepraszamy. Napiszcie nam, kiedy Wam pasuje."),
        ("ru", "Я купил у вас шины, вторая лопнула.", "Сожалеем. Вы наша постоянная покупательница, заменим шину."),
        ("ru", "слушай, я заказала доступ, а его нет", "Жаль, что ты остался без доступа. Всё исправили."),
        (
            "ru",
            "Я сама мерила температуру: 15 градусов.",
            "Уважаемый Марина Сергеевна, мастер замерит завтра, извините.",
        ),
    ],
)
def test_one_person_is_not_addressed_as_many_nor_a_man_as_a_woman(lang: str, customer: str, reply: str) -> None:
    assert "register" in {finding.rule for finding in check(reply, lang=lang, customer=customer)}


@pytest.mark.parametrize(
    ("lang", "customer", "reply"),
    [
        ("pl", "My, rodzice z 3b, prosimy o wyjaśnienie.", "Przepraszamy Was. Napiszcie nam, kiedy możemy przyjść."),
        ("ru", "Я купила у вас шины, одна лопнула.", "Сожалеем. Вы наша постоянная покупательница, заменим шину."),
        ("ru", "слушай, я заказала доступ, а его нет", "Жаль, что ты осталась без доступа. Всё исправили."),
    ],
)
def test_many_may_be_addressed_as_many_and_a_woman_as_one(lang: str, customer: str, reply: str) -> None:
    assert "register" not in {finding.rule for finding in check(reply, lang=lang, customer=customer)}
