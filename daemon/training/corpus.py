"""Labelled texts read from a folder."""

from __future__ import annotations

import csv
import gzip
import io
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from daemon.errors import InputError
from detectors.features import family, fold
from detectors.fit import Labelled
from detectors.lexicon import TURN, Lexicon, Polarity, compiled

LABELS = ("negative", "neutral", "positive")
COMPLAINT_LABELS = ("0", "1")
NOT_TO_LEARN_FROM = ("us-airline", "germeval2017")  # terms forbid commercial use: for measuring alone
COMPLAINTS = "complaints_en.csv"
LEXICONS = "lexicons/AFINN-*.json"  # a word and its worth from -5 to 5; named by language
_TURNS = Path(__file__).with_name("turns.toml")
_STRONG = 3
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


def read_lexicon(folder: Path) -> Lexicon:
    """The words of the folder's lexicons, and those that turn others round; without lexicons, the latter alone."""
    return compiled(_polarities(folder))


def _polarities(folder: Path) -> Iterator[Polarity]:
    for path in sorted(folder.glob(LEXICONS)):
        lang = path.stem.rpartition("-")[2]
        try:
            words = msgspec.json.decode(path.read_bytes(), type=dict[str, int])
        except msgspec.MsgspecError as error:
            raise InputError(f"{path.name}: expected an object of words and whole numbers: {error}") from error
        for word, worth in sorted(words.items()):
            plain = fold(word)
            translated = not (lang in {"ru", "uk"} and word.isascii())
            if plain and " " not in plain and translated and worth:
                yield Polarity(family(lang), plain, (2 if abs(worth) >= _STRONG else 1) * (1 if worth > 0 else -1))
    for lang, turns in tomllib.loads(_TURNS.read_text(encoding="utf-8"))["turns"].items():
        for word in turns:
            yield Polarity(family(lang), fold(word), TURN)
