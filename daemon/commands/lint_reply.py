"""`tocsin lint-reply`: tells whether a reply is fit to post."""

from __future__ import annotations

import sys
from typing import IO, Any

import click

_EXAMPLE = """\b
Example:
  tocsin lint-reply --lang pl --incident "Naprawimy to do 15:30."
  tocsin lint-reply --input replies.ndjson"""

_TEXT = (str, type(None))
_LINE_FIELDS: dict[str, tuple[type, ...]] = {
    "lang": (str,),
    "reply": (str,),
    "customer": _TEXT,
    "audience": _TEXT,
    "channel": _TEXT,
    "incident": (bool, type(None)),
    "facts": (list, type(None)),
    "previous": (list, type(None)),
    "now": _TEXT,
    "timezone": _TEXT,
}
_AUDIENCES = ("public", "private")


@click.command("lint-reply", epilog=_EXAMPLE)
@click.argument("reply", required=False)
@click.option("--lang", help="Language the reply should be in, such as pl.")
@click.option("--customer", metavar="TEXT", help="What the customer wrote.")
@click.option("--audience", type=click.Choice(_AUDIENCES), default="public", show_default=True)
@click.option("--channel", help="Where it will be posted, such as x.")
@click.option("--incident", is_flag=True, help="Said during a crisis: a next-update time is due.")
@click.option("--fact", "facts", multiple=True, metavar="TEXT", help="A confirmed fact; may be repeated.")
@click.option("--previous", multiple=True, metavar="TEXT", help="What was said elsewhere; may be repeated.")
@click.option("--timezone", default="UTC", show_default=True, help="Zone of the times in the reply.")
@click.option("--interface-lang", default="en", show_default=True, help="Language of the messages: en, pl or ru.")
@click.option("--input", "source", type=click.File("rb"), help="NDJSON of replies to check; - for standard input.")
def command(reply: str | None, source: IO[bytes] | None, interface_lang: str, **options: Any) -> None:
    """Check whether REPLY is fit to post; findings as JSON lines, exit code 1 on an error among them."""
    import msgspec

    from daemon.replies.lint import check

    if (reply is None) == (source is None):
        raise click.UsageError("give either one REPLY or --input FILE")
    failed = False
    if source is not None:
        for number, line in enumerate(source, start=1):
            if line.strip():
                item = _item(line, number)
                found = check(interface_lang=interface_lang, **item["options"])
                failed |= any(one.severity == "error" for one in found)
                click.echo(msgspec.json.encode({"id": item["id"], "findings": found}).decode())
    else:
        if not options["lang"]:
            raise click.UsageError("missing option --lang: the language the reply should be in, such as pl")
        _check_zone(options["timezone"], "--timezone")
        found = check(reply or "", interface_lang=interface_lang, **options)
        failed = any(one.severity == "error" for one in found)
        for one in found:
            click.echo(msgspec.json.encode(one).decode())
    sys.exit(int(failed))


def _item(line: bytes, number: int) -> dict[str, Any]:
    """One line of the input: its id, and what `check` is called with. Raises `InputError`."""
    import msgspec

    from daemon.errors import InputError
    from daemon.views import parse_time

    try:
        item = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"line {number}: expected a JSON object: {error}") from error
    if not isinstance(item, dict):
        raise InputError(f"line {number}: expected a JSON object")
    for name in ("lang", "reply"):
        if name not in item:
            raise InputError(f"line {number}: {name}: missing")
    for name, types in _LINE_FIELDS.items():
        if not isinstance(item.get(name, "" if types == (str,) else None), types):
            raise InputError(f"line {number}: {name}: expected {types[0].__name__}")
    if item.get("audience") not in (None, *_AUDIENCES):
        raise InputError(f"line {number}: audience: expected public or private")
    options = {name: item[name] for name in _LINE_FIELDS if item.get(name) is not None}
    _check_zone(options.get("timezone", "UTC"), f"line {number}: timezone")
    for name in ("facts", "previous"):
        options[name] = tuple(_sentence(one, f"line {number}: {name}") for one in item.get(name) or ())
    if "now" in options:
        try:
            options["now"] = parse_time(options["now"])
        except ValueError as error:
            raise InputError(f"line {number}: now: {error}") from error
    return {"id": item.get("id"), "options": options}


def _sentence(value: Any, where: str) -> str:
    """A fact as text, or as an object that holds it with who confirmed it and when."""
    from daemon.errors import InputError

    if isinstance(value, dict):
        value = next((value[name] for name in ("fact", "text") if name in value), None)
    if not isinstance(value, str):
        raise InputError(f'{where}: expected texts, or objects with "fact"')
    return value


def _check_zone(name: str, where: str) -> None:
    from zoneinfo import available_timezones

    from daemon.errors import InputError

    if name not in available_timezones():
        raise InputError(f'{where}: expected a time zone such as "Europe/Warsaw"')
