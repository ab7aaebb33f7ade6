"""Every field rule of a mention, and that no bytes whatever can do harm."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.clock import whole_milliseconds
from daemon.model import Mention, Rejection
from daemon.sources.decode import KEPT_BYTES, decode_payload
from daemon.sources.lexical import BOM, Form

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
LEAST: dict[str, Any] = {"id": "1", "brand": "acme", "channel": "x", "text": "nie działa"}


def decode(payload: bytes | str | object, **changed: Any) -> list[Mention | Rejection]:
    raw = payload if isinstance(payload, bytes) else payload.encode() if isinstance(payload, str) else dump(payload)
    given: dict[str, Any] = {
        "source": "http",
        "topic": None,
        "brand": None,
        "channel": None,
        "brands": {"acme", "globex"},
        "received_at": NOW,
    }
    return decode_payload(raw, **(given | changed))


def dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def mention(payload: bytes | str | object, **changed: Any) -> Mention:
    (item,) = decode(payload, **changed)
    assert isinstance(item, Mention), item.reason
    return item


def rejection(payload: bytes | str | object, **changed: Any) -> Rejection:
    (item,) = decode(payload, **changed)
    assert isinstance(item, Rejection)
    assert "\n" not in item.reason
    assert item.reason.isprintable()
    assert len(item.reason) < 300
    return item


def but(**changed: Any) -> dict[str, Any]:
    return LEAST | changed


def test_the_least_mention_has_its_arrival_as_its_time() -> None:
    assert mention(LEAST) == Mention(
        brand="acme", id="1", channel="x", text="nie działa", published_at=NOW, received_at=NOW
    )


def test_every_field_is_read() -> None:
    full = but(
        published_at="2026-01-05T12:59:30.123999+01:00",
        author="u1",
        author_name="Jan",
        url="https://x.example/1",
        thread="t1",
        followers=12,
        engagement=0,
        lang="pl",
        sentiment=-0.5,
    )
    assert mention(full) == Mention(
        brand="acme",
        id="1",
        channel="x",
        text="nie działa",
        published_at=datetime(2026, 1, 5, 11, 59, 30, 123000, tzinfo=UTC),
        received_at=NOW,
        author="u1",
        author_name="Jan",
        url="https://x.example/1",
        thread="t1",
        followers=12,
        engagement=0,
        lang="pl",
        sentiment=-0.5,
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "i" * 256},
        {"text": "ż" * 20_000},
        {"text": "👩‍👩‍👧" * 4_000},
        {"text": "{}[],:\"\\\u2028 it's"},
        {"brand": "globex"},
        {"channel": "a" + "-" * 63},
        {"followers": 2**63 - 1},
        {"sentiment": 1},
        {"sentiment": -1.0},
        {"extra": {"of": ["any", {"kind": None}]}, "NaN": 2**64 - 1},
        {"author": None, "followers": None, "published_at": None, "lang": None, "sentiment": None, "url": None},
        {"author": "", "url": "a:b:c", "thread": "::"},
        {"extra": "\\u0000"},
    ],
    ids=str,
)
def test_accepted(changed: dict[str, Any]) -> None:
    assert isinstance(mention(but(**changed)), Mention)


@pytest.mark.parametrize("field", ["id", "brand", "channel", "text"])
@pytest.mark.parametrize("value", [..., None, 1, True, [], {}, "", 1.5])
def test_required_fields_must_be_there_and_strings(field: str, value: Any) -> None:
    item = {key: each for key, each in LEAST.items() if key != field} | ({} if value is ... else {field: value})
    assert rejection(item).reason.startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "i" * 257),
        ("text", "t" * 20_001),
        ("brand", "ACME"),
        ("brand", "other"),
        ("brand", "acme\n"),
        ("channel", "Facebook"),
        ("channel", "-x"),
        ("channel", "a" * 65),
        ("channel", "fаcebook"),  # a Cyrillic letter
        ("channel", "x\n"),
        ("author", 5),
        ("author_name", False),
        ("url", ["https://x.example"]),
        ("thread", {}),
        ("followers", -1),
        ("followers", 2**63),
        ("followers", 1.5),
        ("followers", True),
        ("followers", "12"),
        ("engagement", False),
        ("engagement", 2**64),
        ("lang", "PL"),
        ("lang", "pol"),
        ("lang", "pl\u202e"),
        ("lang", ""),
        ("sentiment", 1.01),
        ("sentiment", -2),
        ("sentiment", True),
        ("sentiment", "0.5"),
        ("published_at", "2026-01-05T12:00:00"),
        ("published_at", "2026-01-05"),
        ("published_at", "yesterday"),
        ("published_at", ""),
        ("published_at", 1767614400),
        ("published_at", True),
        ("published_at", "2026-02-30T12:00:00Z"),
        ("published_at", "2026-01-05T24:00:00Z"),
        ("published_at", "2026-01-05T12:00:00+25:00"),
        ("published_at", "0000-01-01T00:00:00Z"),
        ("published_at", "0001-01-01T00:00:00+14:00"),
        ("published_at", "9999-12-31T23:59:59-14:00"),
        ("published_at", "9999-12-31T23:59:60Z"),
        ("published_at", "2026-01-05T12:00:60Z"),
        ("published_at", "12026-01-05T12:00:00Z"),
        ("published_at", "2026-01-05T12:00:00Z" + "\n" * 500),
    ],
)
def test_rejected_naming_the_field(field: str, value: Any) -> None:
    assert rejection(but(**{field: value})).reason.startswith(f"{field}: ")


def test_a_reason_says_what_was_expected() -> None:
    assert rejection(but(published_at="2026-01-05T12:00:00")).reason == (
        "published_at: expected a time with an offset such as 2026-01-05T12:00:00Z, got '2026-01-05T12:00:00'"
    )


def test_a_reason_repeats_nothing_that_people_wrote() -> None:
    for field in ("id", "text", "author", "author_name", "url", "thread"):
        wrong: Any = "SECRET" * 5_000 if field in {"id", "text"} else ["SECRET"]
        assert "SECRET" not in rejection(but(**{field: wrong})).reason


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b'"text":"a\\u0000"', "text: expected text without NUL"),
        (b'"x":{"y":["\\u0000"]}', "x: expected text without NUL"),
        (b'"\\u0000":1', "expected text without NUL"),
        (b'"text":"a\x00"', "text: expected text without NUL"),
        (b'"text":"\\ud800"', "text: expected UTF-8"),
        (b'"text":"\\udc00\\ud800 b"', "text: expected UTF-8"),
        (b'"author":"\xed\xa0\x80"', "author: expected UTF-8"),
        (b'"text":"\xff"', "text: expected UTF-8"),
        (b'"text":"\xc0\x80"', "text: expected UTF-8"),
        (b'"x":"\\ud83d"', "x: expected UTF-8"),
        (b'"id":"2"', "id: given twice"),
        (b'"\\u0069d":"2"', "id: given twice"),
        (b'"author":"a\\u003ab","x":1,"x":1', "x: given twice"),
        (b'"x":[{"a":1,"a":1}]', "a: given twice"),
        (b'"sentiment":NaN', "sentiment: expected a finite number"),
        (b'"sentiment":Infinity', "sentiment: expected a finite number"),
        (b'"x":-Infinity', "x: expected a finite number"),
        (b'"x":[1e999]', "x: expected a finite number"),
        (b'"followers":18446744073709551616', "followers: expected an integer"),
        (b'"x":18446744073709551616', "x: expected an integer of at most 64 bits"),
        (b'"x":-9223372036854775809', "x: expected an integer of at most 64 bits"),
        (b'"x":' + b"9" * 6_000, "x: expected an integer of at most 64 bits"),
        (b'"x":' + b"[" * 64 + b"]" * 64, "x: expected at most 64 levels"),
        (b'"x":' + b"[" * 5_000 + b"]" * 5_000, "at most 64 levels"),
        (b'"x":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "at most 64 levels"),
        (b'"x":01', "expected JSON"),
        (b"\"x\":'a'", "expected JSON"),
        (b'"x":"\t"', "expected JSON"),
        (b'"x":1,', "expected JSON"),
        (b"x:1", "expected JSON"),
    ],
)
@pytest.mark.parametrize("where", ["alone", "array", "lines"])
def test_what_no_mention_may_hold_is_rejected_and_its_neighbours_live(raw: bytes, says: str, where: str) -> None:
    bad = dump(LEAST)[:-1] + b"," + raw + b"}"
    good = dump(LEAST)
    if where == "alone":
        assert says in rejection(bad).reason
        return
    payload = b"[" + good + b" , " + bad + b"," + good + b"]" if where == "array" else b"\n".join((good, bad, good))
    before, between, after = decode(payload)
    assert isinstance(before, Mention)
    assert isinstance(between, Rejection)
    assert isinstance(after, Mention)
    assert says in between.reason
    assert between.index == 1
    assert between.payload == bad[:KEPT_BYTES]


def test_sixty_four_levels_are_fine() -> None:
    assert mention(dump(LEAST)[:-1] + b',"x":' + b"[" * 63 + b"]" * 63 + b"}").id == "1"


@pytest.mark.parametrize("payload", [b"", b" \r\n\t", b"[]", b" [ ] ", BOM, BOM + b"[]", b"\n\n"])
@pytest.mark.parametrize("form", get_args(Form))
def test_nothing_is_no_mention(payload: bytes, form: Form) -> None:
    if form == "ndjson" and b"[" in payload:
        return
    assert decode(payload, form=form) == []


@pytest.mark.parametrize("form", get_args(Form))
def test_a_byte_order_mark_is_accepted(form: Form) -> None:
    assert mention(BOM + dump(LEAST), form=form).id == "1"


@pytest.mark.parametrize(
    ("payload", "form"),
    [
        (b"42", "auto"),
        (b"null", "json"),
        (b'"text"', "auto"),
        (b"hello", "auto"),
        (b"\x00", "auto"),
        (b"\x1f\x8b\x08", "auto"),
        (b'{"id": "1', "auto"),
        (b'[{"id": "1"}', "auto"),
        (b'[{"id": "1"}] x', "auto"),
        (b"[" * 100_000, "auto"),
        (b'"\\"' * 100_000, "auto"),
        (b'{"\\"' + b'\\"' * 200_000, "auto"),
        (dump(LEAST) + b"\n" + dump(LEAST), "json"),
        (json.dumps(LEAST).encode("utf-16"), "auto"),
    ],
)
def test_an_undecodable_payload_is_one_rejection(payload: bytes, form: Form) -> None:
    item = rejection(payload, form=form)
    assert item.index is None
    assert item.payload == payload[:KEPT_BYTES]


def test_indices_count_array_items() -> None:
    items = decode([LEAST, 1, None, "x", [LEAST], but(id=""), LEAST])
    assert [item.index for item in items if isinstance(item, Rejection)] == [1, 2, 3, 4, 5]


def test_indices_count_lines_that_are_not_empty() -> None:
    good = dump(LEAST)
    items = decode(b"\r\n".join((b"", good, b"", b"oops", b"   ", good, b"{}", b"")))
    assert [item.index if isinstance(item, Rejection) else item.id for item in items] == ["1", 1, "1", 3]


def test_one_line_of_ndjson_is_an_item() -> None:
    assert rejection(b"oops", form="ndjson").index == 0
    assert rejection(b"{}", form="ndjson").index == 0


def test_an_object_over_several_lines_is_one() -> None:
    assert mention(json.dumps(but(x={"y": [1]}), indent=2)).id == "1"


def test_a_comma_too_many_costs_no_neighbour() -> None:
    first, second = decode(b"[" + dump(LEAST) + b",]")
    assert isinstance(first, Mention)
    assert isinstance(second, Rejection)
    assert second.index == 1


# ── times ────────────────────────────────────────────────────────────────────


def at(moment: datetime) -> dict[str, Any]:
    return but(published_at=moment.isoformat())


def test_up_to_five_minutes_ahead_is_believed() -> None:
    assert mention(at(NOW + timedelta(minutes=5))).published_at == NOW + timedelta(minutes=5)
    assert not mention(at(NOW + timedelta(minutes=5))).clamped


def test_further_ahead_is_clamped_to_arrival() -> None:
    for ahead in (timedelta(minutes=5, milliseconds=1), timedelta(days=365 * 7000)):
        item = mention(at(NOW + ahead))
        assert (item.published_at, item.clamped) == (NOW, True)


def test_the_distant_past_is_a_time() -> None:
    assert mention(but(published_at="0001-01-01T00:00:00Z")).published_at == datetime(1, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2016-12-31T23:59:60Z",
        "2016-12-31T23:59:60.999Z",
        "2017-01-01T01:59:60+02:00",
        "2016-12-31t23:59:60z",
        "2017-01-01T05:29:60+05:30",
    ],
)
def test_a_leap_second_is_a_time(text: str) -> None:
    assert mention(but(published_at=text)).published_at.replace(microsecond=0) == datetime(2017, 1, 1, tzinfo=UTC)


# ── what the transport says ──────────────────────────────────────────────────


def test_the_topic_names_what_the_payload_leaves_out() -> None:
    item = mention({"id": "1", "text": "a"}, brand="globex", channel="vk", topic="mentions/globex/vk")
    assert (item.brand, item.channel) == ("globex", "vk")


def test_a_payload_may_agree_with_the_topic() -> None:
    assert mention(LEAST, brand="acme", channel="x").brand == "acme"


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"brand": "globex"}, "brand"),
        ({"brand": "ACME"}, "brand"),
        ({"brand": "acme/x"}, "brand"),
        ({"brand": "+"}, "brand"),
        ({"brand": "#"}, "brand"),
        ({"brand": ""}, "brand"),
        ({"brand": "аcme"}, "brand"),  # a Cyrillic letter
        ({"brand": "acme "}, "brand"),
        ({"channel": "facebook"}, "channel"),
        ({"channel": "X"}, "channel"),
        ({"channel": "#"}, "channel"),
        ({"channel": "x\u200b"}, "channel"),
    ],
)
def test_a_payload_that_contradicts_the_topic_is_rejected(stated: dict[str, str], field: str) -> None:
    item = rejection({"id": "1", "text": "a"} | stated, brand="acme", channel="x", topic="mentions/acme/x")
    assert item.reason.startswith(f"{field}: ")
    assert (item.brand, item.topic) == ("acme", "mentions/acme/x")


def test_a_rejection_names_its_brand_where_that_is_known() -> None:
    assert rejection(but(text="")).brand == "acme"
    assert rejection(but(text="", brand="nobody")).brand is None
    assert rejection(b"{").brand is None
    assert rejection(b"{", brand="acme").brand == "acme"


# ── whatever comes ───────────────────────────────────────────────────────────

_hostile = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [
                *(bytes([byte]) for byte in b'{}[],:"\\\n0\xff'),
                *(b'"id":"1"', b'"text":"a"', b'"brand":"acme"', b'"channel":"x"', dump(LEAST)),
                *(b"NaN", b"1e999", b"\\ud800", b"\\u0000", BOM),
            ]
        ),
        max_size=40,
    ).map(b"".join),
)
_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


@given(_hostile, st.sampled_from(get_args(Form)))
def test_no_bytes_make_it_raise(payload: bytes, form: Form) -> None:
    for item in decode(payload, form=form):
        assert isinstance(item, Mention | Rejection)
        if isinstance(item, Rejection):
            assert item.reason.isprintable()


@given(
    st.lists(st.one_of(st.just(None), _text), min_size=1, max_size=8),
    st.sampled_from([b'{"id":NaN}', b'{"a":"\xff"}', b'{"id":"1","id":"1"}', b'{"id":01}', b'{"a":["\\udc00"]}']),
    st.booleans(),
)
def test_the_good_survive_beside_the_bad(texts: list[str | None], bad: bytes, as_lines: bool) -> None:  # noqa: FBT001
    raw = [bad if text is None else dump(but(text=text)) for text in texts]
    payload = b"\n".join(raw) if as_lines else b"[" + b",".join(raw) + b"]"
    items = decode(payload, form="ndjson" if as_lines else "auto")
    assert [item.text if isinstance(item, Mention) else None for item in items] == texts


_anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False), _text),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_text, inner, max_size=3)),
    max_leaves=8,
).filter(lambda value: "Infinity" not in json.dumps(value))


@given(_text, _text, _anything, st.booleans())
def test_what_is_written_is_what_is_read(text: str, author: str, unknown: Any, escaped: bool) -> None:  # noqa: FBT001
    item = mention(json.dumps(but(text=text, author=author, unknown=unknown), ensure_ascii=escaped))
    assert (item.text, item.author) == (text, author)


@given(st.datetimes(min_value=datetime(2, 1, 1)), st.integers(-1439, 1439))  # noqa: DTZ001 - the offset is the other
def test_any_offset_is_read(local: datetime, minutes: int) -> None:
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    try:
        in_utc = whole_milliseconds(moment.astimezone(UTC))
    except OverflowError:  # the last hours of the year 9999
        assert rejection(at(moment)).reason.startswith("published_at: ")
        return
    item = mention(at(moment))
    assert item.published_at == (NOW if item.clamped else in_utc)
