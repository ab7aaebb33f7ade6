"""What the documentation says is so: settings, commands, links."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, get_args, get_origin

import click
import pytest

from config.overrides import bare
from config.schema import Config
from config.values import Section, format_duration
from daemon import cli

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
_DESCRIBED = {"none", "the system's"}  # defaults told in words


def settings(kind: Any, path: str = "", *, required: bool = True, default: Any = None) -> Iterator[tuple[str, str]]:
    """Every setting with its default as the reference writes it."""
    kind = bare(kind)
    if get_origin(kind) is dict:
        yield from settings(get_args(kind)[1], f"{path}.*")
    elif get_origin(kind) is tuple and _is_section(bare(get_args(kind)[0])):
        yield from settings(get_args(kind)[0], f"{path}[]")
    elif _is_section(kind):
        if not kind.model_fields:
            yield path, "none"
        for name, field in kind.model_fields.items():
            below = f"{path}.{name}".lstrip(".")
            yield from settings(field.annotation, below, required=field.is_required(), default=field.default)
    else:
        yield path, "required" if required else written(default)


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)


def written(default: Any) -> str:
    if isinstance(default, time):
        default = f"{default:%H:%M}"
    if isinstance(default, date):
        default = default.isoformat()
    if isinstance(default, timedelta):
        default = format_duration(default)
    if isinstance(default, float):
        return f"`{default:g}`"
    return "none" if default is None else f"`{json.dumps(default)}`"


def test_the_reference_names_every_setting_with_its_default() -> None:
    text = (DOCS / "reference/configuration.md").read_text()
    told = dict(re.findall(r"^\| `([^`]+)` \| ([^|]*?) \|", text, re.MULTILINE))
    known = dict(settings(Config))
    assert told.keys() == known.keys()
    assert {k: v for k, v in told.items() if v not in _DESCRIBED} == {
        k: known[k] for k in told if told[k] not in _DESCRIBED
    }
    assert all(known[k] == "none" for k, v in told.items() if v in _DESCRIBED)


def test_the_reference_names_every_command() -> None:
    text = (DOCS / "reference/cli.md").read_text()
    told = set(re.findall(r"^## `tocsin ([a-z-]+)", text, re.MULTILINE))
    assert told == set(cli.group.list_commands(click.Context(cli.group)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:)([^)#\s]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_are_shown_exist(page: Path) -> None:
    known = set(cli.group.list_commands(click.Context(cli.group)))
    shown = set(re.findall(r"(?:^|`|bin/)tocsin ([a-z][a-z-]+)", page.read_text(), re.MULTILINE))
    assert shown - known == set()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(), re.MULTILINE)) - targets == set()


def test_every_page_can_be_found_from_the_index() -> None:
    found, left = set(), [DOCS / "index.md"]
    while left:
        page = left.pop()
        if page in found:
            continue
        found.add(page)
        links = re.findall(r"\]\((?!https?:)([^)#\s]+\.md)", page.read_text())
        left += [path for link in links if (path := (page.parent / link).resolve()).exists()]
    assert [page for page in DOCS.rglob("*.md") if page.resolve() not in {path.resolve() for path in found}] == []


def test_help_is_quick() -> None:
    """No command's libraries are loaded to list the commands."""
    script = "import sys; sys.argv = ['tocsin', '--help']; import daemon.cli as c; c.run()\n"
    script += (
        "assert not {'aiohttp', 'sqlalchemy', 'numpy', 'river', 'pydantic'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)  # noqa: S603
