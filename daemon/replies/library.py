"""The library of holding replies: TOML files, one for each language, ours and the user's.

The format is described in docs/how-to/holding-replies.md.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

import config.schema
from config.schema import Config
from daemon.errors import ConfigError
from daemon.model import Topic
from daemon.replies.channels import SHORTEST, limit

VISIBILITIES = ("public", "private")
REGISTERS = ("formal", "informal")
SHORT = "short"  # of public texts alone: for both registers, where the channel has no room for the others
FALLBACK = "en"
_FIELDS = frozenset({"next", "brand"})
USUAL_BRAND = "Acme Mobile"


class Phrases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a language tells the next time, points to the status page, and signs."""

    today: str
    tomorrow: str
    later: str
    weekdays: tuple[str, ...]  # with their preposition, from Monday
    months: tuple[str, ...]  # as they stand after the day
    status: str
    signature: str
    twelve_hour_zones: tuple[str, ...] = ()  # beginnings of zone names where people say "3:30 pm"

    def next_word(self, at: datetime, zone: ZoneInfo, now: datetime | None) -> str:
        """``at`` as a native would say it in ``zone``; the day is named when it is not ``now``'s."""
        local = at.astimezone(zone)
        today = local.date() if now is None else now.astimezone(zone).date()
        if local.date() == today:
            shape = self.today
        elif local.date() == today + timedelta(days=1):
            shape = self.tomorrow
        else:
            shape = self.later
        return shape.format(
            time=self._clock(local, zone),
            weekday=self.weekdays[local.weekday()],
            day=local.day,
            month=self.months[local.month - 1],
        )

    def _clock(self, local: datetime, zone: ZoneInfo) -> str:
        if zone.key.startswith(self.twelve_hour_zones):
            return f"{local.hour % 12 or 12}:{local.minute:02} {'am' if local.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon
        return f"{local.hour}:{local.minute:02}"


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """All replies of one language."""

    lang: str
    phrases: Phrases
    replies: Mapping[tuple[Topic, str, str], tuple[str, ...]]  # by topic, visibility, register or `SHORT`

    def texts(self, topic: Topic, visibility: str, register: str) -> tuple[str, ...]:
        """The alternatives; formal where there is no informal one."""
        return self.replies.get((topic, visibility, register)) or self.replies[topic, visibility, "formal"]

    def short(self, topic: Topic, visibility: str) -> tuple[str, ...]:
        """For where none of `texts` has room; empty in a language that has none."""
        return self.replies.get((topic, visibility, SHORT), ())


Library = Mapping[str, Pack]


@cache
def load_library(folder: Path | None = None) -> Library:
    """Our library, with the files of ``folder`` laid over it.

    A file ``pl.toml`` there replaces whatever sections it holds; one in another
    language must be complete in its formal texts. Raises `ConfigError`, naming each fault.
    """
    shipped = Path(config.schema.__file__).parent / "replies"
    packs: dict[str, Pack] = {}
    faults: list[str] = []
    for path in (*sorted(shipped.glob("*.toml")), *(sorted(folder.glob("*.toml")) if folder else ())):
        try:
            packs[path.stem] = _pack(path.stem, path.read_bytes(), packs.get(path.stem))
        except ConfigError as error:
            faults += (f"{path.name}: {fault}" for fault in error.faults)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            faults.append(f"{path.name}: {error}")
    if folder is not None and not folder.is_dir():
        faults.append(f"{folder}: expected a folder with files such as pl.toml")
    if faults:
        raise ConfigError(*faults)
    return packs


def library_of(config: Config, *, anew: bool = False) -> Library:
    """The library as ``config`` has it; ``anew``: its files are read again.

    Raises `ConfigError` that names file, field and fault.
    """
    if anew:
        load_library.cache_clear()
    try:
        return load_library(Path(config.replies.folder) if config.replies.folder else None)
    except ConfigError as error:
        raise ConfigError(*(f"replies.folder: {fault}" for fault in error.faults)) from None


def _pack(lang: str, content: bytes, base: Pack | None) -> Pack:
    table = tomllib.loads(content.decode())
    faults: list[str] = []
    if not (len(lang) == 2 and lang.isascii() and lang.isalpha() and lang.islower()):  # noqa: PLR2004 - ISO 639-1
        faults.append('expected a file named after a language code, such as "de.toml"')
    phrases = _phrases(table.pop("phrases", None), base, faults)
    replies = dict(base.replies) if base else {}
    for path, key, texts in _entries(table, faults):
        if phrases is not None:
            faults += _text_faults(path, texts, phrases, key)
        replies[key] = tuple(texts)
    for topic in Topic:
        for visibility in VISIBILITIES:
            if (topic, visibility, "formal") not in replies:
                faults.append(f"{topic}.{visibility}.formal: missing; expected a list of texts")
    if faults or phrases is None:
        raise ConfigError(*faults)
    return Pack(lang=lang, phrases=phrases, replies=replies)


def _phrases(table: Any, base: Pack | None, faults: list[str]) -> Phrases | None:
    if table is None and base is None:
        faults.append("phrases: missing; see docs/how-to/holding-replies.md")
        return None
    given = msgspec.structs.asdict(base.phrases) if base else {}
    try:
        phrases = msgspec.convert(given | (table or {}), Phrases, strict=True)
    except (msgspec.ValidationError, TypeError) as error:
        faults.append(f"phrases: {error}")
        return None
    if len(phrases.weekdays) != 7:  # noqa: PLR2004 - days of a week
        faults.append("phrases.weekdays: expected seven, from Monday")
    if len(phrases.months) != 12:  # noqa: PLR2004 - months of a year
        faults.append("phrases.months: expected twelve")
    allowed = {
        "today": {"time"},
        "tomorrow": {"time"},
        "later": {"time", "weekday", "day", "month"},
        "status": {"status_page"},
        "signature": {"brand"},
    }
    for name, fields in allowed.items():
        faults += _field_faults(f"phrases.{name}", getattr(phrases, name), frozenset(fields))
    return None if faults else phrases


def _entries(table: Mapping[str, Any], faults: list[str]) -> Iterator[tuple[str, tuple[Topic, str, str], list[str]]]:
    """The lists of texts with their paths; what has no place in the format becomes a fault."""
    shape = "expected [TOPIC.public] and [TOPIC.private] with formal and informal lists, in public a short one"
    for topic, visibilities in table.items():
        if topic not in set(Topic) or not isinstance(visibilities, dict):
            faults.append(f"{topic}: {shape}; topics are {', '.join(Topic)}")
            continue
        for visibility, registers in visibilities.items():
            if visibility not in VISIBILITIES or not isinstance(registers, dict):
                faults.append(f"{topic}.{visibility}: {shape}")
                continue
            for register, texts in registers.items():
                path = f"{topic}.{visibility}.{register}"
                if register not in REGISTERS and (visibility, register) != ("public", SHORT):
                    faults.append(f"{path}: {shape}")
                elif not (isinstance(texts, list) and texts and all(isinstance(text, str) for text in texts)):
                    faults.append(f"{path}: expected a list of at least one text")
                else:
                    yield path, (Topic(topic), visibility, register), texts


def _text_faults(path: str, texts: list[str], phrases: Phrases, key: tuple[Topic, str, str]) -> Iterator[str]:
    _, visibility, register = key
    most = SHORTEST if register == SHORT else limit("x")
    for index, text in enumerate(texts):
        here = f"{path}[{index}]"
        faults = list(_field_faults(here, text, _FIELDS))
        yield from faults
        if "{next}" not in text:
            yield f"{here}: expected {{next}}, the time of the next word"
        elif not faults and visibility == "public":
            length = len(text.format(next=_longest_next_word(phrases), brand=USUAL_BRAND))
            if length > most:
                yield f"{here}: {length} characters with the time filled in; expected at most {most}"


def _field_faults(path: str, text: str, allowed: frozenset[str]) -> Iterator[str]:
    try:
        fields = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    except ValueError as error:
        yield f"{path}: {error}"
        return
    for field in sorted(fields - allowed):
        yield f"{path}: unknown field {{{field}}}; expected {' or '.join(f'{{{name}}}' for name in sorted(allowed))}"


@cache
def _longest_next_word(phrases: Phrases) -> str:
    zone = ZoneInfo("UTC")
    start = datetime(2027, 1, 1, 22, 30, tzinfo=zone)
    ends = (start + timedelta(days=days) for days in range(365))
    return max((phrases.next_word(at, zone, start - timedelta(days=7)) for at in ends), key=len)
