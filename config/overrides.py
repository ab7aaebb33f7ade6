"""Values that come from the environment (`TOCSIN_STORE__URL`) and from systemd credentials.

A name is a path into the configuration: its parts stand between double underscores.
Names without a double underscore are not settings and are left alone.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from config.schema import Config
from config.values import Section
from daemon.errors import ConfigError

_PREFIX = "tocsin_"
_BETWEEN = "__"


class Override(NamedTuple):
    """One value from outside the file."""

    name: str  # as it was found: TOCSIN_STORE__URL
    value: str


def from_environment(environ: Mapping[str, str]) -> list[Override]:
    """What `environ` overrides."""
    return [Override(name, environ[name]) for name in sorted(environ, reverse=True) if _is_ours(name)]


def from_credentials(environ: Mapping[str, str]) -> list[Override]:
    """What systemd handed over in `$CREDENTIALS_DIRECTORY`; a line's end at the end of a file is no part of it."""
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        return []
    try:
        files = sorted(file for file in Path(folder).iterdir() if _is_ours(file.name))
        return [Override(file.name, file.read_text(encoding="utf-8").rstrip("\r\n")) for file in files]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"$CREDENTIALS_DIRECTORY: {reason}; expected readable files of UTF-8 text") from None


def apply(overrides: list[Override], settings: dict[str, Any], origins: dict[tuple[str, ...], str]) -> list[str]:
    """Write `overrides` into `settings` and where each came from into `origins`; the faults that were found."""
    faults = []
    for override in overrides:
        found = _find(override.name[len(_PREFIX) :].casefold(), Config, settings)
        if found is None:
            faults.append(f"{override.name}: no such setting; see docs/reference/configuration.md for those there are")
            continue
        path, kind = found
        try:
            override.value.encode()
        except UnicodeEncodeError:
            faults.append(f"{override.name}: expected UTF-8 text")
            continue
        try:
            value = _typed(override.value, kind)
        except ValueError:
            faults.append(f'{override.name}: expected a JSON array, such as ["pl", "en"]')
            continue
        section = settings
        for step in path[:-1]:
            below = section.setdefault(step, {})
            if not isinstance(below, dict):
                break  # the file's own fault, named later
            section = below
        else:
            section[path[-1]] = value
            origins[path] = override.name
    return faults


def _is_ours(name: str) -> bool:
    return name.casefold().startswith(_PREFIX) and _BETWEEN in name


def _find(rest: str, kind: Any, settings: Any) -> tuple[tuple[str, ...], Any] | None:
    """The path that `rest` names below a section of type `kind`, and the type of the value there.

    Keys that people choose may hold underscores themselves, so known ones are tried first.
    """
    kind = bare(kind)
    if get_origin(kind) is dict:
        below = get_args(kind)[1]
        known = sorted(settings if isinstance(settings, dict) else (), key=len, reverse=True)
        candidates = [(key, below) for key in known] + [(rest.partition(_BETWEEN)[0], below)]
    elif isinstance(kind, type) and issubclass(kind, Section):
        candidates = [(name, field.annotation) for name, field in kind.model_fields.items()]
    else:
        return None
    for key, below in candidates:
        folded = key.casefold()
        inside = settings.get(key) if isinstance(settings, dict) else None
        if rest == folded and not _is_table(below):
            return (key,), below
        if key and rest.startswith(folded + _BETWEEN):
            found = _find(rest[len(folded) + len(_BETWEEN) :], below, inside)
            if found is not None:
                return (key, *found[0]), found[1]
    return None


def bare(kind: Any) -> Any:
    """`kind`, a type annotation, without ``Annotated`` and ``| None``."""
    if get_origin(kind) is Annotated:
        return bare(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        return bare(next(option for option in get_args(kind) if option is not NoneType))
    return kind


def _is_table(kind: Any) -> bool:
    kind = bare(kind)
    return get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, Section))


def _typed(text: str, kind: Any) -> Any:
    """`text` as TOML would have it: a number, a truth value or an array where the setting is one."""
    kind = bare(kind)
    if get_origin(kind) is tuple:
        value = json.loads(text)
        if not isinstance(value, list):
            raise ValueError
        return value
    if kind in {int, float, bool}:
        try:
            return tomllib.loads(f"value = {text.strip().lower()}")["value"] if "\n" not in text else text
        except tomllib.TOMLDecodeError:
            return text  # the schema says what was expected
    return text
