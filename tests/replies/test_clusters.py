"""Which parts an answer may have, by responsibility."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from daemon.model import Topic
from daemon.replies.choose import holding_replies
from daemon.replies.cluster_rule import unsuited
from daemon.replies.clusters import ALLOWED, Cluster, Part, cluster_of, parts_in, strategy
from daemon.replies.library import load_library
from tests.replies.test_library import DUE, LANGUAGES, NOON


def test_every_topic_has_a_cluster_and_history_raises_it_by_one() -> None:
    for topic in Topic:
        order = list(Cluster)
        plain, raised = cluster_of(topic), cluster_of(topic, earlier_crises=3)
        assert order.index(raised) == min(order.index(plain) + 1, 2)


@pytest.mark.parametrize(
    ("lang", "text", "parts"),
    [
        ("pl", "Przepraszamy, zwrócimy koszty naprawy.", (Part.APOLOGY, Part.COMPENSATION)),
        ("pl", "To nieprawda.", (Part.DENIAL,)),
        ("ru", "Просим прощения, дадим скидку.", (Part.APOLOGY, Part.COMPENSATION)),
        ("ru", "Это неправда, опровергаем.", (Part.DENIAL,)),
        ("en", "We apologise; a refund is on its way.", (Part.APOLOGY, Part.COMPENSATION)),
        ("en", "It was beyond our control.", (Part.EXCUSE,)),
        ("de", "Entschuldigung.", ()),
    ],
)
def test_parts_are_recognised(lang: str, text: str, parts: tuple[Part, ...]) -> None:
    assert parts_in(text, lang) == parts


@pytest.mark.parametrize(
    ("lang", "paid", "unpaid"),
    [
        ("pl", "Odliczymy dzień przerwy od rachunku.", "Odliczymy jeszcze dzień i otwieramy."),
        ("pl", "Nie zapłacą Państwo za ten miesiąc.", "Zapłacą Państwo za ten miesiąc jak zwykle."),
        ("pl", "Pokryjemy koszty leczenia.", "Pokryjemy dach nową folią."),
        ("pl", "Zapłacimy za leczenie.", "Nie zapłacimy za leczenie."),
        ("ru", "Оплатим лечение.", "Оплатить счёт можно в приложении."),
        ("ru", "Вы не заплатите за этот месяц.", "Заплатить за этот месяц можно до пятницы."),
        ("en", "We will cover medical costs.", "We will cover the roof by noon."),
        ("en", "We'll pay for the repair.", "We will not pay for the repair."),
        ("en", "You'll get a month on us.", "You can rely on us."),
        ("en", "You will not be billed for this month.", "You will be billed for this month as usual."),
    ],
)
def test_who_pays_without_a_word_for_it_compensates(lang: str, paid: str, unpaid: str) -> None:
    assert Part.COMPENSATION in parts_in(paid, lang)
    assert parts_in(unpaid, lang) == ()


def test_denial_is_for_victims_and_mixes_with_nothing() -> None:
    assert strategy("To nieprawda.", "pl", Cluster.VICTIM).forbidden == ()
    assert strategy("To nieprawda.", "pl", Cluster.PREVENTABLE).forbidden == (Part.DENIAL,)
    assert strategy("To nieprawda, ale przepraszamy.", "pl", Cluster.VICTIM).mixed


def test_apology_and_compensation_need_a_second_person() -> None:
    told = strategy("We apologise and offer a voucher.", "en", Cluster.PREVENTABLE)
    assert told.forbidden == ()
    assert told.approval == (Part.APOLOGY, Part.COMPENSATION)


DENIES = ("To nieprawda. Wracamy {next}.",)
EXCUSES = ("Nikt nie mógł przewidzieć tej burzy. Wracamy {next}.",)
PLEADS = ("To nieprawda, ale to nasza wina. Wracamy {next}.", "Sprawdzamy. Wracamy {next}.")


def polish(texts: tuple[str, ...], topic: Topic, crises: int, variant: int = 0) -> str:
    ours = load_library()["pl"]
    own = replace(ours, replies={**ours.replies, (topic, "public", "formal"): texts})
    (public, _) = holding_replies(
        topic=topic,
        languages=["pl"],
        channel="facebook",
        brand_name="Acme",
        status_page=None,
        next_update_at=DUE,
        timezone="UTC",
        earlier_crises=crises,
        variant=variant,
        now=NOON,
        library={**load_library(), "pl": own},
    )
    return public.text


@pytest.mark.parametrize("crises", [0, 1, 5])
@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("texts", [DENIES, EXCUSES, PLEADS])
def test_nothing_is_offered_that_the_cluster_forbids(texts: tuple[str, ...], topic: Topic, crises: int) -> None:
    cluster = cluster_of(topic, earlier_crises=crises)
    for variant in (0, 1):
        told = strategy(polish(texts, topic, crises, variant), "pl", cluster)
        assert told.forbidden == ()
        assert not told.mixed


def test_a_users_denial_is_offered_until_history_forbids_it_and_then_ours() -> None:
    assert "To nieprawda" in polish(DENIES, Topic.RUMOUR, 0)
    assert polish(DENIES, Topic.RUMOUR, 1).startswith("Rozumiemy, że ta wiadomość niepokoi.")
    assert "burzy" in polish(EXCUSES, Topic.OUTAGE, 0)
    assert polish(EXCUSES, Topic.OUTAGE, 1).startswith("Przykro nam z powodu utrudnień.")
    assert polish(PLEADS, Topic.OUTAGE, 0).startswith("Sprawdzamy."), "what is left of the user's comes before ours"


@pytest.mark.parametrize("part", [part for part in Part if part is not Part.BOLSTERING])
@pytest.mark.parametrize("cluster", Cluster)
def test_what_is_out_of_place_is_told_in_whole_sentences_of_ones_own_language(part: Part, cluster: Cluster) -> None:
    texts = {
        Part.DENIAL: "This is not true.",
        Part.EXCUSE: "It was beyond our control.",
        Part.APOLOGY: "This is our fault.",
        Part.COMPENSATION: "A refund is on its way.",
    }
    told = {lang: [one.message for one in unsuited(texts[part], "en", cluster, lang)] for lang in ("en", "pl", "ru")}
    assert {len(messages) for messages in told.values()} == {0 if part in ALLOWED[cluster] else 1}
    for message in told["pl"]:
        assert not re.search(
            r"(?i)\b(?:denial|excuse|apology|compensation|bolstering|victim|accidental|preventable)\b", message
        )
    for message in told["ru"]:
        assert not re.search("[A-Za-z]", message)


@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("register", ["formal", "informal"])
@pytest.mark.parametrize("variant", [0, 1])
def test_holding_replies_need_no_approval(topic: Topic, register: str, variant: int) -> None:
    for reply in holding_replies(
        topic=topic,
        languages=LANGUAGES,
        channel="facebook",
        brand_name="Acme",
        status_page=None,
        next_update_at=DUE,
        timezone="UTC",
        register=register,
        variant=variant,
        now=NOON,
    ):
        assert parts_in(reply.text, reply.lang) == ()
