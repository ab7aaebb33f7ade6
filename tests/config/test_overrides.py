"""The environment goes over credentials, and both over the file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import load, secrets
from daemon.errors import ConfigError
from tests.fakes.configuration import CANARY, EXAMPLE, faults, with_lines


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TOCSIN_WEB__PORT", "8081", 8081),
        ("tocsin_web__port", " 8081 ", 8081),
        ("TOCSIN_WEB__HOST", "::1", "::1"),
        ("TOCSIN_DETECTION__FALSE_ALERTS_PER_YEAR", "0.5", 0.5),
        ("TOCSIN_SOURCES__MQTT__TLS", "true", True),
        ("TOCSIN_SOURCES__MQTT__TLS", "TRUE", True),
        ("TOCSIN_DEADLINES__NEXT_UPDATE__MAJOR", "45m", timedelta(minutes=45)),
        ("TOCSIN_BRANDS__ACME__NAME", "123", "123"),
        ("TOCSIN_BRANDS__ACME__LANGUAGES", '["pl", "ru"]', ("pl", "ru")),
        ("TOCSIN_INCIDENTS__RESOLVE_AFTER", "1h", timedelta(hours=1)),
    ],
)
def test_the_environment_overrides_the_file(file: Path, name: str, value: str, expected: Any) -> None:
    found: Any = load(file, {name: value})
    for step in name.lower().removeprefix("tocsin_").split("__"):
        found = found[step] if isinstance(found, dict) else getattr(found, step)
    assert found == expected


def test_names_that_people_choose_may_hold_dashes_underscores_and_capitals(file: Path) -> None:
    with_lines(
        file,
        '[brands.my-brand__x]\nname = "old"\nescalation = "Night-Shift"\n[brands.my-brand]\nname = "other"\n'
        '[[escalation.default.steps]]\nafter="0m"\nnotify=["console:a"]\n'
        '[[escalation.Night-Shift.steps]]\nafter="0m"\nnotify=["console:a"]\n',
    )
    config = load(file, {"TOCSIN_BRANDS__MY-BRAND__X__NAME": "new"})
    assert config.brands["my-brand__x"].name == "new"
    assert config.brands["my-brand"].name == "other"


def test_a_section_that_the_file_leaves_out_can_be_made(file: Path) -> None:
    config = load(file, {"TOCSIN_NOTIFIERS__SLACK__BOT_TOKEN": "xoxb-1"})
    assert config.notifiers.slack is not None
    assert config.notifiers.slack.bot_token.get_secret_value() == "xoxb-1"


def test_what_the_environment_says_wrongly_is_named_with_its_variable(file: Path) -> None:
    assert faults(file, {"TOCSIN_WEB__PORT": "many"}) == (
        "web.port: expected a whole number without quotes (set by TOCSIN_WEB__PORT)",
    )


@pytest.mark.parametrize(
    "name", ["TOCSIN_STORE__URI", "TOCSIN_WEB__TOKENS__0__TOKEN", "TOCSIN___", "TOCSIN_WEB__", "TOCSIN_NO__SUCH"]
)
def test_a_variable_that_names_nothing_is_a_fault(file: Path, name: str) -> None:
    (fault,) = faults(file, {name: CANARY})
    assert fault.startswith(f"{name}: no such setting")
    assert CANARY not in fault


def test_an_array_that_is_not_json_is_a_fault(file: Path) -> None:
    (fault,) = faults(file, {"TOCSIN_BRANDS__ACME__LANGUAGES": "pl,en"})
    assert fault == 'TOCSIN_BRANDS__ACME__LANGUAGES: expected a JSON array, such as ["pl", "en"]'


def test_other_variables_are_left_alone(file: Path) -> None:
    load(file, {"TOCSIN_TOKEN": "x", "TOCSIN_SERVICE_HOST": "10.0.0.1", "HOME": "/root", "X__Y": "1"})


def test_a_variable_that_is_not_text_is_a_fault(file: Path) -> None:
    assert faults(file, {"TOCSIN_WEB__HOST": "\udcff"}) == ("TOCSIN_WEB__HOST: expected UTF-8 text",)


def test_credentials_override_the_file_and_the_environment_both(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "tocsin_web__secret_key").write_text("from-a-credential-1\n")
    (folder / "tocsin_notifiers__slack__bot_token").write_text("xoxb-credential\n")
    (folder / "tocsin_web__tokens").write_text('[{"name": "crm", "token": "t-1", "role": "ingest"}]')
    (folder / "other").write_bytes(b"\xff")
    environ = {"CREDENTIALS_DIRECTORY": str(folder), "TOCSIN_NOTIFIERS__SLACK__BOT_TOKEN": "xoxb-environment"}
    config = load(file, environ)
    assert set(secrets(config)) == {"from-a-credential-1", "xoxb-environment", "t-1"}


def test_credentials_that_cannot_be_read_are_a_fault(file: Path, tmp_path: Path) -> None:
    assert faults(file, {"CREDENTIALS_DIRECTORY": str(tmp_path / "none")}) == (
        "$CREDENTIALS_DIRECTORY: No such file or directory; expected readable files of UTF-8 text",
    )


@settings(max_examples=50, deadline=None)
@given(name=st.text(max_size=40), value=st.text(max_size=40))
def test_whatever_the_environment_holds_it_is_used_or_refused_in_words(name: str, value: str) -> None:
    said: tuple[str, ...] = ()
    try:
        load(EXAMPLE, {f"TOCSIN_WEB__{name}": value})
    except ConfigError as error:
        said = error.faults
    assert all(": " in fault for fault in said)
