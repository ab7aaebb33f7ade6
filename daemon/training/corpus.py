"""Labelled texts read from a folder."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

from daemon.errors import InputError
from detectors.fit import Labelled

LABELS = ("negative", "neutral", "positive")
NOT_TO_LEARN_FROM = ("us-airline", "germeval2017")  # terms forbid commercial use: for measuring alone
COMPLAINTS = "complaints_en.csv"
_MOST_CELL = 1 << 24


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    csv.field_size_limit(_MOST_CELL)
    with path.open("rb") as raw, gzip.open(raw) if path.suffix == ".gz" else raw as packed:
        reader = csv.DictReader(io.TextIOWrapper(packed, encoding="utf-8", newline=""))
        missing = set(columns) - set(reader.fieldnames or ())
        if missing:
            raise InputError(f"{path.name}: no column {', '.join(sorted(missing))}")
        yield from reader


def read_corpus(folder: Path) -> list[Labelled]:
    """Every labelled text of the folder's gzipped CSV files, in the order of file names."""
    files = sorted(folder.glob("*.csv.gz"))
    if not files:
        raise InputError(f"{folder}: no *.csv.gz with id,lang,text,label,source,created_at in it")
    found = []
    for path in files:
        for row in _rows(path, ("lang", "text", "label", "source", "created_at")):
            if row["label"] not in LABELS:
                raise InputError(f"{path.name}: label {row['label'][:20]!r}; expected one of {', '.join(LABELS)}")
            found.append(Labelled(row["lang"], row["source"], row["text"], row["label"], row["created_at"]))
    return found


def read_complaints(folder: Path) -> list[Labelled]:
    """Texts that report a wrong done to the writer ("1") or do not ("0"); the domain as the source."""
    path = folder / COMPLAINTS
    if not path.exists():
        return []
    return [
        Labelled(row["lang"], row["domain"], row["text"], row["complaint"])
        for row in _rows(path, ("lang", "text", "complaint", "domain"))
    ]
