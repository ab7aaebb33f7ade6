"""Turns pydantic's errors into lines that begin with a path and say what was expected: pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.overrides import bare
from config.schema import Config
from config.values import Section

_EXPECTED = {
    "missing": "missing; this key is required",
    "string_type": "expected text in quotes",
    "int_type": "expected a whole number without quotes",
    "int_from_float": "expected a whole number without quotes",
    "float_type": "expected a number without quotes",
    "bool_type": "expected true or false without quotes",
    "tuple_type": "expected an array in square brackets",
    "dict_type": "expected a table",
    "model_type": "expected a table",
    "too_short": "expected at least {min_length} of them",
    "string_too_short": "expected at least {min_length} characters",
    "string_too_long": "expected at most {max_length} characters",
    "greater_than": "expected a number above {gt:g}",
    "greater_than_equal": "expected a number of at least {ge:g}",
    "less_than_equal": "expected a number of at most {le:g}",
    "literal_error": "expected {expected}",
    "value_error": "{error}",
    "json_invalid": "nested too deeply, or holds what no setting can be",
}
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def join(path: Sequence[str | int]) -> str:
    """``("brands", "acme", "languages", 1)`` as ``brands.acme.languages[1]``, odd keys in quotes."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + (step if _BARE_KEY.fullmatch(step) else f'"{step}"')
    return text


def problems(error: ValidationError, origins: Mapping[tuple[str, ...], str]) -> list[str]:
    """Each fault as ``path: what was expected``, and where the value came from if not from the file."""
    found = [(tuple(step for step in each["loc"] if step != "[key]"), each) for each in error.errors()]
    return [
        _line(path, each, origins)
        for path, each in found
        if not (each["type"] == "too_short" and any(_below(other, path) for other, _ in found))  # its items are faulty
    ]


def _line(path: tuple[str | int, ...], error: ErrorDetails, origins: Mapping[tuple[str, ...], str]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        said = _unknown(path)
    elif kind == "too_short" and context["field_type"] == "Value":  # a secret
        said = f"expected at least {context['min_length']} characters"
    else:
        said = _EXPECTED[kind].format(**context) if kind in _EXPECTED else error["msg"]
    origin = next((name for place, name in origins.items() if place == path or _below(path, place)), None)
    return f"{join(path) or 'configuration'}: {said}" + (f" (set by {origin})" if origin else "")


def _below(path: tuple[str | int, ...], other: tuple[str | int, ...]) -> bool:
    return len(path) > len(other) and path[: len(other)] == other


def _unknown(path: Sequence[str | int]) -> str:
    known = _keys_at(path[:-1])
    near = difflib.get_close_matches(str(path[-1]), known, n=1)
    if near:
        return f"unknown key; did you mean {near[0]}?"
    return f"unknown key; expected {', '.join(known)}" if known else "unknown key; this section has none"


def _keys_at(path: Sequence[str | int]) -> list[str]:
    """The keys of the section at `path`."""
    kind: Any = Config
    for step in path:
        kind = bare(kind)
        if get_origin(kind) in {dict, tuple}:
            kind = get_args(kind)[1 if get_origin(kind) is dict else 0]
        else:
            kind = kind.model_fields[step].annotation
    kind = bare(kind)
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, Section) else []
