"""The user's own replies: checked before the start, laid over ours, read again on reload."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load
from daemon.cli import run
from daemon.errors import ConfigError
from daemon.model import Topic
from daemon.replies.library import library_of

OWN = """
[outage.public]
formal = ["Przykro nam z powodu przerwy. Szukamy przyczyny i napiszemy tutaj {next}."]
"""
CONFIG = """
[brands.acme]
name = "Acme Mobile"
[sources.http]
[store]
url = "sqlite:///tocsin.db"
[web]
secret_key = "0123456789abcdef0123456789abcdef"
[replies]
folder = "replies"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "replies").mkdir()
    (tmp_path / "replies" / "pl.toml").write_text(OWN, "utf-8")
    path = tmp_path / "tocsin.toml"
    path.write_text(CONFIG, "utf-8")
    return path


def test_own_texts_stand_in_for_ours_and_the_rest_stays(file: Path) -> None:
    library = library_of(load(file, {}), anew=True)
    (only,) = library["pl"].texts(Topic.OUTAGE, "public", "formal")
    assert only.startswith("Przykro nam z powodu przerwy.")
    assert len(library["pl"].texts(Topic.RUMOUR, "public", "formal")) == 2


def test_a_change_is_seen_when_the_library_is_read_anew(file: Path) -> None:
    config = load(file, {})
    library_of(config, anew=True)
    (file.parent / "replies" / "pl.toml").write_text(OWN.replace("Szukamy", "Badamy"), "utf-8")
    assert "Szukamy" in library_of(config)["pl"].texts(Topic.OUTAGE, "public", "formal")[0]
    assert "Badamy" in library_of(config, anew=True)["pl"].texts(Topic.OUTAGE, "public", "formal")[0]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[outage.public]\nformal = ["Szukamy {nxt}."]', "replies.folder: pl.toml: outage.public.formal[0]: unknown"),
        ('[outage.public]\nformal = ["Szukamy."]', "replies.folder: pl.toml: outage.public.formal[0]: expected {next}"),
        ("[outage.public\n", "replies.folder: pl.toml: Expected ']' at the end of a table declaration (at line 1"),
    ],
)
def test_a_fault_is_named_with_file_and_field(
    file: Path, text: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (file.parent / "replies" / "pl.toml").write_text(text, "utf-8")
    assert run(["check", str(file)]) == 1
    assert fault in capsys.readouterr().err
    with pytest.raises(ConfigError):
        library_of(load(file, {}), anew=True)


def test_a_folder_that_is_not_there_is_named(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(CONFIG.replace('"replies"', '"elsewhere"'), "utf-8")
    assert run(["check", str(file)]) == 1
    told = capsys.readouterr().err
    assert "replies.folder: " in told
    assert "elsewhere: expected a folder" in told
