"""Counts by regular step from CSV or NDJSON, gzip too."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from daemon.backtest.series import Row, Series, whole
from daemon.errors import InputError
from daemon.model import Tick
from daemon.views import parse_time

MENTIONS = {"id", "text"}  # columns by which an input is recognised
COUNTS = {"timestamp", "negative", "total"}
VALUE = {"timestamp", "value"}

_GZIP = b"\x1f\x8b"
_BOM = "\ufeff"
_MOST = 2**53  # a count beyond this is no count
_ENDINGS = (".gz", ".csv", ".ndjson", ".jsonl", ".json")
_EXPECTED = (
    "expected the columns of mentions (id, channel, text), of counts (timestamp, negative, total)"
    " or of a single count (timestamp, value)"
)
_LONGEST = timedelta(days=1)

Progress = Callable[[int, int], None]


def name_of(path: Path) -> str:
    """The file's name without what says how it is written.

    >>> name_of(Path("past/acme.csv.gz"))
    'acme'
    """
    name = path.name
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name or path.name


def columns(path: Path) -> set[str]:
    """The columns of a CSV, or the keys of the first object of an NDJSON file; none if it is empty.

    Raises ``InputError`` where the file cannot be read.
    """
    with _lines(path) as lines:
        first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith("{"):
        return set(_object(first, path, 1))
    return {cell.strip(' "\r\n\t') for cell in first.split(_delimiter(first))} if first else set()


def read_counts(path: Path, progress: Progress | None = None) -> Series:
    """The series of counts in ``path``.

    Raises ``InputError`` with the line that is wrong, and what was expected there.
    """
    known = columns(path)
    if known and not (known >= COUNTS or known >= VALUE):
        raise InputError(f"{path}: {_EXPECTED}")
    single = not known >= COUNTS
    found: dict[datetime, tuple[str, dict[str, int]]] = {}
    with _lines(path, progress) as lines:
        for line, fields in _records(path, lines):
            at, stamp, counts = _row(fields, f"{path} line {line}", single=single)
            if at in found:
                raise InputError(f"{path} line {line}: timestamp: expected each step once, got it again")
            found[at] = (stamp, counts)
    times = sorted(found)
    step = _step(path, times)
    rows: list[Row] = []
    taken: set[datetime] = set()
    first = times[0] if times else datetime(1970, 1, 1, tzinfo=UTC)
    offset = first - whole(first, step)
    for at in times:
        start = whole(at - offset + step / 2, step)  # a clock that wavers is forgiven
        stamp, counts = found[at]
        if start in taken:
            raise InputError(
                f"{path}: timestamp: expected one row each {_minutes(step)} minutes, got two at {stamp[:40]}"
            )
        taken.add(start)
        rows.append(Row(at, stamp, _tick(start, step, counts)))
    return Series(name=name_of(path), rows=rows, step=step, offset=offset)


def _row(fields: dict[str, Any], where: str, *, single: bool) -> tuple[datetime, str, dict[str, int]]:
    stamp = fields.get("timestamp")
    if not isinstance(stamp, str):
        raise InputError(f"{where}: timestamp: required, expected a time such as 2026-01-05T12:00:00Z")
    try:
        return parse_time(stamp), stamp, _counts(fields, where, single=single)
    except ValueError as error:
        raise InputError(f"{where}: timestamp: {error}") from None


def _minutes(step: timedelta) -> int:
    return int(step.total_seconds()) // 60


def _tick(at: datetime, step: timedelta, counts: dict[str, int]) -> Tick:
    return Tick(
        at=at,
        minutes=_minutes(step),
        covered=bool(counts.get("ok", 1)),
        mentions=counts.get("total", counts["negative"]),
        negative=counts["negative"],
        authors=counts.get("total_authors", counts.get("total", 0)),
        negative_authors=counts.get("negative_authors", counts["negative"]),
    )


def _counts(fields: dict[str, Any], where: str, *, single: bool) -> dict[str, int]:
    if single:
        return {"negative": _count(fields, "value", where), "ok": _ok(fields, where)}
    counts = {"ok": _ok(fields, where)}
    for name in ("negative", "total", "negative_authors", "total_authors"):
        if name in {"negative", "total"} or fields.get(name) not in {None, ""}:
            counts[name] = _count(fields, name, where)
    for part, everything in (("negative", "total"), ("negative_authors", "total_authors")):
        if part in counts and everything in counts and counts[part] > counts[everything]:
            most = counts[everything]
            raise InputError(f"{where}: {part}: expected at most {everything} ({most}), got {counts[part]}")
    if ("negative_authors" in counts) != ("total_authors" in counts):
        raise InputError(f"{where}: expected both negative_authors and total_authors, or neither")
    return counts


def _ok(fields: dict[str, Any], where: str) -> int:
    value = str(fields.get("ok", "")).lower()
    if value in {"", "none", "1", "true"}:
        return 1
    if value in {"0", "false"}:
        return 0
    raise InputError(f"{where}: ok: expected 0 (the source was down) or 1")


def _count(fields: dict[str, Any], name: str, where: str) -> int:
    value = fields.get(name)
    try:
        number = float(value) if value is not None and not isinstance(value, bool) else -1.0
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= _MOST:
        raise InputError(f"{where}: {name}: expected a count of 0 or more")
    if name != "value" and number != int(number):
        raise InputError(f"{where}: {name}: expected a whole number")
    return round(number)


def _step(path: Path, times: list[datetime]) -> timedelta:
    """The commonest distance between neighbours; of several, the shortest."""
    distances = Counter(later - earlier for earlier, later in pairwise(times))
    if not distances:
        return timedelta(minutes=1)
    most = max(distances.values())
    step = min(distance for distance, count in distances.items() if count == most)
    if step % timedelta(minutes=1) or step > _LONGEST:
        raise InputError(f"{path}: timestamp: expected a regular step of whole minutes, at most a day, got {step}")
    return step


# ── lines ────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def _lines(path: Path, progress: Progress | None = None) -> Iterator[Iterator[str]]:
    """The lines of ``path``, unpacked; read while the context lasts."""
    try:
        with path.open("rb") as file, contextlib.ExitStack() as stack:
            size = path.stat().st_size
            packed = file.read(2) == _GZIP
            file.seek(0)
            raw = stack.enter_context(gzip.GzipFile(fileobj=file)) if packed else file
            text = stack.enter_context(io.TextIOWrapper(raw, "utf-8", errors="replace", newline=""))
            yield _told(text, lambda: progress(file.tell(), size) if progress is not None else None)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: expected a whole gzip file, got a damaged one ({error})") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None


def _told(text: Iterable[str], tell: Callable[[], None]) -> Iterator[str]:
    for number, line in enumerate(text):
        if number % 1000 == 0:
            tell()
        yield line.removeprefix(_BOM) if number == 0 else line


def _records(path: Path, lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row with the number of its line, from 1."""
    header: list[str] = []
    delimiter = ","
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if not header and line.lstrip().startswith("{"):
            yield number, _object(line, path, number)
        elif not header:
            delimiter = _delimiter(line)
            header = [cell.strip(' "\r\n\t') for cell in line.split(delimiter)]
        else:
            try:
                cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
            except csv.Error as error:
                raise InputError(f"{path} line {number}: expected CSV, got {error}") from None
            if len(cells) != len(header):
                raise InputError(f"{path} line {number}: expected {len(header)} columns, got {len(cells)}")
            yield number, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _object(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        raise InputError(f"{path} line {number}: expected a JSON object: {error}") from None
    if not isinstance(value, dict):
        raise InputError(f"{path} line {number}: expected a JSON object")
    return value
