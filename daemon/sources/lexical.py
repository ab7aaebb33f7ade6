"""JSON as strangers send it: taken apart into items, each read strictly.

msgspec does the reading. What it lets pass and the mention format does not (a key given twice,
NUL, deep nesting, integers beyond 64 bits) is found here, cheaply enough for every item.
Everything is linear in the size of the payload, whatever it holds.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from daemon.errors import InputError

BOM = b"\xef\xbb\xbf"
WHITESPACE = b" \t\r\n"
MAX_DEPTH = 64  # levels of objects and arrays within one item, itself included

Form = Literal["json", "ndjson", "auto"]
Raw = bytes | msgspec.Raw

_MIN, _MAX = -(2**63), 2**64 - 1  # what 64 bits hold, signed or not
# A string, closed or running to the end; possessive, so that nothing makes it look twice.
_token = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_escaped_colon = re.compile(rb"\\u003[aA]")
_surrogate = re.compile("[\ud800-\udfff]")
_plain_key = re.compile(r"[A-Za-z0-9_]{1,64}\Z")
_unreadable = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_decode = msgspec.json.Decoder().decode
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_raw = msgspec.json.Decoder(msgspec.Raw).decode
_encode = msgspec.json.Encoder().encode


# ── a payload into items ─────────────────────────────────────────────────────


def split(body: bytes, form: Form) -> Sequence[Raw]:
    """The items of ``body``, which has no byte-order mark or white space around it; none when empty.

    Raises ``InputError`` where they cannot be told apart.
    """
    if not body:
        return ()
    if form == "ndjson":
        return _lines(body)
    opening = body[:1]
    try:
        if opening == b"[":
            return _decode_array(body)
        if opening == b"{":
            _decode_raw(body)
            return (body,)
    except _unreadable:
        pass
    if form == "auto" and len(lines := _lines(body)) > 1 and any(map(_is_object, lines)):
        return lines
    if opening not in {b"[", b"{"}:
        raise InputError("expected a JSON object, an array of them, or one object on each line")
    items = _elements(body)
    return items if opening == b"[" else (body,)


def _lines(body: bytes) -> list[bytes]:
    return [line for line in (line.strip(WHITESPACE) for line in body.split(b"\n")) if line]


def _is_object(line: bytes) -> bool:
    return line.startswith(b"{") and line.endswith(b"}")


def _elements(body: bytes) -> list[bytes]:
    """What stands between the commas of the outermost brackets, good JSON or not.

    Raises ``InputError`` unless these close where ``body`` ends.
    """
    elements: list[bytes] = []
    depth, start = 0, 1
    for match in _token.finditer(body):
        token = match.group()
        if token == b"," and depth == 1:
            elements.append(body[start : match.start()].strip(WHITESPACE))
            start = match.end()
        elif token in {b"[", b"{"}:
            depth += 1
        elif token in {b"]", b"}"}:
            depth -= 1
            if depth == 0 and match.end() == len(body):
                elements.append(body[start : match.start()].strip(WHITESPACE))
                return elements
            if depth == 0:
                break
    raise InputError("expected JSON, got brackets or quotes that do not close where it ends")


# ── an item into an object ───────────────────────────────────────────────────


def read_object(raw: Raw) -> dict[str, Any]:
    """The JSON object in ``raw``. Raises ``InputError`` saying in one line what is wrong with it."""
    raw = bytes(raw)
    try:
        value = _decode(raw)
    except _unreadable as error:
        raise InputError(_why_unreadable(raw, error)) from None
    if not isinstance(value, dict):
        raise InputError(f"expected an object, got {kind(value)}")
    if (b"u0000" in raw or _needs_a_look(value)) and (wrong := fault(value)) is not None:
        raise InputError(wrong)
    # Written again, an object has as many colons as before, unless a key was given twice.
    if raw.count(b":") != _encode(value).count(b":") or (b"\\u003" in raw and _escaped_colon.search(raw)):
        _refuse_repeated_key(raw)
    return value


def _needs_a_look(value: dict[str, Any]) -> bool:
    """Whether it holds more than short numbers and strings."""
    for item in value.values():
        if item.__class__ is int:
            if not _MIN <= item <= _MAX:
                return True
        elif item.__class__ in {dict, list}:
            return True
    return False


def kind(value: object) -> str:
    """What sort of JSON value this is, in words that repeat nothing of it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f"a string of {len(value):,} characters"
    if isinstance(value, int | float):
        return "a number"
    return "an array" if isinstance(value, list) else "an object"


def _name(key: str) -> str:
    return key if _plain_key.match(key) else ascii(key[:64])


def fault(value: object, name: str = "payload", depth: int = 0) -> str | None:  # noqa: PLR0911 - one for each rule
    """The first thing within ``value`` that JSON has words for and a mention may not hold."""
    if isinstance(value, str):
        if "\0" in value:
            return f"{name}: expected text without NUL"
        return f"{name}: expected UTF-8 text without lone surrogates" if _surrogate.search(value) else None
    if isinstance(value, float):
        return None if math.isfinite(value) else f"{name}: expected a finite number"
    if isinstance(value, int):
        return None if _MIN <= value <= _MAX else f"{name}: expected an integer of at most 64 bits"
    if isinstance(value, dict | list):
        if depth == MAX_DEPTH:
            return f"{name}: expected at most {MAX_DEPTH} levels of nesting"
        members = value.items() if isinstance(value, dict) else ((None, item) for item in value)
        for key, item in members:
            inner = name if depth or key is None else _name(key)
            wrong = (key and fault(key, inner)) or fault(item, inner, depth + 1)
            if wrong:
                return wrong
    return None


def _why_unreadable(raw: bytes, error: Exception) -> str:
    """Name the field at fault by reading ``raw`` once more with every tolerance."""
    nesting = f"payload: expected at most {MAX_DEPTH} levels of nesting"
    if isinstance(error, RecursionError):
        return nesting
    try:
        value = json.loads(raw.decode("utf-8", "surrogateescape"), strict=False, parse_int=_bounded)
        wrong = fault(value)
    except RecursionError:
        return nesting
    except ValueError:
        wrong = None
    return wrong or f"expected JSON: {str(error)[:100]}"


def _bounded(digits: str) -> int:
    return int(digits) if len(digits) < 25 else _MAX + 1  # noqa: PLR2004 - more digits than 64 bits have


def _refuse_repeated_key(raw: bytes) -> None:
    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for key, value in pairs:
            if key in seen:
                raise InputError(f"{_name(key)}: given twice")
            seen[key] = value
        return seen

    json.loads(raw, object_pairs_hook=look, parse_int=_bounded)
