"""What every test may use, and what holds for every test."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import AsyncIterator, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
import structlog

from daemon.clock import ManualClock
from daemon.store.engine import Store
from tests.fakes import postgres

hypothesis.settings.register_profile("ci", derandomize=True)  # a change is judged by the change alone
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")

_REQUIRE_ALL = os.environ.get("TOCSIN_REQUIRE_ALL") == "1"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "error_logs_expected: the test makes the code log errors, and means it")


def pytest_xdist_auto_num_workers() -> int:
    """Workers for ``-n auto``: one more than cores, as the stories of whole daemons wait most of their time."""
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return ours + 1


_LONGEST = ("faults", "acceptance")  # folders whose files take minutes each


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest, so that no worker is left with one when the others are done."""
    items.sort(key=lambda item: item.path.parent.name not in _LONGEST)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With TOCSIN_REQUIRE_ALL=1 a test that cannot run has failed."""
    report = yield
    _no_skipping(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """So has a file of tests that cannot run."""
    report = yield
    _no_skipping(report)
    return report


def _no_skipping(report: pytest.TestReport | pytest.CollectReport) -> None:
    if _REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped although TOCSIN_REQUIRE_ALL=1: {report.longrepr}"


class _Errors(logging.Handler):
    """Remembers what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_unexpected_errors(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which an error was logged, unless it is marked `error_logs_expected`."""
    root, errors = logging.getLogger(), _Errors()
    handlers, level, kept = list(root.handlers), root.level, structlog.get_config()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    root.addHandler(errors)
    try:
        yield
    finally:
        structlog.configure(**kept)
        root.setLevel(level)
        for handler in root.handlers[:]:
            if handler not in handlers:
                root.removeHandler(handler)
        logging.captureWarnings(capture=False)
    if errors.seen and request.node.get_closest_marker("error_logs_expected") is None:
        pytest.fail("logged errors (mark the test `error_logs_expected` if it means to):\n" + "\n".join(errors.seen))


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still on a Monday noon."""
    return ManualClock(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'tocsin.db'}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A cluster for as long as the tests of this worker run."""
    with postgres.cluster() as url:
        yield url


@pytest.fixture
async def postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """A fresh, empty PostgreSQL database."""
    async with postgres.database(postgres_server, f"t_{uuid.uuid4().hex}") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind in turn: what holds for one must hold for the other."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """An open store with empty tables, of each kind in turn."""
    opened = await Store.open(store_url)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[Store]:
    """An open store on SQLite alone, where the kind makes no difference."""
    opened = await Store.open(sqlite_url)
    try:
        yield opened
    finally:
        await opened.close()
