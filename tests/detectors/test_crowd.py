"""A crowd, a campaign and one angry author are told apart."""

from __future__ import annotations

from detectors.crowd import Crowd, crowd_of

COPY = "Wszyscy odchodzimy od tej sieci, dość oszukiwania klientów przez Acme, podaj dalej!"
CROWD = [
    "Od rana nie mam internetu i nikt w infolinii nie odbiera telefonu",
    "Czy tylko u mnie na Mokotowie telefon nie widzi żadnej sieci dzisiaj?",
    "Pracuję z domu, a światłowód leży już trzecią godzinę, co się dzieje",
    "Znowu awaria, w zeszłym tygodniu było dokładnie to samo w Gdyni",
    "Zapłaciłam rachunek w terminie, a zasięgu jak nie było, tak nie ma",
]


def test_different_words_of_different_people_are_a_crowd() -> None:
    crowd = crowd_of([(text, f"a{n}") for n, text in enumerate(CROWD)])
    assert (crowd.mentions, crowd.copies, crowd.coordinated, crowd.sentence()) == (5, 0, False, "")


def test_one_text_by_many_new_accounts_is_coordinated() -> None:
    copied = [(f"{COPY} {sign}", f"bot{n}") for n, sign in enumerate("abcdef")]
    crowd = crowd_of([*copied, *((text, f"a{n}") for n, text in enumerate(CROWD[:4]))])
    assert (crowd.mentions, crowd.copies) == (10, 6)
    assert crowd.sentence() == "Coordinated: 60 % of it are copies of one text."
    assert crowd.aside() == ", mostly copies of one text"


def test_what_few_or_one_repeat_is_not_coordinated() -> None:
    assert crowd_of([(COPY, f"a{n % 4}") for n in range(20)]).copies == 0


def test_short_cries_come_to_many_by_themselves() -> None:
    assert crowd_of([("Internet nie działa od rana!", f"a{n}") for n in range(30)]).copies == 0


def test_without_an_author_each_is_its_own() -> None:
    assert crowd_of([(COPY, None)] * 6).copies == 6
    assert crowd_of([(COPY, None)] * 6).loudest == 0


def test_one_angry_author_is_named_as_one() -> None:
    crowd = crowd_of([*((f"{CROWD[n % 5]} {n}", "troll") for n in range(80)), *((text, text) for text in CROWD[:5])])
    assert crowd.sentence() == "One author wrote 80 of the 85 mentions."
    assert crowd.aside() == ", mostly by one author"


def test_nothing_is_said_of_nothing() -> None:
    assert crowd_of([]) == Crowd(mentions=0)
    assert crowd_of([]).sentence() == ""
