"""Faults that only show when sections are seen together.

They are looked for in what the file says, not in the finished record, so that all of them
are named at once with those of single values. What has another shape than it should is
skipped: the schema names it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.oncall_checks import array, oncall_broken, table

EXAMPLE_SECRET_KEY = "replace-me-by-64-random-characters"  # noqa: S105 - of config/tocsin.toml; refused in earnest
_ARGON2 = re.compile(r"\$argon2(id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")
_ADDRESS = re.compile(r"(?:^|<)(?P<local>[^\s<>@]+)@[^\s<>@]+(?:>|$)")
_LONGEST_LOCAL = 21  # characters of an address; 42 and a + are for the signature, of 64 in all (RFC 5321)
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


def rules_broken(settings: Mapping[str, Any], folder: Path) -> list[str]:
    """Every such fault, each beginning with its path; files are looked for from `folder`."""
    web = table(settings.get("web"))
    mqtt = table(table(settings.get("sources")).get("mqtt"))
    notifiers = table(settings.get("notifiers"))
    ladders = table(settings.get("escalation"))
    people = table(settings.get("people"))
    return [
        *_ladders(table(settings.get("brands")), ladders),
        *_targets(_called(ladders), notifiers),
        *_targets(
            {f"people.{key}.targets": array(table(one).get("targets")) for key, one in people.items()}, notifiers
        ),
        *_targets({"reports.monthly": array(table(settings.get("reports")).get("monthly"))}, notifiers),
        *oncall_broken(settings, folder),
        *_webhooks(table(notifiers.get("webhook"))),
        *_sign_in(web),
        *_secret_key(web),
        *_replies(table(notifiers.get("email"))),
        *_logins(mqtt, table(notifiers.get("email")), folder),
    ]


def _ladders(brands: Mapping[str, Any], ladders: Mapping[str, Any]) -> Iterator[str]:
    known = ", ".join(ladders) or "none is configured"
    for name, brand in brands.items():
        wanted = table(brand).get("escalation", "default")
        nobody_is_called = not ladders and wanted == "default"
        if isinstance(wanted, str) and wanted not in ladders and not nobody_is_called:
            yield f'brands.{name}.escalation: no ladder is named "{wanted}"; expected one of: {known}'


def _called(ladders: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The targets of every step, by where they stand."""
    return {
        f"escalation.{name}.steps[{number}].notify": array(table(step).get("notify"))
        for name, ladder in ladders.items()
        for number, step in enumerate(array(table(ladder).get("steps")))
    }


def _reached(people: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {f"people.{key}.targets": array(table(person).get("targets")) for key, person in people.items()}


def _targets(places: Mapping[str, list[Any]], notifiers: Mapping[str, Any]) -> Iterator[str]:
    for path, targets in places.items():
        for index, target in enumerate(targets):
            notifier, _, rest = target.partition(":") if isinstance(target, str) else ("", "", "")
            known = {"slack": "slack" in notifiers, "email": "email" in notifiers}
            known["webhook"] = rest in table(notifiers.get("webhook"))
            if not known.get(notifier, True):
                section = f"webhook.{rest}" if notifier == "webhook" else notifier
                yield f"{path}[{index}]: this target needs the section [notifiers.{section}]"


def _webhooks(webhooks: Mapping[str, Any]) -> Iterator[str]:
    for name, webhook in webhooks.items():
        secret = table(webhook).get("secret")
        if isinstance(secret, str) and secret.startswith("whsec_") and not _is_base64(secret.removeprefix("whsec_")):
            yield f"notifiers.webhook.{name}.secret: expected Base64 after whsec_"


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False


def _sign_in(web: Mapping[str, Any]) -> Iterator[str]:
    for section, key in (("tokens", "name"), ("tokens", "token"), ("users", "name")):
        values = [table(entry).get(key) for entry in array(web.get(section))]
        for index, first in _repeated(values):
            yield f"web.{section}[{index}].{key}: the same as web.{section}[{first}].{key}; expected another"
    for index, user in enumerate(array(web.get("users"))):
        kept = table(user).get("password_hash")
        if isinstance(kept, str) and not _ARGON2.fullmatch(kept):
            yield f"web.users[{index}].password_hash: expected what `tocsin hash-password` prints"


def _secret_key(web: Mapping[str, Any]) -> Iterator[str]:
    host, base_url = web.get("host", "127.0.0.1"), web.get("base_url", "http://127.0.0.1:8080")
    if not isinstance(host, str) or not isinstance(base_url, str):
        return
    reached_from_elsewhere = host not in _HERE or urlsplit(base_url).hostname not in _HERE
    if reached_from_elsewhere and web.get("secret_key") == EXAMPLE_SECRET_KEY:
        yield "web.secret_key: everybody knows the example's; expected one of your own, as from `openssl rand -hex 32`"


def _logins(mqtt: Mapping[str, Any], email: Mapping[str, Any], folder: Path) -> Iterator[str]:
    ca_file = mqtt.get("ca_file")
    if isinstance(ca_file, str) and not (folder / ca_file).is_file():
        yield "sources.mqtt.ca_file: there is no such file; expected certificates in PEM"
    if ca_file is not None and mqtt.get("tls") is not True:
        yield "sources.mqtt.ca_file: does nothing without tls = true; set it, or leave this out"
    if ("username" in email) != ("password" in email):
        yield "notifiers.email: expected username and password together, or neither"


def _replies(email: Mapping[str, Any]) -> Iterator[str]:
    replies = email.get("replies")
    if not isinstance(replies, dict):
        return
    key = "address" if "address" in replies else "sender"
    path = "notifiers.email.replies.address" if key == "address" else "notifiers.email.sender"
    address = replies.get("address") if key == "address" else email.get("sender")
    found = _ADDRESS.search(address) if isinstance(address, str) else None
    if isinstance(address, str) and found is None:
        yield f'{path}: expected an address such as "tocsin@acme.example"'
    elif found is not None and len(found["local"]) > _LONGEST_LOCAL:
        yield f"{path}: expected at most {_LONGEST_LOCAL} characters before the @, so that a signature fits behind them"
    if replies.get("tls") is False and replies.get("host", "127.0.0.1") not in _HERE:
        yield "notifiers.email.replies.tls: a password over a network needs it; expected true"


def _repeated(values: Iterable[object]) -> Iterator[tuple[int, int]]:
    """The place of each text that came before, with the place where it came first."""
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if isinstance(value, str) and first.setdefault(value, index) != index:
            yield index, first[value]
