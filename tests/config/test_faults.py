"""Every fault is named, with its path, and no message holds a secret."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.crosscheck import EXAMPLE_SECRET_KEY
from config.load import load
from daemon.errors import ConfigError
from tests.fakes.configuration import CANARY, EXAMPLE, SMALLEST, faults, with_lines

_REPLIES = '[notifiers.email.replies]\nusername = "t"\npassword = "p"\n'


NO_COUNTRY = 'expected a country whose public holidays are known, such as "PL", or a part of one, such as "DE-BY"'


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('[brands.b]\nname = ""', "brands.b.name: expected at least 1 characters"),
        ("[brands.b]\nname = 3", "brands.b.name: expected text in quotes"),
        ("[brands.b]\nname = 2026-01-01", "brands.b.name: expected text in quotes"),
        (
            '[brands.b]\nname = "B"\nlanguages = ["pl", "polish"]',
            'brands.b.languages[1]: expected a language code of two letters, such as "pl"',
        ),
        ('[brands.b]\nname = "B"\nlanguages = "pl"', "brands.b.languages: expected an array in square brackets"),
        ('[brands.b]\nname = "B"\nescalaton = "x"', "brands.b.escalaton: unknown key; did you mean escalation?"),
        (
            '[brands.b]\nname = "B"\ntimezone = "Warsaw"',
            'brands.b.timezone: expected a time zone such as "Europe/Warsaw"',
        ),
        *(
            (
                f'[brands.b]\nname = "B"\ncountry = "{country}"',
                "brands.b.country: " + NO_COUNTRY,
            )
            for country in ("Poland", "pl", "", "DE-XX", "PL-")
        ),
        (
            '[brands."B c"]\nname = "B"',
            'brands."B c": expected a name of 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or digit',
        ),
        ('[sources.mqtt]\nport = "1883"', "sources.mqtt.port: expected a whole number without quotes"),
        ("[sources.mqtt]\nport = true", "sources.mqtt.port: expected a whole number without quotes"),
        ("[sources.mqtt]\nport = 0", "sources.mqtt.port: expected a number of at least 1"),
        ("[sources.mqtt]\ntls = 1", "sources.mqtt.tls: expected true or false without quotes"),
        (
            '[sources.mqtt]\nprefix = "a/#"',
            "sources.mqtt.prefix: expected a topic without + and #, not ending in /",
        ),
        ("[detection]\nfalse_alerts_per_year = 0", "detection.false_alerts_per_year: expected a number above 0"),
        ("[detection]\nlate_after = 15", 'detection.late_after: expected a duration in quotes, such as "5m"'),
        (
            '[detection]\nlate_after = "-5m"',
            (
                "detection.late_after: expected a duration: a positive whole number and a unit, "
                'such as "30s", "5m", "1h" or "30d"'
            ),
        ),
        (
            'trusted_proxies = ["127.0.0.1", "proxy"]',
            'web.trusted_proxies[1]: expected an address or a network, such as "127.0.0.1" or "10.0.0.0/8"',
        ),
        ("[notifiers.slack]", "notifiers.slack.bot_token: missing; this key is required"),
        ("[notifiers.smoke]", "notifiers.smoke: unknown key; expected slack, email, webhook"),
        (
            '[[escalation.default.steps]]\nafter = "0m"\nnotify = ["pager:x"]',
            (
                'escalation.default.steps[0].notify[0]: expected a target such as "slack:#channel", '
                '"slack:@user", "email:address" or "webhook:name"'
            ),
        ),
        (
            (
                '[[escalation.default.steps]]\nafter = "5m"\nnotify = ["console:x"]\n'
                '[[escalation.default.steps]]\nafter = "1m"\nnotify = ["console:x"]'
            ),
            "escalation.default: expected steps in the order of their `after`",
        ),
        (
            '[[escalation.other.steps]]\nafter = "0m"\nnotify = ["console:x"]',
            'brands.acme.escalation: no ladder is named "default"; expected one of: other',
        ),
        (
            '[[escalation.default.steps]]\nafter = "0m"\nnotify = ["console:x", "slack:#a"]',
            "escalation.default.steps[0].notify[1]: this target needs the section [notifiers.slack]",
        ),
        (
            '[[escalation.default.steps]]\nafter = "0m"\nnotify = ["email:a@b"]',
            "escalation.default.steps[0].notify[0]: this target needs the section [notifiers.email]",
        ),
        (
            '[[escalation.default.steps]]\nafter = "0m"\nnotify = ["webhook:ops"]',
            "escalation.default.steps[0].notify[0]: this target needs the section [notifiers.webhook.ops]",
        ),
        (
            '[[web.tokens]]\nname = "a"\ntoken = "t1"\nrole = "god"',
            "web.tokens[0].role: expected 'viewer', 'responder', 'admin' or 'ingest'",
        ),
        (
            (
                '[[web.tokens]]\nname = "a"\ntoken = "t1"\nrole = "admin"\n'
                '[[web.tokens]]\nname = "a"\ntoken = "t2"\nrole = "admin"'
            ),
            "web.tokens[1].name: the same as web.tokens[0].name; expected another",
        ),
        (
            (
                '[[web.tokens]]\nname = "a"\ntoken = "t1"\nrole = "admin"\n'
                '[[web.tokens]]\nname = "b"\ntoken = "t1"\nrole = "admin"'
            ),
            "web.tokens[1].token: the same as web.tokens[0].token; expected another",
        ),
        (
            '[[web.users]]\nname = "a"\nrole = "admin"\npassword_hash = "plain"',
            "web.users[0].password_hash: expected what `tocsin hash-password` prints",
        ),
        (
            f'[notifiers.email]\nsender = "{"t" * 22}@a.example"\n{_REPLIES}',
            "notifiers.email.sender: expected at most 21 characters before the @, so that a signature fits behind them",
        ),
        (
            f'[notifiers.email]\nsender = "t@a.example"\n{_REPLIES}address = "nobody"',
            'notifiers.email.replies.address: expected an address such as "tocsin@acme.example"',
        ),
        (
            f'[notifiers.email]\nsender = "t@a.example"\n{_REPLIES}lists = ["a@b.example", "oncall"]',
            'notifiers.email.replies.lists[1]: expected an address such as "oncall@acme.example"',
        ),
        (
            f'[notifiers.email]\nsender = "t@a.example"\n{_REPLIES}host = "imap.a.example"\ntls = false',
            "notifiers.email.replies.tls: a password over a network needs it; expected true",
        ),
        (
            '[notifiers.webhook.ops]\nurl = "https://a.example/x"\nsecret = "whsec_?"',
            "notifiers.webhook.ops.secret: expected Base64 after whsec_",
        ),
        (
            '[sources.mqtt]\ntls = true\nca_file = "no.pem"',
            "sources.mqtt.ca_file: there is no such file; expected certificates in PEM",
        ),
        (
            '[notifiers.email]\nsender = "a@b"\nusername = "u"',
            "notifiers.email: expected username and password together, or neither",
        ),
        (
            "[other]",
            (
                "other: unknown key; expected brands, sources, detection, text, store, web, notifiers, people, oncall, "
                "escalation, silences, deadlines, clocks, incidents, reports, replies"
            ),
        ),
    ],
)
def test_one_fault(file: Path, lines: str, fault: str) -> None:
    assert faults(with_lines(file, lines)) == (fault,)


def test_no_source_at_all(file: Path) -> None:
    file.write_text(SMALLEST.replace("[sources.http]", "[sources]"))
    assert faults(file) == ("sources: expected at least one source, such as [sources.mqtt] or [sources.http]",)


def test_all_at_once(file: Path) -> None:
    file.write_text('[brands.acme]\nname = "A"\nescalation = "x"\nlanguages = ["pl", "1"]\n[sources.http]\n[web]')
    assert [fault.partition(":")[0] for fault in faults(file, {"TOCSIN_STORE__URI": "x"})] == [
        "TOCSIN_STORE__URI",
        "brands.acme.languages[1]",
        "store",
        "web.secret_key",
        "brands.acme.escalation",
    ]


def test_the_key_of_the_example_is_refused_where_others_can_reach_it(file: Path) -> None:
    environ = {"TOCSIN_WEB__SECRET_KEY": EXAMPLE_SECRET_KEY}
    assert load(file, environ).web.secret_key.get_secret_value() == EXAMPLE_SECRET_KEY
    for name, value in (("TOCSIN_WEB__HOST", "0.0.0.0"), ("TOCSIN_WEB__BASE_URL", "https://t.example")):  # noqa: S104
        assert faults(file, {**environ, name: value})[0].startswith("web.secret_key: everybody knows")


@pytest.mark.parametrize(
    "lines",
    [
        f'[notifiers.slack]\nbot_token = ["{CANARY}"]',
        f'[notifiers.slack]\nbot_token = {{a = "{CANARY}"}}',
        f'[[web.tokens]]\nname = "a"\ntoken = "{CANARY}"\nrole = "x"',
        f'[[web.tokens]]\nname = "a"\ntoken = "{CANARY}"\nrole = "admin"\n' * 2,
        f'[[web.users]]\nname = "a"\npassword_hash = "{CANARY}"\nrole = "admin"',
        f'[notifiers.webhook.a]\nurl = "ftp://u:{CANARY}@h"\nsecret = "{CANARY}"',
        f'[notifiers.email]\npassword = "{CANARY}"',
    ],
)
def test_no_message_holds_a_secret(file: Path, lines: str) -> None:
    said = faults(with_lines(file, lines), {"TOCSIN_WEB__PORT": CANARY, "TOCSIN_STORE__URL": f"redis://{CANARY}"})
    assert said
    assert CANARY not in "\n".join(said)


def as_toml(value: Any) -> str:
    """A value as it stands in a TOML file, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {as_toml(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return json.dumps(value).replace("\x7f", "\\u007f")


_ANY = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["a", "name", "steps", "b c"]), below),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_where_it_is_named_and_never_crashes(file: Path, data: st.DataObject) -> None:
    whole = tomllib.loads(EXAMPLE.read_text())
    section: Any = whole
    while True:
        step = data.draw(st.sampled_from(list(section) if isinstance(section, dict) else range(len(section))))
        if not section[step] or not isinstance(section[step], (dict, list)) or data.draw(st.booleans()):
            break
        section = section[step]
    section[step] = data.draw(_ANY)
    file.write_text("\n".join(f"{key} = {as_toml(value)}" for key, value in whole.items()))
    said: tuple[str, ...] = ()
    try:
        load(file, {})
    except ConfigError as error:
        said = error.faults
    assert all(re.match(r"[a-z]+[^:]*: .", fault) for fault in said)
