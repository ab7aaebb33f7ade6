"""One tree of errors; each message says what was wrong, where, and what to do.

TocsinError
├── ConfigError            a fault in the configuration, with its path
├── StoreError             the store cannot be read or written
│   └── StoreBehind        the store is slower than what comes in; try again later
├── InputError             something given from outside cannot be used
├── NotFound               no such brand, incident or mention
├── Conflict               the incident's state does not allow it
└── DeliveryError          a notifier could not deliver (see notifiers.base)
"""

from __future__ import annotations

from collections.abc import Mapping


class TocsinError(Exception):
    """Every error that Tocsin raises on purpose."""


class ConfigError(TocsinError):
    """The configuration cannot be used.

    ``faults`` holds one line for each fault, each beginning with its path:
    ``brands.acme.languages[1]: expected a language code such as "pl"``.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class StoreError(TocsinError):
    """The store cannot be read or written."""


class StoreBehind(StoreError):
    """More comes in than the store commits; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__(f"the store is behind; try again in {retry_after} s")
        self.retry_after = retry_after


class InputError(TocsinError):
    """Something given from outside cannot be used; the message names the field."""


class NotFound(TocsinError):
    """No such brand, incident or mention."""


class Conflict(TocsinError):
    """The incident's state does not allow this; the message says why.

    ``others``: the message in other languages. ``lang``: that of the words at issue, for whoever's own is not known.
    """

    def __init__(self, message: str, *, others: Mapping[str, str] | None = None, lang: str = "en") -> None:
        super().__init__(message)
        self._others = others or {}
        self._lang = lang

    def told(self, lang: str | None = None) -> str:
        """The message in ``lang``, in English where it has no such wording."""
        return self._others.get(lang or self._lang, str(self))


class DeliveryError(TocsinError):
    """A message could not be delivered.

    ``retryable``: the same message may succeed later. ``retry_after``: seconds
    that the other side asked us to wait. ``ambiguous``: it may have been
    accepted although no answer came.
    """

    def __init__(
        self,
        reason: str,
        *,
        retryable: bool = True,
        retry_after: float | None = None,
        ambiguous: bool = False,
    ) -> None:
        super().__init__(reason)
        self.retryable = retryable
        self.retry_after = retry_after
        self.ambiguous = ambiguous
