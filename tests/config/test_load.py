"""What stands in the file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from config.load import load
from tests.fakes.configuration import CANARY, EXAMPLE, SMALLEST, faults, with_lines


def test_the_example_works() -> None:
    config = load(EXAMPLE, {})
    assert config.brands["acme"].languages == ("pl", "en")
    assert config.escalation["default"].steps[1].after == timedelta(minutes=5)


def test_the_example_shows_every_section_as_the_defaults_have_it(file: Path) -> None:
    example, smallest = load(EXAMPLE, {}), load(file, {})
    assert example.deadlines == smallest.deadlines
    assert example.incidents == smallest.incidents
    assert example.detection == smallest.detection


def test_one_brand_one_source_a_store_and_a_key_are_enough(file: Path) -> None:
    config = load(file, {})
    assert config.sources.mqtt is None
    assert config.notifiers.slack is None
    assert config.escalation == {}


def test_a_byte_order_mark_is_accepted(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + SMALLEST.encode())
    assert list(load(file, {}).brands) == ["acme"]


def test_a_relative_database_lies_beside_the_file(file: Path) -> None:
    assert load(file, {}).store.url == f"sqlite:///{file.parent}/tocsin.db"


def test_a_relative_database_lies_in_the_state_directory_where_there_is_one(file: Path) -> None:
    assert load(file, {"STATE_DIRECTORY": "/var/lib/tocsin:/other"}).store.url == "sqlite:////var/lib/tocsin/tocsin.db"


def test_an_absolute_database_stays_where_it_is(file: Path) -> None:
    url = "sqlite:////srv/t.db?mode=rw"
    assert load(file, {"TOCSIN_STORE__URL": url, "STATE_DIRECTORY": "/var/lib/x"}).store.url == url


def test_the_short_name_of_postgresql_means_the_same(file: Path) -> None:
    assert load(file, {"TOCSIN_STORE__URL": "postgres://u@h/d"}).store.url == "postgresql://u@h/d"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path / "none.toml")
    assert fault == f"{tmp_path}/none.toml: No such file or directory; name a TOML file that can be read"


def test_a_syntax_error_says_its_line(file: Path) -> None:
    (fault,) = faults(with_lines(file, f'token = "{CANARY}\n'))
    assert "line 9" in fault
    assert CANARY not in fault


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"a = " + b"[" * 5000, b"a = " + b"9" * 5000, b"a = 0x" + b"f" * 5000, b"a = nan"]
)
def test_what_no_configuration_can_be_is_refused_in_words(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert all(": " in fault for fault in faults(file))
