"""Holding replies: complete, short, fit to post, extendable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from daemon.errors import ConfigError
from daemon.model import Topic
from daemon.replies.channels import LIMITED, fits
from daemon.replies.choose import holding_replies
from daemon.replies.library import REGISTERS, VISIBILITIES, load_library
from daemon.replies.lint import check
from daemon.response.promises import promised_times

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
FRIENDLY = {
    "pl": "Hej, możesz sprawdzić, czemu mi nie działa?",
    "ru": "Привет! Ты можешь проверить, почему не работает?",
    "en": "hey guys, it's down, can u check?",
}
ANGRY = {"pl": "Skandal! Nic nie działa!", "ru": "Безобразие! Ничего не работает!", "en": "Outrageous! Nothing works!"}
LANGUAGES = tuple(ANGRY)


def replies(topic: Topic = Topic.OUTAGE, channel: str = "x", **other: object) -> list[str]:
    given = {
        "languages": LANGUAGES,
        "brand_name": "Acme Mobile",
        "status_page": "https://acme.example/status",
        "next_update_at": DUE,
        "timezone": "Europe/Warsaw",
        "now": NOON,
        **other,
    }
    return [reply.text for reply in holding_replies(topic=topic, channel=channel, **given)]  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("register", REGISTERS)
def test_there_are_two_alternatives_for_every_occasion(lang: str, topic: Topic, visibility: str, register: str) -> None:
    texts = load_library()[lang].replies[topic, visibility, register]
    assert len(set(texts)) == 2


@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("register", REGISTERS)
@pytest.mark.parametrize("variant", [0, 1])
def test_every_reply_lints_clean_is_short_and_promises_the_time(topic: Topic, register: str, variant: int) -> None:
    offered = holding_replies(
        topic=topic,
        languages=LANGUAGES,
        channel="x",
        brand_name="Acme Mobile",
        status_page="https://acme.example/status",
        next_update_at=DUE,
        timezone="Europe/Warsaw",
        register=register,
        variant=variant,
        now=NOON,
    )
    assert len(offered) == 6
    for reply in offered:
        assert fits(reply.text, "x", reply.visibility)
        for customer in (None, ANGRY[reply.lang]) if register == "formal" else (FRIENDLY[reply.lang],):
            found = check(
                reply.text,
                lang=reply.lang,
                customer=customer,
                audience=reply.visibility,
                channel="x",
                incident=True,
                now=NOON,
                timezone="Europe/Warsaw",
            )
            assert found == ()
        assert promised_times(reply.text, reply.lang, NOON, "Europe/Warsaw") == (DUE,)


@pytest.mark.parametrize("channel", [*LIMITED, "facebook"])
@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("register", REGISTERS)
def test_on_every_channel_a_public_reply_has_room_and_lints_clean(channel: str, topic: Topic, register: str) -> None:
    far = DUE + timedelta(days=9)  # the longest that the next word is told: a Monday, with its date
    for reply in holding_replies(
        topic=topic,
        languages=LANGUAGES,
        channel=channel,
        brand_name="Acme Mobile",
        status_page="https://acme.example/status",
        next_update_at=far,
        timezone="America/New_York",
        register=register,
        now=NOON,
    ):
        customer = (ANGRY if register == "formal" else FRIENDLY)[reply.lang]
        about = {"audience": reply.visibility, "incident": True, "now": NOON, "timezone": "America/New_York"}
        found = check(reply.text, lang=reply.lang, customer=customer, channel=channel, **about)  # type: ignore[arg-type]
        assert found == () or reply.visibility == "private"
        assert fits(reply.text, channel) or reply.visibility == "private"
        assert promised_times(reply.text, reply.lang, NOON, "America/New_York") == (far,)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("topic", Topic)
def test_a_short_text_has_room_whenever_the_next_word_comes(lang: str, topic: Topic) -> None:
    (text,) = load_library()[lang].short(topic, "public")
    for day in range(365):
        when = load_library()[lang].phrases.next_word(DUE + timedelta(days=day), ZoneInfo("America/New_York"), NOON)
        assert len(text.format(next=when)) <= 150


def test_where_there_is_room_the_longer_texts_are_offered() -> None:
    short = {load_library()[lang].short(Topic.OUTAGE, "public")[0].split("{")[0] for lang in LANGUAGES}
    assert sum(text.startswith(tuple(short)) for text in replies(channel="tiktok")) == 3
    assert not any(text.startswith(tuple(short)) for text in replies(channel="x"))


def test_a_language_without_short_texts_offers_its_shortest() -> None:
    english = load_library()["en"]
    kept = {key: texts for key, texts in english.replies.items() if key[2] != "short"}
    pack = replace(english, lang="de", replies={**kept, (Topic.OUTAGE, "public", "formal"): ("l" * 200, "s" * 180)})
    (public, _) = replies(channel="tiktok", languages=["de"], library={"de": pack})
    assert public == "s" * 180


def test_the_time_is_told_as_a_native_would() -> None:
    polish, _, russian, _, english, _ = replies()
    assert "o 15:30" in polish
    assert "в 15:30" in russian
    assert "by 15:30" in english
    assert "by 9:30 am" in replies(timezone="America/New_York")[4]


def test_another_day_is_named() -> None:
    polish, _, russian, _, english, _ = replies(next_update_at=DUE + timedelta(days=1))
    assert "jutro o 15:30" in polish
    assert "завтра в 15:30" in russian
    assert "tomorrow by 15:30" in english
    polish, _, russian, _, english, _ = replies(next_update_at=DUE + timedelta(days=3))
    assert "we wtorek 24 listopada o 15:30" in polish
    assert "во вторник, 24 ноября, в 15:30" in russian
    assert "on Tuesday, 24 November, by 15:30" in english


def test_clocks_that_went_back_do_not_shift_the_time_told() -> None:
    night = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 2:30 for the second time
    assert "o 2:30" in replies(next_update_at=night, now=night - timedelta(hours=1))[0]


def test_the_status_page_is_linked_where_there_is_one_and_room_for_it() -> None:
    assert all("https://acme.example/status" in text for text in replies(channel="facebook"))
    assert not any("http" in text for text in replies(status_page=None))
    long = replies(status_page="https://acme.example/" + "x" * 200)
    assert all(len(text) <= 280 for text in long[::2])


@pytest.mark.parametrize("topic", [topic for topic in Topic if topic is not Topic.OUTAGE])
def test_the_status_page_is_linked_only_where_it_has_something_to_say(topic: Topic) -> None:
    assert not any("http" in text for text in replies(topic, channel="facebook"))


def test_a_language_without_a_library_is_answered_in_english_once() -> None:
    offered = holding_replies(
        topic=Topic.OTHER,
        languages=["de", "pl", "en"],
        channel="facebook",
        brand_name="Acme",
        status_page=None,
        next_update_at=DUE,
        timezone="UTC",
    )
    assert [reply.lang for reply in offered] == ["en", "en", "pl", "pl"]
    assert [reply.visibility for reply in offered] == ["public", "private"] * 2


def test_a_brand_name_with_braces_is_told_as_it_is() -> None:
    assert all("{next}" in text for text in replies(channel="facebook", brand_name="{next}"))


def test_a_user_replaces_single_sections(tmp_path: Path) -> None:
    (tmp_path / "pl.toml").write_text('[outage.public]\nformal = ["Przykro nam. Wracamy {next}."]\n', "utf-8")
    library = load_library(tmp_path)
    assert library["pl"].texts(Topic.OUTAGE, "public", "formal") == ("Przykro nam. Wracamy {next}.",)
    assert len(library["pl"].texts(Topic.STAFF, "public", "formal")) == 2


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("[outage.public]\nformal = ['Soon.']", "outage.public.formal[0]: expected {next}"),
        ("[outage.public]\nformal = ['{next} {name}']", "outage.public.formal[0]: unknown field {name}"),
        ("[outage.public]\nformal = ['{next']", "outage.public.formal[0]: "),
        ("[outage.public]\nformal = 'text'", "outage.public.formal: expected a list"),
        ("[outage.secret]\nformal = ['{next}']", "outage.secret: expected [TOPIC.public]"),
        ("[strike.public]\nformal = ['{next}']", "strike: expected [TOPIC.public]"),
        ("[outage.public]\nloud = ['{next}']", "outage.public.loud: expected"),
        ("[phrases]\nmonths = ['one']", "phrases.months: expected twelve"),
        ("[phrases]\ntoday = '{clock}'", "phrases.today: unknown field {clock}"),
        ("[outage", "Expected"),
        (f"[outage.public]\nformal = ['{{next}} {'x' * 300}']", "expected at most 280"),
        (f"[outage.public]\nshort = ['{{next}} {'x' * 140}']", "expected at most 150"),
        ("[outage.private]\nshort = ['{next}']", "outage.private.short: expected"),
    ],
)
def test_each_fault_of_a_users_file_is_named(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "pl.toml").write_text(content, "utf-8")
    with pytest.raises(ConfigError) as raised:
        load_library(tmp_path)
    assert any(line.startswith("pl.toml: ") and fault in line for line in raised.value.faults)


def test_a_new_language_must_be_complete(tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_text("[outage.public]\nformal = ['Update {next}.']", "utf-8")
    with pytest.raises(ConfigError, match=r"de\.toml: staff\.private\.formal: missing"):
        load_library(tmp_path)


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected a folder"):
        load_library(tmp_path / "none")
