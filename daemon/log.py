"""How the service logs: JSON lines in service, colours on a terminal, nothing private in either."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Collection
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from daemon.clock import SystemClock
from daemon.text import escape

_HIDDEN = "***"
_PRIVATE_KEYS = re.compile(
    r"(^|_)(text|author|author_name|customer|reply|payload|body|password|passwd|password_hash|secret|secret_key"
    r"|signing_secret|token|bot_token|app_token|api_key|authorization|cookie|credentials)$",
    re.IGNORECASE,
)
_PRIVATE_VALUES = re.compile(
    r"(?P<slack>\bxox[a-z]-|\bxapp-)[\w-]+"
    r"|(?P<scheme>\b(?:bearer|basic)\s+)[\w.~+/=-]+"
    r"|(?P<query>[?&](?:token|key|secret|signature|sig|code|password)=)[^&\s\"']+"
    r"|(?P<login>://[^\s/:@]*:)[^\s/@]+(?=@)",
    re.IGNORECASE,
)
_NOISY = ("aiosqlite", "alembic", "apscheduler", "asyncio", "slack_sdk", "sqlalchemy.engine")


def configure(*, json: bool | None = None, level: str = "INFO", conceal: Collection[str] = ()) -> None:
    """Set logging up for this process; the last call holds.

    ``json`` None: JSON lines unless standard error is a terminal. ``conceal`` holds the
    configured secrets, which are struck out wherever they turn up. Libraries that use
    the standard library's logging come out the same way.
    """
    lines = not sys.stderr.isatty() if json is None else json
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _add_timestamp,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        Redactor(conceal),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(shared, lines=lines))
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h.formatter, _Formatter)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


class Redactor:
    """Strikes out what may not be logged: private keys, known secrets, and what looks like one."""

    def __init__(self, conceal: Collection[str] = ()) -> None:
        known = sorted((secret for secret in conceal if secret), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """Redact one event."""
        del logger, method
        return {key: self._value(key, value) for key, value in event.items()}

    def _value(self, key: str, value: Any) -> Any:
        if _PRIVATE_KEYS.search(key):
            return _HIDDEN if value is not None else None
        if key.startswith("_"):  # structlog's own
            return value
        if isinstance(value, dict):
            return {str(k): self._value(str(k), v) for k, v in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._value("", item) for item in value]
        if value is None or isinstance(value, (bool, int, float)):
            return value
        return self._string(value if isinstance(value, str) else str(value))

    def _string(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(_HIDDEN, text)
        return _PRIVATE_VALUES.sub(lambda match: "".join(filter(None, match.groups())) + _HIDDEN, text)


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Renders one event as a line; a traceback on a terminal takes several."""

    def __init__(self, shared: list[Processor], *, lines: bool) -> None:
        renderer: list[Processor] = (
            [_first_things_first, structlog.processors.JSONRenderer(ensure_ascii=False, default=str), _escape_line]
            if lines
            else [_escape_values, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        )
        super().__init__(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )


def _add_timestamp(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    del logger, method
    event["timestamp"] = SystemClock().now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _first_things_first(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    del logger, method
    return {key: event.pop(key) for key in ("timestamp", "level", "event") if key in event} | dict(event)


def _escape_line(logger: WrappedLogger, method: str, line: Any) -> str:
    del logger, method
    return escape(str(line))


def _escape_values(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    del logger, method
    return {
        key: escape(value, keep="\n\t" if key in {"exception", "stack"} else "") if isinstance(value, str) else value
        for key, value in event.items()
    }
