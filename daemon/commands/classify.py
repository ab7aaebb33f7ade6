"""`tocsin classify`: texts in, what they say out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO, TextIO

import click
import msgspec

from daemon.errors import InputError

_CHUNK = 512
_COLUMNS = ("id", "lang", "label", "p_negative", "complaint", "outage")
_MOST_CELL = 1 << 24  # characters in one CSV cell: the csv module's own limit is too low for an essay


class _Text(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    text: str
    lang: str | None


@click.command(epilog="\b\nExample:\n  tocsin classify --input posts.csv --output meanings.csv")
@click.option(
    "--input", "source", type=click.File("rb"), default="-", help="CSV or NDJSON with id, text and, where known, lang."
)
@click.option(
    "--output",
    "target",
    type=click.File("w", encoding="utf-8", lazy=False),
    default="-",
    help="Where the CSV goes; standard output by default.",
)
def command(source: BinaryIO, target: TextIO) -> None:
    """Tell of each text whether it is negative, a complaint, or reports an outage."""
    from detectors.sentiment import load_model

    texts = read(source)
    first = list(islice(texts, _CHUNK))  # a fault at the start shows before anything is written
    model = load_model()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(_COLUMNS)
    while first:
        meanings = model.read([text.text for text in first], [text.lang for text in first])
        for text, meaning in zip(first, meanings, strict=True):
            writer.writerow(
                (text.id, meaning.lang, meaning.label.value, meaning.p_negative, meaning.complaint, meaning.outage)
            )
        first = list(islice(texts, _CHUNK))


def read(source: BinaryIO) -> Iterator[_Text]:
    """Texts of a CSV or of NDJSON, told apart by the first character."""
    lines = _lines(source)
    first = next(lines, None)
    if first is None:
        return iter(())
    rest = _chain(first, lines)
    return _ndjson(rest) if first[1].lstrip().startswith(("{", "[")) else _csv(rest)


def _chain(first: tuple[int, str], rest: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield first
    yield from rest


def _lines(source: BinaryIO) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(source, 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"line {number}: not UTF-8 ({error.reason}); save the file as UTF-8") from error
        yield number, line


def _ndjson(lines: Iterable[tuple[int, str]]) -> Iterator[_Text]:
    for number, line in lines:
        if not line.strip():
            continue
        try:
            found = _decoded(line)
        except (msgspec.DecodeError, ValueError) as error:
            raise InputError(f"line {number}: not JSON ({error}); expected one object per line") from error
        if not isinstance(found, dict):
            raise InputError(f"line {number}: expected an object with id and text, got {line.strip()[:20]!r}")
        yield _checked(number, found.get("id"), found.get("text"), found.get("lang"))


def _decoded(line: str) -> object:
    """What a line of JSON says; half an emoji, as dumps of some programs hold, becomes a replacement character."""
    try:
        return msgspec.json.decode(line)
    except msgspec.DecodeError:
        if "\\u" not in line:
            raise
        whole = json.dumps(json.loads(line), ensure_ascii=False).encode("utf-16", "surrogatepass")
        return msgspec.json.decode(whole.decode("utf-16", "replace"))


def _csv(lines: Iterable[tuple[int, str]]) -> Iterator[_Text]:
    csv.field_size_limit(_MOST_CELL)
    reader = csv.reader(line for _, line in lines)
    header = next(reader, [])
    missing = [name for name in ("id", "text") if name not in header]
    if missing:
        raise InputError(f"line 1: no column {' and no column '.join(missing)}; expected a CSV header id,text[,lang]")
    places = {name: header.index(name) for name in ("id", "text", "lang") if name in header}
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputError(f"line {reader.line_num}: not CSV ({error})") from error
        if row is None:
            return
        if not row:
            continue
        if len(row) != len(header):
            raise InputError(f"line {reader.line_num}: {len(row)} cells, but the header has {len(header)}")
        lang = row[places["lang"]] if "lang" in places else None
        yield _checked(reader.line_num, row[places["id"]], row[places["text"]], lang)


def _checked(number: int, id_: object, text: object, lang: object) -> _Text:
    if isinstance(id_, int) and not isinstance(id_, bool):
        id_ = str(id_)
    if not isinstance(id_, str) or not id_:
        raise InputError(f"line {number}: id: expected a string of at least one character")
    if not isinstance(text, str):
        raise InputError(f"line {number}: text: expected a string")
    if lang is not None and not isinstance(lang, str):
        raise InputError(f'line {number}: lang: expected a language code such as "pl"')
    return _Text(id=id_, text=text, lang=lang.strip().lower() or None if lang else None)
