"""Reads the configuration: a TOML file, systemd credentials over it, the environment over both.

Every fault is named with its path, and no message ever holds a value.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from config.crosscheck import rules_broken
from config.faults import problems
from config.overrides import apply, from_credentials, from_environment
from config.schema import Config
from config.values import Section
from daemon.errors import ConfigError

_SQLITE = "sqlite:///"


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration in `path`, with what credentials and `environ` override.

    `store.url`, `sources.mqtt.ca_file`, a rota's `calendar`, `replies.folder` and `text.onnx_model`
    come back with absolute paths.
    Raises ``ConfigError`` with every fault that was found.
    """
    settings = _read(path)
    origins: dict[tuple[str, ...], str] = {}
    faults: list[str] = []
    for overrides in (from_credentials(environ), from_environment(environ)):
        faults += apply(overrides, settings, origins)
    folder = path.resolve().parent
    broken = rules_broken(settings, folder)
    try:
        config = Config.model_validate_json(_as_json(settings), strict=True)
    except ValidationError as error:
        raise ConfigError(*faults, *problems(error, origins), *broken) from None
    if faults or broken:
        raise ConfigError(*faults, *broken)
    return _resolve(config, folder, environ)


def secrets(config: Section) -> tuple[str, ...]:
    """Every secret value in `config`, for the log to strike out."""
    return tuple(_secrets(config))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name a TOML file that can be read") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except ValueError as error:  # a syntax error says its line; a number too long to read has none
        raise ConfigError(f"{path}: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None


def _as_json(settings: dict[str, Any]) -> str:
    """As JSON, because there alone a strict reading takes an array for a tuple."""
    try:
        return json.dumps(
            settings, default=lambda date: {"time": date.isoformat()}
        )  # a table, so that no text takes it
    except ValueError as error:
        raise ConfigError(f"configuration: {error}") from None


def _resolve(config: Config, folder: Path, environ: Mapping[str, str]) -> Config:
    """`config` with relative paths made absolute, against the state directory or the file's own folder."""
    state = environ.get("STATE_DIRECTORY", "").split(":")[0]
    store = config.store.model_copy(update={"url": _store_url(config.store.url, Path(state) if state else folder)})
    sources = config.sources
    if sources.mqtt is not None and sources.mqtt.ca_file is not None:
        mqtt = sources.mqtt.model_copy(update={"ca_file": str(folder / sources.mqtt.ca_file)})
        sources = sources.model_copy(update={"mqtt": mqtt})
    rotas = {
        key: rota.model_copy(update={"calendar": str(folder / rota.calendar)}) if rota.calendar is not None else rota
        for key, rota in config.oncall.items()
    }
    replies = config.replies
    if replies.folder is not None:
        replies = replies.model_copy(update={"folder": str(folder / replies.folder)})
    text = config.text
    if text.onnx_model is not None:
        text = text.model_copy(update={"onnx_model": str(folder / text.onnx_model)})
    found = {"store": store, "sources": sources, "oncall": rotas, "replies": replies, "text": text}
    return config.model_copy(update=found)


def _store_url(url: str, folder: Path) -> str:
    if not url.startswith(_SQLITE):
        return re.sub(r"^postgres://", "postgresql://", url)
    file, *options = url.removeprefix(_SQLITE).split("?", 1)
    return "?".join([f"{_SQLITE}{folder.absolute() / file}", *options])


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, Section):
        yield from _secrets([getattr(value, name) for name in type(value).model_fields])
    elif isinstance(value, dict):
        yield from _secrets(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _secrets(item)
