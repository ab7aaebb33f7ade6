"""Which parts an answer may have, by responsibility."""

from __future__ import annotations

import pytest

from daemon.model import Topic
from daemon.replies.choose import holding_replies
from daemon.replies.clusters import Cluster, Part, cluster_of, parts_in, strategy
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


def test_denial_is_for_victims_and_mixes_with_nothing() -> None:
    assert strategy("To nieprawda.", "pl", Cluster.VICTIM).forbidden == ()
    assert strategy("To nieprawda.", "pl", Cluster.PREVENTABLE).forbidden == (Part.DENIAL,)
    assert strategy("To nieprawda, ale przepraszamy.", "pl", Cluster.VICTIM).mixed


def test_apology_and_compensation_need_a_second_person() -> None:
    told = strategy("We apologise and offer a voucher.", "en", Cluster.PREVENTABLE)
    assert told.forbidden == ()
    assert told.approval == (Part.APOLOGY, Part.COMPENSATION)


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
