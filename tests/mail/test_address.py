"""Signed addresses to answer to."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from config.schema import Email
from daemon.mail.address import (
    LONGEST_LOCAL,
    BadToken,
    Mailing,
    delivery_of,
    expired,
    replies_to,
    reply_address,
    verify,
)

SECRET = "0123456789abcdef-of-the-tests"
BASE = "tocsin@acme.example"
MAILING = Mailing(
    delivery_id="0f8fad5b-d9cb-469f-a165-70867728950e",
    incident_id="acme-20261014-1",
    address="anna@acme.example",
    at=datetime(2026, 10, 14, 12, 0, tzinfo=UTC),
)


def signed(base: str = BASE, secret: str = SECRET, mailing: Mailing = MAILING) -> str:
    return reply_address(
        base,
        secret=secret,
        incident_id=mailing.incident_id,
        address=mailing.address,
        delivery_id=mailing.delivery_id,
    )


def test_it_is_an_address_that_any_server_takes() -> None:
    base = f"{'a' * LONGEST_LOCAL}@acme.example"
    local = signed(base).partition("@")[0]
    assert len(local) <= 64
    assert local == local.lower()
    assert local.isascii()


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_it_names_its_delivery_in_letters_of_any_size(change: type) -> None:
    address = change(signed())
    assert delivery_of(address, BASE) == MAILING.delivery_id
    verify(address, BASE, MAILING, secret=SECRET)


@pytest.mark.parametrize(
    "mailing",
    [
        replace(MAILING, incident_id="acme-20261014-2"),
        replace(MAILING, address="bob@acme.example"),
        replace(MAILING, delivery_id=str(uuid.UUID(int=1))),
    ],
)
def test_it_is_bound_to_its_incident_its_reader_and_its_mail(mailing: Mailing) -> None:
    with pytest.raises(BadToken):
        verify(signed(), BASE, mailing, secret=SECRET)


def test_another_secret_signs_nothing() -> None:
    with pytest.raises(BadToken):
        verify(signed(secret="another"), BASE, MAILING, secret=SECRET)


@given(st.integers(min_value=0, max_value=41), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_one_letter_changed_spoils_it(place: int, letter: str) -> None:
    good = signed()
    begin = good.index("+") + 1 + place
    changed = good[:begin] + letter + good[begin + 1 :]
    if changed != good and place < 41:  # the last letter holds two bits that say nothing
        assert delivery_of(changed, BASE) != MAILING.delivery_id or _bad(changed)


def _bad(address: str) -> bool:
    try:
        verify(address, BASE, MAILING, secret=SECRET)
    except BadToken:
        return True
    return False


@pytest.mark.parametrize(
    "other",
    [
        "tocsin@acme.example",
        "tocsin+short@acme.example",
        "tocsin+" + "1" * 42 + "@acme.example",
        "tocsin+" + "é" * 42 + "@acme.example",
        signed().replace("tocsin+", "other+"),
        signed().replace("acme.example", "evil.example"),
        "",
        "@",
        "+@",
    ],
)
def test_other_addresses_name_nothing(other: str) -> None:
    assert delivery_of(other, BASE) is None
    with pytest.raises(BadToken):
        verify(other, BASE, MAILING, secret=SECRET)


def test_it_is_good_for_seven_days() -> None:
    assert not expired(MAILING, MAILING.at + timedelta(days=7) - timedelta(seconds=1))
    assert expired(MAILING, MAILING.at + timedelta(days=7))


def test_answers_go_to_the_sender_unless_another_address_is_named() -> None:
    replies = {"username": "u", "password": "p"}
    email = {"sender": "Tocsin <tocsin@acme.example>", "replies": replies}
    assert replies_to(Email.model_validate(email)) == BASE
    named = email | {"replies": replies | {"address": "answers@acme.example"}}
    assert replies_to(Email.model_validate(named)) == "answers@acme.example"
