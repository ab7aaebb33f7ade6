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


@pytest.mark.parametrize(
    ("file_name", "text", "faults"),
    [
        (
            "pl",
            '[outage.public]\nformal = ["Sprawdź router, wrócimy {next}."]',
            ["outage.public.formal[0]: register: "],
        ),
        (
            "pl",
            '[rumour.private]\nformal = ["Wrócimy {next}.", "To nasza wina. Wrócimy {next}."]',
            ["rumour.private.formal[1]: cluster: An apology"],
        ),
        (
            "pl",
            '[staff.public]\nshort = ["To nieprawda. Wrócimy {next}."]',
            ["staff.public.short[0]: cluster: A denial"],
        ),
        (
            "ru",
            '[outage.private]\ninformal = ["Ты сам виноват. Ответим {next}."]',
            ["outage.private.informal[0]: blame: "],
        ),
        (
            "en",
            '[other.public]\nformal = ["We will fix it {next}. We will write here {next}."]',
            ["other.public.formal[0]: fix_promise: "],
        ),
        (
            "en",
            '[phrases]\ntoday = "({time})"\n[other.public]\nshort = ["Sorry about this. Back {next}."]',
            ["other.public.short[0]: no_next_update: "],
        ),
    ],
)
def test_own_texts_are_held_to_the_check_and_to_the_kind_of_crisis(
    file: Path, file_name: str, text: str, faults: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (file.parent / "replies" / f"{file_name}.toml").write_text(text, "utf-8")
    assert run(["check", str(file)]) == 1
    told = capsys.readouterr().err
    for fault in faults:
        assert f"replies.folder: {file_name}.toml: {fault}" in told


def test_a_warning_is_told_and_is_no_fault(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '[outage.public]\nformal = ["Przykro nam. SZUKAMY PRZYCZYNY i napiszemy tutaj {next}."]'
    (file.parent / "replies" / "pl.toml").write_text(text, "utf-8")
    assert run(["check", str(file)]) == 0
    assert "pl.toml: outage.public.formal[0]: warning: shouting: " in capsys.readouterr().err


def test_good_texts_of_ones_own_in_any_language_and_register_are_not_accused(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    english = (Path(__file__).parents[2] / "config/replies/en.toml").read_text("utf-8")
    informal = (
        '[staff.public]\ninformal = ["Przykro nam, że tak wyszło. Podeślij nam szczegóły, odezwiemy się tutaj {next}."]'
    )
    (file.parent / "replies" / "en.toml").write_text(english.replace("by {time}", "before {time}"), "utf-8")
    (file.parent / "replies" / "pl.toml").write_text(informal, "utf-8")
    assert run(["check", str(file)]) == 0
    assert capsys.readouterr().err == ""


def test_a_folder_that_is_not_there_is_named(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(CONFIG.replace('"replies"', '"elsewhere"'), "utf-8")
    assert run(["check", str(file)]) == 1
    told = capsys.readouterr().err
    assert "replies.folder: " in told
    assert "elsewhere: expected a folder" in told
