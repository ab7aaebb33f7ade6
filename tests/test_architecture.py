"""The shape of the code: who may import whom, who may touch the world, what ships."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("daemon", "detectors", "notifiers", "config")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
FOUNDATION = {
    "daemon.model",
    "daemon.command",
    "daemon.notice",
    "daemon.errors",
    "daemon.clock",
    "daemon.text",
    "daemon.people",
}
TOUCHES_THE_WORLD = {
    "aiohttp",
    "aiosqlite",
    "asyncio",
    "daemon.clock",
    "http",
    "logging",
    "multiprocessing",
    "os",
    "requests",
    "shutil",
    "socket",
    "sqlalchemy",
    "sqlite3",
    "structlog",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
}
READS_THE_CLOCK = {
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("asyncio", "sleep"),
}


def name_of(path: Path) -> str:
    """``daemon/web/api.py`` as ``daemon.web.api``."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, rooms: set[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def ours(path: Path) -> set[str]:
    """What a file imports of ours, as modules."""
    known = {name_of(module) for module in MODULES}
    return {module for module in imported(path) if module in known and module not in PACKAGES}


def in_room(*rooms: str) -> list[Path]:
    return [path for path in MODULES if within(name_of(path), set(rooms))]


def test_there_is_something_to_look_at() -> None:
    assert len(MODULES) > 50
    assert in_room("daemon.response")


def test_the_records_import_nothing_of_ours() -> None:
    assert ours(ROOT / "daemon/command.py") == set()
    assert ours(ROOT / "daemon/model.py") == {"daemon.command"}
    assert ours(ROOT / "daemon/notice.py") == {"daemon.model"}
    assert ours(ROOT / "daemon/errors.py") == set()
    assert ours(ROOT / "daemon/people.py") == set()


@pytest.mark.parametrize("path", in_room("detectors"), ids=name_of)
def test_detectors_know_the_records_alone(path: Path) -> None:
    strangers = {module for module in ours(path) if not within(module, {"detectors", "daemon.model", "daemon.errors"})}
    assert strangers == set()


@pytest.mark.parametrize("path", in_room("notifiers"), ids=name_of)
def test_notifiers_know_the_records_and_their_settings(path: Path) -> None:
    strangers = {module for module in ours(path) if not within(module, {"notifiers", "config.schema", *FOUNDATION})}
    assert strangers == set()


@pytest.mark.parametrize("path", in_room("config"), ids=name_of)
def test_the_configuration_knows_the_errors_alone(path: Path) -> None:
    assert {module for module in ours(path) if not within(module, {"config", *FOUNDATION})} == set()


@pytest.mark.parametrize("path", in_room("detectors", "daemon.response", "daemon.oncall"), ids=name_of)
def test_the_core_touches_nothing(path: Path) -> None:
    assert {module for module in imported(path) if within(module, TOUCHES_THE_WORLD)} == set()
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    assert not any(isinstance(call, ast.Name) and call.id in {"open", "print", "input"} for call in calls)


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path) != "daemon.clock"], ids=name_of)
def test_one_module_reads_the_machines_clock(path: Path) -> None:
    seen = [
        f"{node.value.id}.{node.attr} in line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in READS_THE_CLOCK
    ]
    assert seen == []


def test_nothing_names_a_package_registry_or_somebodys_machine() -> None:
    unwanted = ["pypi" + ".org", "pythonhosted" + ".org", "/ho" + "me/", "/ro" + "ot/", "/wo" + "rk/", "index" + "-url"]
    kinds = {".py", ".md", ".toml", ".txt", ".conf", ".service", ".html", ".css", ".json", ".cfg", ".ini", ""}
    tops = [*PACKAGES, "tests", "benchmarks", "docs", "systemd", "requirements", ".ci"]
    files = [path for top in tops for path in (ROOT / top).rglob("*") if path.is_file() and path.suffix in kinds]
    files += [path for path in ROOT.iterdir() if path.is_file() and path.suffix in kinds and path.name != ".git"]
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in files
        if "__pycache__" not in path.parts
        for word in unwanted
        if word in path.read_text(encoding="utf-8").replace("--no-emit-index" + "-url", "")
    ]
    assert found == []


def test_everything_that_the_code_reads_is_in_the_wheel(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__", "*.db*"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", tmp_path, source], check=True, capture_output=True)  # noqa: S603
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    wanted = {
        str(path.relative_to(source))
        for package in PACKAGES
        for path in (source / package).rglob("*")
        if path.is_file()
    }
    assert {f"{package}/py.typed" for package in PACKAGES} <= shipped
    assert wanted - shipped == set()
