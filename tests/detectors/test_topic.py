"""The topic of a set of texts, with how sure it is."""

from __future__ import annotations

import pytest

from daemon.model import Topic
from detectors.sentiment import load_model
from detectors.topic import topic_of


@pytest.mark.parametrize(
    ("topic", "texts"),
    [
        (
            Topic.OUTAGE,
            [("nie działa internet", "pl"), ("brak zasięgu", "pl"), ("co się dzieje z siecią? nie ma neta", "pl")],
        ),
        (Topic.OUTAGE, [("не работает связь", "ru"), ("нет интернета", "ru")]),
        (Topic.UNSAFE_PRODUCT, [("zatrułam się waszym jogurtem", "pl"), ("pleśń w jogurcie", "pl"), ("fuj", "pl")]),
        (Topic.UNSAFE_PRODUCT, [("my phone exploded while charging", "en"), ("battery caught fire", "en")]),
        (Topic.STAFF, [("Кассир нахамил моей маме", "ru"), ("хамство на кассе", "ru")]),
        (Topic.STAFF, [("the driver yelled at a pregnant woman", "en"), ("so rude, disgusting staff", "en")]),
        (Topic.DATA_LEAK, [("wyciek danych klientów", "pl"), ("mój pesel wyciekł przez was", "pl")]),
        (Topic.DATA_LEAK, [("утечка данных клиентов", "ru"), ("слили базу паспортов", "ru")]),
        (Topic.PRICE_OR_RULE, [("znowu podwyżka abonamentu", "pl"), ("naliczyliście mi opłatę", "pl")]),
        (Topic.PRICE_OR_RULE, [("prices raised again", "en"), ("you charged me twice for nothing", "en")]),
        (Topic.RUMOUR, [("podobno bankrutujecie", "pl"), ("słyszałem że bankrutujecie, czy to prawda", "pl")]),
        (Topic.OTHER, [("dzień dobry", "pl"), ("hello there", "en")]),
    ],
)
def test_the_topic_most_speak_of_is_named(topic: Topic, texts: list[tuple[str, str]]) -> None:
    assert topic_of(texts)[0] is topic


def test_more_texts_make_it_surer() -> None:
    texts = [
        (f"nie działa {thing}", "pl") for thing in ("internet", "strona", "aplikacja", "sieć", "telefon", "telewizja")
    ]
    assert 0 < topic_of(texts[:1])[1] < topic_of(texts)[1] <= 1


def test_copies_of_a_rumour_do_not_outvote_people() -> None:
    copies = [("podobno firma bankrutuje, podajcie dalej wszystkim znajomym", "pl")] * 50
    people = [("nie działa internet", "pl"), ("brak zasięgu w domu", "pl"), ("strona się nie ładuje", "pl")]
    assert topic_of([*copies, *people])[0] is Topic.OUTAGE


def test_the_text_model_hears_outages_that_no_phrase_tells() -> None:
    model = load_model()
    texts = [
        ("nie moge dokonczyc zamowienia, przycisk zaplac jest szary", "pl"),
        ("dekoder po burzy ani drgnie", "pl"),
        ("chat bot loops, login loops, everything loops. fix it", "en"),
        ("my order page is just a spinner, tried wifi and data", "en"),
    ]
    meanings = model.read([text for text, _ in texts], [lang for _, lang in texts])
    assert topic_of(texts)[0] is Topic.OTHER
    assert topic_of(texts, [meaning.outage for meaning in meanings])[0] is Topic.OUTAGE


def test_what_only_sounds_like_an_outage_is_none() -> None:
    texts = [("nie działa na mnie ta promocja", "pl"), ("wasza reklama nie działa na mnie", "pl")]
    assert topic_of(texts, [0.01, 0.01])[0] is not Topic.OUTAGE


def test_nothing_is_about_nothing() -> None:
    assert topic_of([]) == (Topic.OTHER, 0.0)
