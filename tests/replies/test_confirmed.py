"""What the fact sheet says, told in holding replies: in their language, where there is room, and only what is fit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from daemon.model import HoldingReply, Topic
from daemon.replies.channels import fits
from daemon.replies.choose import holding_replies
from daemon.replies.confirmed import sentences
from daemon.replies.lint import check
from daemon.response.promises import promised_times

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
CUT = {
    "pl": "Kabel światłowodowy jest przecięty na Pradze.",
    "ru": "Повреждён оптический кабель в Казани.",
    "en": "A fibre is cut in the north of the city.",
}


def offered(
    *facts: str, channel: str = "facebook", topic: Topic = Topic.OUTAGE, earlier_crises: int = 0
) -> tuple[HoldingReply, ...]:
    return holding_replies(
        topic=topic,
        languages=["pl", "ru", "en"],
        channel=channel,
        brand_name="Acme",
        status_page="https://acme.example/status",
        next_update_at=DUE,
        timezone="Europe/Warsaw",
        facts=facts,
        earlier_crises=earlier_crises,
        now=NOON,
    )


@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("channel", ["x", "facebook"])
def test_a_fact_is_told_in_its_own_language_alone_and_the_reply_stays_fit(topic: Topic, channel: str) -> None:
    plain = offered(channel=channel, topic=topic)
    for reply, before in zip(offered(*CUT.values(), channel=channel, topic=topic), plain, strict=True):
        foreign = [fact for lang, fact in CUT.items() if lang != reply.lang]
        assert not any(fact in reply.text for fact in foreign)
        if channel == "facebook":
            assert CUT[reply.lang] in reply.text
        else:
            assert fits(reply.text, channel, reply.visibility)
        assert ("https://" in reply.text) == ("https://" in before.text), "the link matters more"
        assert promised_times(reply.text, reply.lang, NOON, "Europe/Warsaw") == (DUE,)
        about = {"audience": reply.visibility, "channel": channel, "facts": tuple(CUT.values()), "now": NOON}
        assert check(reply.text, lang=reply.lang, incident=True, timezone="Europe/Warsaw", **about) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fact", "lang"),
    [
        ("A fibre was cut by roadworks near Łódź Widzew.", "en"),
        ("Mobile internet is down in Łódź and Zgierz; calls work.", "en"),
        ("Koparka przecięła światłowód przy London Road.", "pl"),
        ("Экскаватор повредил кабель компании Orange.", "ru"),
    ],
)
def test_the_names_in_a_fact_do_not_tell_its_language(fact: str, lang: str) -> None:
    assert [one for one in ("pl", "ru", "en") if sentences((fact,), one)] == [lang]


def test_it_stands_after_the_empathy_and_before_what_is_being_done() -> None:
    polish, _, _, russian, english, _ = (reply.text for reply in offered(*CUT.values()))
    assert polish.startswith(f"Przykro nam z powodu utrudnień. {CUT['pl']} Dostajemy zgłoszenia")
    assert russian.startswith("Здравствуйте! Нам жаль, что услуга работает не так, как должна. Повреждён")
    assert english.startswith(f"We're sorry for the disruption. {CUT['en']} We are receiving reports")


def test_the_latest_two_are_told_in_their_order() -> None:
    facts = ("Some phones do not work today.", "A fibre is cut in the north.", "the technicians are there")
    told = "A fibre is cut in the north. The technicians are there."
    assert sentences(facts, "en") == ("A fibre is cut in the north.", "The technicians are there.")
    assert told in offered(*facts)[4].text
    assert "phones" not in offered(*facts)[4].text


def test_what_has_no_room_is_left_out_and_nothing_is_cut() -> None:
    long = "A fibre is cut in the north of the city " + "and in the south " * 8 + "too."
    assert offered(long, channel="x")[4] == offered(channel="x")[4]
    assert offered(f"{long} {long}") == offered(), "nobody reads a sentence so long"


@pytest.mark.parametrize(
    "fact",
    [
        "We apologise for our mistake and refund everybody.",  # binds the brand
        "The service will be back by 17:00.",  # a time of the fix
        "We will post the next update here by 17:00.",  # another promise than ours
        "It is your own fault, calm down.",
        "Probably the supplier is guilty, we think.",
        "See https://evil.example for what has happened.",
        "Our @everyone channel is not working today.",
        "The network is \u202enwod\u202c in the north of the city.",
        "The network is\x1b[31m down in the north of the city.",
        "Is the network down in the north of the city?",
        "1200",
        "",
    ],
)
def test_what_is_not_fit_to_post_is_left_out(fact: str) -> None:
    assert offered(fact) == offered()


def test_a_facts_signs_are_plain_text() -> None:
    fact = "The cable A <-> B & its *router* are cut in %s."
    assert fact in offered(fact)[4].text


@pytest.mark.parametrize("field", ["{next}", "{0}", "{brand", "}", "{{x}}", "<b>here</b>", "<!channel>"])
def test_a_facts_fields_and_tags_are_left_out_with_it(field: str) -> None:
    text = offered(f"The cable {field} was cut in the north of the city.")[4].text
    assert "by 15:30" in text
    assert text == offered()[4].text or field in text, "never filled in"


def test_an_excuse_on_the_fact_sheet_is_told_only_by_a_brand_without_a_crisis_before() -> None:
    excuse = "Nikt nie mógł przewidzieć tej burzy."
    assert excuse in offered(excuse)[0].text
    assert offered(excuse, earlier_crises=1) == offered(earlier_crises=1)


def test_a_fact_that_is_not_fit_hides_no_other() -> None:
    assert CUT["en"] in offered(CUT["en"], "We apologise for our mistake and refund everybody.")[4].text
