"""Past mentions from files: NDJSON or CSV, gzip too, told apart by what is in them.

Read as a stream: a file may be larger than memory. Nothing in it is trusted more than what comes
over the wire, so every rule is that of `daemon.sources.decode`.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import itertools
import re
import zlib
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from daemon.errors import InputError
from daemon.model import Mention, Rejection
from daemon.sources import lexical
from daemon.sources.decode import check_mention, reject_payload

NAME = "file"
MAX_LINE = 2**20  # bytes of one line
_MOST_CELL = 2**17  # characters of a CSV cell: where a quote is not closed, so much is read at most
_PROGRESS_EVERY = 500  # items
_GZIP = b"\x1f\x8b"
_INTEGER = re.compile(r"[+-]?[0-9]{1,25}\Z")
_NUMBER = re.compile(r"[+-]?([0-9]{1,25}(\.[0-9]{0,25})?|\.[0-9]{1,25})([eE][+-]?[0-9]{1,3})?\Z")
_NUMBERS: dict[str, tuple[re.Pattern[str], Callable[[str], float]]] = {
    "followers": (_INTEGER, int),
    "engagement": (_INTEGER, int),
    "sentiment": (_NUMBER, float),
}

Progress = Callable[[int, int], None]
Fields = Callable[[], dict[str, Any]]  # raises InputError where the item is no object


def read_mentions(
    path: Path,
    *,
    brands: Collection[str],
    brand: str | None = None,
    received_at: datetime,
    progress: Progress | None = None,
) -> Iterator[Mention | Rejection]:
    """The mentions in ``path``, and what is wrong in it, in order and one at a time.

    ``brand`` is that of items which name none. A rejection's index counts rows or non-empty
    lines from 0. ``progress`` is told every now and then how many bytes of how many have been
    read. Raises ``InputError`` where ``path`` cannot be read, is damaged, or holds no mentions.
    """
    with _readable(path), path.open("rb") as file:
        size = path.stat().st_size
        stream = _unpacked(file)
        for index, (raw, fields) in enumerate(_items(path, stream)):
            named = brand
            try:
                stated = fields()
                if stated.get("brand") is None and brand is not None:
                    stated["brand"] = brand
                named = stated["brand"] if stated.get("brand") in brands else None
                yield check_mention(stated, brand=None, channel=None, brands=brands, received_at=received_at)
            except InputError as error:
                yield reject_payload(
                    raw, source=NAME, topic=None, brand=named, received_at=received_at, reason=str(error), index=index
                )
            if progress is not None and index % _PROGRESS_EVERY == 0:
                progress(file.tell(), size)
        if progress is not None:
            progress(size, size)


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: expected a whole gzip file, got a damaged one ({error})") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None


def _unpacked(file: BinaryIO) -> BinaryIO:
    packed = file.read(2) == _GZIP
    file.seek(0)
    return io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=file)), 2**16) if packed else file


def _items(path: Path, stream: BinaryIO) -> Iterator[tuple[bytes, Fields]]:
    """Each item's bytes, and a way to its fields."""
    lines = _lines(stream)
    first = next((line for line in lines if not _is_blank(line)), None)
    if first is None:
        return
    first = first.removeprefix(lexical.BOM)
    if first.startswith(b"{"):
        for line in itertools.chain((first,), lines):
            if not _is_blank(line):
                yield line, _object_in(line)
    elif first.startswith(b"["):
        raise InputError(f"{path}: expected one JSON object on each line, got an array")
    else:
        yield from _rows(path, first, lines)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Every line; of one that is too long, only the beginning."""
    while line := stream.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
        yield line


def _is_blank(line: bytes) -> bool:
    return not line.removeprefix(lexical.BOM).strip(lexical.WHITESPACE)


def _object_in(line: bytes) -> Fields:
    def read() -> dict[str, Any]:
        if len(line) > MAX_LINE:
            raise InputError(f"line: expected at most {MAX_LINE:,} bytes, got more")
        return lexical.read_object(line.strip(lexical.WHITESPACE))

    return read


# ── CSV ──────────────────────────────────────────────────────────────────────


def _rows(path: Path, header: bytes, lines: Iterator[bytes]) -> Iterator[tuple[bytes, Fields]]:
    written = header.decode("utf-8", "replace")
    delimiter = max(",;\t", key=written.count)
    names = [name.strip(' "\r\n') for name in written.split(delimiter)]
    missing = [name for name in ("id", "channel", "text") if name not in names]
    if missing:
        raise InputError(f"{path}: expected a CSV of mentions with a column {missing[0]}, or NDJSON")
    if len(set(names)) < len(names):
        raise InputError(f"{path}: expected each column once, got {', '.join(names)[:200]!a}")
    taken = bytearray()  # what the row at hand was written as

    def decoded() -> Iterator[str]:
        for line in lines:
            taken.extend(line[: MAX_LINE - len(taken)])
            yield line.decode("utf-8", "surrogateescape")

    csv.field_size_limit(_MOST_CELL)  # of the whole process: another reader may have set its own
    reader = csv.reader(decoded(), delimiter=delimiter)
    while True:
        taken.clear()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield bytes(taken), _wrong(f"row: expected CSV with every quote closed, got {error}")
        else:
            if row:  # a blank line is no row
                yield bytes(taken), _row_in(names, row)


def _wrong(reason: str) -> Fields:
    def read() -> dict[str, Any]:
        raise InputError(reason)

    return read


def _row_in(names: list[str], row: list[str]) -> Fields:
    def read() -> dict[str, Any]:
        if len(row) > len(names):
            raise InputError(f"row: expected {len(names)} columns, got {len(row)}")
        fields = {name: _value(name, cell) for name, cell in zip(names, row, strict=False) if cell}
        wrong = lexical.fault(fields)
        if wrong is not None:
            raise InputError(wrong)
        return fields

    return read


def _value(name: str, cell: str) -> str | float:
    """A cell as JSON would have it: a number where one belongs and one is written."""
    pattern, number = _NUMBERS.get(name, (None, float))
    return number(cell) if pattern is not None and pattern.match(cell) else cell
